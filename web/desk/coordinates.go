package desk

import (
	"strconv"

	"tipline/intake/datum"
)

// elsewhere is a tip's place in another map's datum.
type elsewhere struct{ Lat, Lon, Label string }

// Elsewhere is where the tip lies on the other maps. What was entered stands beside it as
// it was entered.
func (p tipPage) Elsewhere() (out []elsewhere) {
	at, ok := datum.Parse(p.Report.Lat, p.Report.Lon)
	if !ok {
		return nil
	}
	for _, to := range []string{datum.CGCS2000, datum.GCJ02, datum.BD09} {
		if to == p.Report.Datum || to == datum.CGCS2000 && p.Report.Datum == datum.WGS84 {
			continue // the same coordinates
		}
		q := datum.Convert(at, p.Report.Datum, to)
		out = append(out, elsewhere{degrees(q.Lat), degrees(q.Lon), p.Label("datum", to)})
	}
	return out
}

// degrees has six decimals, a tenth of a metre.
func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }
