package ledger

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"

	"tipline/intake"
)

// Parcel (图斑) is a piece of land that came in a batch from above, to be put right
// by a day. It is known by its batch and its number: one number may come in several.
type Parcel struct {
	Desk, Batch, Number string
	Place               string // administrative code, "" when unknown
	Lat, Lon, Datum     string // as they were entered; "" without
	Area                string // 亩, as it was entered
	Category, Source    string // codes
	DueOn, EvidenceDue  intake.Date
	EvidenceOn          intake.Date // when it was handed in (举证), "" while it wasn't
	State               string      // one of the ledger's own
	ClosedOn            intake.Date
	Sealed              []byte // a [Charge], sealed to the ledger's key; nil without one
	ImportedOn          intake.Date
	Version             int
}

// Charge is who answers for a parcel (责任领导、责任人) and what is noted of it.
type Charge struct {
	Leader      string `json:"leader,omitempty"`
	Responsible string `json:"responsible,omitempty"`
	Occupant    string `json:"occupant,omitempty"`
	Note        string `json:"note,omitempty"`
}

// String keeps names out of logs and error texts.
func (Charge) String() string { return "[charge]" }

// LogValue keeps names out of structured logs.
func (Charge) LogValue() slog.Value { return slog.StringValue("[charge]") }

// Imported counts what an import did.
type Imported struct{ New, Changed, Same int }

const parcelColumns = `desk, batch, number, place, lat, lon, datum, area, category, source, due_on, evidence_due, state, closed_on, sealed, imported_on, version, evidence_on`

// ImportParcels puts parcels into the ledger in one transaction. One that is there
// already takes on what the batch says anew; its state stays. same says whether a
// sealed text that is there says the same as the new one; nil takes none for that.
func (l *Ledger) ImportParcels(ctx context.Context, parcels []Parcel, same func(there, now Parcel) (bool, error)) (n Imported, err error) {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return n, err
	}
	defer tx.Rollback() // no effect after the commit
	for _, p := range parcels {
		if err := importParcel(ctx, tx, p, same, &n); err != nil {
			return Imported{}, err
		}
	}
	return n, tx.Commit()
}

func importParcel(ctx context.Context, tx *sql.Tx, p Parcel, same func(there, now Parcel) (bool, error), n *Imported) error {
	there, err := scanParcel(tx.QueryRowContext(ctx, `SELECT `+parcelColumns+` FROM ledger_parcels WHERE desk = $1 AND batch = $2 AND number = $3`, p.Desk, p.Batch, p.Number))
	if errors.Is(err, sql.ErrNoRows) {
		n.New++
		_, err = tx.ExecContext(ctx, `INSERT INTO ledger_parcels (`+parcelColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, '')`,
			p.Desk, p.Batch, p.Number, p.Place, p.Lat, p.Lon, p.Datum, p.Area, p.Category, p.Source, p.DueOn, p.EvidenceDue, StatePending, "", p.Sealed, p.ImportedOn)
		return err
	}
	if err != nil {
		return err
	}
	if there.tells() == p.tells() && same != nil {
		if is, err := same(there, p); is || err != nil {
			n.Same++
			return err
		}
	}
	n.Changed++
	_, err = tx.ExecContext(ctx, `UPDATE ledger_parcels SET place = $4, lat = $5, lon = $6, datum = $7, area = $8, category = $9, source = $10, due_on = $11,
		evidence_due = $12, sealed = $13, version = version + 1 WHERE desk = $1 AND batch = $2 AND number = $3`,
		p.Desk, p.Batch, p.Number, p.Place, p.Lat, p.Lon, p.Datum, p.Area, p.Category, p.Source, p.DueOn, p.EvidenceDue, p.Sealed)
	return err
}

// tells is what a batch says of a parcel in clear.
func (p Parcel) tells() [9]string {
	return [9]string{p.Place, p.Lat, p.Lon, p.Datum, p.Area, p.Category, p.Source, string(p.DueOn), string(p.EvidenceDue)}
}

// Tells says whether two say the same in clear.
func (p Parcel) Tells(o Parcel) bool { return p.tells() == o.tells() }

func scanParcel(row interface{ Scan(...any) error }) (p Parcel, err error) {
	return p, row.Scan(&p.Desk, &p.Batch, &p.Number, &p.Place, &p.Lat, &p.Lon, &p.Datum, &p.Area, &p.Category, &p.Source, &p.DueOn, &p.EvidenceDue, &p.State, &p.ClosedOn,
		&p.Sealed, &p.ImportedOn, &p.Version, &p.EvidenceOn)
}
