package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/web/page"
)

// cookieName is the session's cookie. Behind TLS it has the prefix that keeps every other host of the domain from
// setting one (RFC 6265bis, 4.1.3.2). Browsers want the path / for it: a desk under a path goes without.
func (d *desk) cookieName() string {
	if d.secure() && d.pages.Path("/") == "/" {
		return "__Host-desk"
	}
	return "desk"
}

func (d *desk) secure() bool { return strings.HasPrefix(d.BaseURL, "https://") }

// guarded answers for a member who is logged in.
type guarded func(c *gin.Context, s *members.Session) error

// ours refuses posts that another site's page sends.
func (d *desk) ours(c *gin.Context) error { return d.sameOrigin(c.Request) }

// member lets anybody in who is logged in. A printed passphrase is changed before
// anything else.
func (d *desk) member(h guarded) page.Handler {
	return func(c *gin.Context) error {
		s, ok := d.session(c)
		if !ok {
			return d.toLogin(c)
		}
		if s.Member.MustChange {
			if !strings.HasPrefix(c.FullPath(), "/passphrase") {
				return d.to(c, "/passphrase")
			}
		} else if d.SecondFactor && !s.Enrolled() && !slices.Contains([]string{"/account/factor", "/account/factor/passkey", "/account/factor/passkey/options"}, c.FullPath()) {
			return d.to(c, "/account/factor")
		}
		return h(c, s)
	}
}

func (d *desk) handler(h guarded) page.Handler   { return d.member(d.only(casework.RoleHandler, h)) }
func (d *desk) custodian(h guarded) page.Handler { return d.member(d.only(casework.RoleCustodian, h)) }

func (d *desk) only(role string, h guarded) guarded {
	return func(c *gin.Context, s *members.Session) error {
		switch {
		case d.actor(s).Is(role):
			return h(c, s)
		case c.FullPath() == "/":
			return d.to(c, home(d.actor(s).Roles))
		default:
			return casework.ErrForbidden
		}
	}
}

// home is the first page of a member who isn't a handler.
func home(roles []string) string {
	switch {
	case slices.Contains(roles, members.Custodian):
		return "/custody"
	case slices.Contains(roles, members.Administrator), slices.Contains(roles, members.Supervisor):
		return "/members"
	case slices.Contains(roles, members.Auditor):
		return "/audit"
	default:
		return "/account" // which says what they wait for
	}
}

func (d *desk) session(c *gin.Context) (*members.Session, bool) {
	cookie, err := c.Request.Cookie(d.cookieName())
	if err != nil {
		return nil, false
	}
	return d.Sessions.Get(cookie.Value)
}

// actor is who works in a session.
func (d *desk) actor(s *members.Session) casework.Actor {
	return casework.Actor{Name: s.Member.Name, Roles: d.Members.Working(s.Unlocked), Desk: s.Member.Desk, Ring: s.Ring, Key: s.Key}
}

// setCookie keeps the session's token where no script and no other site can
// reach it. An empty token ends it.
func (d *desk) setCookie(c *gin.Context, token string) {
	age := 0
	if token == "" {
		age = -1
	}
	http.SetCookie(c.Writer, &http.Cookie{Name: d.cookieName(), Value: token, Path: d.pages.Path("/"), MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: d.secure()})
}

// to sends the browser on after a post, in the language that was chosen.
func (d *desk) to(c *gin.Context, path string) error {
	c.Redirect(http.StatusSeeOther, d.pages.View(c.Request).URL(path))
	return nil
}

// toLogin comes back to the page that was asked for.
func (d *desk) toLogin(c *gin.Context) error {
	if c.Request.Method == http.MethodPost {
		return d.expired(c)
	}
	path := "/login"
	if c.Request.Method == http.MethodGet && c.Request.URL.Path != "/" {
		path += "?next=" + url.QueryEscape(c.Request.URL.RequestURI())
	}
	return d.to(c, path)
}

// back goes to a page that was asked for before the login; its address names the
// language already.
func (d *desk) back(c *gin.Context, next string) error {
	if next == "/" {
		return d.to(c, next)
	}
	c.Redirect(http.StatusSeeOther, d.pages.Path(next))
	return nil
}

// local is next if it stays on this site, else the first page.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}
