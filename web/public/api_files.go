package public

import (
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
)

// keptJSON is what became of one file. What a clean copy no longer carries, its
// reporter is told by the page.
type keptJSON struct {
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Clean  bool   `json:"clean"`
	Reason string `json:"reason,omitempty"`
}

// apiFiles adds files, and words if there are any, under a receipt: multipart, the
// files last. An Idempotency-Key makes a repetition harmless.
func (s *site) apiFiles(c *gin.Context) error {
	in, err := s.read(c.Writer, c.Request, typeMultipart)
	if err != nil {
		drain(c.Request)
		return err
	}
	if key := strings.Trim(c.GetHeader("Idempotency-Key"), `"`); key != "" {
		in.fields["token"] = []string{key}
	}
	code, err := s.open(c, in.fields.get("receipt"))
	if err != nil {
		drain(c.Request)
		return err
	}
	kept, err := s.add(c, code, in)
	if err != nil {
		drain(c.Request)
		return err
	}
	out := struct {
		Files []keptJSON `json:"files"`
	}{[]keptJSON{}}
	for _, f := range kept {
		out.Files = append(out.Files, keptJSON{f.Type, f.Size, f.Clean, f.Reason})
	}
	return s.created(c, out)
}

// kept words what became of each file that was added.
func kept(v interface {
	T(id string, args ...any) string
}, files []intake.SealedFile) []string {
	var out []string
	for i, f := range files {
		id := "upload.sealed"
		if f.Clean {
			id = "upload.done"
		}
		out = append(out, v.T("upload.photo")+" "+v.T("upload.number", "n", i+1)+" "+v.T(id))
	}
	return out
}
