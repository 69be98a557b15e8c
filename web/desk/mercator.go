package desk

import (
	"math"

	"tipline/intake/datum"
)

// The map is drawn in Web Mercator (EPSG:3857), as tiles are: at zoom z the world is a
// square of 256·2^z units. The drawing is mapWidth by mapHeight of them and scales with
// the screen. Between two levels of tiles lies half a one, where they are drawn larger.
const (
	mapWidth, mapHeight = 960, 640
	tileSize            = 256
	leastZoom, mostZoom = 3.0, 18.0
	halfZoom            = 0.5
	mercatorEdge        = 85.0511 // degrees: the square ends there
)

// window is the piece of the world that is drawn.
type window struct {
	Zoom float64
	x, y float64 // of its left upper corner
}

func size(zoom float64) float64 { return tileSize * math.Exp2(zoom) }

func world(p datum.Point, zoom float64) (x, y float64) {
	lat := max(-mercatorEdge, min(mercatorEdge, p.Lat)) * math.Pi / 180
	s := size(zoom)
	return (p.Lon + 180) / 360 * s, (1 - math.Asinh(math.Tan(lat))/math.Pi) / 2 * s
}

func unworld(x, y, zoom float64) datum.Point {
	s := size(zoom)
	return datum.Point{Lat: math.Atan(math.Sinh(math.Pi*(1-2*y/s))) * 180 / math.Pi, Lon: x/s*360 - 180}
}

// windowAt has a point in its middle.
func windowAt(centre datum.Point, zoom float64) window {
	zoom = max(leastZoom, min(mostZoom, math.Round(zoom/halfZoom)*halfZoom))
	x, y := world(centre, zoom)
	return window{zoom, x - mapWidth/2, y - mapHeight/2}
}

// windowOf shows all points, as near as that goes; nearest is the closest it comes.
func windowOf(points []datum.Point, nearest float64) window {
	if len(points) == 0 {
		return windowAt(datum.Point{}, leastZoom)
	}
	low, high := points[0], points[0]
	for _, p := range points {
		low = datum.Point{Lat: min(low.Lat, p.Lat), Lon: min(low.Lon, p.Lon)}
		high = datum.Point{Lat: max(high.Lat, p.Lat), Lon: max(high.Lon, p.Lon)}
	}
	const margin = 70
	for zoom := nearest; ; zoom -= halfZoom {
		left, bottom := world(low, zoom)
		right, top := world(high, zoom)
		if zoom == leastZoom || right-left <= mapWidth-2*margin && bottom-top <= mapHeight-2*margin {
			return window{zoom, (left + right - mapWidth) / 2, (top + bottom - mapHeight) / 2}
		}
	}
}

// place is where a point is drawn.
func (w window) place(p datum.Point) (x, y float64) {
	x, y = world(p, w.Zoom)
	return x - w.x, y - w.y
}

func (w window) point(x, y float64) datum.Point { return unworld(w.x+x, w.y+y, w.Zoom) }

func (w window) centre() datum.Point { return w.point(mapWidth/2, mapHeight/2) }

// decimals are how many of a degree an address of the window carries: enough to keep its
// middle within a tenth of the drawing, and never more than three, some hundred metres. What
// stands in a history or a proxy's log names no house.
func (w window) decimals() int {
	const astray = mapHeight / 10
	return max(0, min(3, int(math.Ceil(-math.Log10(2*astray*360/size(w.Zoom))))))
}

// shows says whether a point lies in the drawing.
func (w window) shows(p datum.Point) bool {
	x, y := w.place(p)
	return x >= 0 && x <= mapWidth && y >= 0 && y <= mapHeight
}

// unit is how many metres one unit is in the middle of the drawing.
func (w window) unit() float64 {
	return datum.Metres(w.point(mapWidth/2-50, mapHeight/2), w.point(mapWidth/2+50, mapHeight/2)) / 100
}

// rule is the scale's bar: a round number of metres that is about a fifth of the drawing.
func (w window) rule() (metres, units float64) {
	unit := w.unit()
	want := unit * mapWidth / 5
	metres = math.Pow(10, math.Floor(math.Log10(want)))
	for _, by := range []float64{5, 2} {
		if metres*by <= want {
			metres *= by
			break
		}
	}
	return metres, metres / unit
}

// tile is one picture of a map under the drawing; a side of it is Side units.
type tile struct{ Zoom, Col, Row, X, Y, Side int }

// tiles are those that the drawing lies on.
func (w window) tiles() (out []tile) {
	level := int(math.Floor(w.Zoom))
	n, side := 1<<level, size(w.Zoom)/math.Exp2(float64(level))
	for row := int(math.Floor(w.y / side)); float64(row)*side < w.y+mapHeight; row++ {
		for col := int(math.Floor(w.x / side)); float64(col)*side < w.x+mapWidth; col++ {
			if row >= 0 && row < n && col >= 0 && col < n {
				out = append(out, tile{level, col, row, int(math.Floor(float64(col)*side - w.x)), int(math.Floor(float64(row)*side - w.y)), int(math.Ceil(side))})
			}
		}
	}
	return out
}

// spiral lays places out that nobody has given a position, around a middle: one after the
// other at the golden angle, so that none lies on another.
func spiral(middle datum.Point, n int) []datum.Point {
	const step = 900 // metres
	out := make([]datum.Point, n)
	for i := range out {
		r, a := step*math.Sqrt(float64(i)+0.6), float64(i)*math.Pi*(3-math.Sqrt(5))
		out[i] = datum.Point{Lat: middle.Lat + r*math.Cos(a)/111_195, Lon: middle.Lon + r*math.Sin(a)/(111_195*max(0.1, math.Cos(middle.Lat*math.Pi/180)))}
	}
	return out
}
