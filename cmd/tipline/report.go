package main

import (
	"context"
	"fmt"

	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/casework"
)

type reportCmd struct {
	place
	worker
	Kind string `arg:"" help:"daily (日提取), weekly (周下发) or monthly (月通报)." enum:"daily,weekly,monthly"`
	Date string `help:"A day of it, as 2026-11-24; today when left out." placeholder:"DATE"`
	Out  string `help:"File to write (.xlsx); - is standard output." required:"" placeholder:"F"`
	Lang string `help:"Language of headings and codes." enum:"zh-CN,en" default:"zh-CN" placeholder:"zh-CN|en"`
}

func (c reportCmd) Run(ctx context.Context, t terminal) error {
	messages, err := locale.Load()
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(_ *casework.Service, by casework.Actor, h *house) error {
		day := intake.Date(c.Date)
		if day == "" {
			day = intake.DateOf(h.now(), h.loc)
		}
		b, p, err := h.book(messages).Report(ctx, by, c.Kind, day, c.Lang)
		if err != nil {
			return err
		}
		out, err := create(c.Out, t.out)
		if err != nil {
			return err
		}
		if _, err := out.Write(b); err != nil {
			out.Close()
			return err
		}
		if err := out.Close(); err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.err, "%s %s – %s\n", p.Kind, p.From, p.To)
		return err
	})
}
