package public_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"tipline/configs/locale"
	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/web/public"
)

// door is a small stand-in for the domain: it reads the files and remembers what
// it was given.
type door struct {
	mu      sync.Mutex
	fail    error // of Submit and Add
	look    error
	reports []*intake.Report
	sizes   []int64
	names   []string
	byToken map[string]receipt.Receipt
	looked  []receipt.Receipt
	wishes  []intake.WishKind
	said    []string
	files   []intake.SealedFile
	added   map[string]bool
	talk    intake.Conversation
}

func (d *door) Submit(_ context.Context, r *intake.Report) (intake.Filed, error) {
	if d.fail != nil {
		return intake.Filed{}, d.fail
	}
	if r.Words.Text == "" {
		return intake.Filed{}, &intake.InvalidError{Problems: []intake.Problem{{Field: "text", Code: "required"}}}
	}
	if r.Words.Text == "panic" {
		panic("CANARY")
	}
	var sizes []int64
	var names []string
	var files []intake.SealedFile
	if r.Files != nil {
		for f, err := range r.Files {
			if err != nil {
				return intake.Filed{}, err
			}
			n, err := io.Copy(io.Discard, f.Body)
			if err != nil {
				return intake.Filed{}, fmt.Errorf("%w: %w", intake.ErrRead, err)
			}
			sizes, names, files = append(sizes, n), append(names, f.Name), append(files, sealed(len(files)+1, n))
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reports, d.sizes, d.names = append(d.reports, r), sizes, names
	code := receipt.New()
	if old, ok := d.byToken[r.Token]; ok && r.Token != "" {
		code = old
	}
	d.byToken[r.Token] = code
	return intake.Filed{ID: "tip1", Receipt: code, ReceivedOn: "2026-03-21", State: intake.StateReceived, Files: files}, nil
}

func (d *door) Look(_ context.Context, code receipt.Receipt) (intake.Conversation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looked = append(d.looked, code)
	return d.talk, d.look
}

func (d *door) Add(_ context.Context, code receipt.Receipt, a intake.Addition) ([]intake.SealedFile, error) {
	if d.fail != nil {
		return nil, d.fail
	}
	var out []intake.SealedFile
	if a.Files != nil {
		for f, err := range a.Files {
			if err != nil {
				return nil, err
			}
			n, err := io.Copy(io.Discard, f.Body)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", intake.ErrRead, err)
			}
			out = append(out, sealed(len(out)+1, n))
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key := fmt.Sprint(code.Digits(), a.Token, a.Text, out)
	if a.Token == "" || !d.added[key] {
		d.said, d.files = append(d.said, a.Text), append(d.files, out...)
	}
	d.added[key] = true
	return out, nil
}

// sealed is a file of so many bytes; one of three told where and by what it was taken.
func sealed(n int, size int64) intake.SealedFile {
	return intake.SealedFile{N: n, Type: "image/jpeg", Size: size, Clean: true, Removed: map[bool][]string{true: {"place", "device"}}[size == 3]}
}

func (d *door) Wish(_ context.Context, _ receipt.Receipt, kind intake.WishKind) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail == nil {
		d.wishes = append(d.wishes, kind)
	}
	return d.fail
}

func newDoor() *door {
	return &door{byToken: map[string]receipt.Receipt{}, added: map[string]bool{}, talk: intake.Conversation{State: intake.StateNeedsInfo, ReceivedOn: "2026-03-21",
		History: []intake.Change{{State: "received", On: "2026-03-21"}, {State: "needs_info", On: "2026-03-22"}},
		Due:     []intake.Due{{Kind: "acceptance", On: "2026-03-24"}},
		Reply:   intake.ReplyContact, Identity: intake.IdentityKept, Told: []intake.Told{{On: "2026-03-23", State: "sent"}},
		Messages: []intake.Spoken{{From: "desk", On: "2026-03-22", Text: "哪一块地？<b>"}, {From: "reporter", On: "2026-03-23"}}}}
}

func text(zh, en string) public.Text { return public.Text{"zh-CN": zh, "en": en} }

func content() public.Content {
	doc := func(zh, en string) public.Document {
		return public.Document{Title: text(zh, en), Lead: text(zh+"导语", en+" lead"), Sections: []public.Section{
			{ID: "a", Title: text(zh+"甲", en+" A"), Paragraphs: []public.Text{text("段", "paragraph")}},
			{ID: "b", Title: text(zh+"乙", en+" B"), Numbered: true, Points: []public.Point{{Term: text("词", "term"), Text: text("文", "words")}}}}}
	}
	return public.Content{Office: text("受理台", "Tip Line"), Hours: text("工作日", "working days"), Phones: []string{"0000-1111"},
		Mails: []string{"tips@example.org"}, SMS: []string{"1069"}, Visit: text("乡政府", "town hall"), Emergency: []string{"110"},
		Categories: []public.Choice{{Code: "lake_landscaping", Label: text("挖湖造景", "Lake"), Definition: text("湖", "A lake"), Icon: "lake"},
			{Code: "other", Label: text("其他", "Other"), Icon: "nonsuch"}},
		Conduct: []public.Choice{{Code: "wrong_plot", Label: text("批甲占乙", "Wrong plot")}, {Code: "impersonation", Label: text("冒名", "False name")}},
		Places: []public.Place{{Code: "411422", Level: "county", Name: text("睢县", "Suixian")},
			{Code: "411422207", Parent: "411422", Level: "township", Name: text("胡堂乡", "Hutang")},
			{Code: "411422207201", Parent: "411422207", Level: "village", Name: text("胡堂村", "Hutang Village")},
			{Code: "411422207201001", Parent: "411422207201", Level: "group", Name: text("一组", "Group 1")}},
		Home: doc("首页", "Home"), Scope: doc("范围", "Scope"), Procedure: doc("程序", "Procedure"), Protection: doc("保护", "Protection"), Privacy: doc("隐私", "Privacy"),
		Footer: public.Footer{ICP: "豫ICP备0号", Police: "公安0号", Sponsor: "乡政府", SiteMark: "bm0"}}
}

const base = "http://tips.example.org"

// serve is the site on a real listener.
func serve(t *testing.T, d public.Service, change func(*public.Options)) *httptest.Server {
	t.Helper()
	b, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	o := public.Options{Service: d, Content: content(), BaseURL: base, Log: slog.New(slog.DiscardHandler), MaxFiles: 3, MaxBytes: 64 << 20,
		Bundle: b.WithMissing(func(lang, id string) { t.Errorf("no message %s in %s", id, lang) })}
	if change != nil {
		change(&o)
	}
	h, err := public.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// answer is a whole answer.
type answer struct {
	*http.Response
	body string
}

func do(t *testing.T, method, url, contentType, body string, headers ...string) answer {
	t.Helper()
	return send(t, method, url, contentType, strings.NewReader(body), headers...)
}

func send(t *testing.T, method, url, contentType string, body io.Reader, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, string(b)}
}
