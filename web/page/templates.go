package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed all:templates assets
var shared embed.FS

// ErrorPage is the shared page of a failure; its data embeds a [View] and a
// [Failure].
const ErrorPage = "error"

type templates map[string]*template.Template

// parse makes one set a page: the shared layout, the site's partials (files that
// begin with _), and the page's own file, which defines "title" and "content".
func parse(site fs.FS, pages []string) (templates, error) {
	base, err := template.New("layout.html").ParseFS(shared, "templates/layout.html")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	there, err := fs.Glob(site, "templates/*.html")
	if err != nil {
		return nil, err
	}
	declared := slices.Clone(pages)
	for _, file := range there {
		name := strings.TrimSuffix(path.Base(file), ".html")
		switch {
		case name[0] == '_':
			if _, err := base.ParseFS(site, file); err != nil {
				return nil, fmt.Errorf("page: %w", err)
			}
		case !slices.Contains(declared, name):
			return nil, fmt.Errorf("page: template %s is not declared: add it to Pages or remove the file", file)
		}
	}
	out := templates{}
	if out[ErrorPage], err = one(base, shared, ErrorPage); err != nil {
		return nil, err
	}
	for _, name := range pages {
		if out[name], err = one(base, site, name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func one(base *template.Template, files fs.FS, name string) (*template.Template, error) {
	set, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	if set, err = set.ParseFS(files, "templates/"+name+".html"); err != nil {
		return nil, fmt.Errorf("page: template %s: %w", name, err)
	}
	for _, block := range []string{"title", "content"} {
		if set.Lookup(block) == nil {
			return nil, fmt.Errorf("page: template %s defines no %q", name, block)
		}
	}
	return set, nil
}

// Render executes a page. data embeds a [View].
func (s *Site) Render(name string, data any) ([]byte, error) {
	set, ok := s.templates[name]
	if !ok {
		return nil, fmt.Errorf("page: no template %q", name)
	}
	var b bytes.Buffer
	if err := set.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("page: %s: %w", name, err)
	}
	return b.Bytes(), nil
}
