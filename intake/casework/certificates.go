package casework

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"tipline/intake"
)

// told is what the record tells of destructions.
type told struct {
	done            map[string]moment      // by tip: where the tip stood, the certificate's id and when backups end
	again           map[string]string      // by tip: a register had it destroyed again, with what that said
	asked, approved map[string][]time.Time // by tip or batch, with who; what was asked for with its reason
}

// moment is what was done when.
type moment struct {
	at     time.Time
	detail string
}

// wasOn says whether a day was that of a moment anywhere on earth: the office's time zone may have been put right since.
func wasOn(at time.Time, day intake.Date) bool {
	const hour = 60 * 60
	return intake.DateOf(at, time.FixedZone("", -12*hour)) <= day && day <= intake.DateOf(at, time.FixedZone("", 14*hour))
}

// Certified is what holding the certificates against the record found.
type Certified struct {
	N      int      // certificates
	Differ []string // the tips whose certificate differs or is gone
	// Again are the tips that only a register of destructions had destroyed: that two wanted it stands in no row
	// here. It is so behind a restore, and whoever has the key files can write a register.
	Again []string
}

// CheckCertificates holds every certificate against the record: who asked and why, who approved, when it was done,
// until when backups may hold it, and what it counts. An older record doesn't have the counts.
func (s *Service) CheckCertificates(ctx context.Context) (c Certified, err error) {
	r, err := s.told(ctx)
	if err != nil {
		return c, err
	}
	all, err := s.Store.Destructions(ctx, "", noLimit, intake.DestructionDone)
	if err != nil {
		return c, err
	}
	c.N = len(all)
	for _, d := range all {
		row, again := r.again[d.Tip]
		switch {
		case !r.ended(d), again && row != retold(d), !again && !r.wanted(d):
			c.Differ = append(c.Differ, d.Tip)
		case !r.wanted(d):
			c.Again = append(c.Again, d.Tip)
		}
		delete(r.done, d.Tip)
	}
	for tip := range r.done {
		c.Differ = append(c.Differ, tip)
	}
	slices.Sort(c.Differ)
	slices.Sort(c.Again)
	return c, nil
}

const (
	noLimit   = 1 << 30
	toldBatch = 1000 // rows of the record read at once
)

func (s *Service) told(ctx context.Context) (*told, error) {
	r := &told{map[string]moment{}, map[string]string{}, map[string][]time.Time{}, map[string][]time.Time{}}
	for before := ""; ; {
		rows, err := s.Store.AuditPage(ctx, intake.AuditFilter{Acts: []string{"destroy"}, Before: before, Limit: toldBatch})
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			r.add(a)
		}
		if len(rows) < toldBatch {
			return r, nil
		}
		before = rows[len(rows)-1].Hash
	}
}

// add takes a row in. They come newest first: the last that was done counts.
func (r *told) add(a intake.Audit) {
	about, words := a.Tip, strings.Fields(a.Detail)
	if about == "" && len(words) > 0 { // of several: its last word names them
		about, words = words[len(words)-1], words[:len(words)-1]
	}
	switch a.Act {
	case "destroy.done":
		if _, newer := r.done[a.Tip]; !newer {
			r.done[a.Tip] = moment{a.At, a.Detail}
		}
	case "destroy.again":
		if _, newer := r.again[a.Tip]; !newer {
			r.again[a.Tip] = a.Detail
		}
	case "destroy.ask":
		reason := ""
		if len(words) > 0 {
			reason = words[len(words)-1]
		}
		key := said(about, a.Member, reason)
		r.asked[key] = append(r.asked[key], a.At)
	case "destroy.approve":
		key := said(about, a.Member)
		r.approved[key] = append(r.approved[key], a.At)
	}
}

func said(words ...string) string { return strings.Join(words, " ") }

// retold is what the record keeps of a certificate that a register brought: all that it says but its counts.
func retold(d intake.Destruction) string {
	return said(string(d.Disposition), d.ID, d.Reason, d.Asker, string(d.AskedOn), d.Decider, string(d.DecidedOn), string(d.DoneOn))
}

// ended says whether the record tells of a certificate's end; the day on which a register's was done first stands in
// its own row.
func (r *told) ended(d intake.Destruction) bool {
	_, again := r.again[d.Tip]
	done := r.done[d.Tip]
	end := said(string(d.Disposition), d.ID, string(d.BackupsEnd))
	return (done.detail == end || done.detail == said(end, d.Counts())) && (again || wasOn(done.at, d.DoneOn))
}

// wanted says whether two wanted it, by the record.
func (r *told) wanted(d intake.Destruction) bool {
	about := cmp.Or(d.Batch, d.Tip)
	when := func(day intake.Date) func(time.Time) bool { return func(at time.Time) bool { return wasOn(at, day) } }
	return slices.ContainsFunc(r.asked[said(about, d.Asker, d.Reason)], when(d.AskedOn)) && slices.ContainsFunc(r.approved[said(about, d.Decider)], when(d.DecidedOn))
}
