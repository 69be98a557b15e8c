package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

// Entries that no consumer could ever take go to the stream's own poison stream;
// a flood of them can't fill Redis.
const (
	poisonSuffix = ":poison"
	maxPoison    = 10_000
)

// maxCode bounds a field that isn't sealed, in bytes: they are ids, codes and dates. PostgreSQL indexes nothing longer
// than 2,700, and an entry that its tables don't take would be tried for ever.
const maxCode = 500

// decode turns entries into deliveries, and sets aside what is no event of ours.
func (q *Stream[D]) decode(ctx context.Context, entries []redis.XMessage) ([]Delivery[D], error) {
	var out []Delivery[D]
	for _, e := range entries {
		event, err := q.parse(e.Values[field])
		if err != nil {
			if err := q.setAside(ctx, e, err); err != nil {
				return nil, err
			}
			continue
		}
		out = append(out, Delivery[D]{Event: event, Tag: e.ID})
	}
	return out, nil
}

// decodeEvent reads the fields the ledger stands on; others are a later version's
// and do no harm. Its errors never quote the entry.
func decodeEvent(v any) (intake.Event, error) {
	e, err := decodeAs[intake.EventData](v, tipEvents()...)
	if err != nil {
		return e, err
	}
	if _, err := time.Parse(time.DateOnly, string(e.Data.ReceivedOn)); err != nil {
		return e, errors.New("an event without the date received")
	}
	if e.Data.Desk == "" {
		return e, errors.New("an event that names no desk")
	}
	d := e.Data
	return e, fit(string(d.Channel), d.Source, d.Category, d.Place, d.Commitment, d.Department, d.Reason, string(d.DueOn), d.Into)
}

// decodeOutcome reads the fields the desk stands on.
func decodeOutcome(v any) (intake.OutcomeEvent, error) {
	e, err := decodeAs[intake.OutcomeData](v, intake.EventOutcome)
	if err != nil {
		return e, err
	}
	if !slices.Contains(intake.LedgerStates(), e.Data.State) {
		return e, errors.New("an outcome whose state the desk doesn't know")
	}
	if _, err := time.Parse(time.DateOnly, string(e.Data.DueOn)); e.Data.DueOn != "" && err != nil {
		return e, errors.New("an outcome whose date is none")
	}
	return e, fit(e.Data.Number)
}

// decodeAs reads what all events have in common.
func decodeAs[D Data](v any, types ...intake.EventType) (e intake.CloudEvent[D], err error) {
	text, ok := v.(string)
	if !ok {
		return e, fmt.Errorf("the entry has no field %q", field)
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, errors.New("not a JSON event")
	}
	if _, err := strconv.ParseUint(e.Sequence, 10, 31); e.Sequence != "" && err != nil {
		return e, errors.New("an event whose sequence is no number")
	}
	tip, desk := e.Data.Address()
	switch {
	case e.SpecVersion != "1.0":
		return e, errors.New("not a CloudEvent 1.0")
	case e.ID == "":
		return e, errors.New("an event without id")
	case !slices.Contains(types, e.Type):
		return e, errors.New("an event of a type that doesn't belong here")
	case tip == "" || e.Subject != tip:
		return e, errors.New("an event that names no tip")
	}
	return e, fit(e.ID, e.Time, tip, desk)
}

// fit says whether a table takes the fields of an event.
func fit(codes ...string) error {
	if slices.ContainsFunc(codes, func(c string) bool { return len(c) > maxCode || strings.ContainsRune(c, 0) }) {
		return errors.New("an event with a field that is no code: it is too long, or holds a character zero")
	}
	return nil
}

// tipEvents are the types that travel to the ledger.
func tipEvents() []intake.EventType {
	return []intake.EventType{intake.EventReceived, intake.EventAccepted, intake.EventDeclined, intake.EventReferred,
		intake.EventMerged, intake.EventUnmerged, intake.EventSpam, intake.EventWithdrawn}
}

// setAside copies an entry to the poison stream with the reason and acknowledges
// it; it stays in its stream until that is trimmed, so that the relay sees where
// it went. Killed between the two steps it is set aside twice, never nowhere.
func (q *Stream[D]) setAside(ctx context.Context, e redis.XMessage, reason error) error {
	_, err := appendEntry(ctx, q.redis, &redis.XAddArgs{Stream: q.name + poisonSuffix, MaxLen: maxPoison, Approx: true,
		Values: map[string]any{"reason": reason.Error(), "entry": e.ID, field: fmt.Sprint(e.Values[field])}}, milliseconds(e.ID))
	if err != nil {
		return err
	}
	return q.done(ctx, e.ID)
}
