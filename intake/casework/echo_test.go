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
)

func TestEchoes(t *testing.T) {
	w := intake.Words{Text: "村北基本农田上正在打地基，已经堆了砖。They are pouring concrete behind the old mill every night.", Subject: "某施工队", Address: "村北 水渠东边", Parcel: "12"}
	for answer, want := range map[string][]string{
		"": nil,
		"谢谢您的反映，我们已经受理，正在核查。":                                                 nil,
		"您说的正在打地基，我们看了":                                                       nil, // six characters that anybody might write
		"关于农田上，正在 打地基的事":                                                      {"words"},
		"About what you said: they are POURING concrete, behind the old mill": {"words"},
		"The mill and the concrete are looked at":                             nil,
		"已责成某施工队停工":                                                           {"subject"},
		"已到村北水渠东边看过":                                                          {"address"},
		"图斑12已经核查":                                                            nil, // two digits say nothing
		"请拨打 138 0013-8000 联系":                                                {"number"},
		"您的号码 +8613800138000 已登记":                                             {"number"},
		"请拨打 0086 138-0013-8000":                                              {"number"},
		"请拨打１３８００１３８０００":                                                      {"number"},
		"于 2026-11-24 13800138000 来电":                                         {"number"},
		"写信到ｓｏｍｅｏｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ":                                              {"mail"},
		"They are ＰＯＵＲＩＮＧ ＣＯＮＣＲＥＴＥ behind the old mill":                       {"words"},
		"编号 20261124001":                                                      nil,
		"身份证 411422199001011234":                                              {"number"},
		"写信到 someone@example.org":                                             {"mail"},
		"已责成某施工队停工，13800138000":                                               {"subject", "number"},
		strings.Repeat("长", 3000):                                             nil,
		"\xff\xfe" + strings.Repeat("\xff", 40):                               nil,
	} {
		if d := cmp.Diff(want, casework.Echoes(w, answer)); d != "" {
			t.Errorf("%q: %s", answer, d)
		}
	}
}

// TestAnEchoNeedsASecondPress, in answers and in a decision's letter.
func TestAnEchoNeedsASecondPress(t *testing.T) {
	o := open(t)
	f := o.tip(t, func(r *intake.Report) { r.Words.Subject = "某施工队" })
	acts := map[string]func(sure bool) error{
		"answer": func(sure bool) error { return o.Answer(t.Context(), o.wang, f.ID, "已责成某施工队停工", sure) },
		"letter": func(sure bool) error {
			return o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "needs_info", Letter: "已责成某施工队停工", Sure: sure})
		},
	}
	for name, act := range acts {
		err := act(false)
		e, ok := errors.AsType[*casework.EchoError](err)
		if !ok || !cmp.Equal(e.Kinds, []string{"subject"}) || !errors.Is(err, casework.ErrEcho) || strings.Contains(err.Error(), "施工队") {
			t.Errorf("%s: %v", name, err)
		}
		intaketest.Must(t, act(true))
	}
	if talk, err := o.door.Look(t.Context(), f.Receipt); err != nil || len(talk.Messages) != 2 {
		t.Errorf("%d messages, %v", len(talk.Messages), err)
	}
}

// TestInsideNotes: the reporter sees none, the rows name nobody, and they come in
// order.
func TestInsideNotes(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	intaketest.Must(t, o.Note(t.Context(), o.wang, f.ID, canary+" one"))
	intaketest.Must(t, o.Note(t.Context(), o.zhao, f.ID, canary+" two"))
	for _, bad := range []string{"", " ", strings.Repeat("长", intake.MaxMessage+1)} {
		if err := o.Note(t.Context(), o.wang, f.ID, bad); !errors.Is(err, intake.ErrInvalid) {
			t.Errorf("a note of %d bytes: %v", len(bad), err)
		}
	}
	v, err := o.Read(t.Context(), o.wang, f.ID)
	intaketest.Must(t, err)
	if d := cmp.Diff([]casework.InsideNote{{By: "wang", On: "2026-11-24", Text: canary + " one"}, {By: "zhao", On: "2026-11-24", Text: canary + " two"}}, v.Inside); d != "" {
		t.Error(d)
	}
	if talk, err := o.door.Look(t.Context(), f.Receipt); err != nil || len(talk.Messages) != 0 {
		t.Errorf("the receipt shows %d messages, %v", len(talk.Messages), err)
	}
}

// TestSavedViews are one member's alone, and a key that was replaced forgets them.
func TestSavedViews(t *testing.T) {
	o := open(t)
	intaketest.Must(t, o.SaveView(t.Context(), o.wang, casework.SavedView{Name: " " + canary + " ", Query: "due=overdue"}))
	for _, bad := range []casework.SavedView{{}, {Name: strings.Repeat("长", 41)}, {Name: "x", Query: strings.Repeat("q", 1025)}} {
		if err := o.SaveView(t.Context(), o.wang, bad); !errors.Is(err, intake.ErrInvalid) {
			t.Errorf("%v", err)
		}
	}
	views, err := o.Views(t.Context(), o.wang)
	if err != nil || len(views) != 1 || views[0].Name != canary || views[0].Query != "due=overdue" {
		t.Fatalf("%d views, %v", len(views), err)
	}
	if views, err := o.Views(t.Context(), o.zhao); err != nil || len(views) != 0 {
		t.Errorf("another member has %d views, %v", len(views), err)
	}
	renewed := o.wang
	renewed.Key = intaketest.Identity(t)
	for _, by := range []casework.Actor{renewed, o.wang} {
		if views, err := o.Views(t.Context(), by); err != nil || len(views) != 0 {
			t.Errorf("%d views are left, %v", len(views), err)
		}
	}
}

// TestEchoesOfAdditions: what a reporter added, and what was read of a message later, is as little to be repeated
// as the report itself.
func TestEchoesOfAdditions(t *testing.T) {
	o := open(t)
	tip := o.tip(t).ID
	const answer = "村委会后院夜里往水塘里倒渣土一事，已经派人核查。"
	intaketest.Must(t, o.Answer(t.Context(), o.wang, tip, answer, false))
	o.says(t, tip, "补充：是村委会后院，夜里往水塘里倒渣土。")
	e, repeats := errors.AsType[*casework.EchoError](o.Answer(t.Context(), o.wang, tip, answer, false))
	if !repeats || !slices.Equal(e.Kinds, []string{"words"}) {
		t.Errorf("an answer that repeats an addition: %v", e)
	}
	intaketest.Must(t, o.Answer(t.Context(), o.wang, tip, answer, true))
	intaketest.Must(t, o.Answer(t.Context(), o.wang, tip, "您补充的情况已经收到。", false))
}
