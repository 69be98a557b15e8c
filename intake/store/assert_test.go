package store_test

import (
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/intake/queue"
	"tipline/intake/store"
)

var (
	_ intake.Store                   = (*store.Store)(nil)
	_ casework.Store                 = (*store.Store)(nil)
	_ members.Store                  = (*store.Store)(nil)
	_ queue.Outbox[intake.EventData] = (*store.Store)(nil)
)
