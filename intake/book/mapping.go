package book

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
	"tipline/intake/sheet"
)

// Mapping says which column of a sheet is which field: the column's heading to the
// field's key.
type Mapping map[string]string

// headRows is how many rows are looked through for the headings: titles and notes
// stand above them.
const headRows = 15

// Column is one column of a sheet, with its first cell that holds something.
type Column struct {
	Heading, Sample string
	Field           string // its key, "" when it isn't taken
}

// columns finds the row of headings and what its columns are: as the mapping says,
// or else by their names. A field is taken once.
func (s *Service) columns(k Kind, t sheet.Table, m Mapping) (head int, out []Column) {
	best := -1
	for row := range min(len(t), headRows) {
		found, named := s.columnsOf(k, t, row, m)
		if named > best {
			head, out, best = row, found, named
		}
	}
	return head, out
}

func (s *Service) columnsOf(k Kind, t sheet.Table, row int, m Mapping) (out []Column, named int) {
	taken := map[string]bool{}
	for at, heading := range t[row] {
		c := Column{Heading: heading}
		for below := row + 1; below < len(t) && c.Sample == ""; below++ {
			c.Sample = t.Cell(below, at)
		}
		field, mapped := m[heading]
		if !mapped && m == nil {
			field = s.guess(k, heading)
		}
		if field != "" && !taken[field] && has(k, field) {
			c.Field, taken[field] = field, true
			named++
		}
		out = append(out, c)
	}
	return out, named
}

func has(k Kind, field string) bool {
	for _, f := range fieldsOf(k) {
		if f.Key == field {
			return true
		}
	}
	return false
}

// missing are the fields that a sheet of this kind must have and hasn't.
func missing(k Kind, columns []Column) (out []string) {
	for _, f := range fieldsOf(k) {
		there := false
		for _, c := range columns {
			there = there || c.Field == f.Key
		}
		if f.Required && !there {
			out = append(out, f.Key)
		}
	}
	return out
}

// SavedMap is a mapping that the desk keeps under a name.
type SavedMap struct {
	Name    string  `json:"name"`
	Mapping Mapping `json:"mapping"`
}

// longestMapName is the longest name of a mapping, in characters.
const longestMapName = 40

// SaveMap keeps a mapping for the whole desk, sealed to the ledger's key.
func (s *Service) SaveMap(ctx context.Context, by casework.Actor, k Kind, m SavedMap) error {
	if err := mapper(by, k); err != nil {
		return err
	}
	m.Name = strings.TrimSpace(strings.ToValidUTF8(m.Name, "\uFFFD"))
	if m.Name == "" || utf8.RuneCountInString(m.Name) > longestMapName {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: "map", Code: "format"}}}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	id := mapID(k, m.Name)
	sealed, err := s.sealed(by.Desk, mapContext(id), text)
	if err != nil {
		return err
	}
	if err := s.note(ctx, by, "import.map", "", string(k)); err != nil {
		return err
	}
	return s.Ledger.SaveMap(ctx, ledger.Map{Desk: by.Desk, Kind: string(k), Name: id, Sealed: sealed})
}

// Maps are the mappings that a desk keeps for sheets of a kind.
func (s *Service) Maps(ctx context.Context, by casework.Actor, k Kind) (out []SavedMap, err error) {
	if err := handler(by); err != nil {
		return nil, err
	}
	stored, err := s.Ledger.Maps(ctx, by.Desk, string(k))
	if err != nil {
		return nil, err
	}
	for _, m := range stored {
		text, err := opened(by, mapContext(m.Name), m.Sealed)
		if err != nil {
			return nil, err
		}
		var saved SavedMap
		if err := json.Unmarshal(text, &saved); err != nil {
			return nil, errors.New("a saved mapping is not readable")
		}
		out = append(out, saved)
	}
	return out, nil
}

// Map is the mapping of that name; none is [intake.ErrNotFound].
func (s *Service) Map(ctx context.Context, by casework.Actor, k Kind, name string) (Mapping, error) {
	all, err := s.Maps(ctx, by, k)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.Name == name {
			return m.Mapping, nil
		}
	}
	return nil, intake.ErrNotFound
}

// DropMap forgets a mapping; one that isn't there is no error.
func (s *Service) DropMap(ctx context.Context, by casework.Actor, k Kind, name string) error {
	if err := mapper(by, k); err != nil {
		return err
	}
	if err := s.note(ctx, by, "import.map.drop", "", string(k)); err != nil {
		return err
	}
	return s.Ledger.DropMap(ctx, by.Desk, string(k), mapID(k, name))
}

// mapper lets a handler change the mappings of a kind there is: it stands in the record.
func mapper(by casework.Actor, k Kind) error {
	if k != Clues && k != Parcels && k != Ledger {
		return ErrKind
	}
	return handler(by)
}

// mapID is a hash: a name may tell something.
func mapID(k Kind, name string) string { return tag(string(k), name)[:32] }

func mapContext(id string) seal.Context {
	return seal.Context{Tip: "ledger-map", Compartment: intake.CompartmentLedger, Part: id, Direction: intake.Inward}
}

// tag is a hash of several texts, each behind its length.
func tag(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte{byte(len(p) >> 24), byte(len(p) >> 16), byte(len(p) >> 8), byte(len(p))})
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sealed seals text to a desk's ledger.
func (s *Service) sealed(desk string, c seal.Context, text []byte) ([]byte, error) {
	keys, err := s.Keys.DeskKeys(desk)
	if err != nil {
		return nil, err
	}
	return seal.Seal(c, text, keys.Ledger)
}

// opened opens what was sealed to the ledger, in a member's session.
func opened(by casework.Actor, c seal.Context, sealed []byte) ([]byte, error) {
	return seal.OpenBytes(sealed, c, by.Ring.Identities(intake.LedgerKey(by.Desk))...)
}
