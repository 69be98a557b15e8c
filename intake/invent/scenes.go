package invent

import (
	"image/color"
	"math"
)

func (p *painter) ground(c color.RGBA, x, y, w, h float64) { p.blob(c, x+w/2, y, w*0.62, h) }

// bricks draws a wall with its courses.
func (p *painter) bricks(c color.RGBA, x, y, w, h float64) {
	p.box(c, x, y, w, h)
	for r := 0.0; r < h; r += 9 {
		p.box(shade(c, 0.84), x, y+r, w, 1.4)
		for b := math.Mod(r, 18); b < w; b += 22 {
			p.box(shade(c, 0.86), x+b, y+r, 1.3, 9)
		}
	}
}

func (p *painter) opening(x, y, w, h float64) {
	p.box(rgb(52, 50, 48), x, y, w, h)
	p.box(rgb(88, 84, 78), x, y, w, 4)
}

// pile is bricks, sand or rubble that lies about.
func (p *painter) pile(c color.RGBA, x, y, w, h float64) {
	p.blob(shade(c, 0.7), x+w/2, y+2, w*0.6, h*0.22)
	p.fill(c, pt{x, y}, pt{x + w*0.3, y - h*0.8}, pt{x + w*0.55, y - h}, pt{x + w*0.8, y - h*0.6}, pt{x + w, y})
	for range 60 {
		q := pt{x + p.between(0.12, 0.88)*w, y - p.between(0, 0.6)*h}
		p.box(shade(c, p.between(0.8, 1.2)), q.x, q.y, p.between(2, 7), p.between(2, 4))
	}
}

func (p *painter) building() {
	x, y, w := p.between(180, 330), p.between(500, 545), p.between(330, 430)
	h := p.between(120, 170)
	red := rgb(p.between(165, 190), p.between(98, 112), p.between(78, 92))
	p.ground(rgb(164, 146, 118), x, y+8, w, 60)
	floors := 1 + p.IntN(2)
	for f := range floors {
		top := y - h*float64(f+1)*0.8
		p.bricks(red, x, top, w, h*0.8)
		for i := range 4 {
			p.opening(x+24+float64(i)*w/4.2, top+h*0.22, w/9, h*0.34)
		}
		p.box(rgb(176, 172, 164), x-4, top-6, w+8, 8)
	}
	p.fill(shade(red, 0.72), pt{x + w, y}, pt{x + w, y - h*0.8*float64(floors)}, pt{x + w + 90, y - h*0.8*float64(floors) + 34}, pt{x + w + 90, y - 24})
	for i := range 8 { // scaffolding
		sx := x - 14 + float64(i)*(w+28)/7
		p.box(rgb(118, 116, 112), sx, y-h*0.8*float64(floors)-46, 3.4, h*0.8*float64(floors)+52)
	}
	for i := range 2 * floors {
		p.box(rgb(128, 118, 100), x-16, y-30-float64(i)*h*0.42, w+32, 5)
	}
	p.pile(rgb(176, 104, 84), x-130, y+66, 120, 58)
	p.pile(rgb(206, 190, 150), x+w+20, y+96, 190, 76)
	p.mixer(x+w*0.4, y+84)
}

// mixer is a cement mixer.
func (p *painter) mixer(x, y float64) {
	p.fill(rgb(205, 142, 40), pt{x, y - 34}, pt{x + 44, y - 52}, pt{x + 60, y - 26}, pt{x + 18, y - 6})
	p.box(rgb(70, 70, 68), x+14, y-12, 5, 26)
	p.box(rgb(70, 70, 68), x+40, y-22, 5, 36)
	p.blob(rgb(40, 40, 40), x+28, y+14, 11, 11)
}

func (p *painter) greenhouse() {
	for i := 2; i >= 0; i-- {
		x, y, w := 90+float64(i)*150, 470+float64(2-i)*52, p.between(430, 470)
		film := rgb(206, 214, 212)
		var arch []pt
		for a := range 21 {
			t := float64(a) / 20 * math.Pi
			arch = append(arch, pt{x + w/2 - w/2*math.Cos(t), y - 130*math.Sin(t)})
		}
		p.ground(rgb(152, 138, 110), x, y+6, w, 26)
		p.fill(film, arch...)
		for a := 1; a < 20; a++ {
			p.fill(shade(film, 0.88), arch[a], pt{arch[a].x + 3, arch[a].y}, pt{arch[a].x + 3, y}, pt{arch[a].x, y})
		}
		if i == 0 { // where somebody lives
			p.bricks(rgb(186, 110, 86), x+w*0.3, y-86, w*0.4, 86)
			p.box(rgb(120, 74, 52), x+w*0.46, y-62, 36, 62)
			p.opening(x+w*0.34, y-62, 34, 30)
			p.opening(x+w*0.6, y-62, 34, 30)
			p.box(rgb(60, 62, 66), x+w*0.66, y-146, 8, 40) // a chimney
			p.box(rgb(228, 228, 226), x+w*0.26, y-40, 20, 26)
		}
	}
}

func (p *painter) villa() {
	x, y, w := p.between(260, 340), p.between(510, 540), p.between(330, 380)
	wall := rgb(p.between(222, 238), p.between(206, 222), p.between(176, 200))
	p.ground(rgb(150, 142, 122), x-60, y+16, w+120, 44)
	p.box(wall, x, y-210, w, 210)
	p.box(shade(wall, 0.9), x+w*0.62, y-250, w*0.38, 250)
	roof := rgb(152, 74, 58)
	p.fill(roof, pt{x - 26, y - 208}, pt{x + w*0.3, y - 292}, pt{x + w*0.66, y - 208})
	p.fill(shade(roof, 0.86), pt{x + w*0.56, y - 248}, pt{x + w*0.8, y - 318}, pt{x + w + 26, y - 248})
	for r := range 2 {
		for c := range 3 {
			wx, wy := x+28+float64(c)*w*0.2, y-178+float64(r)*92
			p.box(rgb(92, 118, 132), wx, wy, 44, 52)
			p.box(rgb(240, 240, 236), wx+20, wy, 3, 52)
		}
	}
	p.box(rgb(96, 62, 44), x+w*0.74, y-92, 54, 92)
	for i := range 3 {
		p.box(rgb(232, 226, 212), x+w*0.62+float64(i)*w*0.18, y-96, 9, 96)
	}
	for fx := 40.0; fx < photoWidth-40; fx += 26 { // a fence
		p.box(rgb(74, 78, 76), fx, y+30, 4, 62)
	}
	p.box(rgb(74, 78, 76), 40, y+42, photoWidth-80, 5)
}

func (p *painter) pond() {
	x, y := p.between(430, 520), p.between(520, 550)
	p.blob(rgb(146, 118, 84), x, y, 400, 132)
	p.blob(rgb(122, 142, 146), x, y, 362, 106)
	p.blob(rgb(148, 166, 168), x-60, y-26, 220, 44)
	for range 40 {
		q := pt{x + p.between(-300, 300), y + p.between(-70, 70)}
		p.box(rgb(176, 190, 190), q.x, q.y, p.between(20, 60), 1.6)
	}
	p.pile(rgb(158, 124, 86), x-420, y+16, 210, 110)
	p.digger(x+210, y-52)
}

// digger is an excavator.
func (p *painter) digger(x, y float64) {
	yellow := rgb(222, 172, 42)
	p.blob(rgb(48, 46, 44), x+44, y+54, 64, 15)
	p.box(shade(yellow, 0.9), x+6, y-6, 84, 46)
	p.box(rgb(96, 120, 130), x+12, y-42, 40, 38)
	p.fill(yellow, pt{x + 76, y}, pt{x + 92, y - 12}, pt{x - 66, y - 104}, pt{x - 82, y - 92})
	p.fill(yellow, pt{x - 82, y - 104}, pt{x - 64, y - 100}, pt{x - 118, y - 6}, pt{x - 132, y - 14})
	p.fill(rgb(74, 70, 64), pt{x - 140, y - 14}, pt{x - 104, y - 6}, pt{x - 114, y + 26}, pt{x - 146, y + 14})
}

func (p *painter) trees() {
	for row := range 6 {
		y := p.horizon + 46 + float64(row*row)*12
		k := 0.4 + float64(row)*0.24
		for x := p.between(-20, 20); x < photoWidth; x += 96 * k {
			p.box(rgb(108, 88, 66), x, y-46*k, 5*k, 50*k)
			for range 4 {
				p.blob(shade(rgb(92, 132, 70), p.between(0.8, 1.15)), x+p.between(-10, 14)*k, y-p.between(44, 84)*k, 24*k, 20*k)
			}
		}
	}
}

func (p *painter) paved() {
	y := p.between(400, 440)
	grey := rgb(p.between(168, 188), p.between(166, 184), p.between(160, 176))
	p.fill(grey, pt{90, y}, pt{840, y - 20}, pt{photoWidth + 60, photoHeight}, pt{-80, photoHeight})
	for i := range 9 {
		k := float64(i) / 8
		p.fill(shade(grey, 0.88), pt{90 + 750*k, y - 20*k}, pt{92 + 750*k, y - 20*k}, pt{-80 + 1100*k + 5, photoHeight}, pt{-80 + 1100*k, photoHeight})
		z := y + (photoHeight-y)*k*k
		p.box(shade(grey, 0.9), 0, z, photoWidth, 2)
	}
	for i := range 3 {
		x := 170 + float64(i)*270
		p.box(rgb(90, 92, 94), x, y-150, 6, 170)
		p.blob(rgb(236, 232, 214), x+3, y-152, 12, 8)
	}
	p.truck(p.between(300, 520), y+130)
}

// truck is a lorry.
func (p *painter) truck(x, y float64) {
	p.blob(rgb(96, 94, 90), x+120, y+46, 150, 12)
	p.box(rgb(176, 62, 48), x, y-64, 66, 92)
	p.box(rgb(120, 148, 160), x+8, y-52, 34, 34)
	p.box(rgb(104, 110, 118), x+70, y-78, 180, 106)
	p.pile(rgb(198, 180, 140), x+84, y-74, 150, 34)
	for _, w := range []float64{26, 110, 204} {
		p.blob(rgb(34, 34, 34), x+w, y+34, 20, 20)
		p.blob(rgb(120, 120, 118), x+w, y+34, 8, 8)
	}
}

func (p *painter) heaps() {
	for i := range 5 {
		p.pile(shade(rgb(170, 150, 116), p.between(0.85, 1.1)), 80+float64(i)*160, 500+p.between(0, 130), p.between(110, 190), p.between(40, 90))
	}
}
