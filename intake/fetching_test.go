package intake_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
)

// provider hands out files by their addresses; several are fetched at once.
type provider struct {
	mu    sync.Mutex
	files map[string]string
	fails map[string]*intake.FetchError
	asked []string
}

func (p *provider) get(_ context.Context, gateway, address string) (intake.Fetched, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, gateway+" "+address)
	if err := p.fails[address]; err != nil {
		return intake.Fetched{}, err
	}
	return intake.Fetched{Type: "text/plain", Body: io.NopCloser(strings.NewReader(p.files[address]))}, nil
}

// TestMediaIsFetched: a picture becomes an addition of its tip, once; what fails is tried
// again after growing waits, until it is given up.
func TestMediaIsFetched(t *testing.T) {
	o := intaketest.Open(t)
	door, twin := o.Door(), o.Beside(t).Door()
	p := &provider{files: map[string]string{"https://p/1": "one"}, fails: map[string]*intake.FetchError{"https://p/2": {Cause: intake.FetchUnreachable}, "https://p/3": {Cause: intake.FetchGone, Final: true}}}
	f, err := door.Submit(t.Context(), &intake.Report{Channel: intake.SMS, Gateway: "city", MessageID: "1", Category: intake.CategoryUnknown,
		Media: []string{"https://p/1", "https://p/2", "https://p/3"}, Raw: bytes.NewReader([]byte("raw"))})
	intaketest.Must(t, err)
	for _, d := range []*intake.Service{door, twin, door} {
		_, err := d.FetchMedia(t.Context(), p.get)
		intaketest.Must(t, err)
	}
	if len(p.asked) != 3 {
		t.Fatalf("asked %q", p.asked)
	}
	messages, err := o.Store.Messages(t.Context(), f.ID)
	intaketest.Must(t, err)
	left, err := o.Store.Fetches(t.Context(), f.ID)
	intaketest.Must(t, err)
	if len(messages) != 1 || len(left) != 2 || left[0].State != intake.FetchWaiting || left[1].State != intake.FetchFailed || left[1].Cause != intake.FetchGone {
		t.Fatalf("%d messages, left %+v", len(messages), left)
	}
	for range 20 {
		o.Clock.Add(25 * time.Hour)
		_, err := door.FetchMedia(t.Context(), p.get)
		intaketest.Must(t, err)
	}
	if left, err = o.Store.Fetches(t.Context(), f.ID); err != nil || len(left) != 2 || left[0].State != intake.FetchFailed || left[0].Tries != 8 {
		t.Errorf("%+v, %v", left, err)
	}
}

// TestBigMediaIsGivenUp: what is too large or breaks off leaves nothing behind.
func TestBigMediaIsGivenUp(t *testing.T) {
	o := intaketest.Open(t)
	door := o.Door()
	f, err := door.Submit(t.Context(), &intake.Report{Channel: intake.SMS, Gateway: "city", MessageID: "1", Category: intake.CategoryUnknown, Media: []string{"https://p/1"}, Raw: bytes.NewReader([]byte("raw"))})
	intaketest.Must(t, err)
	_, err = door.FetchMedia(t.Context(), func(context.Context, string, string) (intake.Fetched, error) {
		return intake.Fetched{Body: io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), endsIn{intake.ErrTooLarge}))}, nil
	})
	intaketest.Must(t, err)
	left, err := o.Store.Fetches(t.Context(), f.ID)
	intaketest.Must(t, err)
	messages, err := o.Store.Messages(t.Context(), f.ID)
	intaketest.Must(t, err)
	if len(left) != 1 || left[0].Cause != intake.FetchTooLarge || left[0].State != intake.FetchFailed || len(messages) != 0 {
		t.Errorf("left %+v and %d messages", left, len(messages))
	}
}

// endsIn is a body that ends in an error.
type endsIn struct{ err error }

func (e endsIn) Read([]byte) (int, error) { return 0, e.err }
