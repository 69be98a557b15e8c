package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"

	"tipline/crypto/seal"
)

// Epoch is a version of a role's key. What opens its secret, the members' grants, is sealed
// in a backup to a key of the epoch's own, whose secret stands in a small file beside the
// backups: without that file none of them opens what is sealed to this version.
type Epoch struct {
	Role    string `json:"role"`
	Version int64  `json:"version"`
	File    string `json:"file"` // its name, in the folder of the backups
}

// epochsFile lists the epochs of a backup; it has one from layout 2 on.
const epochsFile = "epochs.json"

// grantsTable is where the grants stand.
const grantsTable = "tips/grants"

// epochLayout is the first layout whose grants are sealed to their epochs.
const epochLayout = 2

func (e Epoch) named() string { return fmt.Sprintf("%s version %d", e.Role, e.Version) }

// secretContext is what an epoch's file is bound to, and grantContext a sealed grant.
func secretContext() seal.Context {
	return seal.Context{Tip: "backup", Compartment: "epoch", Part: "secret", Direction: "out"}
}
func grantContext() seal.Context {
	return seal.Context{Tip: "backup", Compartment: "epoch", Part: "grant", Direction: "out"}
}

// SealSecret is the content of an epoch's file: its secret, sealed to who opens backups.
func SealSecret(secret *age.HybridIdentity, to ...*age.HybridRecipient) ([]byte, error) {
	return seal.Seal(secretContext(), []byte(secret.String()), to...)
}

// OpenSecret opens what [SealSecret] sealed. Errors are those of [seal.OpenBytes], or
// [ErrDamaged].
func OpenSecret(file []byte, with ...*age.HybridIdentity) (*age.HybridIdentity, error) {
	text, err := seal.OpenBytes(file, secretContext(), with...)
	if err != nil {
		return nil, err
	}
	id, err := seal.ParseIdentity(string(text))
	if err != nil {
		return nil, damaged("the file of an epoch holds no key")
	}
	return id, nil
}

// epochs finds the epochs whose grants are in a database, and writes their list.
func (w *writer) epochs(ctx context.Context, q *sql.Tx) error {
	if w.Epoch == nil {
		return nil
	}
	rows, err := q.QueryContext(ctx, `SELECT DISTINCT role, version FROM grants ORDER BY role, version`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e Epoch
		if err := rows.Scan(&e.Role, &e.Version); err != nil {
			return err
		}
		w.listed = append(w.listed, e)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	w.locks = map[Epoch]*age.HybridRecipient{}
	for i, e := range w.listed {
		name, to, err := w.Epoch(e.Role, e.Version)
		if err != nil {
			return fmt.Errorf("the key of %s: %w", e.named(), err)
		}
		w.locks[e], w.listed[i].File = to, name
	}
	return w.json(epochsFile, w.listed)
}

// lock seals a grant to its epoch.
func (w *writer) lock(columns []string, row []any) error {
	e, at, err := epochOf(columns, row)
	if err != nil {
		return err
	}
	to := w.locks[e]
	if to == nil {
		return fmt.Errorf("%s was granted meanwhile: make the backup again", e.named())
	}
	row[at], err = seal.Seal(grantContext(), row[at].([]byte), to)
	return err
}

// epochOf is the epoch of a grant's row, and where in it the sealed secret stands.
func epochOf(columns []string, row []any) (e Epoch, sealed int, err error) {
	role, roleOK := row[max(0, slices.Index(columns, "role"))].(string)
	version, versionOK := row[max(0, slices.Index(columns, "version"))].(int64)
	sealed = max(0, slices.Index(columns, "sealed"))
	if _, sealedOK := row[sealed].([]byte); !roleOK || !versionOK || !sealedOK {
		return e, 0, damaged("a grant can't be read")
	}
	return Epoch{Role: role, Version: version}, sealed, nil
}

// epochs asks for the secret of each epoch of the backup.
func (r *reader) epochs(name string) error {
	var listed []Epoch
	if err := r.json(name, &listed); err != nil {
		return err
	}
	r.keys = map[Epoch]*age.HybridIdentity{}
	var failed error
	for _, e := range listed {
		if r.Epoch == nil {
			return damaged("it wants the keys of epochs")
		}
		id, err := r.Epoch(e)
		failed = errors.Join(failed, err)
		e.File = ""
		r.keys[e] = id
	}
	return failed
}

// unlock opens a grant, in a backup whose grants are sealed to their epochs. It says false
// for one of an epoch that is destroyed, which is left out.
func (r *reader) unlock(columns []string, row []any) (bool, error) {
	e, at, err := epochOf(columns, row)
	if err != nil {
		return false, err
	}
	id, listed := r.keys[e]
	switch {
	case !listed:
		return false, damaged("a grant of %s, which isn't in its list", e.named())
	case id == nil:
		r.left++
		return false, nil
	}
	row[at], err = seal.OpenBytes(row[at].([]byte), grantContext(), id)
	if err != nil {
		return false, unreadable(fmt.Errorf("a grant of %s: %w", e.named(), err))
	}
	return true, nil
}

// keep is what a table's rows go through before they are loaded, nil for nothing.
func (r *reader) keep(table string) func(columns []string, row []any) (bool, error) {
	if table != grantsTable || r.keys == nil {
		return nil
	}
	return r.unlock
}
