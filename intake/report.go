package intake

import (
	"io"
	"iter"
	"log/slog"
)

// Report is what an adapter makes of one message: the words, who sent them, and
// how they came. It holds a person's data and prints as "[report]".
type Report struct {
	Channel  Channel
	Source   string // a code of the pack; "" is [SourcePublic]
	Lang     string
	Category string
	Conduct  []string
	Place    string
	Urgent   bool
	// Concerns says that the report is about somebody in the desk's own office: that
	// desk must see nothing of it.
	Concerns bool
	Reply    Reply

	Words    Words
	Identity Identity

	// Token makes the receipt repeatable: the same token with the same content
	// is one tip, however often it is sent. "" takes a random receipt.
	Token string
	// Gateway and MessageID name the provider's message; a second delivery of
	// it within 14 days is one tip. A mail is one whichever way it takes.
	Gateway, MessageID string
	// Nonce is what the provider signed in place of the message: it is good for one
	// message, and what comes under it again is taken for that one. "" is none.
	Nonce string
	// Piece is the text's place in a longer one that came in pieces.
	Piece Piece
	// Converse says that the sender is one person's number: within 72 hours their
	// texts are one tip, and their single words (退订, 查询) are heeded.
	Converse bool
	waited   []byte   // the group of waiting parts that r was put together from
	alsoIDs  []string // the ids of its other parts
	// Origin and Sender are compared under a keyed tag and never stored: the
	// canonical network origin, and the number or mail address.
	Origin, Sender string
	// Flags are codes for the handler: what the adapter had to leave or mend.
	Flags []string
	// Hold sends the tip to the held lane, whatever the limits say.
	Hold bool
	// Worked says that the sender solved a task, or waited: the crowd alone doesn't
	// hold the tip then.
	Worked bool
	// Media are the addresses of files that wait at the gateway's provider: they are
	// fetched later, never while the gateway waits for its answer.
	Media []string
	// Thread is the tag of one of our letters that the message answers, "" for none. See
	// [ThreadTag].
	Thread string
	// Plus is the code that the address written to carries behind a plus, "" for none: of
	// a category, or of the desk it is meant for.
	Plus string
	// By is the member who keyed the report in, "" for the public's own, and Desk the
	// desk they work at.
	By, Desk string

	// Renamed are names that a message tells only behind its files' bytes, by the file's place
	// among those that were yielded, from 0.
	Renamed map[int]string `json:"-"`

	// Files yields the report's files in order. Submit consumes it once.
	Files iter.Seq2[File, error] `json:"-"`
	// Raw is the message as it came. Submit seals every byte of it while Decode
	// reads it, and drains what Decode leaves.
	Raw io.Reader `json:"-"`
	// Decode reads the teed raw message, fills the report in, and yields files
	// as it meets them; it stands in for Files, and every file counts as InRaw. It
	// can't fail the message: after an error of its own the message is kept, held
	// and flagged.
	Decode func(raw io.Reader, into *Report) iter.Seq2[File, error] `json:"-"`
}

// Words are what the report says: sealed to the desk.
type Words struct {
	Text      string `json:"text"`
	Address   string `json:"address,omitempty"`
	Lat       string `json:"lat,omitempty"` // as entered
	Lon       string `json:"lon,omitempty"`
	Datum     string `json:"datum,omitempty"` // wgs84 cgcs2000 gcj02 bd09
	Occurred  string `json:"occurred,omitempty"`
	Subject   string `json:"subject,omitempty"` // who or what is reported
	Parcel    string `json:"parcel,omitempty"`  // 图斑编号
	RelapseOf string `json:"relapse_of,omitempty"`

	Origin
}

// Origin is where a keyed-in tip comes from. What the fields mean goes by the source:
// the document of a superior, a media report, a batch of satellite pictures.
type Origin struct {
	Issuer     string `json:"issuer,omitempty"`      // the organ, medium, leader or site
	Reference  string `json:"reference,omitempty"`   // its number
	IssuedOn   string `json:"issued_on,omitempty"`   // its date, as 2006-01-02
	ReportedOn string `json:"reported_on,omitempty"` // when the report was made; the clock runs from the day it is keyed in
}

// Identity is what tells who the reporter is: it opens with two people only.
type Identity struct {
	Name    string   `json:"name,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	Email   string   `json:"email,omitempty"`
	Sender  string   `json:"sender,omitempty"`  // number or address the message came from
	Headers []string `json:"headers,omitempty"` // mail header fields as they came
	Notes   []string `json:"notes,omitempty"`   // e.g. the lines marked as a signature
}

// Empty says whether nothing about the reporter is known.
func (id Identity) Empty() bool {
	return id.Name == "" && id.Phone == "" && id.Email == "" && id.Sender == "" && len(id.Headers) == 0 && len(id.Notes) == 0
}

// RealName says whether the reporter gave a name and a way to reach them (实名).
func (id Identity) RealName() bool {
	return id.Name != "" && (id.Phone != "" || id.Email != "" || id.Sender != "")
}

// File is one file of a report. Body is read once, before the next file.
type File struct {
	Name string
	Type string // as declared; what it really is, its bytes tell
	Body io.Reader
	// InRaw says that the bytes stand in the raw message, so that only a clean
	// copy is kept of them apart from it.
	InRaw bool
}

// String keeps a report out of logs and error texts.
func (Report) String() string { return "[report]" }

// LogValue keeps a report out of structured logs.
func (Report) LogValue() slog.Value { return slog.StringValue("[report]") }

// String keeps the words out of logs and error texts.
func (Words) String() string { return "[words]" }

// LogValue keeps the words out of structured logs.
func (Words) LogValue() slog.Value { return slog.StringValue("[words]") }

// String keeps an origin out of logs and error texts.
func (Origin) String() string { return "[origin]" }

// LogValue keeps an origin out of structured logs.
func (Origin) LogValue() slog.Value { return slog.StringValue("[origin]") }

// String keeps an identity out of logs and error texts.
func (Identity) String() string { return "[identity]" }

// LogValue keeps an identity out of structured logs.
func (Identity) LogValue() slog.Value { return slog.StringValue("[identity]") }

// String keeps a file's name out of logs and error texts.
func (File) String() string { return "[file]" }

// LogValue keeps a file's name out of structured logs.
func (File) LogValue() slog.Value { return slog.StringValue("[file]") }
