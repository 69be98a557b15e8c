package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// views are the pages of the desk beside the inbox's plain ones, as "-only desk" measures
// them; TIP stands for a tip whose neighbours all have to be opened to be compared.
var views = []struct{ name, path string }{
	{"a tip, 50 alike", "/tips/TIP"}, {"overdue", "/?due=overdue"}, {"due this week", "/?due=week"}, {"no date", "/?due=none"}, {"urgent", "/?urgent=1"},
	{"real name", "/?real_name=1"}, {"a source", "/?source=satellite"}, {"a county", "/?place=411422"}, {"five filters", "/?state=concluded&channel=sms&category=non_grain&place=411422207&real_name=1"},
	{"reviews", "/reviews"}, {"deadlines", "/deadlines"}, {"unsent", "/?due=unsent"}, {"the map", "/map"}, {"map, filtered", "/map?category=non_grain&state=concluded"}, {"channels", "/channels"}, {"import", "/import"}, {"look-backs", "/lookbacks"}, {"changes", "/ledger/changes"}, {"ledger", "/ledger"}, {"ledger, overdue", "/ledger?due=overdue&order=due"}, {"ledger, village", "/ledger?place=411422207205"}, {"ledger, township", "/ledger?place=411422207&order=place"},
	{"ledger, filtered", "/ledger?state=pending&category=non_grain&department=agriculture&place=411422207"}, {"ledger, a source", "/ledger?source=satellite"}, {"parcels", "/parcels"}, {"parcels, evidence due", "/parcels?term=evidence&place=411422207"},
	{"parcels, late", "/parcels?term=late"}, {"parcels, filtered", "/parcels?state=rectifying&category=non_grain&place=411422207205&batch=seeded+batch+3"}, {"parcels, two filters", "/parcels?state=look_back&category=sports_ground"}, {"a parcel", "/parcel?batch=seeded+batch+3&number=TB-001300"},
	{"map of parcels", "/map?layer=parcels"}, {"retention", "/retention"},
	{"reports", "/reports"}, {"a department's", "/reports/dispatch?department=natural_resources"}, {"a village's", "/reports/village?place=411422207205"},
	{"audit", "/audit"}, {"members", "/members"}, {"account", "/account"}, {"second factor", "/account/factor"}, {"recovery codes", "/account/codes"}, {"key in", "/tips/new"},
}

const (
	alike     = 60  // real reports of one place, parcel and day: more than a tip's page compares
	viewLooks = 100 // at each page in one round
	mostMS    = 100
	mostKB    = 150
)

// console measures every page of the desk in the largest installation.
func (b *bench) console(ctx context.Context) error {
	size := b.sizes[len(b.sizes)-1]
	for _, s := range []setting{onSQLite, {postgres: true}} {
		if err := b.consoleOn(ctx, s, size); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func (b *bench) consoleOn(ctx context.Context, s setting, size int) error {
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
	d, err := login(ctx, up)
	if err != nil {
		return err
	}
	tip, err := d.fileAlike(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%-16s %-12s %d tips: p50 p99 ms    KB\n", "desk", "on", size)
	for _, v := range append(pages[:len(pages)-1:len(pages)-1], views...) {
		if err := b.view(ctx, d, s, v.name, strings.Replace(v.path, "TIP", tip, 1)); err != nil {
			return err
		}
	}
	progress("")
	return nil
}

// view measures one page and says whether it is fast and small enough.
func (b *bench) view(ctx context.Context, d *desk, s setting, name, path string) error {
	var rounds []figures
	most := 0
	for range b.rounds {
		var f figures
		for range viewLooks {
			start := time.Now()
			text, err := d.get(ctx, path)
			f.add(time.Since(start), err)
			most = max(most, len(text))
		}
		f.finish(time.Second)
		if f.first != nil {
			return f.first
		}
		rounds = append(rounds, f)
	}
	m, kb := median(rounds), float64(most)/1000
	fmt.Printf("%-16s %-12s %21.2f %6.2f  %6.1f  %s\n", name, s, ms(m.p50), ms(m.p99), kb, verdict(ms(m.p99) <= mostMS && kb <= mostKB))
	return ctx.Err()
}

var tipPath = regexp.MustCompile(`/tips/([0-9a-f]{32})`)

// fileAlike files reports that look alike and returns one of their tips, each of which
// has to be compared with all the others.
func (d *desk) fileAlike(ctx context.Context) (string, error) {
	for i := range alike {
		form := url.Values{"text": {fmt.Sprintf("a foundation is being dug, %d", i)}, "category": {"housing_on_farmland"}, "place": {"411422207205"}, "parcel": {fmt.Sprint("P-", i)}, "subject": {fmt.Sprint("crew ", i)}, "urgent": {"1"}}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.up.sites[0]+"/report", strings.NewReader(form.Encode()))
		if err != nil {
			return "", err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := d.client.Do(req)
		if err != nil {
			return "", err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return "", fmt.Errorf("POST /report: status %d", resp.StatusCode)
		}
	}
	text, err := d.get(ctx, "/?urgent=1&unread=1&place=411422207205&category=housing_on_farmland&state=received")
	if err != nil {
		return "", err
	}
	for _, m := range tipPath.FindAllSubmatch(text, -1) {
		if page, err := d.get(ctx, "/tips/"+string(m[1])); err == nil && strings.Contains(string(page), "foundation") {
			return string(m[1]), nil
		}
	}
	return "", fmt.Errorf("none of the reports is on the inbox's first page")
}
