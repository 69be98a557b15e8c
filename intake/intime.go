package intake

import (
	"context"
	"errors"
	"time"

	"tipline/crypto/receipt"
)

// storeTime is how long a store that keeps silent is waited for: whoever reports shall be told
// that nothing was kept, with their words before them, while they still look at the page.
const (
	storeTime = 8 * time.Second
	noteTime  = 2 * time.Second // of what an answer needn't wait for
)

// thread is what a receipt opens. A store that can't be asked, or not in time, is [ErrNotDurable].
func (s *Service) thread(ctx context.Context, code receipt.Receipt) (Thread, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	found, err := s.Store.Thread(ctx, s.Pepper.Tag(code))
	if err != nil && !errors.Is(err, ErrUnknownReceipt) {
		err = notDurable(err)
	}
	return found, err
}

// opened notes that the receipt was opened. A reporter gets their answer even where nothing can be written.
func (s *Service) opened(ctx context.Context, code receipt.Receipt, today Date) {
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	_ = s.Store.Opened(ctx, s.Pepper.Tag(code), today)
}

// addFollowUp stores an addition in time, or says that nothing may have been kept.
func (s *Service) addFollowUp(ctx context.Context, f FollowUp) (duplicate bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	return s.Store.AddFollowUp(ctx, f)
}
