// Package store keeps tips, what members do with them and the outbox in SQL.
//
// Everything is written by one goroutine that takes all who wait into one
// transaction (group.go): a commit costs a sync of the disk, and under load a
// dozen reports share one. Each waits for that commit, so that what was answered
// as stored is stored. Begin with accept.go.
//
// Several processes may work on one file: nothing is kept in memory that another
// may change, and work is claimed by rows. The SQL is fit for SQLite and
// PostgreSQL; what only SQLite knows stands in sqlite.go and in its migrations.
package store
