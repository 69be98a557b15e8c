package desk

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"tipline/intake/datum"
)

// TestWindows: a point that goes onto the drawing comes back, a window that is to show
// points shows them, and its pictures cover it without a gap.
func TestWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := rapid.Custom(func(t *rapid.T) datum.Point {
			return datum.Point{Lat: rapid.Float64Range(-80, 80).Draw(t, "lat"), Lon: rapid.Float64Range(-179, 179).Draw(t, "lon")}
		})
		points := rapid.SliceOfN(place, 1, 20).Draw(t, "points")
		w := windowOf(points, 15)
		for _, p := range points {
			if !w.shows(p) && w.Zoom > leastZoom {
				t.Errorf("%v lies outside of %+v", p, w)
			}
			x, y := w.place(p)
			if d := datum.Metres(w.point(x, y), p); d > 0.01 {
				t.Errorf("%v comes back %v m away", p, d)
			}
		}
		covered := 0
		for _, k := range w.tiles() {
			wide := min(k.X+k.Side, mapWidth) - max(k.X, 0)
			high := min(k.Y+k.Side, mapHeight) - max(k.Y, 0)
			covered += max(0, wide) * max(0, high)
		}
		inWorld := w.x >= 0 && w.y >= 0 && w.x+mapWidth <= size(w.Zoom) && w.y+mapHeight <= size(w.Zoom)
		if inWorld && (covered < mapWidth*mapHeight || covered > mapWidth*mapHeight+12*(mapWidth+mapHeight)) { // a unit overlaps at each edge
			t.Errorf("%+v: %d units are covered", w, covered)
		}
		if metres, units := w.rule(); units < mapWidth/20 || units > mapWidth/5+1 || metres <= 0 {
			t.Errorf("%+v: a rule of %v m is %v units", w, metres, units)
		}
	})
}

// TestSpiral: villages that are laid out lie apart.
func TestSpiral(t *testing.T) {
	all := spiral(datum.Point{Lat: 34.4, Lon: 115}, 60)
	for i, a := range all {
		for _, b := range all[:i] {
			if d := datum.Metres(a, b); d < 700 {
				t.Fatalf("%d m between two", int(d))
			}
		}
	}
}

// TestDecimals: an address carries no more than the drawing needs, and three at most; the
// middle stays in it.
func TestDecimals(t *testing.T) {
	for zoom, want := range map[float64]int{3: 0, 8: 1, 10: 1, 11: 2, 14: 2, 15: 3, 18: 3} {
		w := windowAt(datum.Point{Lat: 34.4319977, Lon: 115.0612349}, zoom)
		if got := w.decimals(); got != want {
			t.Errorf("zoom %g: %d decimals", zoom, got)
		}
		step := math.Pow(10, float64(w.decimals()))
		c := datum.Point{Lat: math.Round(w.centre().Lat*step) / step, Lon: math.Round(w.centre().Lon*step) / step}
		if x, y := w.place(c); math.Abs(x-mapWidth/2) > mapWidth/4 || math.Abs(y-mapHeight/2) > mapHeight/4 {
			t.Errorf("zoom %g: the middle moves to %.0f, %.0f", zoom, x, y)
		}
	}
}
