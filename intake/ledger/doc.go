// Package ledger keeps the working ledger (工作台账): one row a tip, built from
// the events of the ledger queue and from nothing else, so that it can live in
// another database on another host.
//
// Events may come twice and in any order; each counts once, and the newest
// disposition of a tip stands.
package ledger
