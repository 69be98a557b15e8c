package public

// Logo is the asset that stands for the office: its own, or a drawing of fields.
func (f frame) Logo() string { return f.first("icon.svg", "logo.svg", "logo.png") }

// Voice is the asset that reads the first page aloud in the page's language, "" when
// the office has recorded none.
func (f frame) Voice() string {
	v := "voice." + f.Lang()
	return f.first("", v+".mp3", v+".m4a", v+".ogg", v+".wav")
}

// first is the first of the office's own files that is there.
func (f frame) first(fallback string, names ...string) string {
	for _, n := range names {
		if len(f.extra[n]) > 0 {
			return n
		}
	}
	return fallback
}
