package public_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/web/public"
)

// naughty are some three hundred things that people and programs type: markup,
// templates, SQL, shells, formulas, directions, joiners, controls, astral
// characters, broken encodings, long runs.
func naughty() []string {
	seeds := []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</textarea>`, `{{.T "x"}}`, `${jndi:ldap://x}`, `#{7*7}`, `%s%n%x`, `%00`, `%zz`, `&amp;&#60;`,
		`' OR 1=1--`, `"; DROP TABLE tips; --`, `$(id)`, "`id`", `../../etc/passwd`, `C:\con\con`, `=1+1`, `+cmd|' /C calc'!A0`, `@SUM(A1)`, `-2+3`,
		"\u202eabc\u202c", "a\u200bb\u200cc\u200dd", "\ufeffbom", "\u2028line\u2029par", "\u0000nul", "\u0007bell\u001b[31m", "\x80\xff", "\xed\xa0\x80", "\xc0\xaf", "a\xe4\xb8",
		"👨‍👩‍👧‍👦", "🇨🇳", "e\u0301\u0301\u0301", "Z̷a̴l̸g̵o̶", "ﷺ", "مرحبا 你好 שלום", "ئۇيغۇرچە", "𠮷野家", "𝕳𝖊𝖑𝖑𝖔", "ＦＵＬＬ１２３", "null", "undefined", "NaN", "true", "0", "-0", "1e309",
		"NULL", "None", "\\", "\\n", "'", "\"", "`", ";", "|", "&", "<", ">", "a\r\nb", "a\tb", "　全角空格　中", strings.Repeat("长", 400), "Content-Type: text/html\r\n\r\nx"}
	var out []string
	for _, shape := range []string{"%s", "村北%s占地", "%[1]s%[1]s", "1 %s 2", "（%s）"} {
		for _, s := range seeds {
			out = append(out, fmt.Sprintf(shape, s))
		}
	}
	return out
}

// watched remembers the last tip of a door.
type watched struct {
	*intake.Service
	last intake.Filed
}

func (w *watched) Submit(ctx context.Context, r *intake.Report) (f intake.Filed, err error) {
	f, err = w.Service.Submit(ctx, r)
	w.last = f
	return f, err
}

// TestNaughtyInputs types each of them into every field of the form, all the way
// to the desk's key: none is a failure of ours, and what is taken opens as it was
// typed, trimmed, with what isn't UTF-8 marked.
func TestNaughtyInputs(t *testing.T) {
	o := intaketest.Open(t)
	door := &watched{Service: o.Door()}
	srv := serve(t, door, func(p *public.Options) { p.MaxBytes = 1 << 20 })
	all, taken := naughty(), 0
	for _, s := range all {
		v := url.Values{}
		for _, f := range []string{"text", "address", "occurred", "subject", "parcel", "name"} {
			v.Set(f, s)
		}
		if a := do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode()); a.StatusCode == 200 {
			taken++
			w := openedWords(t, o, door.last.ID)
			want := strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
			for name, got := range map[string]string{"text": w.Text, "address": w.Address, "occurred": w.Occurred, "subject": w.Subject, "parcel": w.Parcel} {
				if got != want {
					t.Errorf("%s: %q opens as %q", name, s, got)
				}
			}
		} else if a.StatusCode != 422 {
			t.Errorf("%q: %d", s, a.StatusCode)
		}
	}
	if taken < 280 {
		t.Errorf("%d of %d were taken", taken, len(all))
	}
	for i, s := range all {
		for j, f := range []string{"category", "conduct", "place", "lat", "lon", "datum", "urgent", "reply", "lang", "token", "phone", "email", "map", "website", "step", "work", "solved"} {
			if (i+j)%4 != 0 { // each field meets a quarter of them
				continue
			}
			if a := do(t, "POST", srv.URL+"/report?lang=en", formType, url.Values{"text": {"x"}, f: {s}}.Encode()); a.StatusCode >= 500 {
				t.Errorf("%s=%q: %d", f, s, a.StatusCode)
			}
		}
	}
}

// openedWords are what the desk's key opens of a tip.
func openedWords(t *testing.T, o *intaketest.Office, tip string) intake.Words {
	t.Helper()
	sealed, err := o.Store.Part(t.Context(), tip, intake.CompartmentReport, intake.PartName)
	if err != nil {
		t.Fatal(err)
	}
	text, err := seal.OpenBytes(sealed, intake.PartContext(tip, intake.CompartmentReport, intake.PartName), o.Desk)
	if err != nil {
		t.Fatal(err)
	}
	var r intake.SealedReport
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r.Words
}
