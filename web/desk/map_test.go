package desk_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/datum"
	"tipline/web/desk"
)

// at files a report with coordinates.
func (h *house) at(lat, lon, kind string) intake.Filed {
	return h.tip(func(r *intake.Report) { r.Words.Lat, r.Words.Lon, r.Words.Datum = lat, lon, kind })
}

// TestMap draws tips where they lie, counts others by village, and narrows as the inbox
// does; a look is noted once a report, and leaves it unread.
func TestMap(t *testing.T) {
	h := open(t, func(o *desk.Options) {
		o.Ground.Parcels = func(_ context.Context, at, place, category string, n int) ([]desk.Parcel, bool, error) {
			return []desk.Parcel{{Number: "TB-7", Place: "411422207201", State: "pending", Lat: "34.4401", Lon: "115.0701", Datum: datum.WGS84}}, false, nil
		}
	})
	exact, far, rough := h.at("34.431977", "115.061234", "wgs84"), h.at("34.46", "115.09", "bd09"), h.tip()
	b := h.login("li")
	page := b.page("/map?lang=en")
	for _, want := range []string{`class="mk k-new" href="/tips/` + exact.ID, `class="mk k-new" href="/tips/` + far.ID, `id="t-` + rough.ID + `"`, "village only",
		`class="mk k-parcel" href="#p-TB-7"`, `<text class="n" y="42">1</text>`, "1 km"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(page, "34.431977") || strings.Contains(page, "115.061234") {
		t.Error("coordinates stand in the page")
	}
	if row := h.row(exact.ID); !row.Unread {
		t.Error("a look at the map counts as reading")
	}
	b.page("/map")
	if acts := h.about("li", "map"); len(acts) != 1 {
		t.Errorf("opened reports are noted %d times", len(acts))
	}
	if page := b.page("/map?state=accepted"); strings.Contains(page, exact.ID) {
		t.Error("the filter is not the inbox's")
	}
	if page := b.page("/map?state=accepted&tip=" + exact.ID); !strings.Contains(page, `href="/tips/`+exact.ID) || strings.Contains(page, `class="mk k-new" href="/tips/`+far.ID) {
		t.Error("the map about one tip")
	}
	if page := b.page("/tips/" + rough.ID); !strings.Contains(page, `href="/map?tip=`+rough.ID) {
		t.Error("no way from a tip to the map")
	}
	if page := b.page("/map?layer=parcels"); strings.Contains(page, exact.ID) || !strings.Contains(page, "TB-7") {
		t.Error("the layer of parcels")
	}
	if page := b.page("/map?at=34.432,115.0612&z=17.5"); !strings.Contains(page, `href="/tips/`+exact.ID) || strings.Contains(page, `class="mk k-new" href="/tips/`+far.ID) {
		t.Error("the window shows what lies outside")
	}
	links := regexp.MustCompile(`href="(/map\?[^"]*\bat=(-?\d+(?:\.\d+)?)%2C(-?\d+(?:\.\d+)?)&[^"]*)"`).FindAllStringSubmatch(b.page("/map?tip="+exact.ID), -1)
	if len(links) < 6 {
		t.Fatalf("%d links that move the map", len(links))
	}
	for _, l := range links {
		if _, lat, _ := strings.Cut(l[2], "."); len(lat) > 3 {
			t.Errorf("a link says where within metres: %s", l[1])
		}
		if _, lon, _ := strings.Cut(l[3], "."); len(lon) > 3 {
			t.Errorf("a link says where within metres: %s", l[1])
		}
	}
	if page := b.page(html.UnescapeString(links[0][1])); !strings.Contains(page, `href="/tips/`+exact.ID) {
		t.Error("a step nearer loses the tip in the middle")
	}
	if s := h.logged.String(); s != "" {
		t.Errorf("logged: %s", s)
	}
}

// TestMapInPieces: a look opens so many reports, says how many it left, and the next one
// goes on; another session begins anew.
func TestMapInPieces(t *testing.T) {
	h := open(t)
	const more = 7
	for i := range casework.ChartOpens + more {
		h.at(fmt.Sprintf("34.4%03d", i), "115.06", "gcj02")
	}
	b := h.login("li")
	if page := b.page("/map?lang=en"); !strings.Contains(page, fmt.Sprintf("of %d more", more)) {
		t.Error("nothing says what is left")
	}
	if page := b.page("/map?lang=en"); strings.Contains(page, "opened yet") {
		t.Error("the second look leaves something")
	}
	if page := h.login("zhao").page("/map?lang=en"); !strings.Contains(page, "opened yet") {
		t.Error("another session has them open")
	}
}

// TestTilesOfOthers: pictures of another origin are let in on the map alone.
func TestTilesOfOthers(t *testing.T) {
	h := open(t, func(o *desk.Options) {
		o.Ground.Tiles, o.Ground.Origin, o.Ground.Attribution, o.Ground.Datum = "https://tiles.example.org/{z}/{x}/{y}.png?k=1", "https://tiles.example.org", "© 某测绘院", datum.GCJ02
	})
	h.at("34.43", "115.06", "wgs84")
	b := h.login("li")
	w := b.get("/map")
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "img-src 'self' https://tiles.example.org;") || strings.Count(csp, "https:") != 1 {
		t.Errorf("%s", csp)
	}
	if !regexp.MustCompile(`<image href="https://tiles\.example\.org/\d+/\d+/\d+\.png\?k=1"`).MatchString(w.Body.String()) || !strings.Contains(w.Body.String(), "© 某测绘院") {
		t.Error("no pictures, or not whose they are")
	}
	if csp := b.get("/").Header().Get("Content-Security-Policy"); strings.Contains(csp, "tiles") {
		t.Errorf("elsewhere: %s", csp)
	}
	own := open(t, func(o *desk.Options) {
		o.Ground.Tiles = "/map/tiles/{z}/{x}/{y}"
		o.Ground.Tile = func(_ context.Context, z, x, y int) ([]byte, string, error) {
			if z != 3 {
				return nil, "", intake.ErrNotFound
			}
			return []byte("picture"), "image/png", nil
		}
	})
	b = own.login("li")
	if w := b.get("/map/tiles/3/1/2"); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" || !strings.HasPrefix(w.Header().Get("Cache-Control"), "private") {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
	if w := b.get("/map/tiles/4/1/2"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
	if w := b.get("/map"); strings.Contains(w.Header().Get("Content-Security-Policy"), "img-src 'self' ") {
		t.Error("the policy is wider than it needs to be")
	}
}
