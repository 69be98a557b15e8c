// Package backup copies a whole installation into one sealed file, while it
// works, and makes an empty one whole again from it.
//
// # Format
//
// The file is one age file of package seal, sealed to the recovery recipients.
// Inside is a tar stream, written and read in one pass:
//
//	about.json                      format, program, day, schema numbers
//	keys/NAME                       the key files
//	epochs.json                     the epochs whose secrets stand beside the backup (layout 2)
//	blobs/TIP.COMPARTMENT           the sealed containers that stand in files
//	tips/TABLE/000001.jsonl …       rows: the first line names the columns, then
//	ledger/TABLE/000001.jsonl …     one JSON array a row; bytes are {"base64": "…"}
//	sums/000001 …                   SHA-256 of every file above, as sha256sum -c reads it
//	manifest.json                   counts, and the SHA-256 of all those lines
//
// Rows are as dialect-neutral as the tables, so that a backup of SQLite restores
// into PostgreSQL and back. It opens without us (see package seal for the cut):
//
//	age -d -i KEY FILE > p; tail -n +2 p | head -c "$(tail -c 20 p)" | tar -x; sha256sum -c sums/*
//
// # Epochs
//
// A version of a role's key is an epoch, and its secret is in a backup only as the grants of
// who holds it. Those are sealed once more there, to a key of the epoch's own (layout 2), whose
// secret stands, sealed to the recovery recipients, in a small file beside the backups that
// they share: see [Epoch]. To destroy the epoch is to delete that file, and every backup with
// it opens nothing of this version any more. A backup written without epochs (layout 1)
// opens by itself.
//
// # Order
//
// Tips and ledger can stand in two databases, which share no snapshot. An event
// stays in the outbox until the ledger has committed it. So the tips are read
// first and the ledger after them: an event that moves meanwhile is met twice,
// never missed, and the ledger counts it once, by its id. The other way round one
// could be missed. What the ledger learnt of tips that the earlier snapshot
// doesn't have, or has as held, is left out. Within one database a single snapshot
// is read.
//
// A container's file is durable before its row and never changes, so the files
// are copied as the snapshot names them.
package backup
