package main

import (
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// photographs writes two pictures as a telephone takes them.
func photographs(t *testing.T) (names []string) {
	t.Helper()
	for _, name := range []string{"正面.jpg", "背面.jpg"} {
		img := image.NewRGBA(image.Rect(0, 0, 320, 240))
		for y := range 240 {
			for x := range 320 {
				img.Set(x, y, color.RGBA{uint8(x / 2), uint8(y), 90, 255})
			}
		}
		f, err := os.Create(filepath.Join(t.TempDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := jpeg.Encode(f, img, nil); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name())
	}
	return names
}

// TestCounterInABrowser keys in a visit with two photographs, prints the slip on both
// papers, and opens its receipt on the public site.
func TestCounterInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	in.start()
	b := newTab(t, 1280, true)
	b.enter(in, "li", handlerPass)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/new"), chromedp.WaitVisible(chromedp.CSS(`textarea[name=text]`)),
		chromedp.Click(chromedp.CSS(`input[name=channel][value=visit]`)),
		chromedp.SendKeys(chromedp.CSS(`textarea[name=text]`), "来访反映村北打地基"),
		chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "李四"),
		chromedp.SetUploadFiles(chromedp.CSS(`input[name=files]`), photographs(t)),
		chromedp.Submit(chromedp.CSS(`textarea[name=text]`)), chromedp.WaitVisible(chromedp.CSS(`#receipt`)))
	b.shot("desk-slip-screen")
	receipt := b.text("#receipt")
	if !regexp.MustCompile(`^\d{4}( \d{4}){5}$`).MatchString(receipt) {
		t.Fatalf("the slip says %q", receipt)
	}
	b.printed("desk-slip-A5", 420, 595)
	b.do(chromedp.Click(chromedp.CSS(`.doors a`)), chromedp.WaitVisible(chromedp.CSS(`.slip.roll`)))
	b.printed("desk-slip-roll", 227, 425)
	b.do(chromedp.Click(chromedp.CSS(`.after a.quiet`)), chromedp.WaitVisible(chromedp.CSS(`.files img`)))
	if loaded, err := chromedp.Run(b, chromedp.Poll[bool](`[...document.querySelectorAll(".files img")].filter(i => i.naturalWidth === 320).length === 2`)); err != nil || !loaded {
		t.Errorf("the photographs aren't shown: %v", err)
	}
	if status, a := in.look(receipt); status != 200 || a.State != "received" {
		t.Errorf("the public site answers %d, %+v", status, a)
	}
	b.do(chromedp.Navigate("http://"+in.public+"/receipt"), chromedp.SendKeys(chromedp.CSS(`input[name=receipt]`), receipt),
		chromedp.Submit(chromedp.CSS(`input[name=receipt]`)), chromedp.WaitVisible(chromedp.CSS(`textarea[name=text]`)))
	b.homely(in.desk, in.public)
}

// printed looks at the page as paper: the slip alone, on one sheet of so many points.
func (b *tab) printed(name string, width, height int) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	b.shot(name)
	for _, gone := range []string{".console", "h1", ".doors"} {
		if hidden, err := chromedp.Run(b, chromedp.Evaluate[bool](`getComputedStyle(document.querySelector("`+gone+`")).display === "none"`)); err != nil || !hidden {
			b.t.Errorf("%s: %s is printed: %v", name, gone, err)
		}
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	sized := true
	pdf := call(b, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &sized})
	text := string(pdf.Data)
	if n := strings.Count(text, "/Type /Page\n"); n != 1 {
		b.t.Errorf("%s takes %d sheets", name, n)
	}
	box := regexp.MustCompile(`/MediaBox \[0 0 (\d+)[.\d]* (\d+)`).FindStringSubmatch(text)
	if box == nil || !near(box[1], width) || !near(box[2], height) {
		b.t.Errorf("%s is on a sheet of %v points, want %d by %d", name, box, width, height)
	}
}

// near says whether a number is as wanted, give or take two.
func near(got string, want int) bool {
	n := 0
	for _, r := range got {
		n = n*10 + int(r-'0')
	}
	return n >= want-2 && n <= want+2
}
