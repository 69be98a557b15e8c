package main

import (
	"io"
	"slices"

	"tipline/configs"
	"tipline/intake"
	"tipline/intake/media"
)

// vocabulary lets intake ask the pack for its codes.
type vocabulary struct{ pack *configs.Pack }

func (v vocabulary) Category(code string) bool { _, ok := v.pack.Category(code); return ok }
func (v vocabulary) Conduct(code string) bool  { _, ok := v.pack.ConductOf(code); return ok }
func (v vocabulary) Source(code string) bool   { _, ok := v.pack.Source(code); return ok }
func (v vocabulary) Place(code string) bool    { _, ok := v.pack.Place(code); return ok }

// Reason says whether a refusal may have this code.
func (v vocabulary) Reason(code string) bool {
	return slices.ContainsFunc(v.pack.Reasons, func(r configs.Reason) bool { return r.Code == code })
}

// Department says whether one has this code.
func (v vocabulary) Department(code string) bool { _, ok := v.pack.Department(code); return ok }

// Route follows the office's rules to a department.
func (v vocabulary) Route(f intake.Facts) string {
	return v.pack.Route(configs.Facts{Category: f.Category, Conduct: f.Conduct, Source: f.Source, Urgent: f.Urgent}).Department
}

// router follows the pack's rules among the desks that work here.
type router struct{ pack *configs.Pack }

func (r router) Route(p *intake.Report) (desk string, ok bool) {
	return r.pack.RouteDesk(configs.DeskFacts{Home: p.Desk, Concerns: p.Concerns, Subject: p.Words.Subject, Category: p.Category, Place: p.Place})
}

// deadlines follow each desk's profile of the pack.
type deadlines struct{ pack *configs.Pack }

func (d deadlines) dueOn(desk, kind string, from intake.Date) intake.Date {
	of, _ := d.pack.Desk(desk)
	return intake.Date(d.pack.DueOn(of.Profile, kind, string(from)))
}

// Acceptance is the last day to tell whether a report is taken up.
func (d deadlines) Acceptance(desk string, received intake.Date) intake.Date {
	return d.dueOn(desk, "acceptance", received)
}

// Conclusion is the last day to conclude what was taken up.
func (d deadlines) Conclusion(desk string, accepted intake.Date) intake.Date {
	return d.dueOn(desk, "conclusion", accepted)
}

// cleaner adapts the media package to what intake asks for.
func cleaner(maxBytes int64) intake.Cleaner {
	c := media.Cleaner{PDF: newConfined(maxBytes).PDF}
	return func(src io.Reader, open func(contentType string) (io.Writer, error)) (intake.CleanCopy, error) {
		r, err := c.Copy(src, open)
		return intake.CleanCopy{Type: r.Type, Clean: r.Clean, Reason: r.Reason, Size: r.Size, Width: r.Width, Height: r.Height, Removed: r.Removed}, err
	}
}
