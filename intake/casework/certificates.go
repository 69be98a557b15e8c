package casework

import (
	"context"
	"slices"
	"strings"

	"tipline/intake"
)

// told is what the record tells of destructions.
type told struct {
	done            map[string]string // by tip: the day, where the tip stood, the certificate's id and when backups end
	again           map[string]bool   // by tip: a backup brought it back, and the register told who had asked
	asked, approved map[string]bool   // by tip or batch, with who and when; what was asked for with its reason
}

// CheckCertificates holds every certificate against the record: who asked and why, who approved, when it was done,
// and until when backups may hold it. It returns how many there are, and the tips whose certificate differs or is gone.
// What a certificate counts stands in no row of the record.
func (s *Service) CheckCertificates(ctx context.Context) (n int, differ []string, err error) {
	r, err := s.told(ctx)
	if err != nil {
		return 0, nil, err
	}
	all, err := s.Store.Destructions(ctx, "", noLimit, intake.DestructionDone)
	if err != nil {
		return 0, nil, err
	}
	for _, d := range all {
		if !r.certifies(d) {
			differ = append(differ, d.Tip)
		}
		delete(r.done, d.Tip)
	}
	for tip := range r.done {
		differ = append(differ, tip)
	}
	slices.Sort(differ)
	return len(all), differ, nil
}

const (
	noLimit   = 1 << 30
	toldBatch = 1000 // rows of the record read at once
)

func (s *Service) told(ctx context.Context) (*told, error) {
	r := &told{map[string]string{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for before := ""; ; {
		rows, err := s.Store.AuditPage(ctx, intake.AuditFilter{Acts: []string{"destroy"}, Before: before, Limit: toldBatch})
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			r.add(a, intake.DateOf(a.At, s.Loc))
		}
		if len(rows) < toldBatch {
			return r, nil
		}
		before = rows[len(rows)-1].Hash
	}
}

// add takes a row in. They come newest first: the last that was done counts.
func (r *told) add(a intake.Audit, on intake.Date) {
	about, words := a.Tip, strings.Fields(a.Detail)
	if about == "" && len(words) > 0 { // of several: its last word names them
		about, words = words[len(words)-1], words[:len(words)-1]
	}
	switch a.Act {
	case "destroy.done":
		if _, newer := r.done[a.Tip]; !newer {
			r.done[a.Tip] = string(on) + " " + a.Detail
		}
	case "destroy.again":
		r.again[a.Tip] = true
	case "destroy.ask":
		reason := ""
		if len(words) > 0 {
			reason = words[len(words)-1]
		}
		r.asked[said(about, a.Member, on)+" "+reason] = true
	case "destroy.approve":
		r.approved[said(about, a.Member, on)] = true
	}
}

func said(about, member string, on intake.Date) string {
	return strings.Join([]string{about, member, string(on)}, " ")
}

// certifies says whether a certificate says what the record does.
func (r *told) certifies(d intake.Destruction) bool {
	about, end := d.Tip, strings.Join([]string{string(d.Disposition), d.ID, string(d.BackupsEnd)}, " ")
	if d.Batch != "" {
		about = d.Batch
	}
	if r.again[d.Tip] { // the day it was first done stands with the register
		return strings.HasSuffix(r.done[d.Tip], " "+end)
	}
	return r.done[d.Tip] == string(d.DoneOn)+" "+end && r.asked[said(about, d.Asker, d.AskedOn)+" "+d.Reason] && r.approved[said(about, d.Decider, d.DecidedOn)]
}
