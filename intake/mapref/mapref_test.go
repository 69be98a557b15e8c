package mapref_test

import (
	"math"
	"strconv"
	"testing"

	"tipline/intake/mapref"
)

func TestRead(t *testing.T) {
	for pasted, want := range map[string]mapref.Point{
		"https://uri.amap.com/marker?position=115.067812,34.432101&name=x":                                     {Lat: "34.432101", Lon: "115.067812", Datum: "gcj02"},
		"这里 https://wb.amap.com/?p=B0FFH,34.432101,115.067812,%E6%9D%91%E5%8C%97,%E8%B7%AF 高德地图":               {Lat: "34.432101", Lon: "115.067812", Datum: "gcj02"},
		"https://www.amap.com/?q=34.432101,115.067812,name":                                                    {Lat: "34.432101", Lon: "115.067812", Datum: "gcj02"},
		"https://uri.amap.com/marker?position=115.067812,34.432101&coordinate=wgs84":                           {Lat: "34.432101", Lon: "115.067812", Datum: "wgs84"},
		"http://api.map.baidu.com/marker?location=34.438,115.074&title=x&output=html":                          {Lat: "34.438", Lon: "115.074", Datum: "bd09"},
		"http://api.map.baidu.com/marker?location=34.438,115.074&coord_type=gcj02":                             {Lat: "34.438", Lon: "115.074", Datum: "gcj02"},
		"https://apis.map.qq.com/uri/v1/marker?marker=coord:34.43,115.06;title:x;addr:y":                       {Lat: "34.43", Lon: "115.06", Datum: "gcj02"},
		"https://map.qq.com/?type=marker&isopeninfowin=1&pointx=115.06&pointy=34.43&name=x":                    {Lat: "34.43", Lon: "115.06", Datum: "gcj02"},
		"https://www.google.com/maps/place/X/@34.43,115.06,17z/data=!3m1!4b1!4m4!3m3!8m2!3d34.4321!4d115.0678": {Lat: "34.4321", Lon: "115.0678", Datum: "gcj02"},
		"https://maps.google.com/?q=48.8584,2.2945":                                                            {Lat: "48.8584", Lon: "2.2945", Datum: "wgs84"},
		"https://maps.apple.com/?ll=34.43,115.06&q=Dropped%20Pin":                                              {Lat: "34.43", Lon: "115.06", Datum: "gcj02"},
		"https://www.openstreetmap.org/?mlat=34.43&mlon=115.06#map=15/34.4/115.0":                              {Lat: "34.43", Lon: "115.06", Datum: "wgs84"},
		"https://www.openstreetmap.org/#map=15/34.43/115.06":                                                   {Lat: "34.43", Lon: "115.06", Datum: "wgs84"},
		"geo:34.43,115.06;u=35":                           {Lat: "34.43", Lon: "115.06", Datum: "wgs84"},
		"34.4321, 115.0678":                               {Lat: "34.4321", Lon: "115.0678"},
		"115.0678，34.4321":                                {Lat: "34.4321", Lon: "115.0678"},
		"经度：115.0678 纬度：34.4321":                          {Lat: "34.4321", Lon: "115.0678"},
		"34.4321°N 115.0678°E":                            {Lat: "34.4321", Lon: "115.0678"},
		"北边那块 34.4321 115.0678 大概":                        {Lat: "34.4321", Lon: "115.0678"},
		"-33.8568 151.2153":                               {Lat: "-33.8568", Lon: "151.2153"},
		"https://surl.amap.com/aBcD1":                     {},
		"https://evil.example/?ll=34.4,115":               {},
		"http://api.map.baidu.com/?location":              {},
		"https://map.baidu.com/@12809000.1,4110000.2,13z": {},
		"geo:134.4,999":                                   {},
		"https://map.qq.com/?pointx=NaN&pointy=nan":       {},
		"https://www.openstreetmap.org/?mlat=0x1&mlon=1_": {},
		"村北第二块地，大概 3.5 亩":                                 {},
		"13800138000":                                     {},
		"":                                                {},
	} {
		if got, ok := mapref.Read(pasted); got != want || ok != (want != mapref.Point{}) {
			t.Errorf("%q: %+v, %v; want %+v", pasted, got, ok, want)
		}
	}
}

// FuzzRead reads anything: what comes out lies on the earth.
func FuzzRead(f *testing.F) {
	f.Add("https://uri.amap.com/marker?position=115.0,34.4")
	f.Add("geo:1,2")
	f.Add("https://map.qq.com/?type=marker&pointx=115.0&pointy=34.4")
	f.Add("https://www.openstreetmap.org/?mlat=34.4&mlon=115.0#map=15/34.4/115.0")
	f.Add("34.4321°N 115.0678°E")
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := mapref.Read(s)
		if ok == (p.Lat == "" || p.Lon == "") || len(p.Lat)+len(p.Lon) > len(s) {
			t.Errorf("%q: %+v, %v", s, p, ok)
		}
		lat, _ := strconv.ParseFloat(p.Lat, 64)
		lon, _ := strconv.ParseFloat(p.Lon, 64)
		if ok && !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) { // false for NaN as well
			t.Errorf("%q: %+v isn't on the earth", s, p)
		}
	})
}
