package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/smtp"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const smsEnv = `TIPLINE_SMS=[{"name":"city","provider":"aliyun","secret":"k3y-of-the-city-gateway"}]`

// smsSendEnv sends, too, through a gateway that isn't there.
const smsSendEnv = `TIPLINE_SMS=[{"name":"city","provider":"aliyun","secret":"k3y-of-the-city-gateway","send":{"provider":"telnyx","url":"http://127.0.0.1:1","secret":"s","from":"+1"}}]`

// TestSpine walks the whole way of the README: four tips by four ways, read and
// answered at the desk, the answer under its receipt, all four in the ledger.
func TestSpine(t *testing.T) {
	t.Parallel()
	in := install(t, smsEnv)
	in.start()

	receipt := in.report(url.Values{"text": {"村北基本农田上正在打地基"}, "category": {"housing_on_farmland"}, "place": {"411422207"},
		"name": {"张三"}, "phone": {"13900000000"}, "token": {strings.Repeat("abcdefgh1234", 3)}})
	if again := in.report(url.Values{"text": {"村北基本农田上正在打地基"}, "category": {"housing_on_farmland"}, "place": {"411422207"},
		"name": {"张三"}, "phone": {"13900000000"}, "token": {strings.Repeat("abcdefgh1234", 3)}}); again != receipt {
		t.Fatalf("the same submission sent twice got %s, then %s", receipt, again)
	}
	in.mail("reporter@example.org", "Subject: pond\r\n\r\nA pond was dug on the east field.\r\n")
	in.sms(`[{"phone_number":"13800000001","content":"河边在挖鱼塘","send_time":"2026-11-24 08:00:00","dest_code":"1069","sequence_id":7}]`)

	li := in.login("li", handlerPass)
	li.act("/tips/new", url.Values{"channel": {"phone"}, "source": {"public"}, "text": {"来电反映大棚里盖房"}, "category": {"greenhouse_house"}})

	tips := li.tips()
	if len(tips) != 4 {
		t.Fatalf("the inbox shows %d tips, want 4", len(tips))
	}
	byChannel := map[string]string{}
	until(t, 10*time.Second, "four rows in the ledger", func() bool { return len(in.ledger()) == 4 })
	for tip, row := range in.ledger() {
		byChannel[row.Channel] = tip
	}
	web := byChannel["web"]
	_, page := li.get("/tips/" + web)
	if !strings.Contains(page, "村北基本农田上正在打地基") {
		t.Fatal("the tip's page doesn't show its words")
	}
	if strings.Contains(page, "13900000000") || strings.Contains(page, "张三") {
		t.Fatal("the tip's page shows who reported")
	}
	li.act("/tips/"+web+"/state", url.Values{"state": {"accepted"}, "department": {"natural_resources"}, "summary": {"村北建房"}})
	li.act("/tips/"+web+"/messages", url.Values{"text": {"已转自然资源部门核查。"}})

	status, answer := in.look(receipt)
	if status != http.StatusOK || answer.State != "accepted" || len(answer.Messages) != 1 || answer.Messages[0].Text != "已转自然资源部门核查。" {
		t.Fatalf("the receipt shows %d %+v", status, answer)
	}
	until(t, 10*time.Second, "the disposition in the ledger", func() bool { d := in.ledger()[web].Disposition; return d != nil && *d == "accepted" })
	for _, channel := range []string{"web", "email", "sms", "phone"} {
		if byChannel[channel] == "" {
			t.Errorf("no %s tip in the ledger", channel)
		}
	}
	if status, sheet := li.get("/ledger/export?format=csv"); status != http.StatusOK || !strings.Contains(sheet, "村北建房") {
		t.Errorf("the desk's export: %d, the handler's summary in it: %v", status, strings.Contains(sheet, "村北建房"))
	}
	in.openIdentity(li, web)
	if out := in.run("doctor"); !strings.Contains(out, "4") {
		t.Errorf("doctor: %s", out)
	}
	in.run("audit", "verify")
	in.stop()
}

// openIdentity walks the two people's way to an identity.
func (in *instance) openIdentity(li *browser, tip string) {
	in.t.Helper()
	if status, _ := li.get("/tips/" + tip + "/identity"); status == http.StatusOK {
		in.t.Fatal("an identity opened without a custodian")
	}
	li.act("/tips/"+tip+"/identity", url.Values{"reason": {"需要当面核实位置"}})
	wang := in.login("wang", custodianPass)
	if status, _ := wang.get("/tips/" + tip); status == http.StatusOK {
		in.t.Fatal("a custodian reads reports")
	}
	wang.approve("需要当面核实位置")
	if status, page := li.get("/tips/" + tip + "/identity"); status != http.StatusOK || !strings.Contains(page, "13900000000") || !strings.Contains(page, "张三") {
		in.t.Fatalf("the approved identity: %d\n%s", status, page)
	}
}

// approve is a custodian's press for the one identity that was asked for with a reason.
func (b *browser) approve(reason string) {
	b.in.t.Helper()
	_, page := b.get("/custody")
	if !strings.Contains(page, reason) || strings.Contains(page, "张三") {
		b.in.t.Fatalf("the custody page:\n%s", page)
	}
	m := regexp.MustCompile(`/custody/([0-9a-f]{32})/approve`).FindStringSubmatch(page)
	if m == nil {
		b.in.t.Fatal("no request to approve")
	}
	b.act("/custody/"+m[1]+"/approve", url.Values{"passphrase": {custodianPass}})
}

var tipLink = regexp.MustCompile(`/tips/([0-9a-f]{32})`)

// tips are the ids on the inbox's first page.
func (b *browser) tips() map[string]bool {
	b.in.t.Helper()
	status, page := b.get("/")
	if status != http.StatusOK {
		b.in.t.Fatalf("inbox: %d", status)
	}
	out := map[string]bool{}
	for _, m := range tipLink.FindAllStringSubmatch(page, -1) {
		out[m[1]] = true
	}
	return out
}

func (in *instance) mail(from, message string) {
	in.t.Helper()
	if err := smtp.SendMail(in.smtp, nil, from, []string{"tips@localhost"}, []byte(message)); err != nil {
		in.t.Fatal(err)
	}
}

func (in *instance) sms(body string) {
	in.t.Helper()
	resp, err := http.Post("http://"+in.public+"/hooks/sms/city?key=k3y-of-the-city-gateway", "application/json", strings.NewReader(body))
	if err != nil {
		in.t.Fatal(err)
	}
	if text := readAll(in.t, resp); resp.StatusCode != http.StatusOK {
		in.t.Fatalf("the hook answered %d %s", resp.StatusCode, text)
	}
}

// TestAgeOpens: what we store opens with the age command and our own key export,
// without us.
func TestAgeOpens(t *testing.T) {
	t.Parallel()
	in := install(t)
	file := filepath.Join(in.dir, "tip.json")
	const words = "来信反映：村东耕地上建了厂房"
	text, err := json.Marshal(map[string]string{"channel": "letter", "text": words, "name": "李四", "phone": "13700000000"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	tip := strings.Fields(in.run("tip", "add", "--file", file))[1]
	pass := filepath.Join(in.dir, "pass")
	key := filepath.Join(in.dir, "desk.key")
	in.run("keys", "export", "--role", "desk", "--member", "li", "--passphrase-file", pass, "--out", key)
	sealed := filepath.Join(in.dir, "report.age")
	in.run("tip", "export", tip, "--part", "report", "--out", sealed)
	out := in.shell(`go tool age -d -i "$1" "$2" > "$3"; tail -n +2 "$3" | head -c "$(tail -c 20 "$3")"`, key, sealed, filepath.Join(in.dir, "plain"))
	var got struct{ Text string }
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Text != words {
		t.Fatalf("age opened %q (%v)", out, err)
	}
	identity := filepath.Join(in.dir, "identity.age")
	in.run("tip", "export", tip, "--part", "identity", "--out", identity)
	out = in.shell(`go tool age -d -i "$1" "$2" > "$3"; tail -n +2 "$3" | head -c "$(tail -c 20 "$3")"`, key, identity, filepath.Join(in.dir, "inner"))
	if strings.Contains(out, "李四") {
		t.Fatal("the desk's key alone opened an identity")
	}
	if !strings.HasPrefix(out, "age-encryption.org/v1") {
		t.Fatalf("the outer layer holds %.40q", out)
	}
}

// shell runs a command line the way the documentation shows it, in the module.
func (in *instance) shell(script string, args ...string) string {
	in.t.Helper()
	cmd := exec.Command("sh", append([]string{"-euc", script, "sh"}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		in.t.Fatalf("%v\n%s", err, errs.String())
	}
	return out.String()
}
