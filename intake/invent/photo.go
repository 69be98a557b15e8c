package invent

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"time"
)

// Scene is what a photograph shows.
type Scene string

// The scenes.
const (
	Building   Scene = "building"
	Greenhouse Scene = "greenhouse"
	Villa      Scene = "villa"
	Pond       Scene = "pond"
	Trees      Scene = "trees"
	Paved      Scene = "paved"
	Field      Scene = "field"
)

// variants are how many pictures there are of each scene.
const variants = 5

// Size of a photograph in pixels.
const photoWidth, photoHeight = 960, 720

// sceneOf is what people photograph of a category.
func sceneOf(category string) Scene {
	switch category {
	case "housing_on_farmland", "false_rectification", "unknown":
		return Building
	case "greenhouse_house":
		return Greenhouse
	case "illegal_villa":
		return Villa
	case "lake_landscaping":
		return Pond
	case "ecological_corridor", "non_grain":
		return Trees
	case "green_square", "sports_ground", "other":
		return Paved
	}
	return Field
}

// Photo is a photograph as a telephone takes it, with what telephones write into it.
type Photo struct {
	Scene    Scene
	Variant  int
	Taken    time.Time
	Lat, Lon float64 // 0, 0 where the telephone wasn't asked
}

// Camera takes photographs. It draws each scene once.
type Camera struct{ drawn map[string][]byte }

// Shoot is a photograph as a JPEG file with Exif, or, once in a while, a PNG as of a
// screen. The same photograph is the same bytes.
func (c *Camera) Shoot(p Photo) (name string, content []byte, err error) {
	key := string(p.Scene) + string(rune('0'+p.Variant))
	if c.drawn == nil {
		c.drawn = map[string][]byte{}
	}
	if c.drawn[key] == nil {
		if c.drawn[key], err = p.draw(); err != nil {
			return "", nil, err
		}
	}
	if p.screen() {
		return "Screenshot_" + p.Taken.Format("20060102-150405") + ".png", c.drawn[key], nil
	}
	return "IMG_" + p.Taken.Format("20060102_150405") + ".jpg", withExif(c.drawn[key], p), nil
}

// screen says whether somebody sends a picture of their screen.
func (p Photo) screen() bool { return p.Variant == variants-1 }

func (p Photo) draw() ([]byte, error) {
	img := paint(p.Scene, rand.New(rand.NewPCG(uint64(p.Variant), uint64(len(p.Scene)))))
	var b bytes.Buffer
	if p.screen() {
		err := png.Encode(&b, img.SubImage(image.Rect(280, 200, 720, 600)))
		return b.Bytes(), err
	}
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 74})
	return b.Bytes(), err
}
