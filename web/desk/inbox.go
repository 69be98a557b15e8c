package desk

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

// pageSize is how many tips a page of the inbox shows.
const pageSize = 40

type inboxPage struct {
	frame
	Filter intake.Filter
	Days   []day
	Counts casework.Counts
	Total  int
	Next   string
}

// day is one day's tips.
type day struct {
	On   intake.Date
	Tips []intake.Tip
}

func (d *desk) inbox(c *gin.Context, s *members.Session) error {
	f := intake.Filter{State: intake.State(c.Query("state")), Category: c.Query("category"), Place: c.Query("place"), Channel: intake.Channel(c.Query("channel")),
		Lane: intake.Lane(c.Query("lane")), Unread: c.Query("unread") != "", Cursor: c.Query("cursor"), Limit: pageSize}
	if f.Lane != intake.Held {
		f.Lane = intake.Normal
	}
	if !slices.Contains(intake.States(), f.State) {
		f.State = ""
	}
	list, counts, err := d.Casework.Inbox(c.Request.Context(), d.actor(s), f)
	if err != nil {
		return err
	}
	p := inboxPage{frame: d.frame(c, s), Filter: f, Days: byDay(list.Tips), Counts: counts, Next: list.Next}
	for _, n := range counts.ByState {
		p.Total += n
	}
	d.render(c, http.StatusOK, "inbox", p)
	return nil
}

func byDay(tips []intake.Tip) (out []day) {
	for _, t := range tips {
		if n := len(out); n == 0 || out[n-1].On != t.ReceivedOn {
			out = append(out, day{On: t.ReceivedOn})
		}
		out[len(out)-1].Tips = append(out[len(out)-1].Tips, t)
	}
	return out
}

// With is the inbox with one filter changed, from its first page.
func (p inboxPage) With(key, value string) string {
	q := p.query()
	q.Del("cursor")
	if value == "" {
		q.Del(key)
	} else {
		q.Set(key, value)
	}
	return p.link(q)
}

// NextURL is the next page.
func (p inboxPage) NextURL() string {
	q := p.query()
	q.Set("cursor", p.Next)
	return p.link(q)
}

func (p inboxPage) link(q url.Values) string {
	if len(q) == 0 {
		return p.URL("/")
	}
	return p.URL("/?" + q.Encode())
}

func (p inboxPage) query() url.Values {
	q := url.Values{}
	for key, value := range map[string]string{"state": string(p.Filter.State), "category": p.Filter.Category, "place": p.Filter.Place, "channel": string(p.Filter.Channel), "cursor": p.Filter.Cursor} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if p.Filter.Lane == intake.Held {
		q.Set("lane", string(intake.Held))
	}
	if p.Filter.Unread {
		q.Set("unread", "1")
	}
	return q
}

// States are those with tips, in the order of a tip's life.
func (p inboxPage) States() (out []intake.State) {
	for _, s := range intake.States() {
		if p.Counts.ByState[s] > 0 || p.Filter.State == s {
			out = append(out, s)
		}
	}
	return out
}

// Channels are all channels.
func (inboxPage) Channels() []intake.Channel { return intake.Channels() }

// Narrowed says whether a filter is set.
func (p inboxPage) Narrowed() bool {
	q := p.query()
	q.Del("cursor")
	return len(q) > 0
}

// count is the notice's number. It doesn't keep a session alive.
func (d *desk) count(c *gin.Context) error {
	cookie, err := c.Request.Cookie(cookieName)
	if err != nil {
		c.Status(http.StatusUnauthorized)
		return nil
	}
	s, ok := d.Sessions.Peek(cookie.Value)
	if !ok || s.Member.MustChange || d.SecondFactor && !s.Enrolled() || !d.actor(s).Is(casework.RoleHandler) {
		c.Status(http.StatusUnauthorized)
		return nil
	}
	n, err := d.Casework.Counts(c.Request.Context(), d.actor(s))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"unread": n.Unread, "held": n.Held})
	return nil
}

// UnreadURL switches the filter of unread tips on or off.
func (p inboxPage) UnreadURL() string {
	if p.Filter.Unread {
		return p.With("unread", "")
	}
	return p.With("unread", "1")
}
