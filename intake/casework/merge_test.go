package casework_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
)

// TestMergeAndBack: a merged tip is told to the ledger, its reporter still talks to
// the desk and learns nothing of the other, and taken apart it is as it was.
func TestMergeAndBack(t *testing.T) {
	o := open(t)
	l, err := ledger.Open(t.Context(), o.Office.Store.Database())
	intaketest.Must(t, err)
	for _, from := range []intake.State{"received", "reviewing", "needs_info"} {
		a, b := o.tip(t), o.tip(t)
		if from != "received" {
			intaketest.Must(t, o.Move(t.Context(), o.wang, a.ID, casework.Triage{To: from}))
		}
		before := o.row(t, a.ID)
		intaketest.Must(t, o.Merge(t.Context(), o.wang, a.ID, b.ID))
		intaketest.Must(t, l.Apply(t.Context(), o.events(t)))
		if r := rowOf(t, l, a.ID); r.Disposition != "merged" || r.MergedInto != b.ID {
			t.Errorf("the ledger says %q into %q", r.Disposition, r.MergedInto)
		}
		intaketest.Must(t, o.door.Say(t.Context(), a.Receipt, "more"))
		intaketest.Must(t, o.Answer(t.Context(), o.zhao, a.ID, "thank you", false))
		talk, err := o.door.Look(t.Context(), a.Receipt)
		intaketest.Must(t, err)
		if talk.State != intake.StateMerged || len(talk.Messages) != 2 || len(talk.Due) != 0 {
			t.Errorf("the receipt shows %s, %d messages, %v", talk.State, len(talk.Messages), talk.Due)
		}
		v, err := o.Read(t.Context(), o.zhao, b.ID)
		intaketest.Must(t, err)
		if len(v.Merged) != 1 || v.Merged[0].ID != a.ID || !v.Merged[0].Unread || slices.ContainsFunc(v.Similar, func(s casework.Similar) bool { return s.Tip.ID == a.ID }) {
			t.Errorf("the other shows %d merged ones", len(v.Merged))
		}
		if v, err = o.Read(t.Context(), o.zhao, a.ID); err != nil || v.Merge == nil || v.Merge.Into != b.ID {
			t.Errorf("it doesn't say where it went: %v", err)
		}
		intaketest.Must(t, o.Unmerge(t.Context(), o.zhao, a.ID))
		if d := cmp.Diff(before, o.row(t, a.ID), cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Unread" }, cmp.Ignore())); d != "" {
			t.Error(d)
		}
		intaketest.Must(t, l.Apply(t.Context(), o.events(t)))
		if r := rowOf(t, l, a.ID); r.Disposition != "" || r.MergedInto != "" {
			t.Errorf("taken apart, the ledger says %q into %q", r.Disposition, r.MergedInto)
		}
		want := "zhao unmerge merged>" + string(from) + " " + b.ID
		if acts := o.acts(t, a.ID); acts[len(acts)-1] != want {
			t.Errorf("%q, want %q", acts[len(acts)-1], want)
		}
	}
}

func rowOf(t *testing.T, l *ledger.Ledger, tip string) (out ledger.Row) {
	t.Helper()
	for r, err := range l.Rows(t.Context(), ledger.Filter{}) {
		intaketest.Must(t, err)
		if r.Tip == tip {
			out = r
		}
	}
	return out
}

func TestWhatCantBeMerged(t *testing.T) {
	o := open(t)
	plain, target, child := o.tip(t).ID, o.tip(t).ID, o.tip(t).ID
	intaketest.Must(t, o.Merge(t.Context(), o.wang, child, target))
	declined, accepted, waiting := o.tip(t).ID, o.tip(t).ID, o.tip(t, held).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, declined, casework.Triage{To: "declined", Reason: "unclear"}))
	intaketest.Must(t, o.Move(t.Context(), o.wang, accepted, casework.Triage{To: "accepted"}))
	for name, c := range map[string]struct {
		tip, into string
		want      error
	}{
		"into itself":                 {plain, plain, casework.ErrMerge},
		"into nothing":                {plain, intake.NewID(), intake.ErrInvalid},
		"into a merged one":           {plain, child, casework.ErrMerge},
		"one that others went into":   {target, plain, casework.ErrMerge},
		"twice":                       {child, target, casework.ErrTransition},
		"into a refused one":          {plain, declined, casework.ErrMerge},
		"a decided one":               {accepted, plain, casework.ErrTransition},
		"a held one":                  {waiting, plain, casework.ErrHeld},
		"into a held one":             {plain, waiting, casework.ErrMerge},
		"nothing":                     {intake.NewID(), plain, intake.ErrNotFound},
		"into one under way, at last": {plain, accepted, nil},
	} {
		if c.want == nil {
			continue
		}
		if err := o.Merge(t.Context(), o.wang, c.tip, c.into); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, vague := range []string{"", accepted[:5], "x" + accepted, "%"} {
		if err := o.Merge(t.Context(), o.wang, plain, vague); !errors.Is(err, intake.ErrInvalid) {
			t.Errorf("into %q: %v", vague, err)
		}
	}
	intaketest.Must(t, o.Merge(t.Context(), o.wang, plain, " "+strings.ToUpper(accepted[:12])))
	if err := o.Unmerge(t.Context(), o.wang, target); !errors.Is(err, casework.ErrTransition) {
		t.Errorf("taking apart what stands alone: %v", err)
	}
}

// TestSimilar: the surest likeness first, with its reasons, and nothing from another
// place or desk.
func TestSimilar(t *testing.T) {
	o := open(t)
	with := func(parcel, subject, sender string) string {
		return o.tip(t, func(r *intake.Report) {
			r.Words.Parcel, r.Words.Subject = parcel, subject
			if sender != "" {
				r.Channel, r.Sender = intake.SMS, sender
			}
		}).ID
	}
	one := with("图斑 12", "某 施工队", "")
	first, second := with("", "", "13800138000"), with("", "", "13800138000")
	if v, err := o.Read(t.Context(), o.wang, first); err != nil || v.Similar[0].Tip.ID != second || v.Similar[0].Like[0] != casework.SameSender {
		t.Errorf("the same sender's isn't the likeliest: %v", err)
	}
	parcel, subject, place := with("图斑12", "", ""), with("9", "某施工队", ""), with("", "", "")
	elsewhere := o.tip(t, func(r *intake.Report) { r.Words.Parcel, r.Place = "图斑12", "411422207202" }).ID
	v, err := o.Read(t.Context(), o.wang, one)
	intaketest.Must(t, err)
	got := map[string]string{}
	var order []string
	for _, s := range v.Similar {
		var like []string
		for _, l := range s.Like {
			like = append(like, string(l))
		}
		got[s.Tip.ID] = strings.Join(like, " ")
		order = append(order, s.Tip.ID)
	}
	if d := cmp.Diff(map[string]string{parcel: "parcel place", subject: "subject place", place: "place", first: "place", second: "place"}, got); d != "" {
		t.Error(d)
	}
	if !slices.Equal(order[:2], []string{parcel, subject}) || slices.Contains(order, elsewhere) {
		t.Error("the surest isn't first")
	}
}
