package limit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
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
	limiter  *redis_rate.Limiter
	log      *slog.Logger
	now      func() time.Time
	loc      *time.Location
	fallback func()

	mu    sync.Mutex
	away  bool
	until time.Time // before it Redis isn't asked
	day   string
	salt  pseudonym.Key
}

func newShared(o Options) *shared {
	return &shared{redis: o.Redis, limiter: redis_rate.NewLimiter(o.Redis), log: o.Log, now: o.Now, loc: o.Loc, fallback: o.Fallback}
}

// count is not ok while Redis is away.
func (s *shared) count(ctx context.Context, sc scope, value string) (v intake.Verdict, ok bool) {
	if s.paused() {
		s.fallback()
		return v, false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisWait)
	defer cancel()
	v, err := s.ask(ctx, sc, value)
	s.note(err)
	if err != nil {
		s.fallback()
	}
	return v, err == nil
}

func (s *shared) ask(ctx context.Context, sc scope, value string) (intake.Verdict, error) {
	salt, err := s.saltOf(ctx, s.now().In(s.loc).Format(time.DateOnly))
	if err != nil {
		return intake.Verdict{}, err
	}
	key := "tipline:limit:" + tag(salt, sc, value)
	hard, err := s.limiter.Allow(ctx, key+":hard", sc.redis(sc.hard))
	if err != nil || hard.Allowed == 0 {
		return intake.Verdict{RetryAfter: retryAfter(hard)}, err
	}
	if sc.soft >= sc.hard {
		return intake.Verdict{}, nil
	}
	soft, err := s.limiter.Allow(ctx, key+":soft", sc.redis(sc.soft))
	if err != nil {
		return intake.Verdict{}, err
	}
	return intake.Verdict{Hold: soft.Allowed == 0}, nil
}

func (sc scope) redis(n int) redis_rate.Limit {
	return redis_rate.Limit{Rate: n, Burst: n, Period: sc.period}
}

func retryAfter(r *redis_rate.Result) time.Duration {
	if r == nil {
		return 0
	}
	return max(r.RetryAfter, time.Second)
}

// saltOf is the day's salt, which the first process to need it makes. It goes
// with its key's expiry.
func (s *shared) saltOf(ctx context.Context, day string) (pseudonym.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day == day {
		return s.salt, nil
	}
	name := "tipline:salt:" + day
	if err := s.redis.SetNX(ctx, name, pseudonym.NewKey().Encode(), saltLife).Err(); err != nil {
		return pseudonym.Key{}, err
	}
	line, err := s.redis.Get(ctx, name).Result()
	if err != nil {
		return pseudonym.Key{}, err
	}
	salt, err := pseudonym.ParseKey(line)
	if err != nil {
		return pseudonym.Key{}, err
	}
	s.day, s.salt = day, salt
	return salt, nil
}

func (s *shared) paused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.away && s.now().Before(s.until)
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
		s.away, s.day = true, "" // it may come back empty
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
