package intake_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/intaketest"
)

const additionToken = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

func filesOf(names ...string) iter.Seq2[intake.File, error] {
	return func(yield func(intake.File, error) bool) {
		for _, n := range names {
			if !yield(intake.File{Name: n + ".txt", Body: strings.NewReader(n)}, nil) {
				return
			}
		}
	}
}

// TestFilesAreAddedOnce sends one addition three times, from two processes, and
// finds one message and one pair of containers.
func TestFilesAreAddedOnce(t *testing.T) {
	o := intaketest.Open(t)
	door := o.Door()
	f, err := door.Submit(t.Context(), &intake.Report{Channel: intake.Web, Words: intake.Words{Text: "words"}})
	intaketest.Must(t, err)
	for _, d := range []*intake.Service{door, door, o.Beside(t).Door()} {
		got, err := d.Add(t.Context(), f.Receipt, intake.Addition{Token: additionToken, Files: filesOf("the first", strings.Repeat("two", 40_000))})
		intaketest.Must(t, err)
		if len(got) != 2 || got[0].Size != int64(len("the first")) || !got[0].Clean {
			t.Fatalf("files: %+v", got)
		}
	}
	if _, err := door.Add(t.Context(), f.Receipt, intake.Addition{Token: additionToken, Files: filesOf("three")}); err != nil {
		t.Fatal(err)
	}
	talk, err := door.Look(t.Context(), f.Receipt)
	intaketest.Must(t, err)
	containers, err := o.Store.Containers(t.Context(), f.ID)
	intaketest.Must(t, err)
	if len(talk.Messages) != 2 || len(containers) != 4 {
		t.Errorf("%d messages and %d containers of two additions", len(talk.Messages), len(containers))
	} else if talk.Messages[0].Sent != 2 || talk.Messages[1].Sent != 1 {
		t.Errorf("their reporter is told of %d and %d files", talk.Messages[0].Sent, talk.Messages[1].Sent)
	}
	for _, c := range containers {
		if bytes.Contains(c.Inline, []byte("the first")) {
			t.Errorf("%s isn't sealed", c.Compartment)
		}
	}
}

// TestAdditionsAreRefused keeps nothing of what it refuses.
func TestAdditionsAreRefused(t *testing.T) {
	o := intaketest.Open(t)
	door := o.Door()
	f, err := door.Submit(t.Context(), &intake.Report{Channel: intake.Web, Words: intake.Words{Text: "words"}})
	intaketest.Must(t, err)
	broken := func(yield func(intake.File, error) bool) {
		yield(intake.File{Body: io.MultiReader(strings.NewReader("half"), torn{})}, nil)
	}
	huge := func(yield func(intake.File, error) bool) {
		yield(intake.File{Body: io.LimitReader(endless{}, 2<<20)}, nil)
	}
	for name, c := range map[string]struct {
		intake.Addition
		want error
	}{
		"nothing":        {intake.Addition{}, intake.ErrInvalid},
		"no file at all": {intake.Addition{Files: filesOf()}, intake.ErrInvalid},
		"too many":       {intake.Addition{Files: filesOf("1", "2", "3", "4")}, intake.ErrTooManyFiles},
		"a weak token":   {intake.Addition{Token: "123", Files: filesOf("1")}, intake.ErrInvalid},
		"a torn file":    {intake.Addition{Files: broken}, intake.ErrRead},
		"a huge file":    {intake.Addition{Files: huge}, intake.ErrTooLarge},
		"too many words": {intake.Addition{Text: strings.Repeat("字", intake.MaxMessage+1), Files: filesOf("1")}, intake.ErrInvalid},
	} {
		if _, err := door.Add(t.Context(), f.Receipt, c.Addition); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	containers, err := o.Store.Containers(t.Context(), f.ID)
	intaketest.Must(t, err)
	if talk, err := door.Look(t.Context(), f.Receipt); err != nil || len(talk.Messages) != 0 || len(containers) != 0 {
		t.Errorf("kept: %d messages, %d containers, %v", len(talk.Messages), len(containers), err)
	}
}

// TestAdditionsEnd: who sends one photo at a time isn't told of too many at once.
func TestAdditionsEnd(t *testing.T) {
	o := intaketest.Open(t)
	door := o.Door()
	f, err := door.Submit(t.Context(), &intake.Report{Channel: intake.Web, Words: intake.Words{Text: "words"}})
	intaketest.Must(t, err)
	for n := 1; ; n++ {
		_, err := door.Add(t.Context(), f.Receipt, intake.Addition{Files: filesOf("photo")})
		if err == nil && n <= 60 {
			continue
		}
		bad, ok := errors.AsType[*intake.InvalidError](err)
		if !ok || n != 61 || len(bad.Problems) != 1 || bad.Problems[0] != (intake.Problem{Field: "files", Code: "full", Param: "60"}) {
			t.Errorf("photo %d: %v", n, err)
		}
		break
	}
	if _, err := door.Add(t.Context(), f.Receipt, intake.Addition{Text: "words still go"}); err != nil {
		t.Error(err)
	}
}

type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
