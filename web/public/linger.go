package public

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// A browser that is still sending doesn't read: it would show a broken connection instead
// of the form with what was typed. So what is left of a refused body is read first, if it
// is little. A video that is too large is answered at once, and the connection closed some
// seconds later (as nginx's lingering_close does): a browser that can send no more reads
// what came, and a phone doesn't pay for all of it.
const (
	readFirst = 1 << 20
	lingering = 10 * time.Second
)

// What a request's context says of its body.
const (
	wholeBody = "body"   // a *turn, without the bounds of what a handler reads of it
	unread    = "unread" // it goes on
)

// drain reads what is left of a body before a refusal is answered, if it is little.
func drain(c *gin.Context) {
	b := c.MustGet(wholeBody).(*turn)
	if c.Request.ContentLength > b.read()+readFirst {
		c.Set(unread, true)
	} else if _, err := io.CopyN(io.Discard, b, readFirst); err == nil {
		c.Set(unread, true)
	}
}

// parting is called before a refusal is written; what it returns, after that.
func parting(c *gin.Context) func() {
	if !c.GetBool(unread) || c.Request.ProtoMajor != 1 { // HTTP/2 tells a browser to stop sending
		return func() {}
	}
	rc := http.NewResponseController(c.Writer)
	_ = rc.EnableFullDuplex() // else the server reads on by itself, or cuts the answer off
	c.Header("Connection", "close")
	body := c.MustGet(wholeBody).(*turn)
	return func() {
		_ = rc.Flush()
		end := time.Now().Add(lingering)
		stop := time.AfterFunc(lingering, func() { _ = rc.SetReadDeadline(time.Unix(1, 0)) })
		defer stop.Stop()
		for err := error(nil); err == nil && time.Now().Before(end); {
			_, err = io.CopyN(io.Discard, body, 32<<10)
		}
	}
}
