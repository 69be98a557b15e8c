package mail

import (
	"context"
	"time"

	"tipline/intake"
)

// answerWithin is how old a polled message may be to get an acknowledgement: a
// mailbox may hold years of them when it is first looked into.
const answerWithin = 72 * time.Hour

// Answers decides which messages are acknowledged. All ways by which mail comes
// in share one, so that a thread is answered once whichever way it takes.
type Answers struct {
	send    func(context.Context, Ack)
	now     func() time.Time
	threads *threads
	receipt bool
}

// NewAnswers passes acknowledgements on to send, which must not block.
func NewAnswers(send func(context.Context, Ack), now func() time.Time) *Answers {
	return &Answers{send: send, now: now, threads: newThreads()}
}

// With are the answers as one channel gives them: "receipt" tells the receipt,
// "none" gives none at all, anything else says only that something arrived.
func (a *Answers) With(ack string) *Answers {
	if ack == "none" {
		return nil
	}
	with := *a
	with.receipt = ack == "receipt"
	return &with
}

// Taken is told of a message after its commit, and passes on whom an
// acknowledgement may go to. A held tip has none: in a flood of forged senders we
// would join in. Nor has a redelivery, which had its own, or an
// answer to one of our letters.
func (a *Answers) Taken(ctx context.Context, filed intake.Filed, report *intake.Report, facts *Facts) {
	if a == nil || filed.Duplicate || filed.Joined || filed.Held || !facts.ShouldAck() || !facts.recent(a.now()) || !a.threads.first(facts, a.now()) {
		return
	}
	a.send(ctx, Ack{To: facts.ReturnPath, MessageID: facts.MessageID, References: facts.References, Lang: report.Lang, Filed: filed, Receipt: a.receipt})
}
