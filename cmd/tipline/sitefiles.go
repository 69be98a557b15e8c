package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// siteFolder holds what an office adds to its pages: logo.svg or logo.png, and
// recordings of the first page, voice.zh-CN.mp3 (.m4a, .ogg, .wav).
const siteFolder = "site"

// maxSiteFile is how large one of them may be: all stand in memory.
const maxSiteFile = 16 << 20

var siteFile = regexp.MustCompile(`^(logo\.(svg|png)|voice\.[A-Za-z-]{2,12}\.(mp3|m4a|ogg|wav))$`)

// siteFiles reads the office's own files; no folder is none.
func (o *office) siteFiles() (map[string][]byte, error) {
	folder := filepath.Join(o.dir, siteFolder)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w", siteFolder, err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		if !siteFile.MatchString(e.Name()) {
			return nil, fmt.Errorf("%s/%s isn't known: it takes logo.svg, logo.png and voice.LANGUAGE.mp3 (.m4a, .ogg, .wav)", siteFolder, e.Name())
		}
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("folder %s: %w", siteFolder, err)
		}
		if info.Size() > maxSiteFile {
			return nil, fmt.Errorf("%s/%s is larger than 16 MB: make it smaller", siteFolder, e.Name())
		}
		if out[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			return nil, fmt.Errorf("folder %s: %w", siteFolder, err)
		}
	}
	return out, nil
}
