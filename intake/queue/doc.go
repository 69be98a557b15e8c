// Package queue carries events from the outbox to the ledger.
//
// On one machine the outbox is the queue: [Embedded]. Beyond it a [Relay] moves
// the outbox to a Redis Stream, from which [Stream] reads. Both deliver at least
// once and in no promised order; the consumer dedupes by event id and
// acknowledges after its own commit.
package queue
