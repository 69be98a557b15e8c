package main

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// alter changes a database and ends its connections, so that each part meets the change.
func (h *harness) alter(database, to string) {
	h.asAdmin(h.t, "postgres", `ALTER DATABASE `+database+` `+to)
	h.asAdmin(h.t, "postgres", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '`+database+`'`)
}

// decide is a handler and the ledger's clerk at work: one tip after another is accepted at the desk and given its number,
// each act repeated until it is answered or is seen to be done.
func (h *harness) decide() {
	var desk http.Client
	for h.load.pause(rest) {
		var f filed
		h.load.note(func() {
			if n := len(h.load.fresh); n > 0 {
				f, h.load.fresh = h.load.fresh[n-1], nil
			}
		})
		if f.ID == "" {
			continue
		}
		if h.load.insist(func() bool { return h.accept(&desk, f) }) && h.load.insist(func() bool {
			_, err := h.try("ledger", "outcome", f.ID, "--state", "numbered", "--number", "N-"+f.ID[:8])
			return err == nil
		}) {
			h.load.note(func() { h.load.decided = append(h.load.decided, f) })
		}
	}
}

// accept accepts a tip, logging in where the desk has forgotten who asks. A try that had no answer may have done it.
func (h *harness) accept(desk *http.Client, f filed) bool {
	if desk.Jar == nil {
		jar, _ := cookiejar.New(nil) // without options it can't fail
		*desk = http.Client{Jar: jar, Timeout: h.load.client.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	post := func(path string, form url.Values) string {
		resp, err := desk.PostForm("http://"+h.instance.desk+path, form)
		if err != nil {
			return ""
		}
		defer resp.Body.Close()
		return resp.Header.Get("Location")
	}
	where := post("/tips/"+f.ID+"/state", url.Values{"state": {"accepted"}, "department": {"natural_resources"}, "summary": {"soil taken from a field"}})
	if strings.HasPrefix(where, "/tips/") {
		return true
	}
	if post("/login", url.Values{"member": {"li"}, "passphrase": {handlerPass}}) == "" {
		<-time.After(time.Second) // ten tries that fail, whatever for, shut a place out for a while
	}
	status, text := h.load.post("http://"+h.second+"/api/v1/receipt", "", "application/json", strings.NewReader(`{"receipt":"`+f.Receipt+`"}`))
	var seen lookAnswer
	return status == http.StatusOK && json.Unmarshal(text, &seen) == nil && seen.State == "accepted"
}

// undone counts what was decided and isn't, or was done twice: in the ledger, under the receipt and in the record.
func (h *harness) undone(rows map[string]ledgerRow) (n int) {
	var record struct {
		Rows []struct{ Tip string }
		Next string
	}
	if len(h.load.decided) > 0 {
		h.must(json.Unmarshal([]byte(h.run("audit", "list", "--format", "json", "--kind", "decide", "--who", "li", "--limit", "1000000")), &record))
	}
	acts := map[string]int{}
	for _, r := range record.Rows {
		acts[r.Tip]++
	}
	last := time.Now().Add(patience)
	for _, f := range h.load.decided {
		tip, row := f.ID, rows[f.ID]
		ok := row.Disposition != nil && *row.Disposition == "accepted" && row.Number != nil && *row.Number == "N-"+tip[:8] && acts[tip] == 1
		_, seen := h.look(f.Receipt)
		for seen.State != "in_ledger" && time.Now().Before(last) { // the ledger's answer is on its way
			<-time.After(rest)
			_, seen = h.look(f.Receipt)
		}
		times := map[string]int{}
		for _, s := range seen.History {
			times[s.State]++
		}
		if !ok || seen.State != "in_ledger" || times["accepted"] != 1 {
			h.t.Logf("tip %s: %d acts, row %+v, history %v", tip, acts[tip], row, seen.History)
			n++
		}
	}
	return n
}
