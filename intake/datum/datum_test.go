package datum_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"tipline/intake/datum"
)

// published are points that others published with their conversions.
var published = []struct {
	name     string
	from, to string
	a, b     datum.Point
	within   float64 // metres: some of them were rounded, or went by an approximation
}{
	// eviltransform's own tests
	{"Shanghai", datum.WGS84, datum.GCJ02, datum.Point{Lat: 31.1774276, Lon: 121.5272106}, datum.Point{Lat: 31.17530398364597, Lon: 121.531541859215}, 1e-6},
	{"Shenzhen", datum.WGS84, datum.GCJ02, datum.Point{Lat: 22.543847, Lon: 113.912316}, datum.Point{Lat: 22.540796131694766, Lon: 113.9171764808363}, 1e-6},
	{"Beijing", datum.WGS84, datum.GCJ02, datum.Point{Lat: 39.911954, Lon: 116.377817}, datum.Point{Lat: 39.91334545536069, Lon: 116.38404722455657}, 1e-6},
	// geoChina's manual: Beijing railway station, five decimals
	{"Beijing station", datum.WGS84, datum.GCJ02, datum.Point{Lat: 39.90105, Lon: 116.42079}, datum.Point{Lat: 39.90245, Lon: 116.42703}, 1},
	// coordtransform's manual: 116.404, 39.915 between Baidu's and the others
	{"Baidu on", datum.GCJ02, datum.BD09, datum.Point{Lat: 39.915, Lon: 116.404}, datum.Point{Lat: 39.92133699351021, Lon: 116.41036949371029}, 0.5},
	{"Baidu off", datum.BD09, datum.GCJ02, datum.Point{Lat: 39.915, Lon: 116.404}, datum.Point{Lat: 39.90865673957631, Lon: 116.39762729119315}, 0.5},
	// the example of Baidu's own conversion service (geoconv/v1, from=1, to=5)
	{"Baidu's own", datum.WGS84, datum.BD09, datum.Point{Lat: 29.575429778924, Lon: 114.21892734521}, datum.Point{Lat: 29.57908428837437, Lon: 114.2307519546763}, 1},
	{"Baidu's own, to the others", datum.WGS84, datum.GCJ02, datum.Point{Lat: 29.575429778924, Lon: 114.21892734521}, datum.Point{Lat: 29.57284912109375, Lon: 114.22430528428819}, 1},
	{"abroad", datum.WGS84, datum.GCJ02, datum.Point{Lat: 39.7392, Lon: -104.9903}, datum.Point{Lat: 39.7392, Lon: -104.9903}, 0},
	{"CGCS2000", datum.CGCS2000, datum.WGS84, datum.Point{Lat: 34.43, Lon: 115.06}, datum.Point{Lat: 34.43, Lon: 115.06}, 0},
}

func TestPublishedPoints(t *testing.T) {
	for _, p := range published {
		if d := datum.Metres(datum.Convert(p.a, p.from, p.to), p.b); d > p.within {
			t.Errorf("%s: %v m off", p.name, d)
		}
		if d := datum.Metres(datum.Convert(p.b, p.to, p.from), p.a); d > math.Max(p.within*1.1, 1e-3) {
			t.Errorf("%s, back: %v m off", p.name, d)
		}
	}
}

// TestThereAndBack: anywhere in China, between any two datums, a round trip moves a point
// by less than a millimetre, and a shift is a few hundred metres.
func TestThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := datum.Point{Lat: rapid.Float64Range(18, 53.5).Draw(t, "lat"), Lon: rapid.Float64Range(73.7, 135).Draw(t, "lon")}
		from, to := rapid.SampledFrom(datum.All()).Draw(t, "from"), rapid.SampledFrom(datum.All()).Draw(t, "to")
		there := datum.Convert(p, from, to)
		if d := datum.Metres(p, datum.Convert(there, to, from)); d > 1e-3 {
			t.Errorf("%v from %s to %s and back: %v m", p, from, to, d)
		}
		if d := datum.Metres(p, there); d > 2500 {
			t.Errorf("%v from %s to %s lies %v m away", p, from, to, d)
		}
	})
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		lat, lon string
		ok       bool
	}{{"34.43", " 115.06 ", true}, {"-90", "180", true}, {"90.1", "0", false}, {"0", "-180.5", false}, {"", "", false}, {"NaN", "1", false}, {"1", "Inf", false}, {"34°", "115", false}} {
		if p, ok := datum.Parse(c.lat, c.lon); ok != c.ok {
			t.Errorf("%q, %q: %v, %v", c.lat, c.lon, p, ok)
		}
	}
}
