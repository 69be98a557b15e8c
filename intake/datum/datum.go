// Package datum converts coordinates between the map datums that a report may come
// in: WGS-84 (GPS), CGCS2000 (the national one of surveys), GCJ-02 (Amap, Tencent and
// most of China's other maps) and BD-09 (Baidu).
//
// What a reporter entered is kept as it was entered; a conversion is made when it is
// looked at.
package datum

import (
	"math"
	"strconv"
	"strings"
)

// The codes of the datums, as a report names them.
const (
	WGS84    = "wgs84"
	CGCS2000 = "cgcs2000"
	GCJ02    = "gcj02"
	BD09     = "bd09"
)

// All are the datums in the order in which they are shown.
func All() []string { return []string{WGS84, CGCS2000, GCJ02, BD09} }

// Point is a place in decimal degrees.
type Point struct{ Lat, Lon float64 }

// Parse reads coordinates as they were entered. ok is false for what is no place on
// the earth.
func Parse(lat, lon string) (p Point, ok bool) {
	y, errY := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	x, errX := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	if errY != nil || errX != nil || !(math.Abs(y) <= 90 && math.Abs(x) <= 180) { // false for NaN as well
		return Point{}, false
	}
	return Point{y, x}, true
}

// Convert is p, which is in the datum from, in the datum to. An unknown one is taken for
// WGS-84. There and back it moves a point by less than a millimetre.
//
// CGCS2000 and WGS-84 are the same here: their ellipsoids differ by 0.1 mm at the pole,
// and their frames by a few decimetres with the drift of the continent since 2000, which
// is less than a telephone knows of its place.
func Convert(p Point, from, to string) Point {
	if same(from) == same(to) {
		return p
	}
	switch from { // to GCJ-02, which lies between the other two
	case GCJ02:
	case BD09:
		p = baiduOff(p)
	default:
		p = shift(p)
	}
	switch to {
	case GCJ02:
		return p
	case BD09:
		return baiduOn(p)
	default:
		return solve(p, shift)
	}
}

// same puts the datums that are one under one name.
func same(d string) string {
	if d == GCJ02 || d == BD09 {
		return d
	}
	return WGS84
}

// Krasovsky's ellipsoid of 1940, which GCJ-02 reckons by: the half axis in metres and the
// squared eccentricity.
const (
	halfAxis     = 6378245.0
	eccentricity = 0.00669342162296594323
)

// shift is GCJ-02 of a WGS-84 point. Its makers published no formula; this is the one that
// was found by others and that every open implementation uses (coolypf, "WGS-84 to
// GCJ-02", 2013; github.com/googollee/eviltransform), with their bounds of mainland
// China, outside of which nothing is shifted.
func shift(p Point) Point {
	if p.Lat < 0.8293 || p.Lat > 55.8271 || p.Lon < 72.004 || p.Lon > 137.8347 {
		return p
	}
	x, y := p.Lon-105, p.Lat-35
	rad := p.Lat * math.Pi / 180
	magic := 1 - eccentricity*math.Sin(rad)*math.Sin(rad)
	root := math.Sqrt(magic)
	return Point{
		Lat: p.Lat + northward(x, y)*180/(halfAxis*(1-eccentricity)/(magic*root)*math.Pi),
		Lon: p.Lon + eastward(x, y)*180/(halfAxis/root*math.Cos(rad)*math.Pi),
	}
}

func northward(x, y float64) float64 {
	return -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) +
		(20*math.Sin(6*x*math.Pi)+20*math.Sin(2*x*math.Pi))*2/3 +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 +
		(160*math.Sin(y/12*math.Pi)+320*math.Sin(y/30*math.Pi))*2/3
}

func eastward(x, y float64) float64 {
	return 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) +
		(20*math.Sin(6*x*math.Pi)+20*math.Sin(2*x*math.Pi))*2/3 +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 +
		(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
}

// baiduTurn is the angle by which BD-09 wobbles (the formula is Baidu's conversion as its
// interface gives it, published with the same implementations).
const baiduTurn = math.Pi * 3000 / 180

func baiduOn(p Point) Point {
	r := math.Hypot(p.Lon, p.Lat) + 0.00002*math.Sin(p.Lat*baiduTurn)
	a := math.Atan2(p.Lat, p.Lon) + 0.000003*math.Cos(p.Lon*baiduTurn)
	return Point{Lat: r*math.Sin(a) + 0.006, Lon: r*math.Cos(a) + 0.0065}
}

func baiduOff(p Point) Point { return solve(p, baiduOn) }

// solve is the point that on takes to p: none of these shifts has an inverse in closed
// form, and all are gentle, so that going back by what is missing closes in on it.
func solve(p Point, on func(Point) Point) Point {
	at := p
	for range 12 {
		there := on(at)
		dy, dx := p.Lat-there.Lat, p.Lon-there.Lon
		at = Point{at.Lat + dy, at.Lon + dx}
		if math.Abs(dy)+math.Abs(dx) < 1e-10 { // ten micrometres
			break
		}
	}
	return at
}

// Metres is how far two points are apart on a sphere of the earth's mean radius.
func Metres(a, b Point) float64 {
	const radius, rad = 6371008.8, math.Pi / 180
	h := math.Pow(math.Sin((b.Lat-a.Lat)*rad/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin((b.Lon-a.Lon)*rad/2), 2)
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(h)))
}
