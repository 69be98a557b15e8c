package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/intake/members"
	"tipline/web/page"
)

// formLimit is the most a form without files may weigh.
const formLimit = 1 << 20

type loginPage struct {
	frame
	Name, Next, Problem string
	Resume              resume
}

func (d *desk) loginForm(c *gin.Context) error {
	d.render(c, http.StatusOK, "login", loginPage{frame: d.frame(c, nil), Next: local(c.Query("next"))})
	return nil
}

// login opens a session. What was wrong isn't told, only that something was.
func (d *desk) login(c *gin.Context) error {
	if err := d.parse(c); err != nil {
		return err
	}
	name := c.PostForm("member")
	token, s, err := d.Sessions.Login(c.Request.Context(), members.Attempt{Name: name, Passphrase: c.PostForm("passphrase"),
		Code: c.PostForm("code"), Passkey: []byte(c.PostForm("passkey")), Origin: d.Origin(c.Request)})
	if err != nil {
		f := classify(err)
		if f.status >= http.StatusInternalServerError {
			return err
		}
		if f.status == http.StatusTooManyRequests {
			c.Header("Retry-After", "30")
		}
		v := d.frame(c, nil)
		d.render(c, f.status, "login", loginPage{frame: v, Name: name, Next: local(c.PostForm("next")), Problem: v.T("desk.error." + f.kind), Resume: resumed(c.Request.PostForm)})
		return nil
	}
	d.setCookie(c, token)
	if s.Member.MustChange {
		return d.to(c, "/passphrase")
	}
	if r := resumed(c.Request.PostForm); r.To != "" {
		c.Redirect(http.StatusTemporaryRedirect, d.pages.Path(r.To)) // the browser sends the form again
		return nil
	}
	return d.back(c, local(c.PostForm("next")))
}

func (d *desk) logout(c *gin.Context) error {
	if cookie, err := c.Request.Cookie(d.cookieName()); err == nil {
		if err := d.Sessions.Logout(c.Request.Context(), cookie.Value); err != nil {
			return err
		}
	}
	d.setCookie(c, "")
	return d.to(c, "/login")
}

// parse reads a small form.
func (d *desk) parse(c *gin.Context) error { return page.ReadForm(c.Writer, c.Request, formLimit) }

type passphrasePage struct {
	frame
	Must                bool
	Suggestion, Problem string
	Strength            *members.Strength // of the new one that was refused, nil when none was typed
}

func (d *desk) passphraseForm(c *gin.Context, s *members.Session) error {
	d.render(c, http.StatusOK, "passphrase", passphrasePage{frame: d.frame(c, s), Must: s.Member.MustChange, Suggestion: d.Suggest()})
	return nil
}

// strength says how hard a new passphrase is to guess, while it is typed. It is kept
// nowhere.
func (d *desk) strength(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	m := members.Measure(c.PostForm("fresh"))
	c.JSON(http.StatusOK, gin.H{"bits": m.Bits, "grade": m.Grade, "words": d.frame(c, s).Strong(m)})
	return nil
}

// passphrase changes it and asks for it again: the old keys leave memory.
func (d *desk) passphrase(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	v := d.frame(c, s)
	unlocked := *s.Unlocked // the session's own is read by its other requests meanwhile
	problem, status := "", http.StatusUnprocessableEntity
	if c.PostForm("fresh") != c.PostForm("again") {
		problem = v.T("desk.error.again")
	} else if err := d.Members.ChangePassphrase(c.Request.Context(), &unlocked, c.PostForm("old"), c.PostForm("fresh")); err != nil {
		f := classify(err)
		if f.status >= http.StatusInternalServerError {
			return err
		}
		problem, status = v.T("desk.error."+f.kind), f.status
	}
	if problem != "" {
		p := passphrasePage{frame: v, Must: s.Member.MustChange, Suggestion: d.Suggest(), Problem: problem}
		if fresh := c.PostForm("fresh"); fresh != "" {
			strength := members.Measure(fresh)
			p.Strength = &strength
		}
		d.render(c, status, "passphrase", p)
		return nil
	}
	d.Sessions.End(s.Member.Name)
	d.setCookie(c, "")
	return d.to(c, "/login")
}
