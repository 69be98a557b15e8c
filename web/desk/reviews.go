package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

type reviewsPage struct {
	frame
	Rows     []reviewRow
	Done     int // decided by the press before
	Problems int
}

// reviewRow is a refusal on the screen, with what went wrong when it was decided.
type reviewRow struct {
	casework.Refusal
	Mine        bool
	Chosen, Why string
	Problem     string
}

// errUndecided says that nothing was chosen.
var errUndecided = errors.New("nothing was chosen")

// reviews is the one screen for every refusal that waits for a second reviewer.
func (d *desk) reviews(c *gin.Context, s *members.Session) error {
	p, err := d.openReviews(c, s)
	if err != nil {
		return err
	}
	p.Done, _ = strconv.Atoi(c.Query("done")) // anything else says nothing
	d.render(c, http.StatusOK, "reviews", p)
	return nil
}

func (d *desk) openReviews(c *gin.Context, s *members.Session) (reviewsPage, error) {
	waiting, err := d.Casework.ToReview(c.Request.Context(), d.actor(s))
	if err != nil {
		return reviewsPage{}, err
	}
	p := reviewsPage{frame: d.frame(c, s)}
	for _, r := range waiting {
		p.Rows = append(p.Rows, reviewRow{Refusal: r, Mine: r.Asker == p.Member})
	}
	slices.SortStableFunc(p.Rows, func(a, b reviewRow) int { // what others decide stands behind
		switch {
		case a.Mine == b.Mine:
			return 0
		case a.Mine:
			return 1
		default:
			return -1
		}
	})
	return p, nil
}

// Decides says whether there is something that the reader may decide.
func (p reviewsPage) Decides() bool { return len(p.Rows) > 0 && !p.Rows[0].Mine }

// review decides what was chosen, each refusal in an act of its own: one that fails
// keeps no other back, and says why.
func (d *desk) review(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	done, failed := 0, map[string]error{}
	for _, tip := range c.PostFormArray("tip") {
		err := d.decide(c, s, tip)
		switch {
		case errors.Is(err, errUndecided):
		case err != nil:
			failed[tip] = err
		default:
			done++
		}
	}
	if len(failed) == 0 {
		return d.to(c, "/reviews?done="+strconv.Itoa(done))
	}
	p, err := d.openReviews(c, s)
	if err != nil {
		return err
	}
	p.Done, p.Problems = done, len(failed)
	for i := range p.Rows {
		r := &p.Rows[i]
		r.Chosen, r.Why = c.PostForm("do-"+r.Tip), c.PostForm("why-"+r.Tip)
		if err := failed[r.Tip]; err != nil {
			r.Problem = p.T("desk.error." + classify(err).kind)
		}
	}
	d.render(c, http.StatusConflict, "reviews", p)
	return nil
}

func (d *desk) decide(c *gin.Context, s *members.Session, tip string) error {
	switch c.PostForm("do-" + tip) {
	case "confirm":
		return d.Casework.Confirm(c.Request.Context(), d.actor(s), tip)
	case "return":
		return d.Casework.Return(c.Request.Context(), d.actor(s), tip, trim(c, "why-"+tip))
	default:
		return errUndecided
	}
}

// Waits says whether a refusal takes effect only now.
func (r reviewRow) Waits() bool { return r.Kind == intake.ReviewBefore }
