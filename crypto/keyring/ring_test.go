package keyring

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"
)

func TestARingHoldsVersionsNewestFirst(t *testing.T) {
	ids := map[int]*age.HybridIdentity{}
	r := NewRing()
	for _, version := range []int{2, 10, 1} {
		_, id, err := NewRoleKey("desk:main", version)
		if err != nil {
			t.Fatal(err)
		}
		ids[version] = id
		r.Add("desk:main", version, id)
	}
	got := r.Identities("desk:main")
	if len(got) != 3 || got[0] != ids[10] || got[1] != ids[2] || got[2] != ids[1] {
		t.Errorf("%d identities, not newest first", len(got))
	}
	if version, id, ok := r.Newest("desk:main"); version != 10 || id != ids[10] || !ok {
		t.Errorf("newest is version %d, %v", version, ok)
	}
	if id, ok := r.Get("desk:main", 2); id != ids[2] || !ok {
		t.Error("version 2 is not there")
	}
	if _, ok := r.Get("desk:main", 3); ok || r.Has("custodian") || len(r.Identities("custodian")) != 0 {
		t.Error("the ring has what was never added")
	}
	if text := fmt.Sprintf("%v %s", r, slog.AnyValue(r).Resolve()); strings.Trim(text, " ") != "[keyring] [keyring]" {
		t.Errorf("prints as %s", text)
	}
	r.Wipe()
	if _, _, ok := r.Newest("desk:main"); ok || r.Has("desk:main") || len(r.Identities("desk:main")) != 0 {
		t.Error("something is left after Wipe")
	}
}

func TestARingServesManyAtOnce(t *testing.T) {
	_, id, err := NewRoleKey("desk:main", 1)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRing()
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for version := range 50 {
				r.Add("desk:main", version, id)
				if n == 0 && version%10 == 0 {
					r.Wipe()
				}
				for _, got := range r.Identities("desk:main") {
					if got != id {
						t.Error("another identity")
					}
				}
			}
		})
	}
	wg.Wait()
}
