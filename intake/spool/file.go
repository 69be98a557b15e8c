package spool

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"

	"tipline/intake"
)

// A file is one line and the acceptance as JSON:
//
//	tipline-spool/1 <hex SHA-256 of the JSON> <its bytes>
//	{"Tip":{…},"Parts":[…],…}
//
// JSON tells nil from empty, which an acceptance means something by: an empty
// inline container isn't one in a file, and a held tip's event is null.
const headerFormat = "tipline-spool/1 %x %d\n"

var headerShape = regexp.MustCompile(`\Atipline-spool/1 ([0-9a-f]{64}) ([1-9][0-9]{0,17})\n`)

// encode is a's file. What wouldn't come back exactly is refused before anybody
// is told that it is safe.
func encode(a *intake.Acceptance) ([]byte, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	file := append(fmt.Appendf(nil, headerFormat, sha256.Sum256(body), len(body)), body...)
	back, err := decode(file)
	if err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(back, a) {
		return nil, errInexact
	}
	return file, nil
}

// decode reads a file. Its errors wrap [ErrDamaged] and quote nothing of it.
func decode(file []byte) (*intake.Acceptance, error) {
	m := headerShape.FindSubmatch(file)
	if m == nil {
		return nil, damage("its first line isn't a spool file's of this version")
	}
	body := file[len(m[0]):]
	if strconv.Itoa(len(body)) != string(m[2]) {
		return nil, damage("its length isn't the one it was written with")
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != string(m[1]) {
		return nil, damage("its checksum differs")
	}
	a := new(intake.Acceptance)
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields() // what a newer tipline wrote must not lose a field here
	if err := d.Decode(a); err != nil {
		return nil, damage("it isn't an acceptance this tipline knows")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, damage("something follows the acceptance")
	}
	if !validTip(a.Tip.ID) {
		return nil, damage("its tip has no id")
	}
	return a, nil
}

func damage(reason string) error { return fmt.Errorf("%w: %s", ErrDamaged, reason) }

func validTip(id string) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) == 16 && hex.EncodeToString(b) == id
}

// fileName orders files by arrival and tells the tip even of a damaged one.
func fileName(number uint64, tip string) string { return fmt.Sprintf("%020d-%s.tip", number, tip) }

var nameShape = regexp.MustCompile(`\A([0-9]{20})-([0-9a-f]{32})\.tip\z`)

// parseName is what a file's name tells; ok is false for names that aren't ours.
func parseName(name string) (number uint64, tip string, ok bool) {
	m := nameShape.FindStringSubmatch(name)
	if m == nil {
		return 0, "", false
	}
	number, err := strconv.ParseUint(m[1], 10, 64)
	return number, m[2], err == nil
}
