package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/intake/members"
)

// passkeyQuestion is what the login's script asks a passkey. It is the same for
// everybody, so it tells nothing of who has one.
func (d *desk) passkeyQuestion(c *gin.Context) error {
	return d.question(c, d.Sessions.PasskeyQuestion)
}

// offerPasskey is what the script asks a device to make a passkey by. It goes to who is
// logged in, whatever the form says.
func (d *desk) offerPasskey(c *gin.Context, s *members.Session) error {
	return d.question(c, func() ([]byte, error) { return d.Sessions.OfferPasskey(c.Request.Context(), s) })
}

func (d *desk) question(c *gin.Context, ask func() ([]byte, error)) error {
	body, err := ask()
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/json", body)
	return nil
}

// addPasskey keeps what the device answered, behind the passphrase.
func (d *desk) addPasskey(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.confirmed(c, s); err != nil {
		return d.refusedIn(c, s, err, d.passkeyProblem)
	}
	printed, err := d.Sessions.AddPasskey(c.Request.Context(), s, c.PostForm("name"), []byte(c.PostForm("passkey")))
	if err != nil {
		return d.refusedIn(c, s, err, d.passkeyProblem)
	}
	if len(printed) == 0 {
		return d.to(c, "/account")
	}
	d.show(s, "codes", secret{s.Member.Name, printed})
	return d.to(c, "/account/codes")
}

// passkeyProblem shows the page the form stood on: who has no factor yet came from the
// page to set one up.
func (d *desk) passkeyProblem(c *gin.Context, s *members.Session, status int, problem string) error {
	if s.Enrolled() {
		return d.accountPage(c, s, status, problem)
	}
	return d.factorPage(c, s, status, problem)
}

// removePasskey takes one away. The passphrase is asked for each time: a desk left open
// for a moment keeps its second factor.
func (d *desk) removePasskey(c *gin.Context, s *members.Session) error {
	if err := d.reentered(c, s); err != nil {
		return d.refusedIn(c, s, err, d.accountPage)
	}
	if err := d.Sessions.RemovePasskey(c.Request.Context(), s, c.PostForm("id")); err != nil {
		return err
	}
	return d.to(c, "/account")
}

// Passkeys says whether the desk is reached in a way in which browsers make them.
func (f frame) Passkeys() bool { return f.d.Members.Passkeys != nil }
