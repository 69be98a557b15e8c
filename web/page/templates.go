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
	"sync"
)

//go:embed all:templates assets
var shared embed.FS

// ErrorPage is the shared page of a failure; its data embeds a [View] and a
// [Failure].
const ErrorPage = "error"

// templates make each page's set when it is first asked for: all sets together are
// most of what an idle process would hold, and one that only takes tips needs few.
type templates map[string]func() (*template.Template, error)

// parse promises one set a page: the shared layout, the site's partials (files that
// begin with _), and the page's own file, which defines "title" and "content". Every
// file is read now, so that a broken one fails the start.
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

// one checks a page's own file, and makes its set later.
func one(base *template.Template, files fs.FS, name string) (func() (*template.Template, error), error) {
	file := "templates/" + name + ".html"
	own, err := template.New(name).ParseFS(files, file)
	if err != nil {
		return nil, fmt.Errorf("page: template %s: %w", name, err)
	}
	for _, block := range []string{"title", "content"} {
		if own.Lookup(block) == nil {
			return nil, fmt.Errorf("page: template %s defines no %q", name, block)
		}
	}
	return sync.OnceValues(func() (*template.Template, error) {
		set, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("page: %w", err)
		}
		if set, err = set.ParseFS(files, file); err != nil {
			return nil, fmt.Errorf("page: template %s: %w", name, err)
		}
		return set, nil
	}), nil
}

// Render executes a page. data embeds a [View].
func (s *Site) Render(name string, data any) ([]byte, error) {
	make, ok := s.templates[name]
	if !ok {
		return nil, fmt.Errorf("page: no template %q", name)
	}
	set, err := make()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := set.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("page: %s: %w", name, err)
	}
	return b.Bytes(), nil
}
