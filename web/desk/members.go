package desk

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/web/page"
)

// errTaken says that a new member's name is somebody else's.
var errTaken = errors.New("a member has this name already")

// seesStaff says whether the list of members is shown to roles.
func seesStaff(roles []string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return r != members.Auditor })
}

// staff lets in who sees the list of members; what each may do to it is up to package
// members.
func (d *desk) staff(h guarded) page.Handler {
	return d.member(func(c *gin.Context, s *members.Session) error {
		if !seesStaff(d.actor(s).Roles) {
			return casework.ErrForbidden
		}
		if err := d.parse(c); err != nil {
			return err
		}
		return h(c, s)
	})
}

type staffPage struct {
	frame
	People  []members.Staff
	Roles   []string // that may be given
	Admin   bool     // keeps the list
	Ends    bool     // may end others' sessions
	Mine    []string // the roles whose keys this member may grant
	Live    map[string]int
	Ask     bool              // the passphrase is asked for again
	New     members.NewMember // what was typed
	Problem string
}

func (d *desk) people(c *gin.Context, s *members.Session) error {
	return d.peoplePage(c, s, http.StatusOK, "")
}

func (d *desk) peoplePage(c *gin.Context, s *members.Session, status int, problem string) error {
	all, err := d.Members.Staff(c.Request.Context(), s.Member.Desk)
	if err != nil {
		return err
	}
	d.weak.again()
	has := d.actor(s).Is
	p := staffPage{frame: d.frame(c, s), People: all, Admin: has(members.Administrator), Ends: has(members.Administrator) || has(members.Supervisor),
		Live: map[string]int{}, Ask: !s.Confirmed(d.Now()), Problem: problem}
	for _, role := range members.KeyRoles() {
		if has(role) {
			p.Mine = append(p.Mine, role)
		}
	}
	if p.Roles = p.Mine; p.Admin {
		p.Roles = members.Roles()
	}
	if p.Ends {
		for _, m := range all {
			p.Live[m.Name] = len(d.Sessions.List(m.Name))
		}
	}
	if problem != "" {
		p.New = members.NewMember{Name: c.PostForm("name"), Roles: c.PostFormArray("role")}
	}
	d.render(c, status, "members", p)
	return nil
}

// Grants says whether this member may grant m the keys of role.
func (p staffPage) Grants(m members.Staff, role string) bool {
	return m.Name != p.Member && !m.Disabled && !m.MustChange && slices.Contains(p.Mine, role)
}

// Restores says whether this member may give m a new key.
func (p staffPage) Restores(m members.Staff) bool {
	return m.Name != p.Member && (p.Admin || !slices.ContainsFunc(m.Roles, func(r string) bool { return !slices.Contains(p.Mine, r) }))
}

// Among says whether a list of roles names one.
func (p staffPage) Among(roles []string, role string) bool { return slices.Contains(roles, role) }

// addMember adds a member under a passphrase that is made up here and shown once.
func (d *desk) addMember(c *gin.Context, s *members.Session) error {
	n := members.NewMember{Name: strings.TrimSpace(c.PostForm("name")), Roles: c.PostFormArray("role"), Passphrase: d.Suggest(), MustChange: true}
	err := d.confirmed(c, s)
	if err == nil {
		err = d.Members.Add(c.Request.Context(), s.Unlocked, n)
	}
	if errors.Is(err, intake.ErrConflict) {
		err = fmt.Errorf("%w: %w", errTaken, err)
	}
	if err != nil {
		return d.refusedIn(c, s, err, d.peoplePage)
	}
	return d.handOver(c, s, n.Name, n.Passphrase)
}

// rekey restores a member whose passphrase is lost.
func (d *desk) rekey(c *gin.Context, s *members.Session) error {
	name, passphrase := c.PostForm("member"), d.Suggest()
	err := d.reentered(c, s)
	if err == nil {
		err = d.Members.Rekey(c.Request.Context(), s.Unlocked, name, passphrase)
	}
	if err != nil {
		return d.refusedIn(c, s, err, d.peoplePage)
	}
	d.Sessions.End(name)
	return d.handOver(c, s, name, passphrase)
}

func (d *desk) handOver(c *gin.Context, s *members.Session, name, passphrase string) error {
	d.show(s, "passphrase", secret{name, []string{passphrase}})
	return d.to(c, "/members/printed")
}

// printed shows a passphrase that was just made up for somebody, to hand it over.
func (d *desk) printed(c *gin.Context, s *members.Session) error {
	made, ok := d.shown(s, "passphrase")
	if !ok {
		return d.to(c, "/members")
	}
	c.Header("Cache-Control", "no-store")
	d.render(c, http.StatusOK, "printed", secretPage{frame: d.frame(c, s), Secret: made, Strength: members.Measure(made.Lines[0])})
	return nil
}

func (d *desk) printedDone(c *gin.Context, s *members.Session) error {
	d.once.forget(s.ID)
	return d.to(c, "/members")
}

// grant gives a member a role's keys. The passphrase is asked for each time, since
// nothing takes a key back.
func (d *desk) grant(c *gin.Context, s *members.Session) error {
	name := c.PostForm("member")
	err := d.reentered(c, s)
	if err == nil {
		err = d.Members.Grant(c.Request.Context(), s.Unlocked, name, c.PostForm("role"), c.PostForm("mark"))
	}
	return d.changed(c, s, name, err)
}

func (d *desk) changeRoles(c *gin.Context, s *members.Session) error {
	name := c.PostForm("member")
	err := d.confirmed(c, s)
	if err == nil {
		err = d.Members.SetRoles(c.Request.Context(), s.Unlocked, name, c.PostFormArray("role"))
	}
	return d.changed(c, s, name, err)
}

func (d *desk) disable(c *gin.Context, s *members.Session) error { return d.setDisabled(c, s, true) }
func (d *desk) enable(c *gin.Context, s *members.Session) error  { return d.setDisabled(c, s, false) }

func (d *desk) setDisabled(c *gin.Context, s *members.Session, off bool) error {
	name := c.PostForm("member")
	return d.changed(c, s, name, d.Members.SetDisabled(c.Request.Context(), s.Unlocked, name, off))
}

func (d *desk) endOf(c *gin.Context, s *members.Session) error {
	if err := d.Sessions.EndOf(c.Request.Context(), s, c.PostForm("member")); err != nil {
		return d.refusedIn(c, s, err, d.peoplePage)
	}
	return d.to(c, "/members")
}

// changed goes back to the list after a change to a member, whose sessions end: what
// they unlocked isn't what they may any more.
func (d *desk) changed(c *gin.Context, s *members.Session, name string, err error) error {
	if err != nil {
		return d.refusedIn(c, s, err, d.peoplePage)
	}
	d.Sessions.End(name)
	return d.to(c, "/members")
}
