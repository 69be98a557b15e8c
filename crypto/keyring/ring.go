package keyring

import (
	"iter"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"filippo.io/age"
)

// Ring holds the role secrets one session has unlocked. It prints as "[keyring]". Safe for concurrent
// use.
type Ring struct {
	mu   sync.RWMutex
	keys map[string]map[int]*age.HybridIdentity // role, version
}

// NewRing is an empty ring.
func NewRing() *Ring { return &Ring{keys: map[string]map[int]*age.HybridIdentity{}} }

// Add puts a secret on the ring; one that is there for this role and version is replaced.
func (r *Ring) Add(role string, version int, id *age.HybridIdentity) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys[role] == nil {
		r.keys[role] = map[int]*age.HybridIdentity{}
	}
	r.keys[role][version] = id
}

// Identities are the role's secrets, newest first, to hand to seal.Open; none when the session does not
// hold the role.
func (r *Ring) Identities(role string) []*age.HybridIdentity {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []*age.HybridIdentity
	for _, version := range r.versions(role) {
		out = append(out, r.keys[role][version])
	}
	return out
}

// Newest is the role's secret with the highest version; ok is false when the session does not hold the
// role. A grant to another member is made of this.
func (r *Ring) Newest(role string) (version int, id *age.HybridIdentity, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	versions := r.versions(role)
	if len(versions) == 0 {
		return 0, nil, false
	}
	return versions[0], r.keys[role][versions[0]], true
}

// Get is the role's secret of one version; ok is false when it is not on the ring.
func (r *Ring) Get(role string, version int) (id *age.HybridIdentity, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	id, ok = r.keys[role][version]
	return id, ok
}

// All are the role's secrets by version, oldest first: what is granted to another member.
func (r *Ring) All(role string) iter.Seq2[int, *age.HybridIdentity] {
	return func(yield func(int, *age.HybridIdentity) bool) {
		r.mu.RLock()
		held := maps.Clone(r.keys[role])
		r.mu.RUnlock()
		for _, version := range slices.Sorted(maps.Keys(held)) {
			if !yield(version, held[version]) {
				return
			}
		}
	}
}

// Has says that the session holds the role, in whatever version.
func (r *Ring) Has(role string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.keys[role]) > 0
}

// Wipe empties the ring. The keys are unreachable from here on and freed when the garbage collector
// gets to them; Go can't promise that their memory is overwritten.
func (r *Ring) Wipe() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.keys)
}

// versions are those of a role, highest first.
func (r *Ring) versions(role string) []int {
	versions := slices.Sorted(maps.Keys(r.keys[role]))
	slices.Reverse(versions)
	return versions
}

// String is "[keyring]".
func (*Ring) String() string { return "[keyring]" }

// LogValue is "[keyring]".
func (*Ring) LogValue() slog.Value { return slog.StringValue("[keyring]") }
