package desk

import (
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/members"
)

// slipTime is how long the receipt of a keyed-in tip can be looked at again, to
// read it out and print it.
const slipTime = 15 * time.Minute

// slips are the receipts of what was just keyed in. They live in memory only,
// and each is its handler's alone.
type slips struct {
	mu   sync.Mutex
	byID map[string]slip
}

type slip struct {
	filed  intake.Filed
	member string
	at     time.Time
}

func (s *slips) put(f intake.Filed, member string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]slip{}
	}
	for id, old := range s.byID {
		if now.Sub(old.at) > slipTime {
			delete(s.byID, id)
		}
	}
	s.byID[f.ID] = slip{f, member, now}
}

func (s *slips) get(id, member string, now time.Time) (intake.Filed, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.byID[id]
	return found.filed, ok && found.member == member && now.Sub(found.at) <= slipTime
}

type keyedPage struct {
	frame
	Filed intake.Filed
}

// receipt shows the slip of what was just keyed in.
func (d *desk) receipt(c *gin.Context, s *members.Session) error {
	filed, ok := d.slips.get(c.Param("id"), s.Member.Name, d.Now())
	if !ok {
		return intake.ErrNotFound
	}
	d.render(c, http.StatusOK, "keyed", keyedPage{frame: d.frame(c, s), Filed: filed})
	return nil
}
