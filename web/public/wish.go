package public

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/crypto/receipt"
	"tipline/intake"
)

// wish notes what a reporter decides under a receipt: not to be contacted, or to
// take their identity back.
func (s *site) wish(c *gin.Context, code receipt.Receipt, kind intake.WishKind) error {
	err := s.Service.Wish(c.Request.Context(), code, kind)
	s.Count("wish", outcome(err))
	if err != nil {
		return fmt.Errorf("%w: %w", errWish, err)
	}
	return nil
}

// apiWithdraw destroys the identity behind a receipt.
func (s *site) apiWithdraw(c *gin.Context) error { return s.apiWish(c, intake.WishWithdraw) }

// apiNoContact ends every contact beside the receipt.
func (s *site) apiNoContact(c *gin.Context) error { return s.apiWish(c, intake.WishNoContact) }

func (s *site) apiWish(c *gin.Context, kind intake.WishKind) error {
	var in struct{ Receipt string }
	if err := s.readSmall(c, &in); err != nil {
		return err
	}
	code, err := s.open(c, in.Receipt)
	if err != nil {
		return err
	}
	if err := s.wish(c, code, kind); err != nil {
		return err
	}
	talk, err := s.Service.Look(c.Request.Context(), code)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, typeJSON, conversation(talk))
}
