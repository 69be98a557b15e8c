package public

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/web/page"
)

// receiptPage asks for a receipt; after a failure it holds what was typed.
type receiptPage struct {
	frame
	refusal
	Typed, Text, Token string
}

// statusPage shows what a receipt opens.
type statusPage struct {
	frame
	refusal
	intake.Conversation
	Receipt, Text, Token string
	Sent                 bool
}

// receiptForm asks for a receipt; it never takes one in the address.
func (s *site) receiptForm(c *gin.Context) error {
	return s.html(c, http.StatusOK, s.of(s.view(c)).receipt)
}

// receipt opens a receipt: first it adds the message that came along, if one did.
func (s *site) receipt(c *gin.Context) error {
	in, err := s.read(c.Writer, c.Request, typeForm, typeMultipart)
	v := s.speaking(s.view(c), in.fields.get("lang"))
	if err != nil {
		return s.askAgain(v, in.fields, err)
	}
	code, err := s.open(c, in.fields.get("receipt"))
	if err != nil {
		return s.askAgain(v, in.fields, err)
	}
	_, adds := in.fields["text"]
	var said error
	if kind := in.fields.get("wish"); kind != "" {
		// An identity is gone for good: a press alone doesn't do it.
		if intake.WishKind(kind) == intake.WishNoContact || in.fields.get("sure") != "" {
			said = s.wish(c, code, intake.WishKind(kind))
		}
	} else if adds {
		said = s.say(c, code, in.fields)
	}
	talk, err := s.Service.Look(c.Request.Context(), code)
	if err != nil {
		return s.askAgain(v, in.fields, err)
	}
	s.Count("receipt", outcome(nil))
	shown := statusPage{frame: s.frame(v), Conversation: talk, Receipt: code.Grouped(), Token: newToken(), Sent: adds && in.fields.get("wish") == ""}
	if said != nil {
		return &refused{err: said, area: "receipt", page: func(f refusal) (string, any) {
			shown.refusal, shown.Text, shown.Token, shown.Sent = f, in.fields.get("text"), in.fields.get("token"), false
			return "status", shown
		}}
	}
	body, err := s.pages.Render("status", shown)
	if err != nil {
		return fmt.Errorf("the status page can't be rendered: %w", err)
	}
	return s.html(c, http.StatusOK, body)
}

// open reads a receipt and asks the limit before anything is looked up. A wrong
// check digit costs nothing: most of them are slips.
func (s *site) open(c *gin.Context, typed string) (receipt.Receipt, error) {
	code, err := receipt.Parse(typed)
	if err != nil {
		return code, err
	}
	if wait := s.AllowReceipt(c.Request.Context(), s.origin(c)); wait > 0 {
		return code, &intake.LimitedError{RetryAfter: wait}
	}
	return code, nil
}

func (s *site) say(c *gin.Context, code receipt.Receipt, f fields) error {
	err := s.said.once(f.get("token"), code.Digits()+f.get("text"), func() error {
		return s.Service.Say(c.Request.Context(), code, f.get("text"))
	})
	s.Count("message", outcome(err))
	if err != nil {
		return fmt.Errorf("%w: %w", errMessage, err)
	}
	return nil
}

// askAgain is the receipt form with what was typed.
func (s *site) askAgain(v page.View, typed fields, err error) error {
	s.Count("receipt", outcome(err))
	return &refused{err: err, area: "receipt", page: func(f refusal) (string, any) {
		return "receipt", receiptPage{frame: s.frame(v), refusal: f,
			Typed: typed.get("receipt"), Text: typed.get("text"), Token: typed.get("token")}
	}}
}
