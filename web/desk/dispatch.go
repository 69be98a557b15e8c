package desk

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

// One press sends so many answers, within so much time; the rest wait for another.
const (
	maxPress  = 20
	pressTime = 60 * time.Second
)

type dispatchPage struct {
	frame
	Rows     []dispatchRow
	Done     int // sent by the press before
	Problems int
}

// dispatchRow is an answer on the screen, with what went wrong when it was sent.
type dispatchRow struct {
	casework.Sendable
	Why, Problem string
}

// Busy says whether somebody is sending the answer at this moment.
func (r dispatchRow) Busy() bool { return r.State == intake.DispatchSending }

// Unclear says whether the answer may have gone out already.
func (r dispatchRow) Unclear() bool { return r.State == intake.DispatchUnclear }

// dispatches is the screen of the answers that wait for a custodian.
func (d *desk) dispatches(c *gin.Context, s *members.Session) error {
	p, err := d.openDispatches(c, s)
	if err != nil {
		return err
	}
	p.Done, _ = strconv.Atoi(c.Query("done")) // anything else says nothing
	d.render(c, http.StatusOK, "dispatch", p)
	return nil
}

func (d *desk) openDispatches(c *gin.Context, s *members.Session) (dispatchPage, error) {
	waiting, err := d.Casework.ToSend(c.Request.Context(), d.actor(s))
	if err != nil {
		return dispatchPage{}, err
	}
	p := dispatchPage{frame: d.frame(c, s)}
	for _, w := range waiting {
		p.Rows = append(p.Rows, dispatchRow{Sendable: w})
	}
	return p, nil
}

// dispatch sends what was checked, or gives one answer back, each in an act of its
// own: one that fails keeps no other back, and says why.
func (d *desk) dispatch(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	done, failed := 0, map[string]error{}
	if id := c.PostForm("return"); id != "" {
		if err := d.Casework.ReturnAnswer(c.Request.Context(), d.actor(s), id, trim(c, "why-"+id)); err != nil {
			failed[id] = err
		}
	} else {
		done = d.sendAll(c, s, failed)
	}
	if len(failed) == 0 {
		return d.to(c, "/dispatch?done="+strconv.Itoa(done))
	}
	return d.dispatchesAgain(c, s, done, failed)
}

func (d *desk) sendAll(c *gin.Context, s *members.Session, failed map[string]error) (done int) {
	chosen, until := c.PostFormArray("send"), d.Now().Add(pressTime)
	for _, id := range chosen[:min(maxPress, len(chosen))] {
		if d.Now().After(until) {
			break
		}
		if err := d.Casework.Dispatch(c.Request.Context(), d.actor(s), id, c.PostForm("again-"+id) != ""); err != nil {
			failed[id] = err
			continue
		}
		done++
	}
	return done
}

// dispatchesAgain is the screen as it is now, with what failed. What another
// custodian sent meanwhile isn't on it any more.
func (d *desk) dispatchesAgain(c *gin.Context, s *members.Session, done int, failed map[string]error) error {
	p, err := d.openDispatches(c, s)
	if err != nil {
		return err
	}
	p.Done, p.Problems = done, len(failed)
	for i := range p.Rows {
		r := &p.Rows[i]
		r.Why = c.PostForm("why-" + r.ID)
		if err := failed[r.ID]; err != nil {
			r.Problem = p.failedTo(err)
		}
	}
	d.render(c, http.StatusConflict, "dispatch", p)
	return nil
}

// failedTo words why an answer wasn't sent.
func (f frame) failedTo(err error) string {
	if e, ok := errors.AsType[*intake.SendError](err); ok {
		return f.T("dispatch.result." + e.Reason)
	}
	return f.T("desk.error." + classify(err).kind)
}

// SendResult words a dispatch's code, "" when there is none.
func (f frame) SendResult(code string) string {
	if code == "" {
		return ""
	}
	return f.T("dispatch.result." + code)
}

// Told are the answers to the reporter's phone or mailbox that repeat a message.
func (p tipPage) Told(message string) (out []intake.Dispatch) {
	for _, d := range p.Dispatches {
		if d.Message == message {
			out = append(out, d)
		}
	}
	return out
}

// toldLine is what the partial "told" renders: one answer, and the custodian's reason
// when it was given back.
type toldLine struct {
	frame
	intake.Dispatch
	Why string
}

// One gives an answer on its way to the partial "told".
func (p tipPage) One(d intake.Dispatch) toldLine { return toldLine{p.frame, d, p.Because[d.ID]} }

// Reaches is how an answer reaches the reporter by now.
func (p tipPage) Reaches() intake.Reply {
	if p.Tip.DoNotContact {
		return intake.ReplyNone
	}
	return p.Tip.Reply
}
