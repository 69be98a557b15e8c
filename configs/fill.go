package configs

import "strings"

// Fill puts values in the places of the documents that name them in braces, as {retention.spam}.
func (p *Pack) Fill(values map[string]string) {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{"+name+"}", value)
	}
	put := strings.NewReplacer(pairs...)
	in := func(texts ...Text) {
		for _, t := range texts {
			for lang, text := range t {
				t[lang] = put.Replace(text)
			}
		}
	}
	for _, d := range p.Documents {
		in(d.Title, d.Lead)
		for _, s := range d.Sections {
			in(append([]Text{s.Title}, s.Paragraphs...)...)
			for _, point := range s.Points {
				in(point.Term, point.Text)
			}
		}
	}
}
