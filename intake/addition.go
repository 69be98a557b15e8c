package intake

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strconv"
	"strings"

	"tipline/crypto/receipt"
	"tipline/crypto/seal"
)

// maxAdditions is how often files may be added to one tip: who holds a receipt
// must not fill the disk.
const maxAdditions = 60

// Addition is what a reporter adds under a receipt: words, files, or both. It
// prints as "[addition]".
type Addition struct {
	Text string
	// Token makes a repetition harmless: the same token with the same content is
	// added once. "" adds each time.
	Token string
	// Files yields the files in order, at most as many as of a report. Add consumes
	// it once. nil: there are none.
	Files iter.Seq2[File, error]
}

// String keeps an addition out of logs and error texts.
func (Addition) String() string { return "[addition]" }

// LogValue keeps an addition out of structured logs.
func (Addition) LogValue() slog.Value { return slog.StringValue("[addition]") }

// FollowUp is everything one transaction stores of an addition. A message whose
// id is there already is stored once.
type FollowUp struct {
	Message
	Parts      []Part
	Containers []Container
	Fetched    string   // the fetch that ends with it, "" for none
	Reading    *Reading // what else it changes, when a message was read later than it came
}

// AddedFiles is the JSON that describes the files of an addition, sealed to the
// desk: they stand in containers of their own, named after the batch.
type AddedFiles struct {
	Batch string       `json:"batch"`
	Files []SealedFile `json:"files"`
	Flags []string     `json:"flags,omitempty"` // codes for the handler, of a mail
	Found *Found       `json:"found,omitempty"` // by a later reading
}

// Add takes what a reporter adds, sealed to the desk as it streams by, and says
// what became of each file. It returns after a durable commit, or nothing of it
// was kept.
//
// Errors wrap [ErrInvalid], [ErrUnknownReceipt], [ErrTooLarge],
// [ErrTooManyFiles], [ErrRead] or [ErrNotDurable].
func (s *Service) Add(ctx context.Context, code receipt.Receipt, a Addition) ([]SealedFile, error) {
	a.Text = strings.TrimSpace(strings.ToValidUTF8(a.Text, "\uFFFD"))
	if err := checkMessage(a.Text); err != nil && (a.Text != "" || a.Files == nil) {
		return nil, err
	}
	thread, err := s.thread(ctx, code)
	if err != nil {
		return nil, err
	}
	if a.Files != nil && thread.Additions >= maxAdditions {
		return nil, &InvalidError{[]Problem{{Field: "files", Code: "full", Param: strconv.Itoa(maxAdditions)}}}
	}
	keys, err := s.Keys.DeskKeys(thread.Tip.Desk)
	if err != nil {
		return nil, notDurable(err)
	}
	d := s.batch(thread.Tip, keys)
	defer d.close()
	if err := d.takeEach(&Report{Channel: Web}, a.Files); err != nil {
		return nil, err
	}
	if a.Text == "" && len(d.files) == 0 {
		return nil, checkMessage("")
	}
	f, err := d.followUp(a)
	if err != nil {
		return nil, err
	}
	duplicate, err := s.addFollowUp(ctx, f)
	d.stored(duplicate, err)
	switch {
	case errors.Is(err, ErrConflict) && a.Files == nil: // sealed to a desk that the tip has left meanwhile
		return s.Add(ctx, code, a)
	case errors.Is(err, ErrConflict):
		return nil, notDurable(err) // files are read once: who sent them tries again
	case err != nil:
		return nil, err
	}
	return d.files, nil
}

// Say adds words alone.
func (s *Service) Say(ctx context.Context, code receipt.Receipt, text string) error {
	_, err := s.Add(ctx, code, Addition{Text: text})
	return err
}

// followUp seals what isn't sealed yet and gathers the transaction.
func (d *draft) followUp(a Addition) (FollowUp, error) {
	id, err := d.messageID(a)
	if err != nil {
		return FollowUp{}, err
	}
	return d.followUpAs(id, a.Text)
}

// followUpAs is followUp under an id that is settled.
func (d *draft) followUpAs(id, text string) (FollowUp, error) {
	sealed, err := seal.Seal(FollowUpContext(d.id, id), []byte(text), d.keys.Desk)
	if err != nil {
		return FollowUp{}, notDurable(err)
	}
	f := FollowUp{Message: Message{ID: id, Tip: d.id, From: FromReporter, On: DateOf(d.s.Now(), d.s.Loc), Sealed: sealed, Files: d.arrived(), KeyVersion: d.keys.Version, Desk: d.desk}}
	parts := map[string]any{}
	if len(d.files) > 0 || len(d.flags) > 0 {
		parts[CompartmentFollowUps] = AddedFiles{d.batch, d.files, d.flags, d.found}
	}
	if len(d.names) > 0 {
		parts[CompartmentOriginals] = d.names
	}
	for compartment, v := range parts {
		name := map[string]string{CompartmentFollowUps: FilesOf(id), CompartmentOriginals: PartNames + "." + d.batch}[compartment]
		part, err := d.sealJSON(compartment, name, v, compartment == CompartmentOriginals)
		if err != nil {
			return FollowUp{}, notDurable(err)
		}
		f.Parts = append(f.Parts, part)
	}
	f.Containers, err = d.commit()
	return f, err
}

// arrived is how many files there are of which something came.
func (d *draft) arrived() (n int) {
	for _, f := range d.files {
		if f.Size > 0 {
			n++
		}
	}
	return n
}

// FilesOf is the name of the part that describes the files of a message.
func FilesOf(message string) string { return message + ".files" }

// messageID is random, or follows from the form's token and the content.
func (d *draft) messageID(a Addition) (string, error) {
	if a.Token == "" {
		return NewID(), nil
	}
	d.sumBytes([]byte(a.Text))
	sum := d.content()
	if _, err := d.s.Pepper.Derive(a.Token, sum); err != nil {
		return "", &InvalidError{[]Problem{{Field: "token", Code: "token"}}}
	}
	return hex.EncodeToString(d.s.Tags.Tag("addition", fmt.Sprintf("%s %s %x", d.id, a.Token, sum))), nil
}
