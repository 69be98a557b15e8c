package configs

import (
	"bytes"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed packs
var packs embed.FS

// ErrPack is wrapped by every error of LoadPack.
var ErrPack = errors.New("pack refused")

// LoadPack reads the embedded pack of that name, or else the directory at that path, and checks it:
// codes are unique, every reference is known, every text stands in both languages. All problems are
// reported at once, each with its file and code.
func LoadPack(name string) (*Pack, error) {
	dir, err := packFS(name)
	if err != nil {
		return nil, err
	}
	p := &Pack{}
	if err := p.read(dir); err != nil {
		return nil, err
	}
	p.expand()
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// packFS is the pack's directory. An embedded name wins over a path of the same spelling.
func packFS(name string) (fs.FS, error) {
	if isChannel(name) {
		if sub, err := fs.Sub(packs, "packs/"+name); err == nil && holdsPack(sub) {
			return sub, nil
		}
	}
	if dir := os.DirFS(name); name != "" && holdsPack(dir) {
		return dir, nil
	}
	return nil, fmt.Errorf("%w: %s is no embedded pack and no directory that holds pack.yaml", ErrPack, name)
}

func holdsPack(dir fs.FS) bool {
	_, err := fs.Stat(dir, "pack.yaml")
	return err == nil
}

func (p *Pack) read(dir fs.FS) error {
	var head struct {
		ID     string `yaml:"id"`
		Office Office `yaml:"office"`
		Desks  []Desk `yaml:"desks"`
	}
	var desks struct {
		Rules []DeskRule `yaml:"rules"`
	}
	err := errors.Join(
		readYAML(dir, "pack.yaml", &head),
		readOptional(dir, "desks.yaml", &desks),
		readYAML(dir, "categories.yaml", &p.Categories),
		readYAML(dir, "conduct.yaml", &p.Conduct),
		readYAML(dir, "sources.yaml", &p.Sources),
		readYAML(dir, "departments.yaml", &p.Departments),
		readYAML(dir, "rules.yaml", &p.Rules),
		readYAML(dir, "reasons.yaml", &p.Reasons),
		readOptional(dir, "answers.yaml", &p.Answers),
		readYAML(dir, "elsewhere.yaml", &p.Elsewhere),
		readYAML(dir, "deadlines.yaml", &p.Profiles),
		readYAML(dir, "phases.yaml", &p.Phases),
		readYAML(dir, "calendar.yaml", &p.Calendar),
		p.readPlaces(dir), p.readDocuments(dir),
	)
	p.ID, p.Office, p.Desks, p.DeskRules = head.ID, head.Office, head.Desks, desks.Rules
	return err
}

func readYAML(dir fs.FS, name string, into any) error {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPack, err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %s: %w", ErrPack, name, err)
	}
	return nil
}

// readOptional reads a file that a pack may leave out.
func readOptional(dir fs.FS, name string, into any) error {
	if _, err := fs.Stat(dir, name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return readYAML(dir, name, into)
}

func (p *Pack) readDocuments(dir fs.FS) error {
	names, err := fs.Glob(dir, "texts/*.yaml")
	for _, name := range names {
		var d Document
		err = errors.Join(err, readYAML(dir, name, &d))
		p.Documents = append(p.Documents, d)
	}
	return err
}

// placeHeader is the first line of places.csv; positions may follow.
const placeHeader, placePosition = "code,parent,level,name_zh,name_en,valid_from,valid_to,verified", ",lat,lon"

func (p *Pack) readPlaces(dir fs.FS) error {
	data, err := fs.ReadFile(dir, "places.csv")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPack, err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return fmt.Errorf("%w: places.csv: %w", ErrPack, err)
	}
	if len(rows) == 0 || strings.TrimSuffix(strings.Join(rows[0], ","), placePosition) != placeHeader {
		return fmt.Errorf("%w: places.csv: the first line must be %s (and, for the map, %s)", ErrPack, placeHeader, placePosition)
	}
	for _, r := range rows[1:] {
		if r[7] != "yes" && r[7] != "no" {
			return fmt.Errorf("%w: places.csv: %s: verified must be yes or no", ErrPack, r[0])
		}
		q := Place{
			Code: r[0], Parent: r[1], Level: r[2], Name: Text{"zh-CN": r[3], "en": r[4]},
			ValidFrom: r[5], ValidTo: r[6], Verified: r[7] == "yes",
		}
		if len(r) > 8 {
			q.Lat, q.Lon = r[8], r[9]
		}
		p.Places = append(p.Places, q)
	}
	return nil
}

// expand puts the table of other channels where a document asks for it, so that it is written once.
func (p *Pack) expand() {
	for d := range p.Documents {
		for s := range p.Documents[d].Sections {
			section := &p.Documents[d].Sections[s]
			if !section.Elsewhere {
				continue
			}
			for _, e := range p.Elsewhere {
				section.Points = append(section.Points, Point{Term: e.Matter, Text: e.Where})
			}
		}
	}
}
