package public

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

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
	Receipt, Text string
	Token, Fresh  string   // of the words and of the files
	Sent          bool     // something was added
	Added         int      // files
	Kept          []string // what became of each of them
}

// receiptForm asks for a receipt; it never takes one in the address.
func (s *site) receiptForm(c *gin.Context) error {
	return s.html(c, http.StatusOK, s.of(s.view(c)).receipt)
}

// receipt opens a receipt: first it adds the words and files that came along, if
// any did.
func (s *site) receipt(c *gin.Context) error {
	in, err := s.read(c.Writer, c.Request, typeForm, typeMultipart)
	v := s.speaking(s.view(c), in.fields.get("lang"))
	if err != nil {
		return s.askAgain(c, v, in.fields, err)
	}
	if in.fields.get("step") == stepLanguage {
		p := s.asks(v, in.fields)
		p.refusal = again(v, "receipt", in.fields)
		return s.render(c, "receipt", p)
	}
	code, err := s.open(c, in.fields.get("receipt"))
	if err != nil {
		return s.askAgain(c, v, in.fields, err)
	}
	shown := statusPage{frame: s.frame(v), Receipt: code.Grouped(), Token: newToken(), Fresh: newToken()}
	shown.Typing = typing{"add", stepAgain, ""}
	_, adds := in.fields["text"]
	var refusedBy error
	if in.fields.get("step") == stepAgain {
		adds, shown.Text, shown.Token, shown.refusal = false, in.fields.get("text"), token(in, nil), again(v, "receipt", in.fields)
	}
	if kind := intake.WishKind(in.fields.get("wish")); kind != "" {
		// An identity is gone for good: a press alone doesn't do it.
		if kind == intake.WishNoContact || in.fields.get("sure") != "" {
			refusedBy = s.wish(c, code, kind)
		}
	} else if adds || in.next != nil {
		var files []intake.SealedFile
		files, refusedBy = s.add(c, code, in)
		shown.Sent, shown.Added, shown.Kept = refusedBy == nil, len(files), kept(v, files)
	}
	if shown.Conversation, err = s.look(c, code, refusedBy); err != nil {
		return s.askAgain(c, v, in.fields, err)
	}
	s.Count("receipt", outcome(nil))
	if refusedBy == nil {
		return s.render(c, "status", shown)
	}
	drain(c)
	return &refused{err: refusedBy, area: "receipt", page: func(f refusal) (string, any) {
		shown.refusal, shown.Text, shown.Token = f, in.fields.get("text"), token(in, refusedBy)
		return "status", shown
	}}
}

// lookAfter is how long a conversation is looked for behind what wasn't stored: a store that keeps
// silent has been waited for once.
const lookAfter = 2 * time.Second

func (s *site) look(c *gin.Context, code receipt.Receipt, refusedBy error) (intake.Conversation, error) {
	ctx := c.Request.Context()
	if errors.Is(refusedBy, intake.ErrNotDurable) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, lookAfter)
		defer cancel()
	}
	return s.Service.Look(ctx, code)
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

// add takes what came along with a receipt. The same token with the same content
// adds it once.
func (s *site) add(c *gin.Context, code receipt.Receipt, in *submission) ([]intake.SealedFile, error) {
	a := intake.Addition{Text: in.fields.get("text"), Token: in.fields.get("token")}
	if in.next != nil {
		a.Files = in.files
	}
	files, err := s.Service.Add(c.Request.Context(), code, a)
	s.Count("message", outcome(err))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMessage, err)
	}
	return files, nil
}

// askAgain is the receipt form with what was typed.
func (s *site) askAgain(c *gin.Context, v page.View, typed fields, err error) error {
	s.Count("receipt", outcome(err))
	drain(c)
	return &refused{err: err, area: "receipt", page: func(f refusal) (string, any) {
		p := s.asks(v, typed)
		p.refusal = f
		return "receipt", p
	}}
}

// asks is the receipt form with what was typed.
func (s *site) asks(v page.View, typed fields) receiptPage {
	p := receiptPage{frame: s.frame(v), Typed: typed.get("receipt"), Text: typed.get("text"), Token: typed.get("token")}
	p.Typing = typing{"ask", stepLanguage, ""}
	return p
}
