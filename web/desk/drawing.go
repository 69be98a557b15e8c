package desk

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"tipline/intake"
	"tipline/intake/datum"
	"tipline/web/page"
)

// drawing is what the map's picture is made of.
type drawing struct {
	window
	Tips     []intake.Tip
	Parcels  []Parcel
	Marks    []mark
	Villages []village

	spots map[string]datum.Point // where each tip is drawn, in the datum of the ground
	exact map[string]bool        // those whose report names coordinates
	lots  map[string]datum.Point // where each parcel is drawn
	towns map[string]datum.Point // where each village is drawn
	Laid  bool                   // some villages are laid out by the program
}

// mark is one shape: a tip, a parcel, or several that lie too near to be told apart.
type mark struct {
	X, Y, R int
	Kind    string // of the legend; "many" for several
	N       int
	Urgent  bool
	Tip     *intake.Tip
	Parcel  *Parcel
	Zoom    string // where several come apart, "" where they don't
}

// village is a place with the tips and parcels that name no more than it.
type village struct {
	X, Y    int
	Code    string
	Name    string
	N       int
	Urgent  bool
	Assumed bool // its position is the program's
}

// kind is a tip's shape: what is to be decided, what is under way, what is done and what
// was not taken up.
func kind(t intake.Tip) string {
	switch {
	case t.Lane == intake.Held:
		return "held"
	case slices.Contains([]intake.State{intake.StateReceived, intake.StateReviewing, intake.StateNeedsInfo}, t.State):
		return "new"
	case slices.Contains([]intake.State{intake.StateConcluded, intake.StateAnswered}, t.State):
		return "done"
	case slices.Contains([]intake.State{intake.StateDeclined, intake.StateSpam, intake.StateMerged, intake.StateWithdrawn}, t.State):
		return "shut"
	}
	return "work"
}

// Kind is a tip's shape.
func (mapPage) Kind(t intake.Tip) string { return kind(t) }

// Kind is a parcel's shape.
func (k Parcel) Kind() string {
	if k.Closed {
		return "parcel-closed"
	}
	return "parcel"
}

const villageCode = 12 // digits of a village (GB/T 2260 and three more each)

func villageOf(code string) string { return code[:min(len(code), villageCode)] }

// newDrawing finds where everything lies: by its own coordinates, else by its village,
// which lies where the pack says, else amid the tips that name coordinates there, else
// where there is room.
func newDrawing(p *mapPage, at map[string]datum.Point) drawing {
	d := drawing{Tips: p.Tips, Parcels: p.Parcels, spots: map[string]datum.Point{}, exact: map[string]bool{}, lots: map[string]datum.Point{}, towns: map[string]datum.Point{}}
	onto := func(q datum.Point) datum.Point { return datum.Convert(q, datum.WGS84, p.ground.Datum) }
	amid := map[string][]datum.Point{}
	note := func(code string, q datum.Point) {
		amid[villageOf(code)] = append(amid[villageOf(code)], q)
	}
	for _, t := range d.Tips {
		if q, ok := at[t.ID]; ok {
			d.spots[t.ID], d.exact[t.ID] = onto(q), true
			note(t.Place, onto(q))
		}
	}
	for _, k := range d.Parcels {
		if q, ok := datum.Parse(k.Lat, k.Lon); ok {
			d.lots[k.key()] = onto(datum.Convert(q, k.Datum, datum.WGS84))
			note(k.Place, d.lots[k.key()])
		}
	}
	for code, q := range p.ground.Places {
		d.towns[code] = onto(q)
	}
	d.settle(p.d.Content.Places, amid)
	for _, t := range d.Tips {
		if q, ok := d.towns[villageOf(t.Place)]; ok && !d.exact[t.ID] {
			d.spots[t.ID] = q
		}
	}
	for _, k := range d.Parcels {
		if _, exact := d.lots[k.key()]; !exact {
			if q, ok := d.towns[villageOf(k.Place)]; ok {
				d.lots[k.key()] = q
			}
		}
	}
	return d
}

// settle gives every place a position.
func (d *drawing) settle(places page.Places, amid map[string][]datum.Point) {
	var free []page.Place
	var known []datum.Point
	for _, v := range places {
		if _, given := d.towns[v.Code]; !given && len(amid[v.Code]) > 0 {
			d.towns[v.Code] = middle(amid[v.Code])
		}
		if q, ok := d.towns[v.Code]; ok {
			known = append(known, q)
		} else if v.Level == "village" {
			free = append(free, v)
		}
	}
	for code, points := range amid {
		if code == "" {
			known = append(known, points...)
		}
	}
	heart := middle(known)
	room := spiral(heart, len(free)+len(known)) // beside those that lie near the middle already
	for i, v := range free {
		d.towns[v.Code] = room[len(known)+i]
		if len(known) == 0 {
			d.towns[v.Code] = room[i]
		}
		d.Laid = true
	}
	for _, v := range places { // what is larger than a village lies in their middle
		if _, ok := d.towns[v.Code]; !ok {
			d.towns[v.Code] = heart
		}
	}
}

// middle is the point amid others; the zero point of none.
func middle(points []datum.Point) (m datum.Point) {
	for _, p := range points {
		m.Lat, m.Lon = m.Lat+p.Lat/float64(len(points)), m.Lon+p.Lon/float64(len(points))
	}
	return m
}

// everything is all that is drawn.
func (d *drawing) everything() []datum.Point {
	out := slices.Collect(maps.Values(d.spots))
	out = slices.AppendSeq(out, maps.Values(d.lots))
	if len(out) == 0 {
		out = slices.AppendSeq(out, maps.Values(d.towns))
	}
	return out
}

// clusterSize is how near marks must lie to be drawn as one, in units.
const clusterSize = 44

// fill draws what lies in the window.
func (d *drawing) fill(p *mapPage) {
	cells := map[[2]int][]mark{}
	put := func(q datum.Point, m mark) {
		x, y := d.place(q)
		m.X, m.Y = int(math.Round(x)), int(math.Round(y))
		cell := [2]int{int(math.Floor((d.x + x) / clusterSize)), int(math.Floor((d.y + y) / clusterSize))} // of the world, so that moving changes none
		cells[cell] = append(cells[cell], m)
	}
	held := map[string]*village{}
	for i := range d.Tips {
		t := &d.Tips[i]
		switch q, ok := d.spots[t.ID]; {
		case !ok || !d.shows(q):
		case d.exact[t.ID]:
			put(q, mark{Kind: kind(*t), Tip: t, Urgent: t.Urgent, N: 1})
		default:
			d.count(held, villageOf(t.Place), t.Urgent && kind(*t) == "new")
		}
	}
	for i := range d.Parcels {
		k := &d.Parcels[i]
		if q, ok := d.lots[k.key()]; ok && d.shows(q) {
			put(q, mark{Kind: k.Kind(), Parcel: k, N: 1})
		}
	}
	var groups [][]mark
	for _, cell := range slices.SortedFunc(maps.Keys(cells), func(a, b [2]int) int { return cmp.Or(a[1]-b[1], a[0]-b[0]) }) {
		groups = joined(groups, cells[cell])
	}
	for _, g := range groups {
		d.Marks = append(d.Marks, d.together(p, g))
	}
	d.name(p, held)
}

func (d *drawing) count(held map[string]*village, code string, urgent bool) {
	if held[code] == nil {
		held[code] = &village{Code: code}
	}
	held[code].N++
	held[code].Urgent = held[code].Urgent || urgent
}

// joined adds a cell's marks to the group that they would cover, or as a group of their own: two neighbouring cells may
// hold what lies near their common edge.
func joined(groups [][]mark, cell []mark) [][]mark {
	x, y := centre(cell)
	for i, g := range groups {
		if gx, gy := centre(g); math.Hypot(float64(gx-x), float64(gy-y)) < clusterSize {
			groups[i] = append(g, cell...)
			return groups
		}
	}
	return append(groups, cell)
}

func centre(all []mark) (x, y int) {
	for _, m := range all {
		x, y = x+m.X, y+m.Y
	}
	return x / len(all), y / len(all)
}

// together is one mark for those of a group.
func (d *drawing) together(p *mapPage, all []mark) mark {
	if len(all) == 1 {
		all[0].R = 11
		return all[0]
	}
	m := mark{Kind: "many", N: len(all), R: 15 + min(14, 2*int(math.Sqrt(float64(len(all)))))}
	apart := false
	for _, o := range all {
		m.Urgent = m.Urgent || o.Urgent
		apart = apart || o.X != all[0].X || o.Y != all[0].Y
	}
	m.X, m.Y = centre(all)
	if apart && d.Zoom < mostZoom {
		m.Zoom = p.to(windowAt(d.point(float64(m.X), float64(m.Y)), d.Zoom+2))
	}
	return m
}

// name draws the villages, those without tips as well, as long as there is room for their
// names.
func (d *drawing) name(p *mapPage, held map[string]*village) {
	for _, v := range p.d.Content.Places {
		q, ok := d.towns[v.Code]
		if !ok || !d.shows(q) || v.Level != "village" && held[v.Code] == nil {
			continue
		}
		out := village{Code: v.Code}
		if h := held[v.Code]; h != nil {
			out = *h
		}
		x, y := d.place(q)
		out.X, out.Y, out.Name = int(math.Round(x)), int(math.Round(y)), v.Name.In(p.Lang())
		_, out.Assumed = p.ground.Places[v.Code]
		out.Assumed = !out.Assumed
		if out.N > 0 || len(d.Villages) < 80 {
			d.Villages = append(d.Villages, out)
		}
	}
}
