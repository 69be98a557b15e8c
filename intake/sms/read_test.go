package sms

import (
	"testing"

	"tipline/intake/sms/gateway"
)

// TestRead: what was kept because nobody could read it reads as its gateway's callback
// would, an element of a list as well as a whole body; what is still broken is nothing.
func TestRead(t *testing.T) {
	s := said{from: "+8613800138000", to: "1069", text: "村北有人挖沙"}
	for provider, w := range wires() {
		c := Channel{Name: "city", Provider: provider, Secrets: []string{keyText}, URL: hookURL}
		if w.settle != nil {
			w.settle(&c)
		}
		got, err := Read(c, []byte(encode(provider, s)))
		if err != nil || len(got) != 1 || got[0].Words.Text != s.text || got[0].Gateway != "city" || got[0].Hold {
			t.Errorf("%s: %v, %v", provider, got, err)
		}
		broken := gateway.Encode(provider, account(provider), gateway.Message{ID: "1", Broken: true})
		if got, err := Read(c, []byte(broken)); err != nil || len(got) != 0 {
			t.Errorf("%s reads what is broken: %v, %v", provider, got, err)
		}
	}
	list := Custom{Format: FormatJSON, List: "data.items", Fields: CustomFields{From: "mobile", Text: "content"}}
	c := Channel{Name: "city", Provider: "custom", Secrets: []string{keyText}, Custom: list}
	for raw, want := range map[string]int{`{"mobile":"1","content":"x"}`: 1, `{"data":{"items":[{"mobile":"1","content":"x"},{"mobile":"2","content":"y"}]}}`: 2} {
		if got, err := Read(c, []byte(raw)); err != nil || len(got) != want {
			t.Errorf("%s: %d reports, %v", raw, len(got), err)
		}
	}
}
