package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"strconv"
	"time"

	"tipline/crypto/receipt"
	"tipline/crypto/seal"
)

// draft is a tip in the making: what is sealed so far and where.
type draft struct {
	s                 *Service
	id                string
	batch             string // of files that are added to a tip, "" for a report's own
	desk              string
	keys              DeskKeys
	originals, cleans *container
	files             []SealedFile
	names             []string
	flags             []string  // of a message that is added
	found             *Found    // by a later reading
	sum               hash.Hash // over the fields and files as given
	kept              bool      // the containers belong to a stored tip, or may
}

// SealedReport is the JSON inside the report compartment.
type SealedReport struct {
	V          int    `json:"v"`
	Facts      Facts  `json:"facts"` // a copy that a changed row can be held against
	ReceivedAt string `json:"received_at"`
	Lang       string `json:"lang,omitempty"`
	Gateway    string `json:"gateway,omitempty"` // the channel's name: in whose format a message is read again
	Words
	Files []SealedFile `json:"files,omitempty"`
	Flags []string     `json:"flags,omitempty"`
}

// SealedFile describes a file to the handler without the name it was given.
type SealedFile struct {
	N      int    `json:"n"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Clean  bool   `json:"clean"`            // stream N of the clean container
	Reason string `json:"reason,omitempty"` // why there is no clean copy
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	// Removed are codes of what the clean copy no longer carries and the original has.
	Removed []string `json:"removed,omitempty"`
	Batch   string   `json:"-"` // of files that were added later: they stand in containers of their own
}

func newDraft(s *Service, desk string, keys DeskKeys, r *Report) *draft {
	d := emptyDraft(s, NewID(), "", keys)
	d.desk = desk
	if r.Token != "" {
		d.sumFields(r)
	}
	return d
}

// batch begins what is added to a tip.
func (s *Service) batch(tip Tip, keys DeskKeys) *draft {
	d := emptyDraft(s, tip.ID, NewID(), keys)
	d.desk = tip.Desk
	return d
}

func emptyDraft(s *Service, tip, batch string, keys DeskKeys) *draft {
	d := &draft{s: s, id: tip, batch: batch, keys: keys, sum: sha256.New()}
	d.originals = &container{blobs: s.Blobs, tip: tip, compartment: InBatch(CompartmentOriginals, batch)}
	d.cleans = &container{blobs: s.Blobs, tip: tip, compartment: InBatch(CompartmentClean, batch)}
	return d
}

// InBatch is the name a batch of added files gives to a container, and to a
// stream in it; the report's own files have the batch "".
func InBatch(name, batch string) string {
	if batch == "" {
		return name
	}
	return name + "." + batch
}

// sumFields adds every field to the content's hash, each with its length.
func (d *draft) sumFields(r *Report) {
	w, id := r.Words, r.Identity
	fields := []string{string(r.Channel), r.Source, r.Category, r.Place, sumFlags(r), string(r.Reply), w.Text, w.Address, w.Lat, w.Lon,
		w.Datum, w.Occurred, w.Subject, w.Parcel, w.RelapseOf, id.Name, id.Phone, id.Email, id.Sender}
	lists := [][]string{fields, r.Conduct, id.Headers, id.Notes}
	if w.Origin != (Origin{}) { // only keyed-in ones have it
		lists = append(lists, []string{w.Issuer, w.Reference, w.IssuedOn, w.ReportedOn})
	}
	for _, list := range lists {
		d.sumBytes([]byte(strconv.Itoa(len(list)))) // where a list ends is part of the content
		for _, f := range list {
			d.sumBytes([]byte(f))
		}
	}
}

// sumFlags are the ticked boxes as they are hashed. A report without the later ones
// keeps the hash, and so the receipt, that it had before they were there.
func sumFlags(r *Report) string {
	flags := "0"
	if r.Urgent {
		flags = "1"
	}
	if r.Concerns {
		flags += " concerns"
	}
	return flags
}

func (d *draft) sumBytes(b []byte) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(b)))
	d.sum.Write(n[:])
	d.sum.Write(b)
}

// content is the hash of the fields and files.
func (d *draft) content() (sum [32]byte) {
	d.sum.Sum(sum[:0])
	return sum
}

func (d *draft) context(compartment, part string) seal.Context {
	return PartContext(d.id, compartment, part)
}

// stored notes what the store said. A tip that it may have keeps its containers; if it
// has none, they are collected as orphans.
func (d *draft) stored(duplicate bool, err error) {
	d.kept = err == nil && !duplicate || errors.Is(err, ErrInDoubt)
}

// close throws the containers away unless the tip was stored.
func (d *draft) close() {
	if !d.kept {
		d.originals.abort()
		d.cleans.abort()
	}
}

// acceptance seals what isn't sealed yet and gathers the transaction.
func (d *draft) acceptance(r *Report, code receipt.Receipt, hold bool) (*Acceptance, error) {
	now := d.s.Now()
	tip := Tip{ID: d.id, Facts: d.facts(r, hold, now), State: StateReceived, KeyVersion: d.keys.Version, Unread: true}
	tip.DueOn = d.s.Deadlines.Acceptance(d.desk, tip.ReceivedOn)
	parts, err := d.parts(r, tip.Facts, now)
	if err != nil {
		return nil, err
	}
	commitment := sha256.Sum256(parts[0].Sealed)
	tip.Commitment = hex.EncodeToString(commitment[:])
	reporter, err := d.s.Pepper.Recipient(code)
	if err != nil {
		return nil, err
	}
	containers, err := d.commit()
	if err != nil {
		return nil, err
	}
	a := &Acceptance{Tip: tip, Parts: parts, Containers: containers, ReceiptTag: d.s.Pepper.Tag(code), Reporter: reporter}
	a.Fetches = d.fetches(r, tip.ReceivedOn)
	d.s.tag(r, a)
	if tip.Lane == Normal {
		e := d.s.Events.New(EventReceived, tip, Decision{})
		a.Event = &e
	}
	if r.By != "" {
		a.Audit = &Audit{At: now.UTC().Truncate(time.Second), Member: r.By, Act: "keyin", Desk: d.desk, Tip: d.id, Detail: string(r.Channel)}
	}
	return a, nil
}

func (d *draft) facts(r *Report, hold bool, now time.Time) Facts {
	lane := Normal
	if hold {
		lane = Held
	}
	return Facts{Desk: d.desk, Channel: r.Channel, Source: r.Source, Category: r.Category, Conduct: r.Conduct, Place: r.Place,
		Urgent: r.Urgent, Lane: lane, RealName: r.Identity.RealName(), Reply: r.Reply, ReceivedOn: DateOf(now, d.s.Loc), Files: len(d.files)}
}

// parts seals the small compartments; the report comes first.
func (d *draft) parts(r *Report, facts Facts, now time.Time) ([]Part, error) {
	report, err := d.sealJSON(CompartmentReport, PartName, SealedReport{V: 1, Facts: facts, ReceivedAt: now.In(d.s.Loc).Format(time.RFC3339),
		Lang: r.Lang, Gateway: r.Gateway, Words: r.Words, Files: d.files, Flags: r.Flags}, false)
	if err != nil {
		return nil, err
	}
	parts := []Part{report}
	if !r.Identity.Empty() {
		p, err := d.sealJSON(CompartmentIdentity, PartName, r.Identity, true)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	if len(d.names) > 0 {
		p, err := d.sealJSON(CompartmentOriginals, PartNames, d.names, true)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// The names of small texts.
const (
	PartName  = "1"     // a compartment's only one
	PartNames = "names" // the files' names beside the originals, whose streams have numbers
)

func (d *draft) sealJSON(compartment, name string, v any, nested bool) (Part, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return Part{}, err
	}
	c := d.context(compartment, name)
	var sealed []byte
	if nested {
		sealed, err = seal.SealNested(c, text, recipients(d.keys.Desk), recipients(d.keys.Custodian))
	} else {
		sealed, err = seal.Seal(c, text, d.keys.Desk)
	}
	return Part{Compartment: compartment, Name: name, Sealed: sealed}, err
}

// tag adds the keyed tags of the message and its sender.
func (s *Service) tag(r *Report, a *Acceptance) {
	if r.MessageID != "" {
		a.MessageTag = s.messageTag(r.nameSpace(), r.MessageID)
	}
	for _, id := range r.alsoIDs {
		a.PartTags = append(a.PartTags, s.messageTag(r.Gateway, id))
	}
	if r.Nonce != "" {
		a.NonceTag = s.Tags.Tag("nonce", r.Gateway+"\x00"+r.Nonce)
	}
	if r.Sender != "" {
		a.SenderTag, a.Opens = s.senderTag(r), s.joins(r)
	}
	a.Waited = r.waited
}

// nameSpace is within what the report's message id means one message. A mail's says
// enough by itself, and may come by SMTP, out of a mailbox and by a callback.
func (r *Report) nameSpace() string {
	if r.Channel == Email {
		return string(Email)
	}
	return r.Gateway
}

func (s *Service) messageTag(gateway, id string) []byte {
	return s.Tags.Tag("message", gateway+"\x00"+id)
}
