package mapref

import (
	"net/url"
	"regexp"
	"strings"
)

// named finds a pair in the first of the query's parameters that holds one.
func named(names ...string) func(*url.URL) (string, string) {
	return func(u *url.URL) (string, string) {
		q := u.Query()
		for _, n := range names {
			if m := pair.FindStringSubmatch(q.Get(n)); m != nil {
				return m[1], m[2]
			}
		}
		return "", ""
	}
}

// amap: https://uri.amap.com/marker?position=116.47,39.99 · https://wb.amap.com/?p=ID,39.99,116.47,name ·
// https://www.amap.com/?q=39.99,116.47,name. It is asked for longitude, latitude.
func amap(u *url.URL) (lon, lat string) {
	if lon, lat = named("position", "center", "location", "lnglat")(u); lon != "" {
		return lon, lat
	}
	q := u.Query()
	if m := pair.FindStringSubmatch(q.Get("q")); m != nil {
		return m[2], m[1]
	}
	if _, rest, ok := strings.Cut(q.Get("p"), ","); ok {
		if m := pair.FindStringSubmatch(rest); m != nil {
			return m[2], m[1]
		}
	}
	return "", ""
}

// baidu: https://api.map.baidu.com/marker?location=39.9,116.3 · …?latlng=39.9,116.3. Its web map counts in metres
// of its own projection, which stay unread.
func baidu(u *url.URL) (lat, lon string) { return named("location", "latlng", "center")(u) }

var tencentPoint = regexp.MustCompile(`(?:coord|pointx|center):(-?\d+(?:\.\d+)?)(?:,|;pointy:)(-?\d+(?:\.\d+)?)`)

// tencent: https://apis.map.qq.com/uri/v1/marker?marker=coord:39.98,116.30;title:… · https://map.qq.com/?type=marker&pointx=116.3&pointy=39.9
func tencent(u *url.URL) (lat, lon string) {
	q := u.Query()
	if x, y := q.Get("pointx"), q.Get("pointy"); x != "" && y != "" {
		return y, x
	}
	if m := tencentPoint.FindStringSubmatch(q.Get("marker")); m != nil {
		return m[1], m[2]
	}
	return named("coord", "center", "location")(u)
}

var osmMap = regexp.MustCompile(`map=\d+(?:\.\d+)?/(-?\d+(?:\.\d+)?)/(-?\d+(?:\.\d+)?)`)

// osm: https://www.openstreetmap.org/?mlat=34.4&mlon=115.0#map=15/34.4/115.0
func osm(u *url.URL) (lat, lon string) {
	q := u.Query()
	if q.Get("mlat") != "" && q.Get("mlon") != "" {
		return q.Get("mlat"), q.Get("mlon")
	}
	if m := osmMap.FindStringSubmatch(u.Fragment); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

var (
	googlePlace = regexp.MustCompile(`!3d(-?\d+(?:\.\d+)?)!4d(-?\d+(?:\.\d+)?)`)
	googleAt    = regexp.MustCompile(`@(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)`)
)

// google: https://www.google.com/maps/place/…/@34.4,115.0,15z/data=…!3d34.4!4d115.0 · https://maps.google.com/?q=34.4,115.0
func google(u *url.URL) (lat, lon string) {
	for _, find := range []*regexp.Regexp{googlePlace, googleAt} {
		if m := find.FindStringSubmatch(u.Path); m != nil {
			return m[1], m[2]
		}
	}
	return named("query", "q", "ll", "center", "destination")(u)
}
