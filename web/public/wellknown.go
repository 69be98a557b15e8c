package public

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/web/page"
)

const plain = "text/plain; charset=utf-8"

// securityTxt says where to report a hole in the site (RFC 9116).
func (s *site) securityTxt(c *gin.Context) error {
	var b strings.Builder
	for _, m := range s.Content.Mails {
		fmt.Fprintf(&b, "Contact: mailto:%s\n", m)
	}
	fmt.Fprintf(&b, "Contact: %s\n", s.pages.Absolute("/report"))
	fmt.Fprintf(&b, "Expires: %s\n", s.Now().UTC().AddDate(0, 6, 0).Truncate(24*time.Hour).Format(time.RFC3339))
	fmt.Fprintf(&b, "Preferred-Languages: %s\n", strings.Join(s.pages.Languages(), ", "))
	fmt.Fprintf(&b, "Canonical: %s\n", s.pages.Absolute("/.well-known/security.txt"))
	page.Write(c.Writer, http.StatusOK, plain, []byte(b.String()))
	return nil
}

// robotsTxt keeps search engines to the pages that tell something (RFC 9309).
func (s *site) robotsTxt(c *gin.Context) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, path := range []string{"/receipt", "/api/", "/hooks/"} {
		fmt.Fprintf(&b, "Disallow: %s\n", s.pages.Path(path))
	}
	page.Write(c.Writer, http.StatusOK, plain, []byte(b.String()))
	return nil
}

// favicon answers browsers that ask for it without having read the page.
func (s *site) favicon(c *gin.Context) error {
	page.Write(c.Writer, http.StatusOK, "image/svg+xml", s.pages.File("icon.svg"))
	return nil
}
