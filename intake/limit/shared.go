package limit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/crypto/pseudonym"
	"tipline/intake"
)

// A submission waits this long for Redis at most; after a failure Redis is left
// alone for a while, so that an outage costs one wait and not one a request.
const (
	redisWait  = 250 * time.Millisecond
	redisPause = 3 * time.Second
	saltLife   = 48 * time.Hour
)

// shared counts in Redis, together with every other process.
type shared struct {
	redis    redis.UniversalClient
	script   *redis.Script
	log      *slog.Logger
	now      func() time.Time
	loc      *time.Location
	fallback func()

	mu    sync.Mutex
	away  bool
	until time.Time // before it Redis isn't asked
	day   string
	salt  pseudonym.Key // of that day
}

func newShared(o Options) *shared {
	return &shared{redis: impatient(o.Redis), script: redis.NewScript(countLua), log: o.Log, now: o.Now, loc: o.Loc, fallback: o.Fallback}
}

// impatient is r with short waits on its connections: go-redis heeds a context's
// deadline there only when it was told to.
func impatient(r redis.UniversalClient) redis.UniversalClient {
	if c, ok := r.(*redis.Client); ok {
		return c.WithTimeout(redisWait)
	}
	return r
}

// count is not ok while Redis is away.
func (s *shared) count(ctx context.Context, sc scope, value string, held bool) (v intake.Verdict, ok bool) {
	if s.paused() {
		s.fallback()
		return v, false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisWait)
	defer cancel()
	v, err := s.ask(ctx, sc, value, held)
	s.note(err)
	if err != nil {
		s.fallback()
	}
	return v, err == nil
}

func (s *shared) ask(ctx context.Context, sc scope, value string, held bool) (intake.Verdict, error) {
	salt, err := s.saltOf(ctx, s.now().In(s.loc).Format(time.DateOnly))
	if err != nil {
		return intake.Verdict{}, err
	}
	soft := sc.soft
	if held || soft >= sc.hard {
		soft = 0
	}
	missing, err := s.script.Run(ctx, s.redis, []string{key(salt, sc, value)}, sc.period.Seconds(), sc.hard, soft).Float64Slice()
	if err != nil {
		return intake.Verdict{}, err
	}
	if missing[0] > 0 {
		return intake.Verdict{RetryAfter: max(time.Duration(missing[0]*float64(time.Second)), leastRetry)}, nil
	}
	return intake.Verdict{Hold: held || missing[1] > 0}, nil
}

// key is "tipline:limit:" and hex: it doesn't even say what it counts.
func key(salt pseudonym.Key, sc scope, value string) string {
	return "tipline:limit:" + hex.EncodeToString(salt.Tag("limit "+sc.name, value))
}

// saltOf is the day's salt. The first process to need it makes it, and it goes
// with its key's expiry. A Redis that came back empty is given the salt this
// process has.
func (s *shared) saltOf(ctx context.Context, day string) (pseudonym.Key, error) {
	salt, known, away := s.known(day)
	if known && !away {
		return salt, nil
	}
	if !known {
		salt = pseudonym.NewKey()
	}
	name := saltKey(day)
	if err := s.redis.SetNX(ctx, name, salt.Encode(), saltLife).Err(); err != nil {
		return pseudonym.Key{}, err
	}
	line, err := s.redis.Get(ctx, name).Result()
	if err != nil {
		return pseudonym.Key{}, err
	}
	if salt, err = pseudonym.ParseKey(line); err != nil {
		return pseudonym.Key{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day, s.salt = day, salt
	return salt, nil
}

// known is the salt of day if this process has it, and whether Redis was away.
func (s *shared) known(day string) (salt pseudonym.Key, known, away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.salt, s.day == day, s.away
}

// saltKey is the name of a day's salt, of the same form as what it salts.
func saltKey(day string) string {
	sum := sha256.Sum256([]byte("salt of " + day))
	return "tipline:limit:" + hex.EncodeToString(sum[:pseudonym.TagSize])
}

// paused says whether Redis is to be left alone. Of those who come after the
// pause one tries Redis, and the rest don't wait for it.
func (s *shared) paused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.away {
		return false
	}
	now := s.now()
	if now.Before(s.until) {
		return true
	}
	s.until = now.Add(redisPause)
	return false
}

// note logs the beginning and the end of an outage, once each.
func (s *shared) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil && s.away:
		s.away = false
		s.log.Info("Redis is back: limits are counted together again")
	case err != nil:
		s.until = s.now().Add(redisPause)
		if !s.away {
			s.log.Warn("Redis is away: each process counts on its own", "error", cause(err))
		}
		s.away = true
	}
}

// cause keeps keys and commands out of the log.
func cause(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, redis.Nil):
		return "the salt is gone"
	default:
		return err.Error()
	}
}
