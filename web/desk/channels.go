package desk

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake/casework"
	"tipline/intake/members"
)

type channelsPage struct {
	frame
	casework.ChannelsView
}

// channels is how each channel does, and what couldn't be read.
func (d *desk) channels(c *gin.Context, s *members.Session) error {
	v, err := d.Casework.Channels(c.Request.Context(), d.actor(s))
	if err != nil {
		return err
	}
	d.render(c, http.StatusOK, "channels", channelsPage{d.frame(c, s), v})
	return nil
}

// media has a file fetched again that couldn't be, and goes back to where that was asked.
func (d *desk) media(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.FetchAgain(c.Request.Context(), d.actor(s), c.Param("id"), c.PostForm("file")); err != nil {
		return err
	}
	if c.PostForm("from") == "channels" {
		return d.to(c, "/channels#files")
	}
	return d.to(c, "/tips/"+c.Param("id"))
}

// Named is a channel's name.
func (p channelsPage) Named(v casework.InletView) string {
	if v.Name == "" {
		return p.T("inlets." + v.Key)
	}
	return v.Name
}

// Word is how a channel does in a word, a key of the messages.
func (p channelsPage) Word(v casework.InletView) string {
	switch {
	case v.Ill():
		return "trouble"
	case !p.Hidden && !v.Out && v.Silent():
		return "idle"
	default:
		return "ok"
	}
}

// Grade is the look of that word.
func (p channelsPage) Grade(v casework.InletView) string {
	return map[string]string{"trouble": "s-needs_info", "ok": "s-accepted"}[p.Word(v)]
}

// Why words why a message couldn't be read.
func (p channelsPage) Why(u casework.Unread) string {
	if len(u.Flags) == 0 {
		return p.T("inlets.unread.format." + string(u.Channel))
	}
	words := make([]string, len(u.Flags))
	for i, f := range u.Flags {
		words[i] = p.Flag(f)
	}
	return strings.Join(words, " ")
}

// Sheet is the public sheet of all channels, to be printed; "" where the site has no
// address of its own.
func (p channelsPage) Sheet() string {
	if p.d.SiteURL == "" {
		return ""
	}
	return p.d.SiteURL + "/channels/poster?" + url.Values{"lang": {p.Lang()}}.Encode()
}

// Hour is an hour in the office, and no minute.
func (f frame) Hour(t time.Time) string { return t.In(f.d.Loc).Format("2006-01-02 15:00") }
