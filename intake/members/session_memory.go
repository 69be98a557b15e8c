package members

// mostRemembered is how many things a session remembers; past it, it begins anew.
const mostRemembered = 5000

// Remember keeps what the session has opened, so that it isn't opened again. It lies in
// this process's memory alone and goes with the session.
func (s *Session) Remember(key string, v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil || len(s.opened) >= mostRemembered {
		s.opened = map[string]any{}
	}
	s.opened[key] = v
}

// Recall is what was remembered under a key.
func (s *Session) Recall(key string) (v any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok = s.opened[key]
	return v, ok
}
