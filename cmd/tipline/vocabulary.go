package main

import (
	"io"
	"time"

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

// oneDesk routes every report to the pack's first desk.
type oneDesk string

func (d oneDesk) Route(*intake.Report) string { return string(d) }

// deadlines follow a profile of the pack. A working day is Monday to Friday.
type deadlines struct{ profile configs.Profile }

func (h *house) deadlines() deadlines {
	p, _ := h.pack.Profile(h.desk.Profile)
	return deadlines{p}
}

// Acceptance is the last day to tell whether a report is taken up.
func (d deadlines) Acceptance(received intake.Date) intake.Date { return d.after("acceptance", received) }

// Conclusion is the last day to conclude what was taken up.
func (d deadlines) Conclusion(accepted intake.Date) intake.Date { return d.after("conclusion", accepted) }

func (d deadlines) after(kind string, from intake.Date) intake.Date {
	step, ok := d.profile.Step(kind)
	day, err := time.Parse(time.DateOnly, string(from))
	if !ok || err != nil {
		return ""
	}
	day = day.AddDate(0, step.Months, 0)
	for left := step.Days; left > 0; {
		day = day.AddDate(0, 0, 1)
		if !step.Working || (day.Weekday() != time.Saturday && day.Weekday() != time.Sunday) {
			left--
		}
	}
	return intake.Date(day.Format(time.DateOnly))
}

// clean adapts the media package to what intake asks for.
func clean(src io.Reader, open func(contentType string) (io.Writer, error)) (intake.CleanCopy, error) {
	r, err := media.Copy(src, open)
	return intake.CleanCopy{Type: r.Type, Clean: r.Clean, Reason: r.Reason, Size: r.Size, Width: r.Width, Height: r.Height}, err
}
