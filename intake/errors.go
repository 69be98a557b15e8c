package intake

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The ways a submission fails. Each edge maps them to its own protocol by one
// table: web 422/429/413/503, hooks 200/429/413/503, SMTP 250/450/552/451.
var (
	// ErrInvalid: the report can't be taken as it is; see [InvalidError].
	ErrInvalid = errors.New("the report has fields that must be mended")
	// ErrLimited: a hard limit; see [LimitedError].
	ErrLimited = errors.New("too many reports for now")
	// ErrTooLarge: a file or message is over its limit.
	ErrTooLarge = errors.New("too large")
	// ErrTooManyFiles: more files than the office takes.
	ErrTooManyFiles = errors.New("too many files")
	// ErrRead: the reporter's side broke off before the end.
	ErrRead = errors.New("the report broke off")
	// ErrNotDurable: nothing was kept, unless it is in doubt; the sender must try again.
	ErrNotDurable = errors.New("the report could not be stored")
	// ErrInDoubt goes with ErrNotDurable where a commit had no answer: it may be kept after all.
	// The same given again is then found, and what belongs to it must stay until that is known.
	ErrInDoubt = errors.New("whether it was stored is unknown")
	// ErrUnknownReceipt: no tip under this receipt, or none any more.
	ErrUnknownReceipt = errors.New("no report under this receipt")
	// ErrNotFound: no such row.
	ErrNotFound = errors.New("not found")
	// ErrStale: the ledger has said something newer, or this already.
	ErrStale = errors.New("the ledger has told this or something newer already")
	// ErrConflict: somebody changed it first.
	ErrConflict = errors.New("changed by somebody else meanwhile")
)

// named says whether err is one of those that [Service.Submit] promises.
func named(err error) bool {
	return slices.ContainsFunc([]error{ErrInvalid, ErrLimited, ErrTooLarge, ErrTooManyFiles, ErrRead, ErrNotDurable},
		func(e error) bool { return errors.Is(err, e) })
}

// notDurable calls a failure ours, unless it has a name already.
func notDurable(err error) error {
	if err == nil || named(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrNotDurable, err)
}

// broken calls a failure the sender's, unless it has a name already. The end of
// what is read is none.
func broken(err error) error {
	if err == nil || err == io.EOF || named(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrRead, err)
}

// Problem is one field's reason: a code that the interface words in the
// reporter's language (required, too_long, unknown, format, token).
type Problem struct {
	Field string
	Code  string
	Param string
	Over  int // by how many characters, of too_long where it was counted
}

// InvalidError lists what must be mended. It wraps [ErrInvalid] and never holds
// a value that was entered.
type InvalidError struct{ Problems []Problem }

func (e *InvalidError) Error() string {
	fields := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		fields[i] = p.Field + " (" + p.Code + ")"
	}
	return ErrInvalid.Error() + ": " + strings.Join(fields, ", ")
}

// Unwrap lets errors.Is find [ErrInvalid].
func (e *InvalidError) Unwrap() error { return ErrInvalid }

// LimitedError says when the next try is welcome. It wraps [ErrLimited].
type LimitedError struct{ RetryAfter time.Duration }

func (e *LimitedError) Error() string {
	return fmt.Sprintf("%v: try again in %v", ErrLimited, e.RetryAfter.Round(time.Second))
}

// Unwrap lets errors.Is find [ErrLimited].
func (e *LimitedError) Unwrap() error { return ErrLimited }
