package desk_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tipline/intake/book"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
)

// send posts a form with a sheet behind its fields.
func (b *browser) send(path, content string, pairs ...string) *httptest.ResponseRecorder {
	b.h.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		intaketest.Must(b.h.t, w.WriteField(pairs[i], pairs[i+1]))
	}
	p, err := w.CreateFormFile("files", "表.csv")
	intaketest.Must(b.h.t, err)
	_, err = p.Write([]byte(content))
	intaketest.Must(b.h.t, err)
	intaketest.Must(b.h.t, w.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(r)
}

// TestWrongColumnsAreWorded: what looks like names in a clear column is said, in both languages.
func TestWrongColumnsAreWorded(t *testing.T) {
	h := open(t)
	li := h.login("li")
	if w := li.send("/import/parcels", "图斑编号,批次\n王大力,甲\n李四,乙\n"); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for lang, want := range map[string][]string{"zh-CN": {"这里像是姓名或文字", "每一行的批次都不一样"}, "en": {"This looks like a name or words", "Every row is of another batch"}} {
		p := li.page("/import/preview?lang=" + lang)
		for _, w := range want {
			if !strings.Contains(p, w) {
				t.Errorf("%s lacks %s", lang, w)
			}
		}
	}
}

// TestUnreadableSheetsSayHow: whoever brings what is no sheet hears what to do about it.
func TestUnreadableSheetsSayHow(t *testing.T) {
	h := open(t)
	li := h.login("li")
	for _, path := range []string{"/import/clues", "/import/parcels", "/ledger/upload"} {
		w := li.send(path, "PK\x03\x04rest")
		if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "读不出这个表格") || !strings.Contains(body, "请另存为 .xlsx 或 .csv") {
			t.Errorf("%s: %d %s", path, w.Code, body)
		}
	}
}

// TestImportPages: look, map, leave out, import; the same again adds nothing.
func TestImportPages(t *testing.T) {
	h := open(t)
	li := h.login("li")
	const csv = "斑号,所在,面积,整改时限\nTB-1,村,3,2024-08-01\nTB-2,无,3,\nTB-3,村,x,\n"
	if w := li.send("/import/parcels", csv, "batch", "2023"); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if p := li.page("/import/preview?lang=zh-CN"); !strings.Contains(p, "找不到必须有的列") || strings.Contains(p, `value="import"`) {
		t.Error("a sheet without numbers can be imported")
	}
	form := []string{"act", "map", "batch", "2023", "name", "县模板"}
	for _, pair := range [][2]string{{"斑号", "number"}, {"所在", "place"}, {"面积", "area"}, {"整改时限", "due_on"}} {
		form = append(form, "heading", pair[0], "field", pair[1])
	}
	li.act("/import/preview", form...)
	p := li.page("/import/preview?lang=zh-CN")
	for _, want := range []string{"不在可选范围内", "请只写数字", "TB-1", "跳过有问题的 2 行"} {
		if !strings.Contains(p, want) {
			t.Errorf("the preview lacks %s", want)
		}
	}
	if w := li.post("/import/preview", "act", "import"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("rows that aren't right: %d", w.Code)
	}
	done, err := url.Parse(li.act("/import/preview", "act", "import", "skip", "1"))
	if err != nil || done.Query().Get("new") != "1" || done.Query().Get("left") != "2" {
		t.Errorf("%v %v", done, err)
	}
	if !strings.Contains(li.page(done.RequestURI()), "role=\"status\"") {
		t.Error("it doesn't say what was done")
	}
	if w := li.send("/import/parcels", csv, "batch", "2023", "map", "县模板"); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	if p := li.page("/import/preview?lang=zh-CN"); !strings.Contains(p, "没有需要导入的行") {
		t.Error("the same sheet would be imported again")
	}
	n := 0
	for range h.ledger.Parcels(t.Context(), ledger.ParcelFilter{Desk: intaketest.Desk}) {
		n++
	}
	if n != 1 {
		t.Errorf("%d parcels", n)
	}
	li.act("/import/preview", "act", "drop")
	if w := li.get("/import/preview"); w.Code != http.StatusSeeOther {
		t.Errorf("it is kept: %d", w.Code)
	}
	li.act("/import/maps/drop", "kind", string(book.Parcels), "name", "县模板")
	if strings.Contains(li.page("/import"), "县模板") {
		t.Error("the mapping is kept")
	}
	for content, want := range map[string]int{"\xd0\xcf\x11\xe0old": 422, "": 422, "a\x00b": 422} {
		if w := li.send("/import/clues", content); w.Code != want || !strings.Contains(w.Body.String(), "role=\"alert\"") {
			t.Errorf("%q: %d", content, w.Code)
		}
	}
	if w := h.login("zhao").get("/import/preview"); w.Code != http.StatusSeeOther {
		t.Errorf("another member's sheet: %d", w.Code)
	}
}

// TestLedgerPages: the ledger opened, taken home, brought back: changed cells beside
// what they were, and one press.
func TestLedgerPages(t *testing.T) {
	h := open(t)
	li, tip := h.login("li"), h.tip().ID
	li.act("/tips/"+tip+"/state", "state", "accepted", "department", "agriculture", "summary", "一句摘要", "parcel", "TB-9")
	h.followed()
	p := li.page("/ledger?lang=zh-CN&state=pending&order=due")
	for _, want := range []string{"一句摘要", "TB-9", "农业农村"} {
		if !strings.Contains(p, want) {
			t.Errorf("the ledger lacks %s", want)
		}
	}
	if strings.Contains(li.page("/ledger?state=concluded"), "一句摘要") {
		t.Error("the filter leaves it")
	}
	w := li.get("/ledger/export?format=csv&lang=zh-CN")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "一句摘要") || !strings.Contains(w.Header().Get("Content-Disposition"), "ledger-2026-11-24.csv") {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	lines := strings.Split(w.Body.String(), "\r\n")
	cells := strings.Split(lines[1], ",")
	heads := strings.Split(lines[0], ",")
	at := func(column string) int { return slices.Index(heads, column) }
	cells[at("measure")], cells[at("progress")] = "限期复耕", "verifying"
	if w := li.send("/ledger/upload", lines[0]+"\r\n"+strings.Join(cells, ",")); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	p = li.page("/ledger/changes?lang=zh-CN")
	seen := regexp.MustCompile(`name="seen" value="(\w+)"`).FindStringSubmatch(p)
	if seen == nil || !strings.Contains(p, "限期复耕") {
		t.Fatal("the change isn't shown")
	}
	if w := li.post("/ledger/changes", "act", "take", "seen", "other"); w.Code != http.StatusConflict {
		t.Errorf("what nobody has seen: %d", w.Code)
	}
	if to := li.act("/ledger/changes", "act", "take", "seen", seen[1]); !strings.Contains(to, "changed=1") {
		t.Error(to)
	}
	if p := li.page("/ledger?lang=zh-CN"); !strings.Contains(p, "限期复耕") {
		t.Error("the ledger doesn't show it")
	}
	if w := li.send("/ledger/upload", "a\x00b"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "role=\"alert\"") {
		t.Errorf("no sheet: %d", w.Code)
	}
	li.act("/ledger/changes", "act", "drop")
	acts := strings.Join(h.acts(tip), " ")
	if !strings.Contains(acts, "li ledger.edit") {
		t.Error(acts)
	}
}
