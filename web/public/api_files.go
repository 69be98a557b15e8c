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
	// Removed are codes of what the file told and the clean copy doesn't.
	Removed []string `json:"removed,omitempty"`
}

// apiFiles adds files, and words if there are any, under a receipt: multipart, the
// files last. An Idempotency-Key makes a repetition harmless.
func (s *site) apiFiles(c *gin.Context) error {
	in, err := s.read(c.Writer, c.Request, typeMultipart)
	if err != nil {
		drain(c)
		return err
	}
	if key := strings.Trim(c.GetHeader("Idempotency-Key"), `"`); key != "" {
		in.fields["token"] = []string{key}
	}
	code, err := s.open(c, in.fields.get("receipt"))
	if err != nil {
		drain(c)
		return err
	}
	kept, err := s.add(c, code, in)
	if err != nil {
		drain(c)
		return err
	}
	out := struct {
		Files []keptJSON `json:"files"`
	}{[]keptJSON{}}
	for _, f := range kept {
		out.Files = append(out.Files, keptJSON{f.Type, f.Size, f.Clean, f.Reason, f.Removed})
	}
	return s.created(c, out)
}

// speaker words messages in the reader's language.
type speaker interface {
	T(id string, args ...any) string
}

// kept words what became of each file that was added.
func kept(v speaker, files []intake.SealedFile) []string {
	var out []string
	for i, f := range files {
		out = append(out, v.T("upload.photo")+" "+v.T("upload.number", "n", i+1)+" "+became(v, f))
	}
	return out
}

// became words one file. A phone that keeps its photos elsewhere may send nothing
// of one: that isn't called received.
func became(v speaker, f intake.SealedFile) string {
	switch {
	case f.Size == 0:
		return v.T("upload.empty")
	case f.Clean:
		return gone(v, f.Removed)
	default:
		return v.T("upload.sealed")
	}
}

// gone words what a clean copy no longer carries.
func gone(v speaker, removed []string) string {
	if len(removed) == 0 {
		return v.T("upload.done")
	}
	var what []string
	for _, code := range removed {
		what = append(what, v.T("upload.removed."+code))
	}
	return v.T("upload.removed", "what", strings.Join(what, v.T("upload.removed.join")))
}
