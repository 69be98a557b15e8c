package desk

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/datum"
	"tipline/intake/members"
)

// Ground is what lies under the map and what is drawn on it besides tips. The zero value
// is a map of villages alone.
type Ground struct {
	// Tiles is the address of pictures with {z}, {x} and {y}; "" for none. Those of this
	// desk come from Tile, which is nil without.
	Tiles       string
	Tile        func(ctx context.Context, zoom, x, y int) (picture []byte, contentType string, err error)
	Origin      string // of pictures that come from elsewhere
	Attribution string
	Datum       string // of the pictures
	// Places are the positions of places in WGS-84, as far as the pack gives them.
	Places map[string]datum.Point
	// Parcels are up to n of a desk's parcels below a place and of a category, and
	// whether there are more; nil where there are none.
	Parcels func(ctx context.Context, desk, place, category string, n int) (parcels []Parcel, more bool, err error)
}

// Parcel is a parcel as the map shows it.
type Parcel struct {
	Number, Batch, Place, Category, State string
	Lat, Lon, Datum                       string // as they were entered
	DueOn                                 intake.Date
	Closed                                bool
}

const (
	mapParcels = 500 // the most that are drawn
	nearTip    = 15.5
	mapListed  = 60 // and of either the most that are named beside it
)

type mapPage struct {
	inboxPage
	drawing
	Layer     string // tips, parcels or "" for both
	Unopened  int
	Placeless int // tips of no known place
	More      bool
	Listed    []intake.Tip
	Below     []Parcel
	MoreBelow bool
	ground    Ground
	fitted    bool
}

// chart is the map (挂图作战), with the inbox's own filters.
func (d *desk) chart(c *gin.Context, s *members.Session) error {
	q := c.Request.URL.Query()
	f, a := readFilter(q), d.actor(s)
	ch, err := d.Casework.Chart(c.Request.Context(), a, f, q.Get("tip"), s)
	if err != nil {
		return err
	}
	p := mapPage{inboxPage: inboxPage{frame: d.frame(c, s), Filter: f, Counts: ch.Counts, Dues: ch.Due, base: "/map"},
		Layer: layer(q), Unopened: ch.Unopened, More: ch.Next != "", ground: d.Ground}
	for _, n := range ch.Counts.ByState {
		p.Total += n
	}
	if p.Views, err = d.Casework.Views(c.Request.Context(), a); err != nil {
		return err
	}
	if p.Layer != "parcels" {
		p.Tips = ch.Tips
	}
	if p.Layer != "tips" && d.Ground.Parcels != nil {
		if p.Parcels, p.MoreBelow, err = d.Ground.Parcels(c.Request.Context(), a.Desk, f.Place, f.Category, mapParcels); err != nil {
			return err
		}
	}
	p.draw(ch.At, q)
	if d.Ground.Origin != "" {
		c.Header("Content-Security-Policy", policy(d.Ground.Origin))
		c.Writer.Header().Del("Cross-Origin-Embedder-Policy") // the other side needn't send a header for its pictures to be shown
	}
	d.render(c, http.StatusOK, "map", p)
	return nil
}

func layer(q url.Values) string {
	if l := q.Get("layer"); l == "tips" || l == "parcels" {
		return l
	}
	return ""
}

// draw lays everything out and keeps what lies in the window.
func (p *mapPage) draw(at map[string]datum.Point, q url.Values) {
	p.drawing = newDrawing(p, at)
	p.window, p.fitted = p.windowFor(q)
	p.fill(p)
	for _, t := range p.Tips {
		if where, ok := p.spots[t.ID]; ok && p.shows(where) && len(p.Listed) < mapListed {
			p.Listed = append(p.Listed, t)
		} else if !ok {
			p.Placeless++
		}
	}
	for _, k := range p.Parcels {
		if where, ok := p.lots[k.key()]; ok && p.shows(where) && len(p.Below) < mapListed {
			p.Below = append(p.Below, k)
		}
	}
}

// windowFor is the window that the address names, or one that shows everything.
func (p *mapPage) windowFor(q url.Values) (w window, fitted bool) {
	if at, ok := p.spots[q.Get("tip")]; ok {
		return windowAt(at, nearTip), false
	}
	lat, lon, _ := strings.Cut(q.Get("at"), ",")
	if at, ok := datum.Parse(lat, lon); ok {
		if zoom, err := strconv.ParseFloat(q.Get("z"), 64); err == nil && !math.IsNaN(zoom) {
			return windowAt(at, zoom), false
		}
	}
	return windowOf(p.everything(), 15), true
}

// to is the map at another window, under the same filters.
func (p mapPage) to(w window) string {
	q := queryOf(p.Filter)
	if p.Layer != "" {
		q.Set("layer", p.Layer)
	}
	c, n := w.centre(), w.decimals()
	q.Set("at", strconv.FormatFloat(c.Lat, 'f', n, 64)+","+strconv.FormatFloat(c.Lon, 'f', n, 64))
	q.Set("z", strconv.FormatFloat(w.Zoom, 'f', -1, 64))
	return p.URL("/map?" + q.Encode())
}

// Step is one of the links that move the window.
type Step struct{ Key, URL string }

// Steps are the ways to move.
func (p mapPage) Steps() []Step {
	by := func(dx, dy float64) string {
		return p.to(windowAt(p.point(mapWidth/2+dx, mapHeight/2+dy), p.Zoom))
	}
	return []Step{{"in", p.to(windowAt(p.centre(), p.Zoom+1))}, {"out", p.to(windowAt(p.centre(), p.Zoom-1))},
		{"west", by(-mapWidth/3, 0)}, {"north", by(0, -mapHeight/3)}, {"south", by(0, mapHeight/3)}, {"east", by(mapWidth/3, 0)}}
}

// FitURL shows everything again.
func (p mapPage) FitURL() string { return p.LayerURL(p.Layer) }

// Layers are what may be drawn.
func (mapPage) Layers() []string { return []string{"", "tips", "parcels"} }

// LayerURL draws another layer.
func (p mapPage) LayerURL(layer string) string {
	q := queryOf(p.Filter)
	if layer != "" {
		q.Set("layer", layer)
	}
	return p.link(q)
}

// ListURL is the inbox under the same filters.
func (p mapPage) ListURL() string {
	if q := p.Query(); q != "" {
		return p.URL("/?" + q)
	}
	return p.URL("/")
}

// HereURL is this very window, for the tips that are still unopened.
func (p mapPage) HereURL() string {
	if p.fitted {
		return p.FitURL()
	}
	return p.to(p.window)
}

// PlaceURL is the map of one place.
func (p mapPage) PlaceURL(code string) string {
	q := queryOf(p.Filter)
	q.Set("place", code)
	return p.link(q)
}

// Bare says whether nothing lies under the drawing.
func (p mapPage) Bare() bool { return p.ground.Tiles == "" }

// Attribution is whose map it is.
func (p mapPage) Attribution() string { return p.ground.Attribution }

// TileURL is the address of a picture.
func (p mapPage) TileURL(t tile) string {
	address := p.ground.Tiles
	if p.ground.Tile != nil {
		address = p.URL(address)
	}
	return strings.NewReplacer("{z}", strconv.Itoa(t.Zoom), "{x}", strconv.Itoa(t.Col), "{y}", strconv.Itoa(t.Row)).Replace(address)
}

// Pictures are those under the drawing.
func (p mapPage) Pictures() []tile {
	if p.Bare() {
		return nil
	}
	return p.tiles()
}

// Where words where a listed tip lies.
func (p mapPage) Where(t intake.Tip) string {
	return cmp.Or(map[bool]string{true: p.Near(t.Place)}[t.Place != ""], p.T("word.unknown"))
}

// Exactly says whether a tip's report names coordinates.
func (p mapPage) Exactly(t intake.Tip) bool { return p.exact[t.ID] }

// ground sends a picture of the office's own.
func (d *desk) tile(c *gin.Context, _ *members.Session) error {
	at := make([]int, 3)
	for i, name := range []string{"z", "x", "y"} {
		n, err := strconv.Atoi(c.Param(name))
		if err != nil {
			return intake.ErrNotFound
		}
		at[i] = n
	}
	if d.Ground.Tile == nil {
		return intake.ErrNotFound
	}
	picture, kind, err := d.Ground.Tile(c.Request.Context(), at[0], at[1], at[2])
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, max-age=86400")
	c.Data(http.StatusOK, kind, picture)
	return nil
}

func (k Parcel) key() string { return k.Batch + "\x00" + k.Number }

// kinds are the shapes of the legend, in its order.
func (mapPage) Kinds() []string {
	return slices.Concat([]string{"new", "work", "done", "shut", "held"}, []string{"parcel", "parcel-closed"})
}

// scale is the bar under the drawing.
type scale struct {
	Units int
	Words string
}

// Scale is nil where nothing says how large anything is.
func (p mapPage) Scale() *scale {
	if len(p.exact) == 0 && len(p.ground.Places) == 0 && p.Bare() {
		return nil
	}
	metres, units := p.rule()
	if metres >= 1000 {
		return &scale{int(units), p.T("map.kilometres", "n", strconv.FormatFloat(metres/1000, 'f', -1, 64))}
	}
	return &scale{int(units), p.T("map.metres", "n", strconv.FormatFloat(metres, 'f', -1, 64))}
}
