package main

import (
	"context"
	"fmt"
	"os"

	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/sheet"
)

type importCmd struct {
	Clues   importCluesCmd   `cmd:"" help:"File the clues of a sheet: from media, from above, from satellites. A file that comes again adds nothing."`
	Parcels importParcelsCmd `cmd:"" help:"Take parcels (图斑) with their deadlines from a sheet. A file that comes again adds nothing."`
}

// importing is what both kinds of sheets are asked for.
type importing struct {
	place
	worker
	File   string `help:"The sheet: .csv (UTF-8 or GB18030) or .xlsx, its first sheet." required:"" type:"existingfile" placeholder:"F"`
	Map    string `help:"A mapping of columns that was saved at the desk; without one the headings tell." placeholder:"NAME"`
	Batch  string `help:"Which delivery this is; a row is known by it and its own number." placeholder:"NAME"`
	Source string `help:"Where rows come from that don't tell: media, superior, satellite, …" placeholder:"SOURCE"`
	Datum  string `help:"Map datum of rows that don't tell: cgcs2000, wgs84, gcj02 or bd09." placeholder:"DATUM"`
	Skip   bool   `help:"Leave out the rows that can't be taken."`
	DryRun bool   `help:"Say what would be done, row by row, and do nothing."`
}

type importCluesCmd struct{ importing }

func (c importCluesCmd) Run(ctx context.Context, t terminal) error { return c.run(ctx, t, book.Clues) }

type importParcelsCmd struct{ importing }

func (c importParcelsCmd) Run(ctx context.Context, t terminal) error {
	return c.run(ctx, t, book.Parcels)
}

func (c importing) run(ctx context.Context, t terminal, k book.Kind) error {
	messages, err := locale.Load()
	if err != nil {
		return err
	}
	table, err := readSheet(c.File)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(_ *casework.Service, by casework.Actor, h *house) error {
		b, o := h.book(messages), book.Options{Batch: c.Batch, Source: c.Source, Datum: c.Datum}
		if c.Map != "" {
			if o.Mapping, err = b.Map(ctx, by, k, c.Map); err != nil {
				return fmt.Errorf("mapping %q: %w", c.Map, err)
			}
		}
		plan, err := b.Plan(ctx, by, k, table, o)
		if err != nil {
			return err
		}
		tell(t, messages, plan)
		if c.DryRun {
			if len(plan.Missing) > 0 {
				return book.ErrColumns
			}
			err = t.say("would be: new %d, changed %d, as before %d, not taken %d\n", plan.Count(book.RowNew), plan.Count(book.RowChanged), plan.Count(book.RowSame), plan.Count(book.RowBad))
			return err
		}
		done, err := b.Import(ctx, by, plan, c.Skip)
		if err != nil {
			return err
		}
		err = t.say("new %d, changed %d, as before %d, not taken %d\n", done.New, done.Changed, done.Same, done.Left)
		return err
	})
}

// tell names what is wrong, by line and field and never by what a cell says.
func tell(t terminal, messages *locale.Bundle, p *book.Plan) {
	tellMissing(t, p.Missing)
	if p.Scattered() {
		t.note("every row is of another batch: is that column the batch? Batches stand in clear\n")
	}
	for _, r := range p.Rows {
		tellProblems(t, messages, r.Line, r.Problems)
	}
}

func tellMissing(t terminal, fields []string) {
	for _, f := range fields {
		t.note("no column is %s\n", f)
	}
}

// tellProblems names what is wrong with a line by its codes, and behind them says how to mend it.
func tellProblems(t terminal, messages *locale.Bundle, line int, problems []intake.Problem) {
	words := messages.Translator(t.tongue.lang())
	for _, q := range problems {
		name := q.Field
		if id := book.FieldMessage(q.Field, words.Has); id != "" {
			name = words.T(id)
		}
		t.note("line %d: %s: %s: %s\n", line, q.Field, q.Code, words.T(book.ProblemMessage(q, words.Has), "field", name, "max", q.Param))
	}
}

func readSheet(name string) (sheet.Table, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > sheet.MaxBytes {
		return nil, fmt.Errorf("%s: %w", name, sheet.ErrTooLarge)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	t, err := sheet.Read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}
