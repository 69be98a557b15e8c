package main

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// facts are what the ledger's export says of every tip, without what is random.
func (in *instance) facts() (out []string) {
	in.t.Helper()
	text := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	for _, r := range in.ledger() {
		out = append(out, fmt.Sprint(r.ReceivedOn, r.Channel, r.Source, r.Category, r.Place, r.Urgent, r.Files, text(r.Disposition), text(r.Department), r.State, text(r.Number)))
	}
	slices.Sort(out)
	return out
}

// TestAMonthOfTheSampleOffice: an office is invented with a month of work by every rule
// there is: received, triaged, dispatched, concluded. At its end every tip is where it
// must be, the record holds, the numbers agree, and the same seed tells the same month.
func TestAMonthOfTheSampleOffice(t *testing.T) {
	t.Parallel()
	const tips = 120
	month := func() (*instance, string) {
		in := placeOn(t, t.TempDir(), generousLimits...)
		return in, in.run("sample", "--tips", strconv.Itoa(tips), "--days", "31", "--seed", "7")
	}
	in, told := month()
	if out := in.run("doctor"); !regexp.MustCompile(`received 120 = in ledger \d+ \+ held \d+ \+ waiting 0`).MatchString(out) {
		t.Errorf("%s", out)
	}
	if out := in.run("audit", "verify"); !strings.Contains(out, "unbroken") {
		t.Errorf("%s", out)
	}
	by := map[string]int{}
	rows := in.ledger()
	for _, r := range rows {
		if r.Disposition != nil {
			by[*r.Disposition]++
		}
		if r.Number != nil && *r.Number != "" && (r.Disposition == nil || *r.Disposition != "accepted") {
			t.Errorf("%s has a number and isn't accepted", r.Tip)
		}
	}
	for disposition, act := range map[string]string{"accepted": "accept", "merged": "merge", "declined": "decline"} {
		m := regexp.MustCompile(`\b` + act + ` (\d+)`).FindStringSubmatch(told)
		if m == nil || m[1] != strconv.Itoa(by[disposition]) {
			t.Errorf("%d rows are %s; the office says %q", by[disposition], disposition, m)
		}
	}
	if !regexp.MustCompile(`\bgrant [1-9]`).MatchString(told) { // dates are put off as the office's rules want it
		t.Errorf("nobody granted a later date: %s", told)
	}
	another, _ := month()
	if a, b := in.facts(), another.facts(); !slices.Equal(a, b) {
		t.Errorf("the same seed tells two months:\n%s\n%s", a[0], b[0])
	}
	in.stroll(told)
}

// invented are the passphrases of an invented office's members, by their names.
func invented(told string) map[string]string {
	pass := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  (\w+) +\S+ +([a-z-]{29})$`).FindAllStringSubmatch(told, -1) {
		pass[m[1]] = m[2]
	}
	return pass
}

// stroll starts the invented office and looks at every page of it as each of its members:
// all are there, none is empty, none is larger than 200 kB.
func (in *instance) stroll(told string) {
	in.t.Helper()
	in.start()
	pass := invented(told)
	for name, paths := range map[string][]string{"li": {"/", "/?state=accepted", "/?lane=held", "/map", "/reviews", "/deadlines", "/ledger", "/reports", "/lookbacks", "/import", "/channels", "/audit", "/account", "/account/factor", "/parcels", "/retention", "/tips/new"},
		"wang": {"/custody", "/dispatch", "/audit"}, "sun": {"/members", "/deadlines", "/audit"}, "boss": {"/members"}} {
		b := in.login(name, pass[name])
		for _, path := range paths {
			began := time.Now()
			status, page := b.get(path)
			if status != http.StatusOK || len(page) > 200_000 {
				in.t.Errorf("%s of %s: %d, %d bytes in %v", path, name, status, len(page), time.Since(began))
			}
		}
	}
	in.tells(in.login("li", pass["li"]))
}

// tells holds the months' reports against the ledger, and wants a day's extract to be the
// same bytes each time.
func (in *instance) tells(li *browser) {
	in.t.Helper()
	months := map[string]int{}
	var day string
	for _, r := range in.ledger() {
		months[r.ReceivedOn[:7]]++
		day = min(cmp.Or(day, r.ReceivedOn), r.ReceivedOn)
	}
	for month, n := range months {
		_, page := li.get("/reports?date=" + month + "-01")
		m := regexp.MustCompile(`<ul class="tally big"><li><b(?: class="few")?>([^<]+)</b>`).FindStringSubmatch(page)
		if m == nil || m[1] != strconv.Itoa(n) && n >= 30 {
			in.t.Errorf("the report of %s says %q; %d came in", month, m, n)
		}
	}
	for _, kind := range []string{"daily", "weekly", "monthly"} {
		path := "/reports/export?kind=" + kind + "&date=" + day
		status, one := li.get(path)
		if _, two := li.get(path); status != http.StatusOK || one != two || !strings.HasPrefix(one, "PK") {
			in.t.Errorf("the %s list of %s: %d, %d bytes and then %d", kind, day, status, len(one), len(two))
		}
	}
}

// TestSampleKeepsAway: where real tips are nobody invents any, unless told to.
func TestSampleKeepsAway(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	if out := in.run("sample", "--tips", "3"); !strings.Contains(out, "3 invented tips") || strings.Contains(out, "Done about them") {
		t.Errorf("%s", out)
	}
	in.run("sample", "--tips", "2", "--member", "li", "--passphrase-file", in.dir+"/pass", "--days", "40")
	in.start()
	in.report(map[string][]string{"text": {"村北在打地基"}})
	in.child.kill()
	if out, err := in.try("sample", "--tips", "3"); err == nil || !strings.Contains(out, "--among-real") {
		t.Errorf("%v: %s", err, out)
	}
	in.run("sample", "--tips", "3", "--among-real")
}
