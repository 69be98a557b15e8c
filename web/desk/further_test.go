package desk_test

import (
	"context"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/web/desk"
)

// short is a store whose pages end before they are full.
type short struct{ casework.Store }

func (s short) List(ctx context.Context, f intake.Filter) (intake.Page, error) {
	p, err := s.Store.List(ctx, f)
	p.Next, p.Broken = "further", true
	if f.Urgent {
		p.Tips = nil
	}
	return p, err
}

// TestALongSearchGoesOn: a page that looked through so many tips says so and leads on, with
// its filters, whether it found any or not.
func TestALongSearchGoesOn(t *testing.T) {
	h := open(t, func(o *desk.Options) {
		d := o.Casework.Deps
		d.Store = short{d.Store}
		o.Casework = casework.New(d)
	})
	h.tip()
	b := h.login("li")
	for path, want := range map[string]string{"/?channel=web": "已按这些条件查看", "/?channel=web&urgent=1": "更早的还没有查看"} {
		page := b.page(path)
		if !strings.Contains(page, want) || !strings.Contains(page, "继续查找") || !strings.Contains(page, "channel=web&amp;cursor=further") {
			t.Errorf("%s doesn't say where to look further", path)
		}
	}
}
