package public

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/web/page"
)

// details is an error of the API (RFC 9457). Errors are by field, worded in the
// request's language.
type details struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail,omitempty"`
	Errors map[string]string `json:"errors,omitempty"`
}

// problem answers an error of the API.
func (s *site) problem(c *gin.Context, v page.View, f failure, wait time.Duration, err error) {
	area := ""
	if strings.HasPrefix(c.FullPath(), "/api/v1/receipt") {
		area = "receipt"
	}
	told := tell(v, area, f, wait)
	d := details{Type: "urn:tipline:problem:" + f.kind, Title: told.Heading, Status: f.status}
	for _, r := range s.carry(f, err, wait).reasons(v) {
		if d.Errors == nil {
			d.Errors = map[string]string{}
		}
		d.Errors[r.Field] = r.Text
		if r.Field == "token" { // a program chose it
			d.Errors[r.Field] = v.T("problem.token.weak")
		}
	}
	if err := s.json(c, f.status, "application/problem+json", d); err != nil {
		s.Log.Error("a problem can't be written", "error", err)
	}
}

func (s *site) json(c *gin.Context, status int, contentType string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("the answer can't be written as JSON: %w", err)
	}
	page.Write(c.Writer, status, contentType, append(body, '\n'))
	return nil
}

func (s *site) created(c *gin.Context, v any) error {
	return s.json(c, http.StatusCreated, typeJSON, v)
}
