package desk

import (
	"cmp"
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/members"
	"tipline/web/page"
)

type factorPage struct {
	frame
	Size    int    // modules of a side, with the quiet zone
	Path    string // of the dark modules
	Secret  []string
	Must    bool
	Bare    bool // no factor yet: a passkey may be the first
	Ask     bool
	Problem string
}

// factorForm shows the member's app what to take in. The picture is drawn here: no
// other place learns the secret.
func (d *desk) factorForm(c *gin.Context, s *members.Session) error {
	return d.factorPage(c, s, http.StatusOK, "")
}

func (d *desk) factorPage(c *gin.Context, s *members.Session, status int, problem string) error {
	own, err := d.Members.Own(c.Request.Context(), s.Unlocked)
	if err != nil {
		return err
	}
	if own.App {
		return d.to(c, "/account") // first the present one is removed, with the passphrase
	}
	v, pending := d.frame(c, s), s.Pending()
	size, path, err := page.QR(pending.Address(v.Office(), s.Member.Name))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	d.render(c, status, "factor", factorPage{frame: v, Size: size, Path: path, Secret: fours(pending.Text()),
		Must: d.SecondFactor && !s.Enrolled(), Bare: own.Since == "", Ask: !s.Confirmed(d.Now()), Problem: problem})
	return nil
}

// fours cuts a text that is typed by hand into groups.
func fours(text string) (out []string) {
	for ; len(text) > 4; text = text[4:] {
		out = append(out, text[:4])
	}
	return append(out, text)
}

// enrol gives the session's own member their factor. The secret is the one that this
// session was shown; a name or a secret in the form is nobody's.
func (d *desk) enrol(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if own, err := d.Members.Own(c.Request.Context(), s.Unlocked); err != nil || own.App {
		return cmp.Or(err, error(intake.ErrConflict))
	}
	if err := d.confirmed(c, s); err != nil {
		return d.refusedIn(c, s, err, d.factorPage)
	}
	printed, err := d.Sessions.Enrol(c.Request.Context(), s, c.PostForm("code"))
	if err != nil {
		return d.refusedIn(c, s, err, d.factorPage)
	}
	d.show(s, "codes", secret{s.Member.Name, printed})
	return d.to(c, "/account/codes")
}

func (d *desk) unenrol(c *gin.Context, s *members.Session) error {
	if err := d.confirmed(c, s); err != nil {
		return d.refusedIn(c, s, err, d.accountPage)
	}
	if err := d.Sessions.Unenrol(c.Request.Context(), s); err != nil {
		return err
	}
	d.once.forget(s.ID)
	return d.to(c, "/account")
}

// reprint makes new printed codes, for who used or lost theirs.
func (d *desk) reprint(c *gin.Context, s *members.Session) error {
	if err := d.confirmed(c, s); err != nil {
		return d.refusedIn(c, s, err, d.accountPage)
	}
	printed, err := d.Members.Reprint(c.Request.Context(), s.Unlocked)
	if err != nil {
		return err
	}
	d.show(s, "codes", secret{s.Member.Name, printed})
	return d.to(c, "/account/codes")
}

type secretPage struct {
	frame
	Secret   secret
	Strength members.Strength
}

// codes shows what was just made, to print it.
func (d *desk) codes(c *gin.Context, s *members.Session) error {
	made, ok := d.shown(s, "codes")
	if !ok {
		return d.to(c, "/account")
	}
	c.Header("Cache-Control", "no-store")
	d.render(c, http.StatusOK, "codes", secretPage{frame: d.frame(c, s), Secret: made})
	return nil
}

func (d *desk) codesDone(c *gin.Context, s *members.Session) error {
	d.once.forget(s.ID)
	return d.to(c, "/account")
}
