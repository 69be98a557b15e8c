package intake

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// EventType names what happened to a tip, versioned.
type EventType string

// The event types of the ledger queue.
const (
	EventReceived  EventType = "tipline.tip.received.v1"
	EventAccepted  EventType = "tipline.tip.accepted.v1"
	EventDeclined  EventType = "tipline.tip.declined.v1"
	EventReferred  EventType = "tipline.tip.referred.v1"
	EventMerged    EventType = "tipline.tip.merged.v1"
	EventUnmerged  EventType = "tipline.tip.unmerged.v1"
	EventSpam      EventType = "tipline.tip.spam.v1"
	EventWithdrawn EventType = "tipline.tip.withdrawn.v1"
	EventOutcome   EventType = "tipline.ledger.outcome.v1"
)

// DispositionEvent is the event type that tells the ledger of state s, "" when
// the ledger isn't told.
func DispositionEvent(s State) EventType {
	return map[State]EventType{StateAccepted: EventAccepted, StateDeclined: EventDeclined, StateReferred: EventReferred,
		StateMerged: EventMerged, StateSpam: EventSpam, StateWithdrawn: EventWithdrawn}[s]
}

// Event is one event of the ledger queue, from the desk to the ledger.
type Event = CloudEvent[EventData]

// CloudEvent is one CloudEvent (v1.0, JSON format) about a tip. It never holds
// words, identity, file names, receipts or a time of day.
type CloudEvent[D any] struct {
	SpecVersion string    `json:"specversion"`
	ID          string    `json:"id"` // unique and stable: consumers dedupe on it
	Source      string    `json:"source"`
	Type        EventType `json:"type"`
	Subject     string    `json:"subject"` // tip id
	Time        string    `json:"time"`    // the date at 00:00 in the office's zone, RFC 3339
	// Sequence orders the events of one tip, whatever order they arrive in
	// (CloudEvents extension "sequence"): the number of the change it tells of.
	Sequence        string `json:"sequence"`
	DataContentType string `json:"datacontenttype"`
	DataSchema      string `json:"dataschema"`
	Data            D      `json:"data"`
}

// EventData are the routing facts of the tip and what was decided.
type EventData struct {
	Tip        string   `json:"tip"`
	Desk       string   `json:"desk"`
	Channel    Channel  `json:"channel"`
	Source     string   `json:"source"`
	Category   string   `json:"category"`
	Conduct    []string `json:"conduct"`
	Place      string   `json:"place"`
	Urgent     bool     `json:"urgent"`
	RealName   bool     `json:"real_name"`
	ReceivedOn Date     `json:"received_on"`
	Files      int      `json:"files"`
	Commitment string   `json:"commitment"` // hex SHA-256 of the sealed report

	Department string `json:"department,omitempty"`
	Reason     string `json:"reason,omitempty"` // a code
	DueOn      Date   `json:"due_on,omitempty"`
	Into       string `json:"into,omitempty"`   // the tip merged into
	Sealed     []byte `json:"sealed,omitempty"` // age file to the ledger's role key: a [Summary]
}

// Address is what the event is about and whose stream it goes to.
func (d EventData) Address() (tip, desk string) { return d.Tip, d.Desk }

// Summary is the handler's own account for the ledger, sealed to the ledger's key.
type Summary struct {
	Summary  string `json:"summary"`
	Subject  string `json:"subject,omitempty"`
	Location string `json:"location,omitempty"`
	Parcel   string `json:"parcel,omitempty"`
}

// String keeps a summary out of logs and error texts.
func (Summary) String() string { return "[summary]" }

// LogValue keeps a summary out of structured logs.
func (Summary) LogValue() slog.Value { return slog.StringValue("[summary]") }

// Decision is what a disposition adds to the facts in its event.
type Decision struct {
	Department, Reason string
	DueOn              Date
	Into               string
	Sealed             []byte
	Change             int // which change of the tip's state this is, 0 for its arrival
}

// Events makes the events of one installation.
type Events struct {
	Source string // public.base_url
	Loc    *time.Location
	Now    func() time.Time
}

// New is the event of type t about a tip as it stands now.
func (e Events) New(t EventType, tip Tip, d Decision) Event {
	place := tip.Place
	if len(place) > 12 {
		place = place[:12] // never below the village
	}
	conduct := tip.Conduct
	if conduct == nil {
		conduct = []string{}
	}
	return wrap(e, t, tip.ID, d.Change, EventData{Tip: tip.ID, Desk: tip.Desk, Channel: tip.Channel, Source: tip.Source, Category: tip.Category,
		Conduct: conduct, Place: place, Urgent: tip.Urgent, RealName: tip.RealName, ReceivedOn: tip.ReceivedOn,
		Files: tip.Files, Commitment: tip.Commitment, Department: d.Department, Reason: d.Reason, DueOn: d.DueOn,
		Into: d.Into, Sealed: d.Sealed})
}

// wrap is a new event of today around its data.
func wrap[D any](e Events, t EventType, tip string, sequence int, data D) CloudEvent[D] {
	day, _ := time.ParseInLocation(time.DateOnly, string(DateOf(e.Now(), e.Loc)), e.Loc)
	return CloudEvent[D]{SpecVersion: "1.0", ID: NewID(), Source: e.Source, Type: t, Subject: tip, Time: day.Format(time.RFC3339),
		Sequence: fmt.Sprintf("%08d", sequence), DataContentType: "application/json", DataSchema: SchemaURI(t), Data: data}
}

// SchemaURI is the dataschema of events of type t; `tipline schema NAME` prints it.
func SchemaURI(t EventType) string { return "urn:tipline:schema:" + string(t) }

// JSON is the event as it goes over the queue.
func (e CloudEvent[D]) JSON() ([]byte, error) { return json.Marshal(e) }

// NewID is a fresh id for a tip, an event or a message: 128 random bits in hex.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand, Go 1.24)
	return hex.EncodeToString(b[:])
}
