package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	mathrand "math/rand/v2"
	"mime/multipart"
	"net/url"
	"strings"
)

// body makes one request's body; each is a tip of its own.
type body func() (contentType string, content io.Reader)

const words = "村北的基本农田上正在打地基，已经堆了砖，听说要盖三层楼。"

// textBody is a 2 KB urlencoded form.
func textBody() (string, io.Reader) {
	f := url.Values{"text": {strings.Repeat(words, 6) + rand.Text()}, "category": {"housing_on_farmland"}, "place": {"411422207"}, "token": {rand.Text()}}
	return "application/x-www-form-urlencoded", strings.NewReader(f.Encode())
}

// filesBody is a multipart form with n times the same file.
func filesBody(n int, file []byte) body {
	return func() (string, io.Reader) {
		var frame bytes.Buffer
		w := multipart.NewWriter(&frame)
		for k, v := range map[string]string{"text": words + rand.Text(), "category": "housing_on_farmland", "token": rand.Text()} {
			must(w.WriteField(k, v))
		}
		var pieces []io.Reader
		for i := range n {
			_, err := w.CreateFormFile("files", fmt.Sprintf("IMG_%d.jpg", i))
			must(err)
			pieces = append(pieces, strings.NewReader(frame.String()), bytes.NewReader(file))
			frame.Reset()
		}
		must(w.Close())
		return w.FormDataContentType(), io.MultiReader(append(pieces, &frame)...)
	}
}

func must(err error) {
	if err != nil {
		panic(err) // only a bytes.Buffer is written to
	}
}

// photo is a JPEG of about 300 KB.
func photo() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 800, 600))
	r := mathrand.New(mathrand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	img.SetRGBA(0, 0, color.RGBA{1, 2, 3, 255})
	for q := 60; ; q++ {
		var b bytes.Buffer
		must(jpeg.Encode(&b, img, &jpeg.Options{Quality: q}))
		if b.Len() > 290_000 || q == 100 {
			return b.Bytes()
		}
	}
}

// largePhoto is a JPEG of size bytes: a photo whose entropy-coded data goes on.
func largePhoto(size int) []byte {
	small := photo()
	end := len(small) - 2 // the EOI marker
	out := append(make([]byte, 0, size), small[:end]...)
	r := mathrand.New(mathrand.NewPCG(3, 4))
	for len(out) < size-2 {
		out = append(out, byte(r.Uint32N(255))) // no 0xFF, which would begin a marker
	}
	return append(out, small[end:]...)
}
