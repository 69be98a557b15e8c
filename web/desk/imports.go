package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/members"
)

type importPage struct {
	frame
	Kinds   []book.Kind
	Kind    book.Kind // that a failure is about
	Form    map[string][]string
	Failure string
	Advice  string // how it is mended
	Done    *book.Result
	maps    map[book.Kind][]book.SavedMap
}

// Maps are the mappings that are kept for sheets of a kind.
func (p importPage) Maps(k book.Kind) []book.SavedMap { return p.maps[k] }

// Get is what was typed into a kind's form.
func (p importPage) Get(k book.Kind, field string) string {
	if k != p.Kind {
		return ""
	}
	return first(p.Form, field)
}

// imports is where sheets are sent.
func (d *desk) imports(c *gin.Context, s *members.Session) error {
	var done *book.Result
	if q := c.Request.URL.Query(); q.Has("new") {
		n := func(key string) int { v, _ := strconv.Atoi(q.Get(key)); return v }
		done = &book.Result{New: n("new"), Changed: n("changed"), Same: n("same"), Left: n("left")}
	}
	return d.showImports(c, s, http.StatusOK, importPage{Done: done})
}

func (d *desk) showImports(c *gin.Context, s *members.Session, status int, p importPage) error {
	p.frame, p.Kinds, p.maps = d.frame(c, s), []book.Kind{book.Clues, book.Parcels}, map[book.Kind][]book.SavedMap{}
	for _, k := range p.Kinds {
		maps, err := d.Book.Maps(c.Request.Context(), d.actor(s), k)
		if err != nil {
			return err
		}
		p.maps[k] = maps
	}
	d.render(c, status, "imports", p)
	return nil
}

// bring takes a sheet and shows what would become of it.
func (d *desk) bring(c *gin.Context, s *members.Session) error {
	k := book.Kind(c.Param("kind"))
	if k != book.Clues && k != book.Parcels {
		return intake.ErrNotFound
	}
	form, table, err := d.sheetIn(c)
	if err != nil {
		f := classify(err)
		if f.status >= http.StatusInternalServerError {
			return err
		}
		p := importPage{Kind: k, Form: form}
		p.Failure, p.Advice = f.words(d.frame(c, s))
		return d.showImports(c, s, f.status, p)
	}
	b := brought{kind: k, table: table, options: book.Options{Batch: first(form, "batch"), Source: first(form, "source"), Datum: first(form, "datum")}}
	if name := first(form, "map"); name != "" {
		if b.options.Mapping, err = d.Book.Map(c.Request.Context(), d.actor(s), k, name); err != nil {
			return err
		}
	}
	d.sheets.put(s.ID, b, d.Now())
	return d.to(c, "/import/preview")
}

// shownRows is how many rows a preview shows: what is wrong comes first.
const shownRows = 120

type previewPage struct {
	frame
	*book.Plan
	Shown   []book.PlanRow
	Fields  []book.Field
	Failure string
	Skip    bool
}

// FieldName words a field.
func (p previewPage) FieldName(key string) string { return p.frame.fieldName(key) }

func (f frame) fieldName(key string) string {
	if id := book.FieldMessage(key, f.Has); id != "" {
		return f.T(id)
	}
	return key
}

// Why words what is wrong with a row.
func (p previewPage) Why(r book.PlanRow) []string { return p.whys(r.Problems, p.FieldName) }

// whys words what is wrong, with fields named by name.
func (f frame) whys(problems []intake.Problem, name func(string) string) (out []string) {
	for _, q := range problems {
		out = append(out, f.why(q, name(q.Field)))
	}
	return out
}

// why words what is wrong with a field of a name.
func (f frame) why(q intake.Problem, name string) string {
	return f.T(book.ProblemMessage(q, f.Has), "field", name, "max", q.Param)
}

// Statuses are those that count.
func (previewPage) Statuses() []book.Status {
	return []book.Status{book.RowNew, book.RowChanged, book.RowSame, book.RowBad}
}

// Least says whether anything would be done.
func (p previewPage) Least() bool { return p.Count(book.RowNew)+p.Count(book.RowChanged) > 0 }

func (d *desk) preview(c *gin.Context, s *members.Session) error {
	b, ok := d.waits(s, book.Clues, book.Parcels)
	if !ok {
		return d.to(c, "/import")
	}
	return d.showPreview(c, s, http.StatusOK, b, "")
}

func (d *desk) showPreview(c *gin.Context, s *members.Session, status int, b brought, failure string) error {
	plan, err := d.Book.Plan(c.Request.Context(), d.actor(s), b.kind, b.table, b.options)
	if err != nil {
		return err
	}
	p := previewPage{frame: d.frame(c, s), Plan: plan, Fields: book.Fields(b.kind), Failure: failure}
	for _, bad := range []bool{true, false} {
		for _, r := range plan.Rows {
			if (r.Status == book.RowBad) == bad && len(p.Shown) < shownRows {
				p.Shown = append(p.Shown, r)
			}
		}
	}
	d.render(c, status, "preview", p)
	return nil
}

// settle is a member's word on a sheet: which column is what, keep that under a
// name, carry it out, or drop it.
func (d *desk) settle(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	b, ok := d.waits(s, book.Clues, book.Parcels)
	if !ok {
		return d.to(c, "/import")
	}
	switch c.PostForm("act") {
	case "drop":
		d.sheets.forget(s.ID)
		return d.to(c, "/import")
	case "import":
		return d.carryOut(c, s, b)
	default:
		b.options.Mapping = mappingOf(c.Request.PostForm)
		b.options.Batch = c.PostForm("batch")
		d.sheets.put(s.ID, b, d.Now())
		if name := c.PostForm("name"); name != "" {
			if err := d.Book.SaveMap(c.Request.Context(), d.actor(s), b.kind, book.SavedMap{Name: name, Mapping: b.options.Mapping}); err != nil {
				return err
			}
		}
		return d.to(c, "/import/preview")
	}
}

// mappingOf reads which column is which field: headings and fields come in pairs.
func mappingOf(form url.Values) book.Mapping {
	m := book.Mapping{}
	headings, fields := form["heading"], form["field"]
	for i := range min(len(headings), len(fields)) {
		m[headings[i]] = fields[i]
	}
	return m
}

func (d *desk) carryOut(c *gin.Context, s *members.Session, b brought) error {
	plan, err := d.Book.Plan(c.Request.Context(), d.actor(s), b.kind, b.table, b.options)
	if err != nil {
		return err
	}
	done, err := d.Book.Import(c.Request.Context(), d.actor(s), plan, c.PostForm("skip") != "")
	if err != nil {
		if f := classify(err); slices.Contains([]int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable}, f.status) {
			return d.showPreview(c, s, f.status, b, d.frame(c, s).T("desk.error."+f.kind))
		}
		return err
	}
	d.sheets.forget(s.ID)
	q := url.Values{}
	for key, n := range map[string]int{"new": done.New, "changed": done.Changed, "same": done.Same, "left": done.Left} {
		q.Set(key, strconv.Itoa(n))
	}
	return d.to(c, "/import?"+q.Encode())
}

// dropMap forgets a mapping.
func (d *desk) dropMap(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Book.DropMap(c.Request.Context(), d.actor(s), book.Kind(c.PostForm("kind")), c.PostForm("name")); err != nil {
		return err
	}
	return d.to(c, local(c.DefaultPostForm("back", "/import")))
}
