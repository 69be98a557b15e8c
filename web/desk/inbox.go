package desk

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

// pageSize is how many tips a page of the inbox shows.
const pageSize = 40

type inboxPage struct {
	frame
	batched
	Filter   intake.Filter
	Days     []day
	Counts   casework.Counts
	Dues     map[intake.DueFilter]int
	Awaiting map[string]intake.ReviewKind
	Floods   []intake.Flood
	Views    []casework.SavedView
	Total    int
	Next     string
	Broken   bool // the page ends before it is full: Next looks further
	Watched  map[string]bool
	base     string // of the page that the filters lead to, "" for the inbox
	Unsure   bool   // dates fall into a year whose holidays aren't known
}

// day is one day's tips.
type day struct {
	On   intake.Date
	Tips []intake.Tip
}

func (d *desk) inbox(c *gin.Context, s *members.Session) error {
	done, _ := strconv.Atoi(c.Query("done")) // anything else says nothing
	return d.showInbox(c, s, http.StatusOK, c.Request.URL.Query(), batched{Done: done})
}

// showInbox is the inbox under a query, with what a press did to chosen tips.
func (d *desk) showInbox(c *gin.Context, s *members.Session, status int, q url.Values, did batched) error {
	f := readFilter(q)
	in, err := d.Casework.Inbox(c.Request.Context(), d.actor(s), f)
	if err != nil {
		return err
	}
	p := inboxPage{frame: d.frame(c, s), batched: did, Filter: f, Days: byDay(in.Tips, f.Due), Unsure: in.Unsure, Watched: in.Watched, Counts: in.Counts, Dues: in.Due, Awaiting: in.Awaiting, Floods: in.Floods, Next: in.Next, Broken: in.Broken}
	if p.Views, err = d.Casework.Views(c.Request.Context(), d.actor(s)); err != nil {
		return err
	}
	for _, n := range in.Counts.ByState {
		p.Total += n
	}
	d.render(c, status, "inbox", p)
	return nil
}

// byDay parts a page by the day of receipt, or by the date it is in the order of.
func byDay(tips []intake.Tip, due intake.DueFilter) (out []day) {
	for _, t := range tips {
		on := t.ReceivedOn
		switch {
		case due.Dated():
			on = t.DueOn
		case due == intake.DueUnsent:
			on = t.AcceptedOn
		}
		if n := len(out); n == 0 || out[n-1].On != on {
			out = append(out, day{On: on})
		}
		out[len(out)-1].Tips = append(out[len(out)-1].Tips, t)
	}
	return out
}

// With is the inbox with one filter changed, from its first page. States and dates
// are counted in the normal lane, so that is where they lead.
func (p inboxPage) With(key, value string) string {
	q := p.query()
	q.Del("cursor")
	if key == "state" || key == "due" {
		q.Del("lane")
	}
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
		return p.Start()
	}
	return p.URL(cmp.Or(p.base, "/") + "?" + q.Encode())
}

// Start is the page without a filter.
func (p inboxPage) Start() string { return p.URL(cmp.Or(p.base, "/")) }

// HeldURL is the tips that wait for their release.
func (p inboxPage) HeldURL() string { return p.link(url.Values{"lane": {string(intake.Held)}}) }

// HeldSpamURL is those among them that were judged to be spam.
func (p inboxPage) HeldSpamURL() string {
	return p.link(url.Values{"lane": {string(intake.Held)}, "state": {string(intake.StateSpam)}})
}

// MapURL is the map under the same filters.
func (p inboxPage) MapURL() string {
	if q := p.Query(); q != "" {
		return p.URL("/map?" + q)
	}
	return p.URL("/map")
}

func (p inboxPage) query() url.Values {
	q := queryOf(p.Filter)
	if p.Filter.Cursor != "" {
		q.Set("cursor", p.Filter.Cursor)
	}
	return q
}

// Query is what the filters ask for, to be kept as a view.
func (p inboxPage) Query() string { return queryOf(p.Filter).Encode() }

// ViewURL is a saved view.
func (p inboxPage) ViewURL(v casework.SavedView) string {
	return p.URL(cmp.Or(p.base, "/") + "?" + v.Query)
}

// DueFilters are the ways to filter by date that are counted.
func (inboxPage) DueFilters() []intake.DueFilter {
	return slices.DeleteFunc(intake.DueFilters(), func(f intake.DueFilter) bool { return f == intake.DueNone })
}

// DueCount is how many tips a filter by date leaves, as far as they are counted.
func (p inboxPage) DueCount(f intake.DueFilter) string {
	return counted(p.Dues[f])
}

// Held says whether the page shows the tips that wait for their release.
func (p inboxPage) Held() bool { return p.Filter.Lane == intake.Held }

// Dated says whether the page is in the order of the date that runs.
func (p inboxPage) Dated() bool { return p.Filter.Due.Dated() }

// ByDate says whether the page is in the order of another date than the receipt's.
func (p inboxPage) ByDate() bool { return p.Dated() || p.Filter.Due == intake.DueUnsent }

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
	return p.Query() != ""
}

// Sifted says whether a filter of the form is set, which stands open then.
func (p inboxPage) Sifted() bool {
	f := p.Filter
	return f.Channel != "" || f.Source != "" || f.Category != "" || f.Place != "" || f.Due == intake.DueNone || f.Urgent || f.RealName
}

// count is the notice's number. It doesn't keep a session alive.
func (d *desk) count(c *gin.Context) error {
	cookie, err := c.Request.Cookie(d.cookieName())
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
