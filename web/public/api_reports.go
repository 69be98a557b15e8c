package public

import (
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
)

type filedJSON struct {
	ID         string       `json:"id"`
	Receipt    string       `json:"receipt"`
	State      intake.State `json:"state"`
	ReceivedOn intake.Date  `json:"received_on"`
}

// apiReports takes a report as JSON or multipart. The Idempotency-Key is its
// token.
func (s *site) apiReports(c *gin.Context) error {
	in, err := s.read(c.Writer, c.Request, typeJSON, typeMultipart)
	if err == nil {
		err = in.strict()
	}
	if err != nil {
		s.Count("report", outcome(err))
		drain(c)
		return err
	}
	if key := strings.Trim(c.GetHeader("Idempotency-Key"), `"`); key != "" {
		in.fields["token"] = []string{key}
	}
	lang := s.speaking(s.view(c), in.fields.get("lang")).Lang()
	filed, err := s.submit(c, in, in.fields.report(lang))
	if err != nil {
		drain(c)
		return err
	}
	return s.created(c, filedJSON{filed.ID, filed.Receipt.Grouped(), filed.State, filed.ReceivedOn})
}

// strict refuses fields that no report has: a program should hear of its slip,
// where a person's browser extension must not cost a report.
func (s *submission) strict() error {
	if problems := append(s.problems, s.fields.unknown()...); len(problems) > 0 {
		return &intake.InvalidError{Problems: problems}
	}
	return nil
}
