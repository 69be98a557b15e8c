package desk

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/web/page"
)

type keepingPage struct {
	frame
	casework.Keeping
	Backups int  // days
	Ask     bool // the passphrase is asked for again before a destruction
	Decided bool // something was, by the press before
	Problem string
	Stuck   []casework.LeftSealed // tips that couldn't be sealed anew
}

// keeping is the page of what is kept long enough, of destructions and of what holds them.
func (d *desk) keeping(c *gin.Context, s *members.Session) error {
	return d.showKeeping(c, s, http.StatusOK, keepingPage{Decided: c.Query("done") != ""})
}

func (d *desk) showKeeping(c *gin.Context, s *members.Session, status int, p keepingPage) error {
	k, err := d.Casework.Keeping(c.Request.Context(), d.actor(s))
	if err != nil {
		return err
	}
	p.frame, p.Keeping, p.Backups, p.Ask = d.frame(c, s), k, d.Casework.Retention.Backups, !s.Confirmed(d.Now())
	d.render(c, status, "keeping", p)
	return nil
}

// askDestruction asks for a tip's destruction.
func (d *desk) askDestruction(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.AskDestruction(c.Request.Context(), d.actor(s), c.Param("id"), c.PostForm("reason")); err != nil {
		return d.again(c, s, "destroy", err)
	}
	return d.to(c, "/tips/"+c.Param("id")+"#keeping")
}

// askSpam asks for the destruction of the spam that was kept long enough.
func (d *desk) askSpam(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	_, err := d.Casework.AskSpam(c.Request.Context(), d.actor(s), c.PostForm("reason"))
	if err == nil {
		return d.to(c, "/retention?done=1")
	}
	if f := classify(err); f.status == http.StatusConflict {
		return d.showKeeping(c, s, f.status, keepingPage{Problem: d.frame(c, s).T("desk.error." + f.kind)})
	}
	return err
}

// decideDestruction approves a destruction, which is carried out at once, or keeps the
// tip. It wants to know that it is the member who sits there: nothing brings a tip back.
func (d *desk) decideDestruction(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	id, ctx := c.Param("id"), c.Request.Context()
	var err error
	switch c.PostForm("do") {
	case "approve":
		if err = d.confirmed(c, s); err == nil {
			err = d.Casework.ApproveDestruction(ctx, d.actor(s), id)
		}
		if err == nil {
			return d.to(c, "/certificates/"+id)
		}
	case "refuse":
		err = d.Casework.RefuseDestruction(ctx, d.actor(s), id)
	default:
		err = errMalformed
	}
	if err == nil {
		return d.to(c, "/retention?done=1")
	}
	f := classify(err)
	if f.status != http.StatusConflict && f.kind != "reentry" && f.kind != "login" {
		return err
	}
	return d.showKeeping(c, s, f.status, keepingPage{Problem: d.frame(c, s).T("desk.error." + f.kind)})
}

// resealFor is how long one press seals tips anew: the page comes back well before a browser or a
// proxy gives up, and the next press goes on.
const resealFor = 10 * time.Second

// reseal seals tips anew that an older version of the desk's key opens.
func (d *desk) reseal(c *gin.Context, s *members.Session) error {
	version, err := strconv.Atoi(c.Param("version"))
	if err != nil {
		return page.ErrNotFound
	}
	until := time.Now().Add(resealFor)
	got, err := d.Casework.ResealEpoch(c.Request.Context(), d.actor(s), version, func(int, int) bool { return time.Now().Before(until) })
	switch {
	case err != nil:
		return err
	case len(got.Left) > 0:
		return d.showKeeping(c, s, http.StatusConflict, keepingPage{Stuck: got.Left})
	default:
		return d.to(c, "/retention?done=1#keys")
	}
}

// holdBack keeps a tip from being destroyed, lift ends that.
func (d *desk) holdBack(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.HoldBack(c.Request.Context(), d.actor(s), c.Param("id"), trim(c, "why")); err != nil {
		if !d.actor(s).Is(casework.RoleHandler) {
			return err
		}
		return d.again(c, s, "hold", err)
	}
	return d.fromKeeping(c, s)
}

func (d *desk) lift(c *gin.Context, s *members.Session) error {
	if err := d.Casework.Lift(c.Request.Context(), d.actor(s), c.Param("id"), c.Param("hold")); err != nil {
		return err
	}
	return d.fromKeeping(c, s)
}

// fromKeeping goes back to where a hold was decided: the tip for who reads it.
func (d *desk) fromKeeping(c *gin.Context, s *members.Session) error {
	if d.actor(s).Is(casework.RoleHandler) {
		return d.to(c, "/tips/"+c.Param("id")+"#keeping")
	}
	return d.to(c, "/retention?done=1")
}

type certificatePage struct {
	frame
	intake.Destruction
	Together []intake.Destruction // what it is about, when that is several tips
}

// certificate is what remains of a destroyed tip, fit to be printed and signed.
func (d *desk) certificate(c *gin.Context, s *members.Session) error {
	cert, err := d.Casework.Certificate(c.Request.Context(), d.actor(s), c.Param("id"))
	if err != nil {
		return err
	}
	d.render(c, http.StatusOK, "certificate", certificatePage{d.frame(c, s), cert.Destruction, cert.Together})
	return nil
}

// Held is the holds of a tip that hold.
func (p tipPage) Held() (out []casework.Hold) {
	for _, h := range p.Holds {
		if h.LiftedOn == "" {
			out = append(out, h)
		}
	}
	return out
}

// MayDestroy says whether a destruction may be asked for: the tip was kept long enough
// and none is asked for.
func (p tipPage) MayDestroy() bool {
	return p.KeptUntil != "" && p.KeptUntil <= p.Today() && p.Doom == nil
}

// DestructionReasons are the codes of a destruction's reasons.
func (keepingPage) DestructionReasons() []string { return casework.DestructionReasons() }

// DestructionReasons are the codes of a destruction's reasons.
func (tipPage) DestructionReasons() []string { return casework.DestructionReasons() }
