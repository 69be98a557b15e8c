package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"tipline/intake"
)

type sampleCmd struct {
	place
	Tips int `help:"How many." default:"40" placeholder:"N"`
}

func (c sampleCmd) Run(ctx context.Context, t terminal) error {
	if c.Tips < 1 || c.Tips > 100_000 {
		return usageError{fmt.Errorf("--tips takes a number from 1 to 100000")}
	}
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	r := rand.New(rand.NewPCG(uint64(h.now().UnixNano()), 0))
	door := h.intake(h.store, unlimited{})
	for i := range c.Tips {
		days := -r.IntN(45)
		door.Now = func() time.Time { return h.now().AddDate(0, 0, days) }
		if _, err := door.Submit(ctx, h.invent(r)); err != nil {
			return fmt.Errorf("sample %d: %w", i+1, err)
		}
		if (i+1)%500 == 0 {
			fmt.Fprintf(t.err, "\r%d of %d", i+1, c.Tips)
		}
	}
	_, err = fmt.Fprintf(t.out, "%d invented tips were filed; they read \"样例\". They reach the ledger while `tipline up` or `tipline ledger follow` runs.\n", c.Tips)
	return err
}

// invent makes a tip that nobody could take for a real one.
func (h *house) invent(r *rand.Rand) *intake.Report {
	category := pick(r, h.pack.Categories)
	channels := []intake.Channel{intake.Web, intake.Web, intake.Web, intake.SMS, intake.Email, intake.Phone, intake.Phone, intake.Visit, intake.Letter}
	rep := &intake.Report{Channel: pick(r, channels), Lang: "zh-CN", Category: category.Code, Urgent: r.IntN(25) == 0, Hold: r.IntN(30) == 0,
		Words: intake.Words{Text: "样例：" + pick(r, sampleTexts()), Subject: pick(r, []string{"", "", "某合作社", "某施工队", "某村民"}), Occurred: pick(r, []string{"", "上周", "仍在进行"})}}
	if places := h.pack.Places; len(places) > 0 {
		rep.Place = pick(r, places).Code
	}
	if rep.Channel.Keyed() {
		rep.By = "sample"
	}
	if r.IntN(3) == 0 {
		rep.Identity = intake.Identity{Name: "样例姓名", Phone: "13000000000"}
	}
	if len(h.pack.Conduct) > 0 && r.IntN(2) == 0 {
		rep.Conduct = []string{pick(r, h.pack.Conduct).Code}
	}
	return rep
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func sampleTexts() []string {
	return []string{
		"村北基本农田上有人打地基，已经堆了砖。",
		"大棚里面盖了住人的房子，外面还是大棚的样子。",
		"河边耕地被挖成了水塘，说是要搞垂钓园。",
		"去年拆掉的厂房又重新盖起来了。",
		"耕地上铺了水泥，用来停放机械。",
		"说是整改了，只是用土盖了一层，下面还是硬化地面。",
		"路边的好地种上了绿化树，占了十几亩。",
		"有人没有手续就在承包地里盖了二层楼。",
	}
}
