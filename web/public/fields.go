package public

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"tipline/intake"
	"tipline/intake/mapref"
)

// fieldNames are the fields of a report, in the form's order; files come last.
var fieldNames = []string{"text", "category", "conduct", "place", "address", "lat", "lon", "datum", "occurred", "subject",
	"parcel", "urgent", "concerns", "name", "phone", "email", "reply", "lang", "token"}

// fields are a report's fields as they came.
type fields url.Values

func (f fields) get(name string) string { return url.Values(f).Get(name) }

// unknown are the problems of names that no report has.
func (f fields) unknown() []intake.Problem {
	var out []intake.Problem
	for name := range f {
		if !slices.Contains(fieldNames, name) {
			out = append(out, intake.Problem{Field: name, Code: unknownField})
		}
	}
	return out
}

// report makes the report of the fields; lang is the answer's language.
func (f fields) report(lang string) *intake.Report {
	return &intake.Report{
		Channel:  intake.Web,
		Source:   intake.SourcePublic,
		Lang:     lang,
		Category: f.get("category"),
		Conduct:  some(f["conduct"]),
		Place:    f.get("place"),
		Urgent:   ticked(f.get("urgent")),
		Concerns: ticked(f.get("concerns")),
		Reply:    intake.Reply(f.get("reply")),
		Words: intake.Words{Text: f.get("text"), Address: f.get("address"), Lat: f.get("lat"), Lon: f.get("lon"), Datum: f.datum(),
			Occurred: f.get("occurred"), Subject: f.get("subject"), Parcel: f.get("parcel")},
		Identity: intake.Identity{Name: f.get("name"), Phone: f.get("phone"), Email: f.get("email")},
		Token:    f.get("token"),
	}
}

// pasted reads the place that was pasted from a map, where no coordinates were
// written. What can't be read, a short link for one, is kept with the address: it
// may still lead the handler there.
func (f fields) pasted(r *intake.Report) {
	text := strings.TrimSpace(f.get("map"))
	if text == "" {
		return
	}
	p, ok := mapref.Read(text)
	if !ok || r.Words.Lat != "" || r.Words.Lon != "" {
		r.Words.Address = strings.TrimSpace(r.Words.Address + "\n" + text)
		return
	}
	r.Words.Lat, r.Words.Lon, r.Words.Datum = p.Lat, p.Lon, cmp.Or(p.Datum, f.get("datum"), "wgs84")
}

// datum counts only with a coordinate: the form always sends one.
func (f fields) datum() string {
	if f.get("lat") == "" && f.get("lon") == "" {
		return ""
	}
	return f.get("datum")
}

// some are the codes without empty ones and repetitions, in order.
func some(codes []string) []string {
	var out []string
	for _, c := range codes {
		if c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// ticked reads a tick box. Anything but a plain no is a yes: an alarm too many
// does less harm than one too few.
func ticked(v string) bool { return !slices.Contains([]string{"", "0", "false", "no", "off"}, v) }
