package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// PartWait is how long a long text waits for a part that is lost, from the last
// one that came.
const PartWait = 10 * time.Minute

// gap stands where a part is missing.
const gap = "[…]"

// waitingText is a part as it is sealed while it waits.
type waitingText struct {
	At int64 // seconds since 1970
	Report
	Raw []byte
}

// await keeps a part of a long text. done is false when it was the last one: then
// r has become the whole text. It is false as well for a part whose place another
// message holds: it is filed on its own.
func (s *Service) await(ctx context.Context, r *Report) (filed Filed, done bool, err error) {
	raw, err := io.ReadAll(orNothing(r.Raw))
	if err != nil {
		return Filed{}, true, broken(err)
	}
	r.Raw = bytes.NewReader(raw)
	p, err := s.waitingPart(r, raw)
	if err != nil {
		return Filed{}, true, notDurable(err)
	}
	known, err := s.Texts.Await(ctx, p)
	if errors.Is(err, ErrConflict) {
		r.flag("part:" + place(r.Piece))
		return Filed{}, false, nil
	}
	if err != nil {
		return Filed{}, true, notDurable(err)
	}
	if known.Duplicate {
		return Filed{ID: known.ID, ReceivedOn: known.ReceivedOn, State: known.State, Duplicate: true}, true, nil
	}
	parts, err := s.Texts.Parts(ctx, p.Group)
	if err != nil {
		return Filed{}, true, notDurable(err)
	}
	if len(parts) < r.Piece.Of {
		return Filed{Waiting: true}, true, nil
	}
	if err := s.whole(parts, r); err != nil {
		return Filed{}, true, err
	}
	return Filed{}, false, s.check(r)
}

func orNothing(r io.Reader) io.Reader {
	if r == nil {
		return bytes.NewReader(nil)
	}
	return r
}

func place(p Piece) string { return strconv.Itoa(p.Number) + "/" + strconv.Itoa(p.Of) }

func (s *Service) waitingPart(r *Report, raw []byte) (WaitingPart, error) {
	group := s.Tags.Tag("parts", fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%d", r.Channel, r.Gateway, r.Sender, r.Piece.Ref, r.Piece.Of))
	text, err := json.Marshal(waitingText{At: s.Now().Unix(), Report: *r, Raw: raw})
	if err != nil {
		return WaitingPart{}, err
	}
	return WaitingPart{Group: group, Number: r.Piece.Number, Of: r.Piece.Of, Tag: s.messageTag(r.Gateway, r.MessageID), On: s.today(),
		Sealed: s.Waiting.Seal(partPlace(group, r.Piece.Number), text)}, nil
}

func partPlace(group []byte, number int) string { return fmt.Sprintf("part %x %d", group, number) }

// whole puts parts together into one report, in r. What is missing leaves a gap
// and a flag.
func (s *Service) whole(parts []WaitingPart, into *Report) error {
	texts, err := s.openParts(parts)
	if err != nil {
		return notDurable(err)
	}
	out := texts[0].Report
	out.Words.Text, out.Piece, out.waited = "", Piece{}, parts[0].Group
	var raws [][]byte
	next := 1
	for i, t := range texts {
		if parts[i].Number > next {
			out.Words.Text += gap
		}
		next = parts[i].Number + 1
		out.Words.Text += t.Words.Text
		raws = append(raws, t.Raw)
		if i > 0 {
			out.alsoIDs, out.Flags = append(out.alsoIDs, t.MessageID), append(out.Flags, t.Flags...)
		}
	}
	if next <= parts[0].Of {
		out.Words.Text += gap
	}
	if len(parts) < parts[0].Of {
		out.flag("parts:" + strconv.Itoa(len(parts)) + "/" + strconv.Itoa(parts[0].Of))
	}
	out.Raw = bytes.NewReader(bytes.Join(raws, []byte("\n")))
	*into = out
	return nil
}

func (s *Service) openParts(parts []WaitingPart) ([]waitingText, error) {
	out := make([]waitingText, len(parts))
	for i, p := range parts {
		text, err := s.Waiting.Open(partPlace(p.Group, p.Number), p.Sealed)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &out[i]); err != nil {
			return nil, errors.New("a waiting part can't be read")
		}
	}
	return out, nil
}

// FileWaiting files the long texts that have waited long enough, with what there
// is of them, and those that are complete but were never put together. It says
// how many. One that fails waits on and doesn't keep the others.
func (s *Service) FileWaiting(ctx context.Context) (filed int, err error) {
	groups, err := s.Texts.Groups(ctx)
	if err != nil {
		return 0, err
	}
	for _, group := range groups {
		done, failed := s.fileGroup(ctx, group)
		if done {
			filed++
		}
		err = errors.Join(err, failed)
	}
	return filed, err
}

func (s *Service) fileGroup(ctx context.Context, group []byte) (done bool, err error) {
	parts, err := s.Texts.Parts(ctx, group)
	if err != nil || len(parts) == 0 {
		return false, err
	}
	texts, err := s.openParts(parts)
	if err != nil {
		return false, err
	}
	newest := int64(0)
	for _, t := range texts {
		newest = max(newest, t.At)
	}
	if len(parts) < parts[0].Of && s.Now().Unix() < newest+int64(PartWait/time.Second) {
		return false, nil
	}
	var r Report
	if err := s.whole(parts, &r); err != nil {
		return false, err
	}
	_, err = s.Submit(ctx, &r)
	return err == nil, err
}
