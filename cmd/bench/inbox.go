package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"time"
)

// pages are the views of the inbox that are measured; a deep page is reached by
// following a hundred cursors, or all there are.
var pages = []struct{ name, path string }{
	{"first page", "/"}, {"received", "/?state=received"}, {"concluded", "/?state=concluded"}, {"held", "/?lane=held"}, {"unread", "/?unread=1"},
	{"a village", "/?place=411422207205"}, {"a township", "/?place=411422207"}, {"by SMS", "/?channel=sms"}, {"a category", "/?category=non_grain"}, {"deep page", deep},
}

const (
	deep       = "deep"
	deepPages  = 100
	inboxLooks = 300 // at each view in one round
)

// inbox measures pages of the desk's inbox, as a logged-in handler gets them, in
// installations of different sizes.
func (b *bench) inbox(ctx context.Context) error {
	for _, s := range []setting{onSQLite, {postgres: true}} {
		if err := b.inboxOn(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func (b *bench) inboxOn(ctx context.Context, s setting) error {
	desks := make([]*desk, len(b.sizes))
	for i, size := range b.sizes {
		h, done, err := b.full(ctx, s, size)
		if err != nil {
			return err
		}
		defer done()
		up, err := h.up(ctx)
		if err != nil {
			return err
		}
		defer up.stop()
		if desks[i], err = login(ctx, up); err != nil {
			return err
		}
	}
	all := map[string][]figures{}
	for round := range b.rounds {
		for _, p := range pages {
			if err := b.lookAt(ctx, round, p.name, p.path, desks, all); err != nil {
				return err
			}
		}
	}
	progress("")
	b.showInbox(s, desks, all)
	return nil
}

// lookAt asks every desk for a view in turn.
func (b *bench) lookAt(ctx context.Context, round int, name, path string, desks []*desk, all map[string][]figures) error {
	progress("round %d of %d: inbox, %s", round+1, b.rounds, name)
	each := make([]figures, len(desks))
	for range inboxLooks {
		for i, d := range desks {
			if path == deep {
				path = ""
			}
			at := path
			if at == "" {
				at = d.deep
			}
			start := time.Now()
			_, err := d.get(ctx, at)
			each[i].add(time.Since(start), err)
		}
	}
	for i := range desks {
		each[i].finish(time.Second)
		if each[i].first != nil {
			return each[i].first
		}
		key := fmt.Sprint(name, b.sizes[i])
		all[key] = append(all[key], each[i])
	}
	return ctx.Err()
}

func (b *bench) showInbox(s setting, desks []*desk, all map[string][]figures) {
	fmt.Printf("%-12s %-12s", "inbox", "on")
	for _, size := range b.sizes {
		fmt.Printf("  %9d: p50 p99 ms", size)
	}
	fmt.Println("   p99 of the last / the first")
	small, large := b.sizes[0], b.sizes[len(b.sizes)-1]
	for _, p := range pages {
		fmt.Printf("%-12s %-12s", p.name, s)
		for _, size := range b.sizes {
			f := median(all[fmt.Sprint(p.name, size)])
			fmt.Printf("  %13.2f %10.2f", ms(f.p50), ms(f.p99))
		}
		fmt.Printf("  %6.2f\n", ratioOf(all[fmt.Sprint(p.name, large)], all[fmt.Sprint(p.name, small)]))
	}
	fmt.Print("RSS MB                   ")
	for _, d := range desks {
		fmt.Printf("  %24.1f", d.up.children[0].memory("VmRSS"))
	}
	fmt.Println()
	first := pages[0].name
	mustReach(fmt.Sprintf("first page at %d / at %d tips, %s, p99", large, small, s), ratioOf(all[fmt.Sprint(first, large)], all[fmt.Sprint(first, small)]), 0, 1.2)
	mustReach(fmt.Sprintf("first page at %d tips, %s, p99 in ms", large, s), ms(median(all[fmt.Sprint(first, large)]).p99), 0, 20)
}

// ratioOf is the median of the rounds' ratios of p99.
func ratioOf(one, other []figures) float64 {
	var ratios []float64
	for i := range one {
		ratios = append(ratios, one[i].p99.Seconds()/other[i].p99.Seconds())
	}
	return middle(ratios, func(v float64) float64 { return v })
}

// desk is a handler's session.
type desk struct {
	up     *running
	client *http.Client
	deep   string // the path of a page far back
}

var nextPage = regexp.MustCompile(`href="([^"]*[?&;]cursor=[^"]*)"`)

func login(ctx context.Context, up *running) (*desk, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &desk{up: up, client: &http.Client{Jar: jar, Timeout: time.Minute}, deep: "/"}
	form := url.Values{"member": {handlerName}, "passphrase": {handlerPass}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, up.desk+"/login", bytes.NewBufferString(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", up.desk)
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("login: status %d", resp.StatusCode)
	}
	return d, d.goDeep(ctx)
}

// goDeep follows the next page's link.
func (d *desk) goDeep(ctx context.Context) error {
	for range deepPages {
		text, err := d.get(ctx, d.deep)
		if err != nil {
			return err
		}
		m := nextPage.FindSubmatch(text)
		if m == nil {
			return nil
		}
		d.deep = string(bytes.ReplaceAll(m[1], []byte("&amp;"), []byte("&")))
	}
	return nil
}

func (d *desk) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.up.desk+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(`/logout`))) {
		err = fmt.Errorf("%s: status %d, and perhaps no session", path, resp.StatusCode)
	}
	return text, err
}
