package intake_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"tipline/crypto/receipt"
	"tipline/intake"
)

// TestNobodyIsPrinted: whatever holds a person's data says only what it is.
func TestNobodyIsPrinted(t *testing.T) {
	r := web()
	r.Files = files("CANARY", "CANARY")
	r.Token, r.Gateway, r.MessageID, r.By = canary, canary, canary, canary
	code := receipt.New()
	filed := intake.Filed{ID: canary, Receipt: code}
	summary := intake.Summary{Summary: canary, Subject: canary}
	for name, v := range map[string]any{
		"report": r, "report by value": *r, "words": r.Words, "pointer to words": &r.Words, "identity": r.Identity, "pointer to identity": &r.Identity,
		"file": intake.File{Name: canary, Type: canary}, "filed": filed, "pointer to filed": &filed, "spoken": intake.Spoken{Text: canary},
		"conversation": intake.Conversation{Messages: []intake.Spoken{{Text: canary}}}, "sealed report": intake.SealedReport{Words: r.Words}, "summary": summary,
		"in a struct": struct{ R intake.Report }{*r}, "in a map": map[string]any{"words": r.Words}, "in a slice": []intake.File{{Name: canary}},
		"error": fmt.Errorf("%v", r), "invalid": &intake.InvalidError{Problems: []intake.Problem{{Field: "text", Code: "required"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			fmt.Fprintf(&out, "%v %+v %s %q", v, v, v, v)
			slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
			if strings.Contains(out.String(), canary) || strings.Contains(out.String(), code.Digits()) {
				t.Error(out.String())
			}
		})
	}
}

// TestNobodyIsPrintedAsJSON: a JSON log asks LogValue alone.
func TestNobodyIsPrintedAsJSON(t *testing.T) {
	r := web()
	for _, v := range []any{r, *r, r.Words, r.Identity, intake.File{Name: canary}, intake.Filed{ID: canary}, intake.Spoken{Text: canary},
		intake.SealedReport{Words: r.Words}, intake.Summary{Summary: canary}} {
		var out bytes.Buffer
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		if strings.Contains(out.String(), canary) || !strings.Contains(out.String(), `"v":"[`) {
			t.Error(out.String())
		}
	}
}
