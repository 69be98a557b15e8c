package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/intaketest"
)

// BenchmarkSubmit files a text of 2 KB through the whole door, on SQLite. With
// -cpuprofile it shows what dominates.
func BenchmarkSubmit(b *testing.B) {
	door := intaketest.Open(b).Door()
	words := strings.Repeat("soil is being dug by night. ", 70)
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for n := 0; pb.Next(); n++ {
			r := &intake.Report{Channel: intake.Web, Words: intake.Words{Text: words + fmt.Sprint(n)}, Reply: intake.ReplyReceipt}
			if _, err := door.Submit(b.Context(), r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
