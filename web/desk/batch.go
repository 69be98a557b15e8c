package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

// batched is what a press did to the tips that were chosen.
type batched struct {
	Done   int
	Failed []batchFailure
}

// batchFailure is one tip that stayed as it was, and why.
type batchFailure struct{ Tip, Why string }

// batch releases the chosen held tips, or marks them as spam: each in an act of its
// own with a row of its own, so that one that fails keeps no other back.
func (d *desk) batch(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	chosen := c.PostFormArray("tip")
	if len(chosen) > pageSize {
		return invalid("tip", "too_long")
	}
	var did batched
	words := d.frame(c, s)
	for _, tip := range chosen {
		if err := d.batchOne(c, s, tip); err != nil {
			did.Failed = append(did.Failed, batchFailure{tip, words.T("desk.error." + classify(err).kind)})
			continue
		}
		did.Done++
	}
	q := url.Values{"lane": {string(intake.Held)}}
	if flood := c.PostForm("flood"); flood != "" {
		q.Set("flood", flood)
	}
	if len(did.Failed) == 0 {
		q.Set("done", strconv.Itoa(did.Done))
		return d.to(c, "/?"+q.Encode())
	}
	return d.showInbox(c, s, http.StatusConflict, q, did)
}

func (d *desk) batchOne(c *gin.Context, s *members.Session, tip string) error {
	switch reason := c.PostForm("reason"); {
	case c.PostForm("act") == "release":
		return d.Casework.Release(c.Request.Context(), d.actor(s), tip)
	case c.PostForm("act") == "spam" && slices.Contains(casework.SpamReasons(), reason):
		return d.Casework.Move(c.Request.Context(), d.actor(s), tip, casework.Triage{To: intake.StateSpam, Reason: reason})
	default:
		return invalid("act", "unknown")
	}
}

// SpamReasons are the codes of spam.
func (inboxPage) SpamReasons() []string { return casework.SpamReasons() }
