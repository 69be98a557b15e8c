// Package book is the working ledger's way in and out of the office's own sheets:
// clues and parcels imported from CSV and XLSX, the ledger taken home, edited and
// brought back, and the reports made of it. The desk and the command line both call
// it.
//
// A clue goes through the one door of intake; this package writes no tip. Names stay
// sealed to the ledger's key: whoever works here brings a member's session.
package book
