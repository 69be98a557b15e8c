package public_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/web/public"
)

func TestPlaceByLink(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	if a := do(t, "GET", srv.URL+"/report?place=411422207201&lang=en", "", ""); !strings.Contains(a.body, `<option value="411422207201" selected>`) {
		t.Error("the place of the link isn't chosen")
	}
	if a := do(t, "GET", srv.URL+"/report?place=zz999&lang=en", "", ""); a.StatusCode != 200 || strings.Contains(a.body, "zz999") {
		t.Error("an unknown place comes back")
	}
	if a := do(t, "GET", srv.URL+"/channels/poster?place=411422207201&lang=en", "", ""); !strings.Contains(a.body, "Hutang Village") {
		t.Error("the poster doesn't name its village")
	}
}

// TestPlacesByLevel goes down a tree that is too long for one list, without
// script, and loses nothing that was typed.
func TestPlacesByLevel(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, func(o *public.Options) {
		for i := range 150 {
			o.Content.Places = append(o.Content.Places, public.Place{Code: fmt.Sprintf("411422207%03d", 300+i), Parent: "411422207", Level: "village", Name: text("村", fmt.Sprint("Village ", i))})
		}
	})
	v := url.Values{"text": {"typed before"}, "step": {"place"}, "asked": {"1"}, "place": {"411422"}, "token": {"ABCDEFGHIJKLMNOPQRSTUVWXYZ"}}
	a := do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode())
	if a.StatusCode != 200 || !strings.Contains(a.body, "typed before") || !strings.Contains(a.body, `<option value="411422207">Hutang`) || strings.Contains(a.body, "Village 7<") {
		t.Errorf("the townships of the county: %d\n%s", a.StatusCode, a.body)
	}
	v.Set("place", "411422207")
	if a = do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode()); !strings.Contains(a.body, "Village 7<") || !strings.Contains(a.body, `value="ABCDEFGHIJKLMNOPQRSTUVWXYZ"`) {
		t.Error("the villages of the township aren't there, or the token isn't")
	}
	if len(d.reports) > 0 {
		t.Error("a step filed a report")
	}
}

// TestWarnsOnce: words that seem to tell their author are asked about once, of the
// form alone.
func TestWarnsOnce(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	v := url.Values{"text": {"我叫王小明，电话13812345678"}, "asked": {"1"}}
	if a := do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode()); a.StatusCode != 200 || !strings.Contains(a.body, `id="hints"`) || !strings.Contains(a.body, "13812345678") || len(d.reports) > 0 {
		t.Errorf("no warning: %d", a.StatusCode)
	}
	v.Set("asked", "2")
	if a := do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode()); !output.MatchString(a.body) {
		t.Error("it is asked twice")
	}
	v.Del("asked")
	if a := do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode()); !output.MatchString(a.body) {
		t.Error("a program is asked")
	}
	kind, body := form(t, "text=call 13812345678", "asked=1", "file:a.jpg=x")
	if a := do(t, "POST", srv.URL+"/report?lang=en", kind, body); !output.MatchString(a.body) {
		t.Error("photos have to travel twice for a warning")
	}
}

// TestFormOnlyFields: what the form has beside a report's fields ends in the
// report, and a trap only holds.
func TestFormOnlyFields(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	v := url.Values{"text": {"x"}, "map": {"https://uri.amap.com/marker?position=115.0678,34.4321"}, "occurred": {"March"}, "still": {"1"}, "website": {"http://spam"}, "datum": {"wgs84"}}
	do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode())
	v = url.Values{"text": {"y"}, "address": {"north"}, "map": {"https://surl.amap.com/abc"}}
	do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode())
	if len(d.reports) != 2 {
		t.Fatalf("%d reports", len(d.reports))
	}
	r := d.reports[0]
	if w := r.Words; w.Lat != "34.4321" || w.Lon != "115.0678" || w.Datum != "gcj02" || w.Occurred != "March (still going on)" {
		t.Errorf("lat %s lon %s datum %s occurred %s", w.Lat, w.Lon, w.Datum, w.Occurred)
	}
	if !r.Hold || len(r.Flags) != 1 {
		t.Errorf("a trap: held %v, flags %v", r.Hold, r.Flags)
	}
	if w := d.reports[1].Words; w.Address != "north\nhttps://surl.amap.com/abc" || w.Lat != "" || d.reports[1].Hold {
		t.Errorf("a short link: %q", w.Address)
	}
}

// TestFilesUnderAReceipt adds files by the page and by the API; the same twice is
// once.
func TestFilesUnderAReceipt(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	code := output.FindStringSubmatch(do(t, "POST", srv.URL+"/report", formType, "text=x").body)[1]
	kind, body := form(t, "receipt="+code, "token=ABCDEFGHIJKLMNOPQRSTUVWXYZ", "file:a.jpg=aa", "file:b.jpg=bbb")
	for range 2 {
		if a := do(t, "POST", srv.URL+"/receipt?lang=en", kind, body); a.StatusCode != 200 || !strings.Contains(a.body, "We have 2 files") || !strings.Contains(a.body, "carries no place") || !strings.Contains(a.body, "sees: where it was taken, which phone") {
			t.Errorf("the page: %d\n%s", a.StatusCode, a.body)
		}
		if a := do(t, "POST", srv.URL+"/api/v1/receipt/files", kind, body); a.StatusCode != 201 || !strings.Contains(a.body, `"size":3,"clean":true,"removed":["place","device"]`) {
			t.Errorf("the API: %d %s", a.StatusCode, a.body)
		}
	}
	if len(d.files) != 2 {
		t.Errorf("%d files were kept of two", len(d.files))
	}
	d.fail = intake.ErrTooLarge
	if a := do(t, "POST", srv.URL+"/receipt?lang=en", kind, body); a.StatusCode != 413 || !strings.Contains(a.body, "At most 64 MB") {
		t.Errorf("too large: %d\n%s", a.StatusCode, a.body)
	}
}

// TestSentFilesAreTold: photos without words aren't called a message.
func TestSentFilesAreTold(t *testing.T) {
	d := newDoor()
	d.talk.Messages = []intake.Spoken{{From: "reporter", On: "2026-03-23", Sent: 3}}
	srv := serve(t, d, nil)
	code := receipt.New().Digits()
	if a := do(t, "POST", srv.URL+"/receipt?lang=en", formType, "receipt="+code); !strings.Contains(a.body, "We have the 3 files you added") || strings.Contains(a.body, "Your message is sealed") {
		t.Errorf("%d\n%s", a.StatusCode, a.body)
	}
	if a := do(t, "POST", srv.URL+"/api/v1/receipt", "application/json", `{"receipt":"`+code+`"}`); !strings.Contains(a.body, `{"from":"reporter","on":"2026-03-23","files":3}`) {
		t.Errorf("the API: %s", a.body)
	}
}
