package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/sms"
)

// checkInlets says of each channel when it last brought something and what it turned
// away, as the desk's page does.
func checkInlets(ctx context.Context, h *checkup) finding {
	f := finding{err: h.checkGateways()}
	if f.err != nil {
		return f
	}
	views, err := casework.InletViews(ctx, h.store, h.inlets(), h.now(), h.loc)
	if err != nil {
		f.err = err
		return f
	}
	var lines []string
	for _, v := range views {
		lines = append(lines, h.inletLine(v))
	}
	f.note = cmp.Or(strings.Join(lines, "\n"+strings.Repeat(" ", 15)), h.say("none is configured"))
	if slices.ContainsFunc(views, func(v casework.InletView) bool { return v.Ill() && !v.Polled }) { // the mailboxes have a line of their own
		f.warning = f.note
	}
	return f
}

// checkGateways finds what a start would refuse of a gateway's configuration.
func (h *house) checkGateways() error {
	for i, c := range h.cfg.SMS {
		channel, err := smsChannel(c, h.cfg.Languages[0])
		if err != nil {
			return fmt.Errorf("sms[%d].%w", i, err)
		}
		if err := sms.Check(channel); err != nil {
			return err
		}
	}
	return nil
}

// inletLine is one channel in a line.
func (h *checkup) inletLine(v casework.InletView) string {
	last := h.say("nothing within three months")
	if !v.Silent() {
		last = h.say("last %s", v.Last.In(h.loc).Format("2006-01-02 15:00"))
	}
	line := h.say("%s: %s, %d in %d {day|days}", v.Key, last, v.Recent, casework.RecentDays)
	if v.Out {
		line = v.Key
	}
	var turned, unsent []string
	for _, c := range v.Failures {
		turned = append(turned, fmt.Sprintf("%s %d", c.Outcome, c.Recent))
	}
	if len(turned) > 0 {
		line += h.say("; turned away: %s", strings.Join(turned, ", "))
	}
	if slices.ContainsFunc(v.Failures, func(c intake.InletCount) bool { return c.Outcome == "signature" }) {
		line += h.say(" (check secret and url)")
	}
	for _, c := range v.Unsent {
		unsent = append(unsent, fmt.Sprintf("%s %d", c.Outcome, c.Recent))
	}
	if len(unsent) > 0 {
		line += h.say("; not sent: %s", strings.Join(unsent, ", "))
	}
	return line
}
