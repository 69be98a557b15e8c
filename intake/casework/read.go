package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"

	"tipline/crypto/seal"
	"tipline/intake"
)

// View is an opened tip. It holds a report's words and prints as "[view]".
type View struct {
	Tip      intake.Tip
	Report   intake.SealedReport
	Differs  []string // facts of the row that aren't the sealed ones, or its commitment: somebody changed the row, or put another report there
	History  []intake.Change
	Notes    map[intake.State]string // the newest reason in words for a state, where one was given
	Ledger   string                  // what the ledger noted last, "" without a note
	Messages []intake.Spoken
	Identity bool // an identity compartment stands behind two people
	Reread   Rereading
	Custody  []intake.Custody
	Inside   []InsideNote  // the desk's own, oldest first
	Merge    *intake.Merge // what the tip is merged into, nil when it stands alone
	Merged   []intake.Tip  // what is merged into it
	Similar  []Similar     // what may be the same matter
	Review   *Refusal      // a refusal that waits for a second reviewer

	Dispatches []intake.Dispatch    // answers to the reporter's phone or mailbox, oldest first
	Wishes     []intake.Wish        // what the reporter decided since
	Fetches    []intake.Fetch       // files of the message that aren't fetched yet, or couldn't be
	Handover   *intake.Custody      // the identity is still with another desk's custodians
	Came       []intake.Transferred // from other desks to this one, oldest first
	Because    map[string]string    // custodians' reasons by the id of a refused request or a returned answer

	Pauses     []intake.Pause      // when the clock stood still, oldest first
	Extensions []Extension         // requests for a later date, oldest first
	Holds      []Hold              // what keeps it from being destroyed, and did
	Doom       *intake.Destruction // its destruction, when that is asked for
	KeptUntil  intake.Date         // from when on it may be destroyed, "" while it isn't at its end
	Looks      []Look              // appointments about it, or that it gave the reason for
	Before     []Before            // older tips of the same parcel or number whose work is done
	Extending  *intake.Extending   // the rule for one, nil when none may be asked for now
}

// String keeps an opened tip out of logs and error texts.
func (View) String() string { return "[view]" }

// LogValue keeps an opened tip out of structured logs.
func (View) LogValue() slog.Value { return slog.StringValue("[view]") }

// Read opens a tip for a handler and notes that they looked.
func (s *Service) Read(ctx context.Context, by Actor, tip string) (View, error) {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return View{}, err
	}
	v := View{Tip: t}
	sealed, err := s.sealedReport(ctx, t)
	if err != nil {
		return View{}, err
	}
	if v.Report, err = openReport(by, t, sealed); err != nil {
		return View{}, err
	}
	if v.History, err = s.Store.History(ctx, tip); err != nil {
		return View{}, err
	}
	if v.Notes, err = s.notes(ctx, by, t, v.History); err != nil {
		return View{}, err
	}
	if v.Ledger, err = s.LedgerNote(ctx, by, tip); err != nil {
		return View{}, err
	}
	if v.Messages, err = s.messages(ctx, by, t); err != nil {
		return View{}, err
	}
	number(v.Messages, len(v.Report.Files))
	if v.Identity, err = s.hasIdentity(ctx, tip); err != nil {
		return View{}, err
	}
	if v.Custody, err = s.Store.Custodies(ctx, t.Desk, t.ID); err != nil {
		return View{}, err
	}
	if v.Fetches, err = s.Store.Fetches(ctx, tip); err != nil {
		return View{}, err
	}
	if v.Handover, err = s.handoverOf(ctx, tip); err != nil {
		return View{}, err
	}
	if v.Came, err = s.Store.Transfers(ctx, tip); err != nil {
		return View{}, err
	}
	if err := s.sent(ctx, by, &v); err != nil {
		return View{}, err
	}
	if err := s.committed(ctx, &v, sealed); err != nil {
		return View{}, err
	}
	if err := s.beside(ctx, by, &v); err != nil {
		return View{}, err
	}
	if err := s.terms(ctx, by, &v); err != nil {
		return View{}, err
	}
	v.Reread = s.rereading(by, v)
	if err := s.Store.Act(ctx, intake.Act{Audit: s.row(by, "read", tip, ""), Read: true}); err != nil {
		return View{}, err // a look that left no row isn't one
	}
	return v, nil
}

// terms adds what became of the tip's clock.
func (s *Service) terms(ctx context.Context, by Actor, v *View) (err error) {
	if v.Pauses, err = s.Store.Pauses(ctx, v.Tip.ID); err != nil {
		return err
	}
	if rule, may := s.Extending(v.Tip); may {
		v.Extending = &rule
	}
	if v.Extensions, err = s.extensions(ctx, by, v.Tip); err != nil {
		return err
	}
	if v.Looks, err = s.looks(ctx, by, v.Tip); err != nil {
		return err
	}
	if v.Before, err = s.before(ctx, *v); err != nil {
		return err
	}
	return s.keeping(ctx, by, v)
}

// maxDispatches is how many answers on their way out a tip's page names.
const maxDispatches = 100

// sent adds what went to the reporter, and what they decided. The facts that a wish
// changes differ from the sealed ones by right.
func (s *Service) sent(ctx context.Context, by Actor, v *View) (err error) {
	if v.Dispatches, err = s.Store.Dispatches(ctx, v.Tip.Desk, v.Tip.ID, maxDispatches); err != nil {
		return err
	}
	if v.Wishes, err = s.Store.Wishes(ctx, v.Tip.ID); err != nil {
		return err
	}
	v.Differs = differing(v.Tip.Facts, wished(found(v.Report.Facts, v.Messages), v.Wishes))
	v.Because, err = s.reasons(ctx, by, *v)
	return err
}

// found are a report's facts after its message was read again.
func found(f intake.Facts, messages []intake.Spoken) intake.Facts {
	for _, m := range messages {
		if m.Found != nil {
			f.Reply, f.RealName = m.Found.Reply, m.Found.RealName
		}
	}
	return f
}

// wished are a report's facts after its reporter's wishes.
func wished(f intake.Facts, wishes []intake.Wish) intake.Facts {
	for _, w := range wishes {
		if w.Kind != intake.WishWithdraw {
			continue
		}
		f.RealName = false
		if f.Reply == intake.ReplyContact {
			f.Reply = intake.ReplyReceipt
		}
	}
	return f
}

// mergedShown is how many merged tips a tip's page names.
const mergedShown = 50

// beside adds what the desk has put to a tip: notes, other tips, a refusal that
// waits.
func (s *Service) beside(ctx context.Context, by Actor, v *View) (err error) {
	if v.Inside, err = s.insides(ctx, by, v.Tip); err != nil {
		return err
	}
	if v.Merged, err = s.Store.MergedInto(ctx, v.Tip.ID, mergedShown); err != nil {
		return err
	}
	switch m, err := s.Store.MergeOf(ctx, v.Tip.ID); {
	case err == nil:
		v.Merge = &m
	case !errors.Is(err, intake.ErrNotFound):
		return err
	}
	if v.Similar, err = s.similar(ctx, by, *v); err != nil {
		return err
	}
	r, err := s.Store.Review(ctx, v.Tip.ID)
	if errors.Is(err, intake.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	refusal, err := s.opened(ctx, by, r)
	v.Review = &refusal
	return err
}

// committed adds whether the report is the one that the row committed to when it was sealed.
func (s *Service) committed(ctx context.Context, v *View, sealed []byte) error {
	is := commitment(sealed)
	if is == v.Tip.Commitment {
		return nil
	}
	now, err := s.Store.Tip(ctx, v.Tip.ID) // it may have been sealed anew just then
	if err == nil && is != now.Commitment {
		v.Differs = append(v.Differs, "commitment")
	}
	return err
}

func (s *Service) report(ctx context.Context, by Actor, t intake.Tip) (intake.SealedReport, error) {
	sealed, err := s.sealedReport(ctx, t)
	if err != nil {
		return intake.SealedReport{}, err
	}
	return openReport(by, t, sealed)
}

func (s *Service) sealedReport(ctx context.Context, t intake.Tip) ([]byte, error) {
	return s.Store.Part(ctx, t.ID, intake.CompartmentReport, intake.PartName)
}

func openReport(by Actor, t intake.Tip, sealed []byte) (intake.SealedReport, error) {
	text, err := seal.OpenBytes(sealed, intake.PartContext(t.ID, intake.CompartmentReport, intake.PartName), by.Ring.Identities(intake.DeskKey(t.Desk))...)
	if err != nil {
		return intake.SealedReport{}, fmt.Errorf("report of tip %s: %w", t.ID, err)
	}
	var r intake.SealedReport
	if err := json.Unmarshal(text, &r); err != nil {
		return intake.SealedReport{}, fmt.Errorf("report of tip %s is not readable", t.ID)
	}
	return r, nil
}

// notes are the reasons in words that went with the changes of a tip's state.
func (s *Service) notes(ctx context.Context, by Actor, t intake.Tip, history []intake.Change) (map[intake.State]string, error) {
	out := map[intake.State]string{}
	for _, h := range history {
		sealed, err := s.Store.Part(ctx, t.ID, intake.CompartmentNotes, string(h.State))
		if errors.Is(err, intake.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		text, err := seal.OpenBytes(sealed, noteContext(t.ID, h.State), by.Ring.Identities(intake.DeskKey(t.Desk))...)
		if err != nil {
			return nil, fmt.Errorf("note of tip %s: %w", t.ID, err)
		}
		out[h.State] = string(text)
	}
	return out, nil
}

func (s *Service) messages(ctx context.Context, by Actor, t intake.Tip) ([]intake.Spoken, error) {
	stored, err := s.Store.Messages(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	var out []intake.Spoken
	for _, m := range stored {
		c := intake.FollowUpContext(t.ID, m.ID)
		if m.From == intake.FromDesk {
			c = intake.AnswerContext(t.ID, m.ID)
		}
		text, err := seal.OpenBytes(m.Sealed, c, by.Ring.Identities(intake.DeskKey(t.Desk))...)
		if err != nil {
			return nil, fmt.Errorf("message %s of tip %s: %w", m.ID, t.ID, err)
		}
		spoken := intake.Spoken{ID: m.ID, From: m.From, On: m.On, Text: string(text)}
		with, err := s.added(ctx, by, t, m)
		if err != nil {
			return nil, err
		}
		spoken.Files, spoken.Flags, spoken.Found = with.Files, with.Flags, with.Found
		out = append(out, spoken)
	}
	return out, nil
}

// differing names the facts whose sealed copy isn't what the row says. The lane
// changes by right, when a held tip is released.
func differing(row, sealed intake.Facts) []string {
	row.Lane, sealed.Lane = "", ""
	if len(row.Conduct) == 0 && len(sealed.Conduct) == 0 {
		row.Conduct, sealed.Conduct = nil, nil
	}
	var names []string
	a, b := reflect.ValueOf(row), reflect.ValueOf(sealed)
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			names = append(names, a.Type().Field(i).Tag.Get("json"))
		}
	}
	return names
}

// CleanFile opens the clean copy of a tip's file n. The caller closes it. The
// content type is what the bytes were found to be.
func (s *Service) CleanFile(ctx context.Context, by Actor, tip string, n int) (content io.ReadSeeker, contentType string, closer io.Closer, err error) {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return nil, "", nil, err
	}
	f, err := s.file(ctx, by, t, n)
	if err != nil {
		return nil, "", nil, err
	}
	if !f.Clean {
		return nil, "", nil, fmt.Errorf("file %d of tip %s: %w", n, tip, intake.ErrNotFound)
	}
	name := intake.InBatch(strconv.Itoa(f.N), f.Batch)
	src, closer, err := s.stream(ctx, t, intake.InBatch(intake.CompartmentClean, f.Batch), name)
	if err != nil {
		return nil, "", nil, err
	}
	opened, err := seal.Open(src, src.Size(), intake.PartContext(tip, intake.CompartmentClean, name), by.Ring.Identities(intake.DeskKey(t.Desk))...)
	if err == nil {
		err = s.Store.Act(ctx, intake.Act{Audit: s.row(by, "file", tip, strconv.Itoa(n))})
	}
	if err != nil {
		closer.Close()
		return nil, "", nil, err
	}
	return opened, f.Type, closer, nil
}
