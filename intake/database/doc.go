// Package database opens the SQL databases a tip line keeps its rows in, SQLite
// or PostgreSQL, brings their schemas up to date, and says what an error of
// theirs means. Their users write one SQL for both: numbered parameters, and
// columns of text, whole numbers and bytes.
package database
