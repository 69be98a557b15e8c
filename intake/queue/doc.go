// Package queue carries events from the outbox to the ledger, and outcomes back
// from the ledger's own outbox to the desk.
//
// On one machine the outbox is the queue: [Embedded]. Beyond it a [Relay] moves
// the outbox to a Redis Stream, from which [Stream] reads. Both deliver at least
// once and in no promised order; the consumer dedupes by event id and
// acknowledges after its own commit.
//
// Nothing that Redis loses is lost: an event stays in the outbox, marked as the
// entry it became, until the stream's reader has acknowledged that entry, and
// goes again when the entry is gone.
package queue
