package intake

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"log/slog"
	"sync"
	"time"
)

// Fetch is a file that waits at a gateway's provider: where, only intake can read.
type Fetch struct {
	ID      string
	Tip     string
	Gateway string // the channel's name
	N       int    // its place among the message's files, from 1
	On      Date   // the day the message came
	Sealed  []byte // the address, under intake's own key
	State   FetchState
	Cause   string // of the last failure, a code
	Tries   int
	Again   int64 // when it is due, seconds since 1970
}

// FetchState is where a fetch stands. What is fetched has none: the file is a message's.
type FetchState string

// The states of a fetch.
const (
	FetchWaiting FetchState = "waiting"
	FetchFailed  FetchState = "failed" // a handler may try again
	FetchLapsed  FetchState = "lapsed" // given up, and the address is forgotten
)

// Why a file wasn't fetched.
const (
	FetchAddress     = "address"     // it isn't an address files are fetched from
	FetchForbidden   = "forbidden"   // it leads into a network that isn't everybody's
	FetchRedirect    = "redirect"    // it leads to somebody else
	FetchUnreachable = "unreachable" // the provider doesn't answer, or not now
	FetchCredentials = "credentials" // the provider wants other credentials
	FetchGone        = "gone"        // the provider has no such file any more
	FetchTooLarge    = "too_large"
	FetchBroken      = "broken" // it broke off
	FetchOff         = "off"    // this channel's files aren't fetched
)

// FetchError says why a file wasn't fetched.
type FetchError struct {
	Cause string
	Final bool // trying again helps nobody
}

func (e *FetchError) Error() string { return "not fetched: " + e.Cause }

// Fetched is a file as its provider hands it out.
type Fetched struct {
	Type string // as declared
	Body io.ReadCloser
}

// Fetches keeps what is to be fetched. Errors wrap [ErrNotDurable].
type Fetches interface {
	// DueFetches are at most limit that are due, the longest waiting first, each with its
	// tip's desk.
	DueFetches(ctx context.Context, now time.Time, limit int) ([]DueFetch, error)
	// ClaimFetch takes one, until then; claimed is false when another was faster.
	ClaimFetch(ctx context.Context, f Fetch, until time.Time) (claimed bool, err error)
	// FailFetch notes why one wasn't fetched, and when it is tried again; the zero time
	// gives it up, and marks its tip unread.
	FailFetch(ctx context.Context, id, cause string, again time.Time) error
}

// DueFetch is a fetch with the desk its file is sealed to.
type DueFetch struct {
	Fetch
	Desk string
}

// Getter opens the file that a gateway's message names. Its errors are [*FetchError].
type Getter func(ctx context.Context, gateway, address string) (Fetched, error)

// fetchPauses are the waits between tries; after the last one a file is given up.
func fetchPauses() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}
}

// Limits of one round of fetching.
const (
	fetchClaim = 10 * time.Minute
	fetchBatch = 30
	fetchTasks = 3 // at a time
)

// fetches are what is to be fetched for a report's tip.
func (d *draft) fetches(r *Report, on Date) (out []Fetch) {
	if d.s.Fetches == nil {
		return nil
	}
	for i, address := range r.Media {
		id := NewID()
		out = append(out, Fetch{ID: id, Tip: d.id, Gateway: r.Gateway, N: i + 1, On: on, State: FetchWaiting, Sealed: d.s.Waiting.Seal(fetchPlace(id), []byte(address))})
	}
	return out
}

func fetchPlace(id string) string { return "fetch " + id }

// FetchMedia fetches the files that are due, each once, and adds them to their tips. It
// says how many came.
func (s *Service) FetchMedia(ctx context.Context, get Getter) (came int, err error) {
	due, err := s.Fetches.DueFetches(ctx, s.Now(), fetchBatch)
	if err != nil {
		return 0, err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	room := make(chan struct{}, fetchTasks)
	for _, f := range due {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			done, failed := s.fetchOne(ctx, f, get)
			mu.Lock()
			defer mu.Unlock()
			if err = errors.Join(err, failed); done {
				came++
			}
		})
	}
	wg.Wait()
	return came, err
}

func (s *Service) fetchOne(ctx context.Context, f DueFetch, get Getter) (came bool, err error) {
	claimed, err := s.Fetches.ClaimFetch(ctx, f.Fetch, s.Now().Add(fetchClaim))
	if err != nil || !claimed {
		return false, err
	}
	address, err := s.Waiting.Open(fetchPlace(f.ID), f.Sealed)
	if err != nil {
		return false, s.Fetches.FailFetch(ctx, f.ID, FetchAddress, time.Time{})
	}
	err = s.addFetched(ctx, f, string(address), get)
	if err == nil || errors.Is(err, ErrNotDurable) || ctx.Err() != nil {
		return err == nil, err // what couldn't be stored is due again when the claim ends
	}
	why := fetchFailure(err)
	again := time.Time{}
	if pauses := fetchPauses(); !why.Final && f.Tries < len(pauses) {
		again = s.Now().Add(pauses[f.Tries])
	}
	return false, s.Fetches.FailFetch(ctx, f.ID, why.Cause, again)
}

// fetchFailure is an error as a fetch's.
func fetchFailure(err error) *FetchError {
	if e, ok := errors.AsType[*FetchError](err); ok {
		return e
	}
	if errors.Is(err, ErrTooLarge) {
		return &FetchError{Cause: FetchTooLarge, Final: true}
	}
	return &FetchError{Cause: FetchBroken}
}

// addFetched adds a file to its tip, sealed as it streams in, in a message of its own.
func (s *Service) addFetched(ctx context.Context, f DueFetch, address string, get Getter) error {
	got, err := get(ctx, f.Gateway, address)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	keys, err := s.Keys.DeskKeys(f.Desk)
	if err != nil {
		return notDurable(err)
	}
	d := s.batch(Tip{ID: f.Tip, Facts: Facts{Desk: f.Desk}}, keys)
	defer d.close()
	if err := d.takeEach(&Report{Channel: SMS}, one(File{Type: got.Type, Body: got.Body})); err != nil {
		return err
	}
	// The message's id follows from the fetch's: it is added once.
	up, err := d.followUpAs(hex.EncodeToString(s.Tags.Tag("fetched", f.ID)), "")
	if err != nil {
		return err
	}
	up.Fetched = f.ID
	duplicate, err := s.Store.AddFollowUp(ctx, up)
	d.stored(duplicate, err)
	return notDurable(err)
}

func one(f File) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) { yield(f, nil) }
}

// String keeps a fetch out of logs and error texts.
func (Fetched) String() string { return "[file]" }

// LogValue keeps a fetched file out of structured logs.
func (Fetched) LogValue() slog.Value { return slog.StringValue("[file]") }
