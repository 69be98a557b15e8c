package casework_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// rotate gives a desk a newer key, and the handlers that hold both; it is that key, and a handler's ring
// that holds it alone.
func (w *twoDesks) rotate(t *testing.T, desk string, version int, holders ...casework.Actor) (*age.HybridIdentity, *keyring.Ring) {
	t.Helper()
	fresh, alone := intaketest.Identity(t), keyring.NewRing()
	keys := w.Service.Keys.(deskKeys)
	k := keys[desk]
	k.Desk, k.Version = fresh.Recipient(), version
	keys[desk] = k
	for _, h := range holders {
		h.Ring.Add(intake.DeskKey(desk), version, fresh)
	}
	alone.Add(intake.DeskKey(desk), version, fresh)
	return fresh, alone
}

// sealedAt are all sealed columns of a desk's rows, and its files stream by stream, by where they stand.
func (w *twoDesks) sealedAt(t *testing.T, desk string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	db := w.Office.Store.Database().Read
	for place, query := range map[string]string{"part": `SELECT tip || compartment || name || n, sealed FROM parts WHERE desk = $1`, "message": `SELECT id, sealed FROM messages WHERE desk = $1`,
		"reason": `SELECT id, reason FROM custody WHERE desk = $1 AND for_desk = ''`, "review": `SELECT id, sealed FROM reviews WHERE desk = $1`, "hold": `SELECT id, note FROM holds WHERE desk = $1`,
		"extension": `SELECT id, note FROM extensions WHERE desk = $1`, "later": `SELECT id, letter FROM extensions WHERE desk = $1 AND letter IS NOT NULL`,
		"look": `SELECT id, note FROM looks WHERE desk = $1 AND note IS NOT NULL`, "letter": `SELECT id, letter FROM looks WHERE desk = $1 AND letter IS NOT NULL`} {
		rows, err := db.QueryContext(t.Context(), query, desk)
		intaketest.Must(t, err)
		for rows.Next() {
			var id string
			var sealed []byte
			intaketest.Must(t, rows.Scan(&id, &sealed))
			out[place+" "+id] = sealed
		}
		intaketest.Must(t, rows.Close())
	}
	rows, err := db.QueryContext(t.Context(), `SELECT tip FROM containers WHERE desk = $1 GROUP BY tip`, desk)
	intaketest.Must(t, err)
	var tips []string
	for rows.Next() {
		var tip string
		intaketest.Must(t, rows.Scan(&tip))
		tips = append(tips, tip)
	}
	intaketest.Must(t, rows.Close())
	for _, tip := range tips {
		all, err := w.Office.Store.Containers(t.Context(), tip)
		intaketest.Must(t, err)
		for _, c := range all {
			content := c.Inline
			if content == nil {
				file := c.File
				if file == "" {
					file = c.Compartment
				}
				b, err := w.Office.Blobs.Open(tip, file)
				intaketest.Must(t, err)
				content, err = io.ReadAll(io.NewSectionReader(b, 0, 1<<30))
				intaketest.Must(t, errors.Join(err, b.Close()))
			}
			for _, st := range c.Streams {
				out["stream "+tip+c.Compartment+st.Name] = content[st.Offset : st.Offset+st.Length]
			}
		}
	}
	return out
}

// opens says how many of the sealed texts open with a key.
func opens(all map[string][]byte, with *age.HybridIdentity) (n int, not []string) {
	for place, sealed := range all {
		if _, err := age.Decrypt(bytes.NewReader(sealed), with); err == nil {
			n++
		} else {
			not = append(not, place)
		}
	}
	return n, not
}

// full is a desk with something in every row that is sealed to its key: a conversation, files, an
// open and a refused request for an identity, a refusal that waits, a later date that is asked for, an
// appointment with a letter, a hold, and a tip that went to another desk.
func full(t *testing.T) (w *twoDesks, tip intake.Filed) {
	t.Helper()
	w = openTwo(t)
	qian := w.member(t, "qian", casework.RoleSupervisor, nil)
	tip = w.rich(t)
	intaketest.Must(t, w.HoldBack(t.Context(), qian, tip.ID, canary+" hold"))
	intaketest.Must(t, w.Appoint(t.Context(), w.wang, tip.ID, casework.Appointment{Kind: intake.LookRetaliation, Due: "2026-12-20", Note: canary + " look", Letter: "您最近还好吗？"}))
	away := w.tip(t)
	id, err := w.AskIdentity(t.Context(), w.wang, away.ID, canary+" reason")
	intaketest.Must(t, err)
	intaketest.Must(t, w.Refuse(t.Context(), w.li, id, "不需要"))
	intaketest.Must(t, w.Transfer(t.Context(), w.wang, away.ID, "county", canary+" why"))
	asked := w.tip(t)
	_, err = w.AskIdentity(t.Context(), w.wang, asked.ID, canary+" reason")
	intaketest.Must(t, err)
	intaketest.Must(t, w.under(casework.Refusals{Mode: casework.ReviewBefore}).Move(t.Context(), w.wang, w.tip(t).ID, unclear))
	late := w.tip(t)
	intaketest.Must(t, w.Move(t.Context(), w.wang, late.ID, casework.Triage{To: intake.StateAccepted, Department: "agriculture", Summary: intake.Summary{Summary: "x"}}))
	intaketest.Must(t, w.AskExtension(t.Context(), w.wang, late.ID, later("2027-01-10")))
	return w, tip
}

// TestResealEpoch: everything that a version opened opens with the next one alone; the inner
// layers are those that were there, an identity still wants two; the old version can be destroyed
// and every tip reads as before.
func TestResealEpoch(t *testing.T) {
	w, tip := full(t)
	qian := w.member(t, "qian2", casework.RoleSupervisor, nil)
	before := w.sealedAt(t, "main")
	if n, not := opens(before, w.Desk); n != len(before) || n < 25 {
		t.Fatalf("%d of %d open before: %q", n, len(before), not)
	}
	was := w.row(t, tip.ID)
	fresh, alone := w.rotate(t, "main", 2, w.wang, w.zhao)
	if _, err := w.DestroyEpoch(t.Context(), w.wang, 1); !errors.Is(err, casework.ErrKeyHolds) {
		t.Errorf("while tips are sealed to it: %v", err)
	}
	if part, err := w.ResealEpoch(t.Context(), w.wang, 1, func(int, int) bool { return false }); err != nil || part.Done != 1 || len(part.Rest) == 0 {
		t.Errorf("broken off after one: %+v, %v", part, err)
	}
	var told [][2]int
	got, err := w.ResealEpoch(t.Context(), w.wang, 1, func(done, all int) bool { told = append(told, [2]int{done, all}); return true })
	intaketest.Must(t, err)
	if len(got.Left) != 0 || len(got.Rest) != 0 || got.Done != 4 || len(told) != 4 || told[3] != [2]int{4, 4} {
		t.Errorf("%+v, told %v", got, told)
	}
	after := w.sealedAt(t, "main")
	if n, not := opens(after, fresh); n != len(before) {
		t.Errorf("%d of %d open with the new key: not %q", n, len(before), not)
	}
	if n, _ := opens(after, w.Desk); n != 0 {
		t.Errorf("%d open with the old key", n)
	}
	if n, _ := opens(after, w.Custodian); n != 2 { // the reasons, which custodians read as well
		t.Errorf("%d open for a custodian alone", n)
	}
	if n, err := w.originals(t, tip.ID, fresh, w.Custodian); n < 4 || err != nil {
		t.Errorf("%d originals, %v", n, err)
	}
	now := w.row(t, tip.ID)
	if now.KeyVersion != 2 || now.Commitment == was.Commitment {
		t.Errorf("%+v", now)
	}
	if got := only(w.acts(t, tip.ID), "keys.reseal"); len(got) != 1 || got[0] != "wang keys.reseal 1>2 "+was.Commitment+">"+now.Commitment {
		t.Errorf("%q", got)
	}

	again, err := w.ResealEpoch(t.Context(), w.wang, 1, func(int, int) bool { t.Error("something was left"); return true })
	if err != nil || again.Done != 0 || len(again.Rest) != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	_, err = w.DestroyEpoch(t.Context(), w.wang, 1)
	intaketest.Must(t, err)
	_, err = w.DestroyEpoch(t.Context(), qian, 1)
	intaketest.Must(t, err)

	w.zhao.Ring = alone // who comes later
	w.reads(t, w.zhao, tip.ID)
	w.stillWorks(t, tip)
}

// stillWorks: the receipt, the letter that waits, the custodian's list and an identity's two halves.
func (w *twoDesks) stillWorks(t *testing.T, tip intake.Filed) {
	t.Helper()
	v, err := w.Read(t.Context(), w.zhao, tip.ID)
	intaketest.Must(t, err)
	if len(v.Holds) != 1 || v.Holds[0].Words != canary+" hold" || len(v.Looks) != 1 || v.Looks[0].Words != canary+" look" {
		t.Errorf("%d holds, %d looks", len(v.Holds), len(v.Looks))
	}
	w.Clock.Add(30 * day)
	intaketest.Must(t, w.AskThem(t.Context()))
	talk, err := w.door.Look(t.Context(), tip.Receipt)
	intaketest.Must(t, err)
	if n := len(talk.Messages); n != 3 || talk.Messages[0].Text != "请补充具体位置。" || talk.Messages[2].Text != "您最近还好吗？" {
		t.Errorf("the receipt opens %d messages", n)
	}
	requests, err := w.Requests(t.Context(), w.li)
	intaketest.Must(t, err)
	if len(requests) != 1 || requests[0].Words != canary+" reason" {
		t.Fatalf("%d requests", len(requests))
	}
	refusals, err := w.ToReview(t.Context(), w.zhao)
	if err != nil || len(refusals) != 1 {
		t.Errorf("%d refusals, %v", len(refusals), err)
	}
	id, err := w.AskIdentity(t.Context(), w.zhao, tip.ID, "call back")
	intaketest.Must(t, err)
	intaketest.Must(t, w.Approve(t.Context(), w.sun, id))
	who, _, err := w.OpenIdentity(t.Context(), w.zhao, tip.ID)
	if err != nil || who.Name != canary+" name" {
		t.Errorf("the identity: %v", err)
	}
}

// TestResealEpochIsRefused: a custodian, who doesn't hold the version, one that is in force.
func TestResealEpochIsRefused(t *testing.T) {
	w := openTwo(t)
	none := func(int, int) bool { return true }
	w.tip(t)
	if _, err := w.ResealEpoch(t.Context(), w.wang, 1, none); !errors.Is(err, casework.ErrCurrentKey) {
		t.Errorf("the one in force: %v", err)
	}
	w.rotate(t, "main", 2, w.wang)
	w.wang.Ring.Add(intake.DeskKey("main"), 3, intaketest.Identity(t))
	for version, want := range map[int]error{0: intake.ErrNotFound, 2: casework.ErrCurrentKey, 3: intake.ErrNotFound} {
		if _, err := w.ResealEpoch(t.Context(), w.wang, version, none); !errors.Is(err, want) {
			t.Errorf("version %d: %v", version, err)
		}
	}
	if _, err := w.ResealEpoch(t.Context(), w.li, 1, none); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian: %v", err)
	}
	_, alone := w.rotate(t, "main", 2)
	w.zhao.Ring = alone
	if _, err := w.ResealEpoch(t.Context(), w.zhao, 1, none); !errors.Is(err, casework.ErrNotHeld) {
		t.Errorf("who has the new one alone: %v", err)
	}
}

// TestResealEpochLeaves: a tip whose identity another desk's custodians keep, and one of which something is
// damaged, are named with the reason; the others are done, and those when they can be.
func TestResealEpochLeaves(t *testing.T) {
	w := openTwo(t)
	come := w.tip(t).ID
	intaketest.Must(t, w.Transfer(t.Context(), w.wang, come, "county", "why"))
	var here []string
	for range 2 {
		tip := w.tip(t).ID
		intaketest.Must(t, w.Transfer(t.Context(), w.wang, tip, "county", "why"))
		w.handOver(t, tip)
		here = append(here, tip)
	}
	db := w.Office.Store.Database().Write
	var good []byte
	intaketest.Must(t, db.QueryRowContext(t.Context(), `SELECT sealed FROM parts WHERE tip = $1 AND compartment = 'report'`, here[0]).Scan(&good))
	damage := func(text []byte) {
		_, err := db.Exec(`UPDATE parts SET sealed = $2 WHERE tip = $1 AND compartment = 'report'`, here[0], text)
		intaketest.Must(t, err)
	}
	damage(append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1))
	fresh, _ := w.rotate(t, "county", 2, w.chen)
	got, err := w.ResealEpoch(t.Context(), w.chen, 1, func(int, int) bool { return true })
	intaketest.Must(t, err)
	why := map[string]error{}
	for _, l := range got.Left {
		why[l.Tip] = l.Err
	}
	if got.Done != 1 || len(why) != 2 || !errors.Is(why[come], casework.ErrKept) || why[here[0]] == nil || got.Rest["parts"] == 0 {
		t.Errorf("%+v", got)
	}
	if w.row(t, here[0]).KeyVersion != 1 || w.row(t, here[1]).KeyVersion != 2 {
		t.Error("a tip is half done")
	}
	damage(good)
	w.handOver(t, come)
	if got, err = w.ResealEpoch(t.Context(), w.chen, 1, func(int, int) bool { return true }); err != nil || got.Done != 2 || len(got.Left)+len(got.Rest) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if n, not := opens(w.sealedAt(t, "county"), fresh); len(not) != 0 || n == 0 {
		t.Errorf("%d open, not %q", n, not)
	}
	if n, not := opens(w.sealedAt(t, "main"), w.Desk); len(not) != 0 || n != 0 {
		t.Errorf("the other desk: %d, %q", n, not)
	}
}

// handOver gives the county's custodians what li's desk keeps of a tip.
func (w *twoDesks) handOver(t *testing.T, tip string) {
	t.Helper()
	open, err := w.Office.Store.Handovers(t.Context(), "", tip)
	intaketest.Must(t, err)
	intaketest.Must(t, w.Handover(t.Context(), w.li, open[0].ID))
}

// writingStore does something each time before an act is written.
type writingStore struct {
	casework.Store
	before func(a intake.Act)
}

func (s writingStore) Act(ctx context.Context, a intake.Act) error {
	s.before(a)
	return s.Store.Act(ctx, a)
}

// TestResealEpochMeetsOthers: what is written between reading and writing isn't lost, nor brought back.
func TestResealEpochMeetsOthers(t *testing.T) {
	w, tip := full(t)
	fresh, _ := w.rotate(t, "main", 2, w.wang)
	plain, done := w.Service, false
	d := plain.Deps
	d.Store = writingStore{d.Store, func(a intake.Act) {
		if a.Reseal == nil || a.Audit.Tip != tip.ID || done {
			return
		}
		done = true
		_, err := w.door.Add(t.Context(), tip.Receipt, intake.Addition{Text: "meanwhile"})
		intaketest.Must(t, err)
		w.Clock.Add(30 * day)
		intaketest.Must(t, plain.AskThem(t.Context())) // the letter that waited goes, and is a message sealed to the old key
		intaketest.Must(t, w.door.Wish(t.Context(), tip.Receipt, intake.WishWithdraw))
		intaketest.Must(t, plain.CarryOut(t.Context()))
	}}
	w.Service = casework.New(d)
	for round := 1; ; round++ {
		got, err := w.ResealEpoch(t.Context(), w.wang, 1, func(int, int) bool { return true })
		intaketest.Must(t, err)
		if len(got.Rest) == 0 {
			break
		}
		if round > 2 {
			t.Fatalf("%+v", got)
		}
	}
	all := w.sealedAt(t, "main")
	if n, not := opens(all, fresh); len(not) != 0 || n == 0 {
		t.Errorf("%d open, not %q", n, not)
	}
	for place := range all {
		if strings.HasPrefix(place, "letter") || strings.Contains(place, tip.ID+intake.CompartmentOriginals) || strings.Contains(place, tip.ID+intake.CompartmentIdentity) {
			t.Errorf("%s came back", place)
		}
	}
}

// TestTransferBehindADestroyedKey: the desk that a tip leaves has destroyed a version whose number the other desk's
// key still has; what is noted of the handover is the keeping desk's own.
func TestTransferBehindADestroyedKey(t *testing.T) {
	w := openTwo(t)
	w.rotate(t, "main", 2, w.wang)
	for _, by := range []casework.Actor{w.wang, w.member(t, "qian", casework.RoleSupervisor, nil)} {
		_, err := w.DestroyEpoch(t.Context(), by, 1)
		intaketest.Must(t, err)
	}
	tip := w.tip(t, contact).ID
	intaketest.Must(t, w.Transfer(t.Context(), w.wang, tip, "county", "why"))
	w.handOver(t, tip)
}

// TestResealEpochBusyTip: a tip that others change each time is named and left; the others are done.
func TestResealEpochBusyTip(t *testing.T) {
	w := openTwo(t)
	busy, calm := w.tip(t).ID, w.tip(t).ID
	w.rotate(t, "main", 2, w.wang)
	d := w.Service.Deps
	d.Store = busyStore{d.Store, busy}
	w.Service = casework.New(d)
	got, err := w.ResealEpoch(t.Context(), w.wang, 1, func(int, int) bool { return true })
	if err != nil || got.Done != 1 || len(got.Left) != 1 || got.Left[0].Tip != busy || w.row(t, calm).KeyVersion != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

// busyStore lets somebody else be quicker at one tip, always.
type busyStore struct {
	casework.Store
	tip string
}

func (s busyStore) Act(ctx context.Context, a intake.Act) error {
	if a.Reseal != nil && a.Audit.Tip == s.tip {
		return intake.ErrConflict
	}
	return s.Store.Act(ctx, a)
}

// TestTwoSealAnewAtOnce: what another sealed anew meanwhile, as by a second press, is neither done nor recorded twice.
func TestTwoSealAnewAtOnce(t *testing.T) {
	w, tip := full(t)
	w.rotate(t, "main", 2, w.wang, w.zhao)
	other := 0
	mine, err := w.ResealEpoch(t.Context(), w.wang, 1, func(done, _ int) bool {
		if done == 1 {
			got, err := w.ResealEpoch(t.Context(), w.zhao, 1, func(int, int) bool { return true })
			intaketest.Must(t, err)
			other = got.Done
		}
		return true
	})
	if err != nil || mine.Done != 1 || other != 4 || len(mine.Left)+len(mine.Rest) != 0 {
		t.Errorf("one sealed %+v anew, the other %d: %v", mine, other, err)
	}
	if got := only(w.acts(t, tip.ID), "keys.reseal"); len(got) != 1 {
		t.Errorf("%q", got)
	}
}
