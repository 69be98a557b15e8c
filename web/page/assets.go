package page

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	assetRoot  = "/assets/"
	stylesheet = "site.css"
)

// assets are a site's files in memory. They share one hash, so that a stylesheet
// may name its pictures by relative addresses.
type assets struct {
	hash   string
	files  map[string][]byte
	packed map[string][]byte // of those that are text, by gzip: on a slow line a page stands seconds earlier
}

func readAssets(site fs.FS, styles []string, extra map[string][]byte) (assets, error) {
	a := assets{files: maps.Clone(extra)}
	if a.files == nil {
		a.files = map[string][]byte{}
	}
	css, err := fs.ReadFile(shared, "assets/base.css")
	if err != nil {
		return a, err
	}
	for _, from := range []fs.FS{shared, site} {
		if err := a.read(from); err != nil {
			return a, err
		}
	}
	for _, name := range styles {
		own, ok := a.files[name]
		if !ok {
			return a, fmt.Errorf("page: no style sheet assets/%s", name)
		}
		css = append(css, own...)
		delete(a.files, name)
	}
	delete(a.files, "base.css")
	a.files[stylesheet] = css
	a.seal()
	return a, a.pack()
}

// pack makes the texts small. They hold nothing of a reader, so that their lengths tell
// nothing.
func (a *assets) pack() error {
	a.packed = map[string][]byte{}
	z, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // that level there is; one for all takes a megabyte
	for name, body := range a.files {
		if ext := path.Ext(name); ext != ".css" && ext != ".js" && ext != ".svg" {
			continue
		}
		var b bytes.Buffer
		z.Reset(&b)
		_, err := z.Write(body)
		if err = cmp.Or(err, z.Close()); err != nil {
			return fmt.Errorf("page: %s: %w", name, err)
		}
		a.packed[name] = b.Bytes()
	}
	return nil
}

func (a *assets) read(from fs.FS) error {
	names, err := fs.Glob(from, "assets/*")
	if err != nil {
		return err
	}
	for _, name := range names {
		if a.files[path.Base(name)], err = fs.ReadFile(from, name); err != nil {
			return fmt.Errorf("page: %w", err)
		}
	}
	return nil
}

// seal hashes all names and contents.
func (a *assets) seal() {
	names := make([]string, 0, len(a.files))
	for name := range a.files {
		names = append(names, name)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range names {
		fmt.Fprintf(sum, "%s\x00%d\x00%s", name, len(a.files[name]), a.files[name])
	}
	a.hash = hex.EncodeToString(sum.Sum(nil)[:8])
}

func (a *assets) path(name string) string { return assetRoot + a.hash + "/" + name }

// serve answers with an asset that may be cached for ever, since a new content
// has a new address.
func (a *assets) serve(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, assetRoot+a.hash+"/")
	body, there := a.files[name]
	if !ok || !there {
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	if strings.HasPrefix(typeOf(name), "audio/") { // players ask for pieces
		w.Header().Set("Content-Type", typeOf(name))
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
		return
	}
	if small, ok := a.packed[name]; ok {
		w.Header().Add("Vary", "Accept-Encoding")
		if takesGzip(r) {
			w.Header().Set("Content-Encoding", "gzip")
			body = small
		}
	}
	Write(w, http.StatusOK, typeOf(name), body)
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3) as browsers write it: a coding with a
// weight isn't taken, which costs no more than bytes.
func takesGzip(r *http.Request) bool {
	for _, coding := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(coding) == "gzip" {
			return true
		}
	}
	return false
}

// typeOf doesn't ask the machine's own table for what it knows.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".mp3":
		return "audio/mpeg"
	case ".m4a":
		return "audio/mp4"
	case ".ogg":
		return "audio/ogg"
	case ".wav":
		return "audio/wav"
	default:
		return mime.TypeByExtension(path.Ext(name))
	}
}

// File is an asset's content, nil if there is none of that name.
func (s *Site) File(name string) []byte { return bytes.Clone(s.assets.files[name]) }
