package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tipline/intake"
)

// Pages hold defaultPage tips when a filter names no limit, and maxPage at most.
const (
	defaultPage = 50
	maxPage     = 500
)

// List is one page of the tips that f leaves, newest day first; one that filters by
// the date that runs begins with the oldest of those dates. Inside a day the order is by id, which is random and tells nothing. A page begins behind the
// last tip of the one before, so that paging meets each tip once, however many
// come in meanwhile. One looks through so many tips and no further, when filters meet
// that no index has together: it may hold less than was asked for, or nothing, and says
// that more may follow. A bad cursor is [ErrCursor].
func (s *Store) List(ctx context.Context, f intake.Filter) (intake.Page, error) {
	n := pageSize(f.Limit)
	end, err := s.walkEnd(ctx, f)
	if err != nil {
		return intake.Page{}, err
	}
	query, args, err := listQuery(f, end, n+1)
	if err != nil {
		return intake.Page{}, err
	}
	rows, err := s.read.QueryContext(ctx, query, args...)
	tips, err := collect(rows, err, func(row scanner) (intake.Tip, error) { return scanTip(row) })
	if err != nil {
		return intake.Page{}, err
	}
	page := intake.Page{Tips: tips}
	switch {
	case len(tips) > n:
		page.Tips = tips[:n]
		page.Next = cursor(f, tips[n-1])
	case end != nil:
		page.Next, page.Broken = end.cursor(), true
	}
	return page, nil
}

// mostWalked is how many tips one page looks through, when nothing else is said.
const mostWalked = 3000

// place is a tip's in the order of a list.
type place struct{ day, id string }

func (p place) cursor() string { return base64.RawURLEncoding.EncodeToString([]byte(p.day + p.id)) }

// walkEnd is the last tip that a page looks at, nil when the index that leads it leaves
// none but its own, or no more than it may look at.
func (s *Store) walkEnd(ctx context.Context, f intake.Filter) (*place, error) {
	lead := led(f)
	if f.Limit, lead.Limit = 0, 0; lead == f {
		return nil, nil
	}
	w, err := (&conditions{leading: leading(f)}).where(lead)
	if err != nil {
		return nil, err
	}
	day, order := ordered(f)
	var p place
	err = s.read.QueryRowContext(ctx, `SELECT `+day+`, t.id FROM tips t`+w.sql()+order+` LIMIT 1 OFFSET `+w.arg(s.walk-1), w.args...).Scan(&p.day, &p.id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &p, err
}

// led is what of a filter the index that leads it answers by itself.
func led(f intake.Filter) intake.Filter {
	g := intake.Filter{Desk: f.Desk, Today: f.Today, Unsent: f.Unsent, Cursor: f.Cursor}
	for _, column := range leading(f) {
		switch column {
		case "t.lane":
			g.Lane = f.Lane
		case "t.state":
			g.State = f.State
		case "t.due_on", "t.accepted_on":
			g.Due = f.Due
		case "t.unread":
			g.Unread = f.Unread
		case "t.urgent":
			g.Urgent = f.Urgent
		case "t.real_name":
			g.RealName = f.RealName
		case "t.village":
			g.Place = upTo(f.Place, villageDigits)
		case "t.town":
			g.Place = upTo(f.Place, townDigits)
		case "t.source":
			g.Source = f.Source
		case "t.category":
			g.Category = f.Category
		case "t.channel":
			g.Channel = f.Channel
		}
	}
	return g
}

// ordered are the day by which a filter's pages are in order, and that order.
func ordered(f intake.Filter) (day, order string) {
	if by := dateOf(f.Due); by != "" {
		return by, ` ORDER BY ` + by + `, t.id`
	}
	return "t.received_on", ` ORDER BY t.received_on DESC, t.id DESC`
}

// listQuery reads a page, up to the tip at end where one is given.
func listQuery(f intake.Filter, end *place, limit int) (query string, args []any, err error) {
	c := &conditions{leading: leading(f)}
	if end != nil {
		c.until = intake.Date(end.day) // an index takes one bound on either side
	}
	w, err := c.where(f)
	if err != nil {
		return "", nil, err
	}
	day, order := ordered(f)
	if end != nil {
		upTo := " >= ("
		if dateOf(f.Due) != "" {
			upTo = " <= ("
		}
		w.terms = append(w.terms, "("+day+", t.id)"+upTo+w.arg(end.day)+", "+w.arg(end.id)+")")
	}
	query = `SELECT ` + tipColumns + ` FROM tips t` + w.sql() + order + ` LIMIT ` + w.arg(limit)
	return query, w.args, nil
}

func pageSize(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, maxPage)
}

// dateOf is the column in whose order a filter by date has its pages, "" for the
// newest day first.
func dateOf(d intake.DueFilter) string {
	switch {
	case d.Dated():
		return "t.due_on"
	case d == intake.DueUnsent:
		return "t.accepted_on"
	default:
		return ""
	}
}

// leading are the columns of the index to go by. The date that runs has an order
// of its own; news, urgent and held tips are few, so are those in an open state;
// most are in the normal lane. A flag's index holds those alone that have it.
func leading(f intake.Filter) []string {
	switch {
	case f.Due.Dated():
		return []string{"t.lane", "t.due_on"}
	case f.Due == intake.DueUnsent:
		return []string{"t.accepted_on"}
	case f.Unread:
		return []string{"t.unread"}
	case f.Urgent:
		return []string{"t.urgent"}
	case f.Lane == intake.Held, open(f.State):
		return []string{"t.lane", "t.state"}
	case len(f.Place) >= villageDigits:
		return []string{"t.village"}
	case rare(f.Source):
		return []string{"t.source"}
	case f.Category != "":
		return []string{"t.category"}
	default:
		return common(f)
	}
}

// open says whether a state is one that tips leave: few are in it.
func open(s intake.State) bool { return s.Due() == "acceptance" || s.Due() == "conclusion" }

// common are the columns to go by when nothing that is asked for is rare.
func common(f intake.Filter) []string {
	switch {
	case f.State != "":
		return []string{"t.lane", "t.state"}
	case f.Channel != "":
		return []string{"t.channel"}
	case f.RealName:
		return []string{"t.real_name"}
	case len(f.Place) >= townDigits:
		return []string{"t.town"}
	case f.Due == intake.DueNone:
		return []string{"t.due_on"}
	default:
		return []string{"t.lane"}
	}
}

// rare says whether a source has an index: most tips come from the public.
func rare(source string) bool { return source != "" && source != intake.SourcePublic }

// conditions are a query's WHERE clause and its arguments.
type conditions struct {
	terms   []string
	args    []any
	leading []string
	until   intake.Date // where a page in the order of a date ends, "" for as far as the filter says
}

func (c *conditions) arg(v any) string {
	c.args = append(c.args, v)
	return fmt.Sprintf("$%d", len(c.args))
}

func (c *conditions) equal(column, v string) {
	if v != "" {
		c.terms = append(c.terms, column+" = "+c.arg(v))
	}
}

// column compares a column, and keeps its index out unless it leads.
func (c *conditions) column(name, v string) {
	if !slices.Contains(c.leading, name) {
		name += " || ''"
	}
	c.equal(name, v)
}

// flag keeps those that have a flag. A flag that doesn't lead is hidden from the
// database, as a column is.
func (c *conditions) flag(name string, on bool) {
	switch {
	case !on:
	case slices.Contains(c.leading, name):
		c.terms = append(c.terms, name+" = 1")
	default:
		c.terms = append(c.terms, name+" + 0 = 1")
	}
}

// source says to the database that a rare source is one.
func (c *conditions) source(v string) {
	c.column("t.source", v)
	if slices.Contains(c.leading, "t.source") {
		c.terms = append(c.terms, "t.source <> '"+intake.SourcePublic+"'")
	}
}

// unsent are the tips that were taken up and that the ledger hasn't numbered.
const unsent = `t.state = 'accepted' AND t.lane = 'normal'`

// due keeps the tips whose date lies where the filter says.
func (c *conditions) due(f intake.Filter) {
	if f.Due == intake.DueNone {
		if slices.Contains(c.leading, "t.due_on") {
			c.terms = append(c.terms, "t.due_on = ''")
		} else {
			c.terms = append(c.terms, "t.due_on || '' = ''")
		}
	}
	if f.Due == intake.DueUnsent { // as the index of those alone says it
		c.terms = append(c.terms, unsent, "t.accepted_on <= "+c.arg(cmp.Or(c.until, f.Unsent)))
	}
	if !f.Due.Dated() {
		return
	}
	from, to := f.Due.Between(f.Today, later)
	to = cmp.Or(c.until, to)
	c.terms = append(c.terms, "t.due_on <> ''", "t.due_on >= "+c.arg(from), "t.due_on <= "+c.arg(to))
}

func (c *conditions) sql() string {
	if len(c.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.terms, " AND ")
}

// where leads the database by the hand: only the columns of the index that leaves
// least are comparable to it, whatever it believes of the others.
func (c *conditions) where(f intake.Filter) (*conditions, error) {
	c.equal("t.desk", f.Desk)
	c.column("t.lane", string(f.Lane))
	c.column("t.state", string(f.State))
	c.column("t.channel", string(f.Channel))
	c.column("t.category", f.Category)
	c.place(f.Place)
	c.source(f.Source)
	c.flag("t.unread", f.Unread)
	c.flag("t.urgent", f.Urgent)
	c.flag("t.real_name", f.RealName)
	c.due(f)
	if f.Waiting {
		c.terms = append(c.terms, "t.state <> '"+string(intake.StateSpam)+"'")
	}
	if f.Flood != "" {
		c.terms = append(c.terms, "t.id IN (SELECT tip FROM floods WHERE grp = "+c.arg(f.Flood)+")")
	}
	if f.Cursor == "" {
		return c, nil
	}
	day, id, err := parseCursor(f.Cursor)
	if err != nil {
		return nil, err
	}
	behind := "(t.received_on, t.id) < ("
	if by := dateOf(f.Due); by != "" {
		behind = "(" + by + ", t.id) > ("
	}
	c.terms = append(c.terms, behind+c.arg(day)+", "+c.arg(id)+")")
	return c, nil
}

// place keeps the codes that begin with code. The town's and the village's own
// columns let an index find them in the order of the page.
func (c *conditions) place(code string) {
	if code == "" {
		return
	}
	if len(code) >= townDigits && len(code) < villageDigits {
		c.column("t.town", upTo(code, townDigits))
	}
	if len(code) >= villageDigits {
		c.column("t.village", upTo(code, villageDigits))
	}
	if len(code) != townDigits && len(code) != villageDigits {
		c.terms = append(c.terms, fmt.Sprintf("SUBSTR(t.place, 1, %d) = %s", len([]rune(code)), c.arg(code)))
	}
}

// cursor is where the page behind t begins.
func cursor(f intake.Filter, t intake.Tip) string {
	day := t.ReceivedOn
	switch dateOf(f.Due) {
	case "t.due_on":
		day = t.DueOn
	case "t.accepted_on":
		day = t.AcceptedOn
	}
	return place{string(day), t.ID}.cursor()
}

func parseCursor(text string) (day, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) <= len(time.DateOnly) || !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
		return "", "", ErrCursor // who asks may have made it up
	}
	day, id = string(b[:len(time.DateOnly)]), string(b[len(time.DateOnly):])
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", "", ErrCursor
	}
	return day, id, nil
}
