package public

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Under pressure — reports go to the held lane, because there are so many — the
// form brings a task along. Who solves it, which the page does by itself, or waits
// instead for as long as it says, passes the held lane by. What is neither solved
// nor waited for is held like the rest, and never refused.
const (
	pressureFor = 10 * time.Minute // after the last report that was held
	workFor     = 6 * time.Hour    // a form may stand open that long
	waitInstead = 2 * time.Minute
	leastBits   = 15 // about 30,000 hashes: a second on an old phone
	mostBits    = 21
	maxSolved   = 1 << 16
)

// gate counts the held reports of the last minutes and hands tasks out. It knows
// nobody: a task is a number and a time under a seal.
type gate struct {
	now  func() time.Time
	seal func(text string) []byte

	mu     sync.Mutex
	held   int
	last   time.Time
	solved *lru.Cache[string, struct{}] // a task serves once; after workFor it serves no more anyway
}

func newGate(now func() time.Time, seal func(string) []byte) *gate {
	solved, err := lru.New[string, struct{}](maxSolved)
	if err != nil {
		panic(err) // only a size below one
	}
	return &gate{now: now, seal: seal, solved: solved}
}

// saw notes whether a report was held for the number of them.
func (g *gate) saw(held bool) {
	if !held {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now().Sub(g.last) > pressureFor {
		g.held = 0
	}
	g.held++
	g.last = g.now()
}

// bits is how hard a task is now: one more for each doubling of what was held; 0
// when all is calm.
func (g *gate) bits() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held == 0 || g.now().Sub(g.last) > pressureFor {
		return 0
	}
	return min(leastBits+bits.Len(uint(g.held)/8), mostBits)
}

// task is a new one, "" when all is calm: issued.bits.nonce.seal.
func (g *gate) task() string {
	n := g.bits()
	if n == 0 {
		return ""
	}
	body := fmt.Sprintf("%d.%d.%s", g.now().Unix(), n, rand.Text()[:16])
	return body + "." + g.mark(body)
}

func (g *gate) mark(body string) string { return base64.RawURLEncoding.EncodeToString(g.seal(body)) }

// marked says whether a mark is ours, in a time that tells nothing of how much of it was right.
func (g *gate) marked(body, mark string) bool {
	return subtle.ConstantTimeCompare([]byte(mark), []byte(g.mark(body))) == 1
}

// again lets a task serve once more: the report it came with wasn't taken.
func (g *gate) again(task string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.solved.Remove(task)
}

// done says whether a task of ours was solved or waited for, for the first time.
func (g *gate) done(task, solution string) bool {
	at := strings.LastIndexByte(task, '.')
	if at < 0 || len(task) > 100 || len(solution) > 20 || !g.marked(task[:at], task[at+1:]) {
		return false
	}
	parts := strings.Split(task, ".")
	issued, errIssued := strconv.ParseInt(parts[0], 10, 64)
	n, errBits := strconv.Atoi(parts[1])
	age := g.now().Sub(time.Unix(issued, 0))
	if errIssued != nil || errBits != nil || age < 0 || age > workFor {
		return false
	}
	sum := sha256.Sum256([]byte(task + "." + solution))
	if age < waitInstead && bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:])) < n {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.solved.Contains(task) {
		return false
	}
	g.solved.Add(task, struct{}{})
	return true
}
