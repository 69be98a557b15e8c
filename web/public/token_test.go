package public

import "testing"

// TestAPanicSaysNothing: a repetition of a message whose first sending panicked
// was told that it is kept.
func TestAPanicSaysNothing(t *testing.T) {
	s := newSayings()
	func() {
		defer func() { _ = recover() }()
		_ = s.once("token", "words", func() error { panic("x") })
	}()
	said := 0
	if err := s.once("token", "words", func() error { said++; return nil }); err != nil || said != 1 {
		t.Errorf("said %d times: %v", said, err)
	}
}
