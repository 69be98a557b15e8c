package backup

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRow: a row that can be read is written and read again as it was.
func FuzzRow(f *testing.F) {
	f.Add([]byte(`["text",-1,null,{"base64":"AAE="}]`), uint8(4))
	f.Add([]byte(`[{"base64":null},1e3,true,[]]`), uint8(4))
	f.Fuzz(func(t *testing.T, line []byte, n uint8) {
		row, err := parseRow(line, int(n))
		if err != nil {
			if !errors.Is(err, errRow) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		var b bytes.Buffer
		if err := appendRow(&b, row); err != nil || bytes.Count(b.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("%v: %q", err, b.Bytes())
		}
		if again, err := parseRow(b.Bytes(), int(n)); err != nil || !cmp.Equal(row, again) {
			t.Fatalf("%v\n%s", err, cmp.Diff(row, again))
		}
	})
}
