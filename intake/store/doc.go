// Package store keeps tips, what members do with them and the outbox in SQL.
//
// Everything is written by goroutines that take all who wait into one transaction
// (group.go; SQLite has one of them): a commit costs a sync of the disk, and under
// load a dozen reports share one. Each waits for that commit, so that what was answered
// as stored is stored. PostgreSQL is sent a group's acceptances together (tx.go).
// Begin with accept.go.
//
// Several processes may work on one database: nothing is kept in memory that
// another may change, and work is claimed by rows. SQLite and PostgreSQL get the
// same SQL; where they differ stands in dialect.go and in the migrations.
package store
