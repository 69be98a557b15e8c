package public

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/web/page"
)

// code is a QR code for the partial "qr".
type code struct {
	Size int
	Path string
}

// channelsPage is every way to reach the office, and its posters.
type channelsPage struct {
	frame
	Code code
}

// posterPage is a sheet to print: for all, or for one place, whose code leads to
// the form with the place filled in.
type posterPage struct {
	frame
	Code  code
	Place string // its name, "" for all
}

// Short is the site's address as it is typed.
func (f frame) Short() string {
	_, rest, _ := strings.Cut(f.Base(), "://")
	return strings.TrimSuffix(rest, "/")
}

// VillageLinks are the villages, each with its poster.
func (f frame) VillageLinks() []page.PlaceOption {
	var out []page.PlaceOption
	for _, p := range f.Places {
		if p.Level == "village" {
			out = append(out, page.PlaceOption{Code: "/channels/poster?place=" + url.QueryEscape(p.Code), Label: p.Name.In(f.Lang())})
		}
	}
	return out
}

// channels is how to reach the office.
func (s *site) channels(c *gin.Context) error {
	return s.html(c, http.StatusOK, s.of(s.view(c)).channels)
}

// accessibility says what the pages do for those who see, hear or move otherwise.
func (s *site) accessibility(c *gin.Context) error {
	return s.html(c, http.StatusOK, s.of(s.view(c)).accessibility)
}

// poster is the sheet to print.
func (s *site) poster(c *gin.Context) error {
	p, to := posterPage{frame: s.frame(s.view(c))}, "/"
	if place := c.Query("place"); page.Places(s.Content.Places).Has(place) {
		p.Place = page.Places(s.Content.Places).Path(place, p.Lang())
		to = "/report?place=" + url.QueryEscape(place)
	}
	var err error
	if p.Code, err = codeOf(s.pages.Absolute(to)); err != nil {
		return err
	}
	return s.render(c, "poster", p)
}

func codeOf(text string) (code, error) {
	n, path, err := page.QR(text)
	if err != nil {
		return code{}, fmt.Errorf("the poster can't be drawn: %w", err)
	}
	return code{n, path}, nil
}

// Cards are the places of the small cards on a sheet.
func (p posterPage) Cards() []struct{} { return make([]struct{}, 8) }
