package invent

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// painter draws a scene by plain shapes, with the light and the grain of a telephone's
// picture.
type painter struct {
	*rand.Rand
	img     *image.RGBA
	horizon float64
}

type pt struct{ x, y float64 }

// paint draws a scene.
func paint(s Scene, r *rand.Rand) *image.RGBA {
	p := &painter{Rand: r, img: image.NewRGBA(image.Rect(0, 0, photoWidth, photoHeight)), horizon: 250 + float64(r.IntN(60))}
	p.sky()
	p.far()
	p.land()
	map[Scene]func(){Building: p.building, Greenhouse: p.greenhouse, Villa: p.villa, Pond: p.pond, Trees: p.trees, Paved: p.paved, Field: p.heaps}[s]()
	p.light()
	return p.img
}

// between is somewhere from a to b.
func (p *painter) between(a, b float64) float64 { return a + p.Float64()*(b-a) }

func rgb(r, g, b float64) color.RGBA {
	c := func(v float64) uint8 { return uint8(max(0, min(255, v))) }
	return color.RGBA{c(r), c(g), c(b), 255}
}

// shade is a colour, darker under 1 and lighter above.
func shade(c color.RGBA, by float64) color.RGBA {
	return rgb(float64(c.R)*by, float64(c.G)*by, float64(c.B)*by)
}

// fill draws a polygon. The rasterizer works on its bounding box alone.
func (p *painter) fill(c color.Color, points ...pt) {
	low, high := points[0], points[0]
	for _, q := range points {
		low, high = pt{min(low.x, q.x), min(low.y, q.y)}, pt{max(high.x, q.x), max(high.y, q.y)}
	}
	at := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x))+1, int(math.Ceil(high.y))+1).Intersect(p.img.Bounds())
	if at.Empty() {
		return
	}
	z := vector.NewRasterizer(at.Dx(), at.Dy())
	for i, q := range points {
		x, y := float32(q.x-float64(at.Min.X)), float32(q.y-float64(at.Min.Y))
		if i == 0 {
			z.MoveTo(x, y)
		} else {
			z.LineTo(x, y)
		}
	}
	z.ClosePath()
	z.Draw(p.img, at, image.NewUniform(c), image.Point{})
}

func (p *painter) box(c color.Color, x, y, w, h float64) {
	p.fill(c, pt{x, y}, pt{x + w, y}, pt{x + w, y + h}, pt{x, y + h})
}

// blob is a round thing that nature made.
func (p *painter) blob(c color.Color, x, y, w, h float64) {
	var points []pt
	for i := range 22 {
		a, k := float64(i)/22*2*math.Pi, p.between(0.82, 1.12)
		points = append(points, pt{x + w*k*math.Cos(a), y + h*k*math.Sin(a)})
	}
	p.fill(c, points...)
}

func (p *painter) sky() {
	top, low := rgb(p.between(120, 165), p.between(160, 190), p.between(200, 225)), rgb(p.between(205, 230), p.between(215, 232), p.between(220, 235))
	for y := range photoHeight {
		k := min(1, float64(y)/p.horizon)
		c := rgb(float64(top.R)*(1-k)+float64(low.R)*k, float64(top.G)*(1-k)+float64(low.G)*k, float64(top.B)*(1-k)+float64(low.B)*k)
		draw.Draw(p.img, image.Rect(0, y, photoWidth, y+1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	for range 3 + p.IntN(4) {
		x, y := p.between(0, photoWidth), p.between(20, p.horizon-90)
		for range 6 {
			p.blob(color.NRGBA{255, 255, 255, 40}, x+p.between(-90, 90), y+p.between(-12, 12), p.between(40, 110), p.between(8, 22))
			p.blob(color.NRGBA{255, 255, 255, 90}, x+p.between(-90, 90), y+p.between(-16, 6), p.between(40, 100), p.between(8, 18))
		}
	}
}

// far is the village and the trees at the horizon.
func (p *painter) far() {
	for x := -20.0; x < photoWidth; x += p.between(14, 40) {
		g := p.between(0.75, 1.1)
		p.blob(shade(rgb(104, 122, 96), g), x, p.horizon-p.between(2, 10), p.between(14, 34), p.between(10, 26))
	}
	for range 4 + p.IntN(5) {
		x, w := p.between(0, photoWidth), p.between(24, 60)
		p.box(rgb(196, 190, 180), x, p.horizon-20, w, 20)
		p.fill(rgb(150, 96, 80), pt{x - 4, p.horizon - 20}, pt{x + w/2, p.horizon - 32}, pt{x + w + 4, p.horizon - 20})
	}
	for range 2 { // poplars
		for x := p.between(0, photoWidth); x < photoWidth && p.IntN(7) > 0; x += p.between(20, 36) {
			p.blob(shade(rgb(84, 108, 74), p.between(0.85, 1.1)), x, p.horizon-30, 8, 36)
		}
	}
}

// land is a field in rows that run together at the horizon.
func (p *painter) land() {
	base := []color.RGBA{rgb(124, 142, 74), rgb(178, 160, 92), rgb(148, 122, 86), rgb(110, 138, 80)}[p.IntN(4)]
	p.box(base, 0, p.horizon, photoWidth, photoHeight-p.horizon)
	vanish := p.between(200, 760)
	for i := -44; i < 44; i++ {
		x := vanish + float64(i)*62
		p.fill(shade(base, p.between(0.84, 0.93)), pt{vanish + float64(i)*3, p.horizon}, pt{vanish + float64(i)*3 + 1.2, p.horizon}, pt{x + 24, photoHeight}, pt{x, photoHeight})
	}
	for range 900 {
		y := p.horizon + math.Pow(p.Float64(), 1.6)*(photoHeight-p.horizon)
		k := (y - p.horizon) / (photoHeight - p.horizon)
		x := p.between(0, photoWidth)
		p.fill(shade(base, p.between(0.75, 1.25)), pt{x, y}, pt{x + 1 + 3*k, y - 3 - 14*k}, pt{x + 2 + 4*k, y})
	}
	y := p.between(430, 520) // a track
	p.fill(rgb(190, 176, 148), pt{0, y}, pt{photoWidth, y - p.between(40, 90)}, pt{photoWidth, y - 10}, pt{0, y + 50})
}

// light is the darker edge of a small lens, and grain.
func (p *painter) light() {
	for y := range photoHeight {
		for x := range photoWidth {
			dx, dy := float64(x)/photoWidth-0.5, float64(y)/photoHeight-0.5
			k := 1.04 - 0.42*(dx*dx+dy*dy)
			i := p.img.PixOffset(x, y)
			grain := float64(p.IntN(13)) - 6
			for c := range 3 {
				p.img.Pix[i+c] = uint8(max(0, min(255, float64(p.img.Pix[i+c])*k+grain)))
			}
		}
	}
}
