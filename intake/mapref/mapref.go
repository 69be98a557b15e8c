// Package mapref reads a place that somebody pasted from a map: a link of Amap,
// Baidu, Tencent, Google, Apple or OpenStreetMap, a geo: URI (RFC 5870), or plain
// coordinates. It follows no link: a short one that holds no coordinates stays
// unread.
package mapref

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Point is a place as it was written, in decimal degrees, and its map datum: wgs84,
// gcj02 or bd09, or "" where the source doesn't tell.
type Point struct{ Lat, Lon, Datum string }

// source is one map's links: the hosts they are on, the datum of its
// coordinates, and how to find them.
type source struct {
	hosts []string
	datum string
	find  func(u *url.URL) (a, b string)
	swap  bool // a is the longitude
}

// sources are the maps that are known; the first whose host fits is asked. The
// parameters are those of the makers' own pages on their links.
var sources = []source{
	{hosts: []string{"uri.amap.com", "m.amap.com", "ditu.amap.com", "www.amap.com", "wb.amap.com", "amap.com"}, datum: "gcj02", find: amap, swap: true},
	{hosts: []string{"api.map.baidu.com", "map.baidu.com", "j.map.baidu.com"}, datum: "bd09", find: baidu},
	{hosts: []string{"apis.map.qq.com", "map.qq.com", "mapapi.qq.com"}, datum: "gcj02", find: tencent},
	{hosts: []string{"maps.apple.com", "maps.apple.cn"}, datum: "gcj02", find: named("ll", "sll", "coordinate", "q", "center")},
	{hosts: []string{"openstreetmap.org", "www.openstreetmap.org", "osm.org"}, datum: "wgs84", find: osm},
	{hosts: []string{"maps.google.com", "www.google.com", "google.com", "maps.google.cn", "www.google.cn", "ditu.google.cn"}, datum: "gcj02", find: google},
}

// Read finds the place in what was pasted, which may hold other words around it.
// ok is false when there is none that can be read.
func Read(pasted string) (p Point, ok bool) {
	if len(pasted) > 4000 {
		return Point{}, false
	}
	if p, ok = fromGeo(pasted); ok {
		return p, true
	}
	for _, link := range links.FindAllString(pasted, 4) {
		if u, err := url.Parse(link); err == nil {
			u.RawQuery = strings.ReplaceAll(u.RawQuery, ";", "%3B") // url.Query takes none, and Tencent writes them
			if p, ok = fromLink(u); ok {
				return p, true
			}
		}
	}
	return fromWords(links.ReplaceAllString(pasted, " "))
}

var (
	links = regexp.MustCompile(`https?://[!-~]+`)
	pair  = regexp.MustCompile(`(-?\d{1,3}(?:\.\d+)?)\s*(?:,|%2[cC]|%20|\+|\s)\s*(-?\d{1,3}(?:\.\d+)?)`)
	words = regexp.MustCompile(`(-?\d{1,3}\.\d{2,})\s*[°度]?\s*[NnEe北东]?\s*[,，、;；\s]\s*[NnEe北东]?\s*(?:经度|纬度|lon(?:gitude)?|lat(?:itude)?)?[:：\s]*(-?\d{1,3}\.\d{2,})`)
	geo   = regexp.MustCompile(`geo:(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)`)
)

func fromGeo(s string) (Point, bool) {
	m := geo.FindStringSubmatch(s)
	if m == nil {
		return Point{}, false
	}
	return sound(m[1], m[2], "wgs84")
}

func fromLink(u *url.URL) (Point, bool) {
	host := strings.ToLower(u.Hostname())
	for _, s := range sources {
		for _, h := range s.hosts {
			if host != h {
				continue
			}
			a, b := s.find(u)
			if s.swap {
				a, b = b, a
			}
			return sound(a, b, datumOf(u, s, a, b))
		}
	}
	return Point{}, false
}

// datumOf is what a link says of its coordinates, else what its map uses. Google
// and Apple draw mainland China in GCJ-02 and the rest in WGS-84.
func datumOf(u *url.URL, s source, lat, lon string) string {
	q := u.Query()
	switch q.Get("coord_type") {
	case "wgs84", "gcj02":
		return q.Get("coord_type")
	case "bd09ll":
		return "bd09"
	}
	if q.Get("coordinate") == "wgs84" {
		return "wgs84"
	}
	abroad := strings.Contains(u.Host, "google") || strings.Contains(u.Host, "apple")
	if abroad && !mainland(lat, lon) {
		return "wgs84"
	}
	return s.datum
}

func mainland(lat, lon string) bool {
	y, _ := strconv.ParseFloat(lat, 64)
	x, _ := strconv.ParseFloat(lon, 64)
	return y > 18 && y < 53.6 && x > 73.5 && x < 135.1
}

// fromWords reads two decimal numbers. In China the larger is the longitude,
// whichever stands first.
func fromWords(s string) (Point, bool) {
	m := words.FindStringSubmatch(s)
	if m == nil {
		return Point{}, false
	}
	a, b := m[1], m[2]
	if x, err := strconv.ParseFloat(a, 64); err == nil && (x > 90 || x < -90 || mainland(b, a) && !mainland(a, b)) {
		a, b = b, a
	}
	return sound(a, b, "")
}

// sound is a point on the earth, or none.
func sound(lat, lon, datum string) (Point, bool) {
	y, errY := strconv.ParseFloat(lat, 64)
	x, errX := strconv.ParseFloat(lon, 64)
	if errY != nil || errX != nil || !(math.Abs(y) <= 90 && math.Abs(x) <= 180) { // false for NaN as well
		return Point{}, false
	}
	return Point{lat, lon, datum}, true
}
