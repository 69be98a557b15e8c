package ledger

import "tipline/intake/database"

// Schema is what the ledger keeps in a database, for who copies all of it.
func Schema() (database.Schema, error) { return schema() }

// Tables are the tables a backup holds.
func Tables() []database.Table {
	return []database.Table{{Name: "ledger_rows"}, {Name: "ledger_events"},
		{Name: "ledger_outcomes", Since: 3, Instead: map[string]string{"claimed_by": `''`, "claimed_until": `0`, "relayed_as": `''`}},
		{Name: "ledger_parcels", Since: 5}, {Name: "ledger_parcel_moves", Since: 11}, {Name: "ledger_imports", Since: 5}, {Name: "ledger_maps", Since: 5}, {Name: "ledger_changes", Since: 7}, {Name: "ledger_reports", Since: 8},
		{Name: "ledger_shown", Since: 13}}
}

// Database is what the ledger's rows stand in.
func (l *Ledger) Database() *database.DB { return l.db }
