package main

import (
	"io"
	"slices"

	"tipline/configs"
	"tipline/intake"
	"tipline/intake/casework"
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
	home := p.Desk
	if _, works := r.pack.Desk(p.Plus); works {
		home = p.Plus
	}
	return r.pack.RouteDesk(configs.DeskFacts{Home: home, Concerns: p.Concerns, Subject: p.Words.Subject, Category: p.Category, Place: p.Place})
}

// deadlines follow each desk's profile of the pack.
type deadlines struct{ pack *configs.Pack }

func (d deadlines) profile(desk string) string {
	of, _ := d.pack.Desk(desk)
	return of.Profile
}

// Acceptance is the last day to tell whether a report is taken up.
func (d deadlines) Acceptance(desk string, received intake.Date, pauses ...intake.Pause) intake.Date {
	stands := make([]configs.Pause, len(pauses))
	for i, p := range pauses {
		stands[i] = configs.Pause{From: string(p.From), Until: string(p.Until)}
	}
	profile := d.profile(desk)
	return intake.Date(d.pack.DueOn(profile, d.pack.Accepts(profile), string(received), stands...))
}

// Conclusion is the last day to conclude what was taken up.
func (d deadlines) Conclusion(desk string, received, accepted intake.Date) intake.Date {
	profile := d.profile(desk)
	kind, _ := d.pack.Concludes(profile)
	return intake.Date(d.pack.DueOn(profile, kind, string(d.began(profile, received, accepted))))
}

// began is when the clock of the conclusion began.
func (d deadlines) began(profile string, received, accepted intake.Date) intake.Date {
	if _, early := d.pack.Concludes(profile); early {
		return received
	}
	return accepted
}

// Feedback is the last day to say what came of what was concluded.
func (d deadlines) Feedback(desk string, concluded intake.Date) intake.Date {
	profile := d.profile(desk)
	if kind, _ := d.pack.Concludes(profile); kind == "feedback" {
		return "" // it was the conclusion's own
	}
	return intake.Date(d.pack.DueOn(profile, "feedback", string(concluded)))
}

// Waits is the last day on which the clock stands still for a question.
func (d deadlines) Waits(desk string, asked intake.Date) intake.Date {
	return intake.Date(d.pack.Waits(d.profile(desk), string(asked)))
}

// Unsent is the last day such that what was taken up on it should be with who deals with
// it by now.
func (d deadlines) Unsent(desk string, today intake.Date) intake.Date {
	return intake.Date(d.pack.Over(d.profile(desk), "transfer", string(today)))
}

// Extending is the rule for putting a conclusion off.
func (d deadlines) Extending(desk string, received, accepted intake.Date) intake.Extending {
	profile := d.profile(desk)
	f, _ := d.pack.Profile(profile)
	return intake.Extending{Role: f.Extension.Role, Latest: intake.Date(d.pack.Latest(profile, string(d.began(profile, received, accepted))))}
}

// Sure says whether the notice of holidays for day's year is in the calendar.
func (d deadlines) Sure(day intake.Date) bool { return d.pack.Knows(string(day)) }

// Before are the deadlines as they were before what is known now of the holidays of day's year.
func (d deadlines) Before(day intake.Date) (before []casework.Deadlines) {
	for _, p := range d.pack.Before(string(day)) {
		before = append(before, deadlines{p})
	}
	return before
}

// cleaner adapts the media package to what intake asks for.
func cleaner(maxBytes int64) intake.Cleaner {
	c := media.Cleaner{PDF: newConfined(maxBytes).PDF}
	return func(src io.Reader, open func(contentType string) (io.Writer, error)) (intake.CleanCopy, error) {
		r, err := c.Copy(src, open)
		return intake.CleanCopy{Type: r.Type, Clean: r.Clean, Reason: r.Reason, Size: r.Size, Width: r.Width, Height: r.Height, Removed: r.Removed}, err
	}
}
