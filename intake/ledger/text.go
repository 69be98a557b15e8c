package ledger

import (
	"encoding/json"
	"io"
	"iter"

	"tipline/intake/sheet"
)

// WriteCSV writes the ledger as CSV. Codes are text.
func WriteCSV(w io.Writer, rows iter.Seq2[Row, error], labels Labels, open Opener) error {
	cols := headed()
	headings := make([]string, len(cols))
	for i, c := range cols {
		headings[i] = labels.Heading(c.key)
	}
	return sheet.WriteCSV(w, headings, cells(cols, rows, labels, open))
}

// object is a row in the JSON export; its keys are the contract's.
type object struct {
	Tip         string            `json:"tip"`
	Desk        string            `json:"desk"`
	Channel     string            `json:"channel"`
	Source      string            `json:"source"`
	Category    string            `json:"category"`
	Conduct     []string          `json:"conduct"`
	Place       string            `json:"place"`
	Urgent      bool              `json:"urgent"`
	RealName    bool              `json:"real_name"`
	ReceivedOn  string            `json:"received_on"`
	Files       int               `json:"files"`
	Commitment  string            `json:"commitment"`
	Disposition *string           `json:"disposition"`
	Department  *string           `json:"department"`
	Reason      *string           `json:"reason"`
	DueOn       *string           `json:"due_on"`
	MergedInto  *string           `json:"merged_into"`
	State       string            `json:"state"`
	Number      *string           `json:"number"`
	Summary     *string           `json:"summary"`
	Subject     *string           `json:"subject"`
	Location    *string           `json:"location"`
	Parcel      *string           `json:"parcel"`
	ClosedOn    string            `json:"closed_on,omitempty"`
	Work        map[string]string `json:"work,omitempty"`       // what the office keeps in its own words, by column
	AuditHead   string            `json:"audit_head,omitempty"` // of the whole export
}

// WriteJSON writes the ledger as one array of objects with English keys; what
// isn't there is null. head is the audit chain's, "" without one.
func WriteJSON(w io.Writer, rows iter.Seq2[Row, error], head string, open Opener) error {
	if _, err := io.WriteString(w, "["); err != nil {
		return err
	}
	separator := "\n"
	for l, err := range lines(rows, Labels{Head: head}, open) {
		if err != nil {
			return err
		}
		text, err := json.Marshal(objectOf(l))
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, separator+string(text)); err != nil {
			return err
		}
		separator = ",\n"
	}
	_, err := io.WriteString(w, "\n]\n")
	return err
}

func objectOf(l line) object {
	conduct := l.Conduct
	if conduct == nil {
		conduct = []string{}
	}
	return object{Tip: l.Tip, Desk: l.Desk, Channel: string(l.Channel), Source: l.Source, Category: l.Category, Conduct: conduct,
		Place: l.Row.Place, Urgent: l.Urgent, RealName: l.RealName, ReceivedOn: string(l.ReceivedOn), Files: l.Files, Commitment: l.Commitment,
		Disposition: known(l.Disposition), Department: known(l.Department), Reason: known(l.Reason), DueOn: known(string(l.DueOn)),
		MergedInto: known(l.MergedInto), State: l.State, Number: known(l.Number),
		Summary: known(l.Summary.Summary), Subject: known(l.Subject), Location: known(l.Location), Parcel: known(l.Parcel), ClosedOn: string(l.ClosedOn), Work: l.Opened.Work, AuditHead: l.labels.Head}
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
