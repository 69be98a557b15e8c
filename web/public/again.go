package public

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/web/page"
)

// What a page tells of its own comes back with its form as codes, so that another
// language tells it again: nothing is kept for it here, and nothing of it is a person's.

// carried is a refusal as codes.
type carried struct {
	Kind     string           `json:"kind"`
	Wait     time.Duration    `json:"wait,omitempty"`
	Message  bool             `json:"message,omitempty"` // the text is an addition, not a report
	Problems []intake.Problem `json:"problems,omitempty"`
}

// maxCarried bounds what is told again: a form has fewer fields.
const maxCarried = 40

// again is the refusal that a form carries, in the view's language; zero when it carries
// none that this program knows.
func again(v page.View, area string, f fields) refusal {
	var c carried
	if json.Unmarshal([]byte(f.get("told")), &c) != nil || len(c.Problems) > maxCarried {
		return refusal{}
	}
	at := slices.IndexFunc(failures, func(f failure) bool { return f.kind == c.Kind })
	if at < 0 {
		return refusal{}
	}
	return c.tell(v, area, failures[at])
}

// tell words what is carried.
func (c carried) tell(v page.View, area string, f failure) refusal {
	out := refusal{Failure: tell(v, area, f, c.Wait), Problems: c.reasons(v)}
	codes, err := json.Marshal(c)
	if err == nil { // it holds nothing that JSON doesn't
		out.Carry = string(codes)
	}
	return out
}

// carryFiles are what became of each file, as codes.
func carryFiles(files []intake.SealedFile) (codes []string) {
	for _, f := range files {
		switch {
		case f.Size == 0:
			codes = append(codes, "empty")
		case !f.Clean:
			codes = append(codes, "sealed")
		default:
			codes = append(codes, strings.Join(append([]string{"clean"}, f.Removed...), " "))
		}
	}
	return codes
}

// carriedFiles reads such codes; what this program doesn't know of is left out.
func carriedFiles(v page.View, codes []string) (files []intake.SealedFile) {
	for _, code := range codes[:min(len(codes), maxCarried)] {
		what := strings.Fields(code)
		f := intake.SealedFile{Size: 1, Clean: len(what) > 0 && what[0] == "clean"}
		switch {
		case f.Clean:
			f.Removed = slices.DeleteFunc(what[1:], func(code string) bool { return !v.Has("upload.removed." + code) })
		case code == "empty":
			f.Size = 0
		case code != "sealed":
			continue
		}
		files = append(files, f)
	}
	return files
}

// filedAgain shows a receipt in another language. It looks nothing up: the page shows
// what it brought along, and tells nobody whether there is such a report.
func (s *site) filedAgain(c *gin.Context, v page.View, f fields) error {
	code, err := receipt.Parse(f.get("receipt"))
	if err != nil {
		return s.askAgain(c, v, f, err)
	}
	return s.filed(c, v, code.Grouped(), carriedFiles(v, f["kept"]))
}
