package public

import (
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
)

// apiMessages adds what the reporter writes under a receipt. An Idempotency-Key
// makes a repetition harmless.
func (s *site) apiMessages(c *gin.Context) error {
	var in struct{ Receipt, Text string }
	if err := s.readSmall(c, &in); err != nil {
		return err
	}
	code, err := s.open(c, in.Receipt)
	if err != nil {
		return err
	}
	key := strings.Trim(c.GetHeader("Idempotency-Key"), `"`)
	if _, err := s.add(c, code, &submission{fields: fields{"text": {in.Text}, "token": {key}}}); err != nil {
		return err
	}
	return s.created(c, struct {
		From string `json:"from"`
	}{intake.FromReporter})
}
