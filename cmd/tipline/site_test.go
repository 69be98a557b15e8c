package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/configs"
	"tipline/configs/locale"
)

// TestProcedureNamesTheBox: what the office says of reports about itself names the form's
// box as it is called there.
func TestProcedureNamesTheBox(t *testing.T) {
	t.Parallel()
	pack, err := configs.LoadPack("farmland")
	if err != nil {
		t.Fatal(err)
	}
	words, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := pack.Document("procedure")
	for _, lang := range locale.Languages() {
		said := ""
		for _, s := range d.Sections {
			for _, p := range s.Paragraphs {
				said += p[lang] + "\n"
			}
		}
		if box := words.Translator(lang).T("report.concerns"); !strings.Contains(said, box) {
			t.Errorf("%s: the procedure doesn't name the box %q", lang, box)
		}
	}
}

// TestTimesAreTheDesks: what the site promises is what the desks' profile says, whichever
// it is; where desks differ, nothing is promised for all of them.
func TestTimesAreTheDesks(t *testing.T) {
	t.Parallel()
	words, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		profiles []string
		en, zh   []string
		not      string
	}{
		{[]string{"campaign"}, []string{"Within 2 working days of receipt we tell you whether", "Within 15 working days of acceptance it is concluded", "the county campaign office agrees", "for 15 days at most", "not a time limit set by law"},
			[]string{"收到后 2 个工作日内告知是否受理", "受理后 15 个工作日内办结", "经县专项办同意", "最多 15 天"}, "confirm that we have it"},
		{[]string{"xinfang"}, []string{"Within 15 days of receipt", "Within 60 days of acceptance"}, []string{"受理后 60 天内办结", "《信访工作条例》"}, "clock stands still"},
		{[]string{"eu2019-1937"}, []string{"Within 7 days of receipt we confirm", "Within 3 months of that confirmation we tell you"}, []string{"确认收到后 3 个月内答复"}, "it is concluded"},
		{[]string{"hotline12345"}, []string{"stand under its receipt"}, []string{"凭查询码"}, "Within"},
		{[]string{"campaign", "discipline"}, []string{"stand under its receipt"}, []string{"凭查询码"}, "Within"},
	} {
		pack, err := configs.LoadPack("farmland")
		if err != nil {
			t.Fatal(err)
		}
		pack.Desks = pack.Desks[:len(c.profiles)]
		for i, p := range c.profiles {
			pack.Desks[i].Profile = p
		}
		o := &office{pack: pack, now: clock, loc: time.UTC}
		if text := fmt.Sprint(pack.Documents); o.content().Procedure.Title == nil || fmt.Sprint(pack.Documents) != text {
			t.Fatal("the fronts are made at once, and one changes what the other reads")
		}
		pack.Fill(o.times(words))
		said := map[string]string{}
		for _, s := range o.content().Procedure.Sections {
			for _, p := range s.Points {
				if s.ID == "time" {
					said["en"] += p.Text["en"] + "\n"
					said["zh-CN"] += p.Text["zh-CN"] + "\n"
				}
			}
		}
		for lang, want := range map[string][]string{"en": c.en, "zh-CN": c.zh} {
			for _, w := range want {
				if !strings.Contains(said[lang], w) || strings.Contains(said[lang], "{") || strings.Contains(said[lang], c.not) {
					t.Errorf("%v in %s: %q isn't in\n%s", c.profiles, lang, w, said[lang])
				}
			}
		}
	}
}

// TestKeptAsPeopleCount: the notice tells whole years and months as such, in every language, and other times in days.
func TestKeptAsPeopleCount(t *testing.T) {
	t.Parallel()
	words, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	languages := slices.Concat(locale.Languages(), locale.Drafts())
	if words, err = words.WithLanguages(languages...); err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int][5]string{
		1095: {"3 年", "3 years", "3 年", "3 يىل", "3 من السنوات"},
		365:  {"1 年", "1 year", "1 年", "1 يىل", "1 من السنوات"},
		180:  {"6 个月", "6 months", "6 個月", "6 ئاي", "6 من الأشهر"},
		30:   {"1 个月", "1 month", "1 個月", "1 ئاي", "1 من الأشهر"},
		720:  {"720 天", "720 days", "720 天", "720 كۈن", "720 من الأيام"},
		35:   {"35 天", "35 days", "35 天", "35 كۈن", "35 من الأيام"},
		1:    {"1 天", "1 day", "1 天", "1 كۈن", "1 من الأيام"},
	} {
		pack, err := configs.LoadPack("farmland")
		if err != nil {
			t.Fatal(err)
		}
		o := &office{pack: pack, cfg: configs.Config{Retention: configs.Retention{Concluded: days}}, now: clock, loc: time.UTC}
		times := o.times(words)
		for i, lang := range languages {
			if got := times["retention.concluded"][lang]; got != want[i] {
				t.Errorf("%d days in %s: %q, want %q", days, lang, got, want[i])
			}
		}
		pack.Fill(times)
		text := fmt.Sprint(o.content().Privacy)
		for _, told := range []string{"办结或者反馈之后 " + want[0], want[1] + " after it was concluded"} {
			if !strings.Contains(text, told) || strings.Contains(text, "{retention") {
				t.Errorf("%d days: the notice doesn't say %q", days, told)
			}
		}
	}
}
