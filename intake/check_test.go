package intake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/intaketest"
)

func long(n int) string { return strings.Repeat("长", n) }

func TestWhatMustBeMended(t *testing.T) {
	o := intaketest.Open(t)
	o.Deps.Store = failingStore{o.Store} // what passes the check goes no further
	for _, c := range []struct {
		want   string
		change func(*intake.Report)
	}{
		{"", func(*intake.Report) {}},
		{"text required", func(r *intake.Report) { r.Words.Text = " \n\u3000" }},
		{"", func(r *intake.Report) { r.Words.Text = long(20_000) }},
		{"text too_long 20000", func(r *intake.Report) { r.Words.Text = long(20_001) }},
		{"", func(r *intake.Report) { r.Words.Address = long(500) }},
		{"address too_long 500", func(r *intake.Report) { r.Words.Address = long(501) }},
		{"occurred too_long 200", func(r *intake.Report) { r.Words.Occurred = long(201) }},
		{"subject too_long 1000", func(r *intake.Report) { r.Words.Subject = long(1001) }},
		{"parcel too_long 100", func(r *intake.Report) { r.Words.Parcel = long(101) }},
		{"relapse_of too_long 100", func(r *intake.Report) { r.Words.RelapseOf = long(101) }},
		{"name too_long 200", func(r *intake.Report) { r.Identity.Name = long(201) }},
		{"phone too_long 64", func(r *intake.Report) { r.Identity.Phone = long(65) }},
		{"phone short", func(r *intake.Report) { r.Identity.Phone = "12345" }},
		{"phone short", func(r *intake.Report) { r.Identity.Phone = "６６５４３２" }},
		{"phone short", func(r *intake.Report) { r.Identity.Phone = "138 0000-000" }},
		{"phone short", func(r *intake.Report) { r.Identity.Phone = "+86" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "138 0000-0000" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "+86 (138) 00000000" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "0086-13800000000" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "0571-8888888-012" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "8888888" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "+1 312 555 0100" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "13800000000转12" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "无" }},
		{"", func(r *intake.Report) { r.Identity.Phone = "微信 abc1" }},
		{"email format", func(r *intake.Report) { r.Identity.Email = "nobody" }},
		{"email too_long 254", func(r *intake.Report) { r.Identity.Email = strings.Repeat("a", 250) + "@example.org" }},
		{"lat format", func(r *intake.Report) { r.Words.Lat = "91" }},
		{"lat required Lon", func(r *intake.Report) { r.Words.Lat = "" }},
		{"lon required Lat", func(r *intake.Report) { r.Words.Lon = "" }},
		{"lon format", func(r *intake.Report) { r.Words.Lon = "east" }},
		{"lat too_long 40", func(r *intake.Report) { r.Words.Lat = "1." + strings.Repeat("0", 40) }},
		{"", func(r *intake.Report) { r.Words.Lat, r.Words.Lon, r.Words.Datum = "", "", "" }},
		{"datum unknown wgs84 cgcs2000 gcj02 bd09", func(r *intake.Report) { r.Words.Datum = "wgs72" }},
		{"reply unknown receipt contact none", func(r *intake.Report) { r.Reply = "pigeon" }},
		{"reply no_contact", func(r *intake.Report) { r.Identity = intake.Identity{Name: "x"} }},
		{"", func(r *intake.Report) { r.Reply, r.Identity = "", intake.Identity{} }},
		{"conduct too_long 20", func(r *intake.Report) { r.Conduct = slices.Repeat([]string{"ok"}, 21) }},
		{"conduct unknown", func(r *intake.Report) { r.Conduct = []string{"ok", "no"} }},
		{"category unknown", func(r *intake.Report) { r.Category = "no" }},
		{"source unknown", func(r *intake.Report) { r.Source = "no" }},
		{"place unknown", func(r *intake.Report) { r.Place = "11" }},
		{"channel unknown", func(r *intake.Report) { r.Channel = "pigeon" }},
		{"channel unknown", func(r *intake.Report) { r.Channel = "" }},
		{"text required; name too_long 200; category unknown; token token", func(r *intake.Report) {
			r.Words.Text, r.Identity.Name, r.Category, r.Token = "", long(201), "no", "1"
		}},
	} {
		t.Run(c.want, func(t *testing.T) {
			r := web()
			c.change(r)
			_, err := o.Door().Submit(t.Context(), r)
			var invalid *intake.InvalidError
			if c.want == "" && !errors.Is(err, errDisk) || c.want != "" && (!errors.As(err, &invalid) || !errors.Is(err, intake.ErrInvalid)) {
				t.Fatalf("%v", err)
			}
			if d := cmp.Diff(c.want, spelled(invalid)); d != "" {
				t.Error(d)
			}
			if strings.Contains(err.Error(), canary) {
				t.Error("the error holds what was entered")
			}
		})
	}
}

func spelled(e *intake.InvalidError) string {
	if e == nil {
		return ""
	}
	var out []string
	for _, p := range e.Problems {
		out = append(out, strings.TrimSpace(fmt.Sprint(p.Field, " ", p.Code, " ", p.Param)))
	}
	return strings.Join(out, "; ")
}

func TestGatewaysAreNeverRefused(t *testing.T) {
	for _, channel := range []intake.Channel{intake.Email, intake.SMS} {
		o, r := intaketest.Open(t), web()
		*r = intake.Report{Channel: channel, Category: "no", Source: "no", Place: "11", Conduct: []string{"no"}, Reply: "pigeon", Token: "weak",
			Words:    intake.Words{Text: long(20_001), Lat: "north", Datum: "none", Address: long(5000)},
			Identity: intake.Identity{Email: "not one", Phone: long(200)}, Files: files("a", "1", "b", "2", "c", "3", "d", "4", "e", strings.Repeat("x", 1<<20+1))}
		f := submit(t, o, r)
		row, err := o.Store.Tip(t.Context(), f.ID)
		want := intake.Facts{Desk: "main", Channel: channel, Source: "public", Category: "unknown", Lane: intake.Normal, Reply: intake.ReplyReceipt,
			ReceivedOn: "2026-11-24", Files: 5}
		if d := cmp.Diff(want, row.Facts); d != "" || err != nil {
			t.Error(d, err)
		}
		if got := report(t, o, f.ID); got.Text != long(20_001) || !slices.Equal(got.Flags, []string{"long:20000"}) {
			t.Errorf("%d bytes, flags %v", len(got.Text), got.Flags)
		}
	}
}

func TestNoTextAtAllIsKeptFromAGateway(t *testing.T) {
	o := intaketest.Open(t)
	if f := submit(t, o, &intake.Report{Channel: intake.SMS, Words: intake.Words{Text: "bad \xff utf-8"}}); report(t, o, f.ID).Text != "bad \uFFFD utf-8" {
		t.Error("the text was lost")
	}
	submit(t, o, &intake.Report{Channel: intake.SMS})
}
