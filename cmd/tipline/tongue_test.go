package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/alecthomas/kong"

	"tipline/configs"
	"tipline/intake/casework"
)

func inChinese(t *testing.T) tongue {
	t.Helper()
	zh, err := speak(func(name string) string { return map[string]string{"LANG": "zh_CN.UTF-8"}[name] })
	if err != nil {
		t.Fatal(err)
	}
	return zh
}

// TestChinese finds help that has no Chinese, and Chinese for what nobody says any more.
func TestChinese(t *testing.T) {
	t.Parallel()
	zh := inChinese(t)
	var c cli
	k, err := kong.New(&c, kong.Vars{"version": version})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, text := range helpOf(k.Model.Node) {
		if said[text] = true; zh[text] == "" {
			t.Errorf("zh-CN.yaml lacks %q", text)
		}
	}
	for _, text := range formats(t, "Errorf", "errorf") {
		said[text] = true
	}
	for _, text := range formats(t, "say", "note", "fault") {
		if said[text] = true; zh[text] == "" {
			t.Errorf("zh-CN.yaml lacks %q", text)
		}
	}
	for _, c := range checks() {
		if said[c.name] = true; zh[c.name] == "" {
			t.Errorf("zh-CN.yaml lacks %q", c.name)
		}
	}
	code := source(t)
	for english, chinese := range zh {
		if a, b := len(verb.FindAllString(english, -1)), len(verb.FindAllString(chinese, -1)); a != b {
			t.Errorf("%q has %d places, its Chinese %d", english, a, b)
		}
		for _, part := range verb.Split(english, -1) {
			part = strings.TrimSuffix(part, "\n") // Println's
			quoted := fmt.Sprintf("%q", part)
			if !said[english] && !strings.Contains(code, part) && !strings.Contains(code, quoted[1:len(quoted)-1]) {
				t.Errorf("nothing says %q any more", english)
			}
		}
	}
}

// formats are the formats that functions of these names are called with here.
func formats(t *testing.T, functions ...string) (formats []string) {
	t.Helper()
	files, _ := filepath.Glob("*.go")
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && len(c.Args) > 0 {
				name := ""
				switch f := c.Fun.(type) {
				case *ast.SelectorExpr:
					name = f.Sel.Name
				case *ast.Ident:
					name = f.Name
				}
				if slices.Contains(functions, name) {
					formats = append(formats, literal(c.Args[0]))
				}
			}
			return true
		})
	}
	return slices.DeleteFunc(formats, func(s string) bool { return !strings.ContainsFunc(verb.ReplaceAllString(s, ""), unicode.IsLetter) })
}

// literal is a string as it stands in the source, over several lines perhaps.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	}
	return ""
}

func helpOf(n *kong.Node) (texts []string) {
	add := func(text string) {
		if text != "" {
			texts = append(texts, text)
		}
	}
	add(n.Help)
	add(n.Detail)
	for _, f := range n.Flags {
		add(f.Help)
	}
	for _, p := range n.Positional {
		add(p.Help)
	}
	for _, c := range n.Children {
		texts = append(texts, helpOf(c)...)
	}
	return texts
}

// source is the text of every package that a command's errors come from, the standard library's and
// kong's included.
func source(t *testing.T) string {
	t.Helper()
	list := exec.Command("go", "list", "-tags", "nomsgpack", "-f", "{{.Dir}}", "tipline/...", "github.com/alecthomas/kong", "os", "syscall", "net", "io/fs", "internal/oserror")
	dirs, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for dir := range strings.FieldsSeq(string(dirs)) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(text)
		}
	}
	return b.String()
}

// TestCountOfOne: one tip is no "1 tips", in what is said, in what went wrong and in its Chinese.
func TestCountOfOne(t *testing.T) {
	t.Parallel()
	zh := inChinese(t)
	const waits = "%d {tip waits|tips wait} in its spool (%s) that no database has: move it away, and where {it is|they are} this office's own, back after the restore, with the files of %s (cp -an)"
	for n, want := range map[int]string{1: "1 tip waits in its spool (/s)", 2: "2 tips wait in its spool (/s)", 0: "0 tips wait in its spool (/s)"} {
		err := errorf(waits, n, "/s", "/b")
		if !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "|") {
			t.Errorf("%q", err)
		}
		if said := zh.error(err); !strings.Contains(said, fmt.Sprintf("%d 条线索", n)) || strings.Contains(said, "tip ") {
			t.Errorf("%q", said)
		}
	}
	for want, got := range map[string]string{
		"desk    1 row, 2 files": inEnglish("%-8s%d {row|rows}, %d {file|files}", "desk", 1, 2),
		"1 of 1 tip":             inEnglish("%d of %d {tip|tips}", 1, 1),
		"1 条，链条完整":               zh.say("%d {row|rows}, unbroken", 1),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestCountsAgree finds a count with words after it that are true of many alone. Where a number has a name ("%d rows")
// it says what one is called.
func TestCountsAgree(t *testing.T) {
	t.Parallel()
	many := regexp.MustCompile(`%d( \pL+)? (\pL+(s|ies)|are|were|wait|go)\b`)
	fine := []string{"%d as", "%d of the checks", "%d in this"}
	for _, text := range formats(t, "say", "note", "fault", "inEnglish", "Errorf", "errorf", "Fprintf", "Sprintf") {
		if m := many.FindString(text); m != "" && !slices.ContainsFunc(fine, func(f string) bool { return strings.HasPrefix(m, f) }) {
			t.Errorf("%q in %q", m, text)
		}
	}
}

func TestErrorsInChinese(t *testing.T) {
	t.Parallel()
	zh := inChinese(t)
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.Join(&configs.Problem{Key: "public.addr", Text: "is required; fill it in"}, &configs.Problem{Key: "smtp.addr", Text: "is the same as ops.addr; give each listener its own port"}),
			"public.addr：必须填写；smtp.addr：与 ops.addr 相同；请各用一个端口"},
		{fmt.Errorf("tip abc: %w", casework.ErrForbidden), "线索 abc：您的岗位不能做这件事"},
		{fmt.Errorf("no backup was made: %w", &os.PathError{Op: "open", Path: "/srv/b", Err: os.ErrNotExist}), "没有备份：打不开 /srv/b：文件不存在"},
		{fmt.Errorf("%s, which opens %s version %d in this backup, isn't in %s: name its folder with --keys. If it is gone for good, --without %s/%d restores all else", "a.key", "desk", 1, "/b", "desk", 1),
			"打开备份中 desk 第 1 版的 a.key 不在 /b：请用 --keys 指出它的目录。确实没有了，--without desk/1 会恢复其余内容"},
		{errors.New("something nobody worded: deep inside"), "something nobody worded：deep inside"},
	} {
		if got := zh.error(c.err); got != c.want {
			t.Errorf("%q\nis worded  %q\ninstead of %q", c.err, got, c.want)
		}
	}
	if got := tongue(nil).error(errors.New("one\ntwo")); got != "one; two" {
		t.Error(got)
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"用于 `doctor` 发现的线索，例如": "用 于\u2060 `doctor` 发 现 的 线 索，\u2060例 如\u2060",
		"（口令）":        "（\u2060口 令）\u2060",
		"plain words": "plain words",
	} {
		if got := spread(text); gather(got) != text {
			t.Errorf("%q comes back as %q", text, gather(got))
		} else if text != want && strings.Count(got, " ")+strings.Count(got, "\u2060") == 0 {
			t.Errorf("%q isn't spread", text)
		}
	}
}

func TestColumn(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"disk": "disk  |", "磁盘": "磁盘  |", "a磁": "a磁   |", "much longer": "much longer|"} {
		if got := column(s, 6) + "|"; got != want {
			t.Errorf("%q is set as %q", s, got)
		}
	}
}
