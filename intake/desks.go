package intake

import "slices"

// Desks are the ids of the desks that work here, the first one first. None stands
// for an office that doesn't tell desks apart.
type Desks []string

// First is the desk that a member or a tip belongs to when nothing else is said.
func (d Desks) First() string {
	if len(d) == 0 {
		return ""
	}
	return d[0]
}

// Has says whether a desk works here.
func (d Desks) Has(desk string) bool { return slices.Contains(d, desk) }

// Others are the desks beside one.
func (d Desks) Others(desk string) []string {
	return slices.DeleteFunc(slices.Clone(d), func(o string) bool { return o == desk })
}

// CustodianKey is the name of the role key of a desk's custodians: the first desk's
// is the plain one.
func (d Desks) CustodianKey(desk string) string {
	if len(d) == 0 || desk == d[0] {
		return "custodian"
	}
	return "custodian:" + desk
}

// DeskKey is the name of a desk's role key.
func DeskKey(desk string) string { return "desk:" + desk }

// LedgerKey is the name of the role key of a desk's ledger.
func LedgerKey(desk string) string { return "ledger:" + desk }
