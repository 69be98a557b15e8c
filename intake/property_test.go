package intake_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tipline/intake"
	"tipline/intake/intaketest"
)

// TestWhatIsSealedIsWhatWasGiven: any report opens to exactly its words, identity
// and files, and nothing else came to be.
func TestWhatIsSealedIsWhatWasGiven(t *testing.T) {
	o := intaketest.Open(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := func(label string) string { return rapid.String().Draw(rt, label) }
		r := &intake.Report{Channel: intake.SMS, Words: intake.Words{Text: text("text"), Address: text("address"), Subject: text("subject"), Parcel: text("parcel")},
			Identity: intake.Identity{Name: text("name"), Phone: text("phone"), Sender: text("sender"),
				Notes: rapid.SliceOfN(rapid.String(), 0, 3).Draw(rt, "notes")}}
		given := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 5000), 0, 3).Draw(rt, "files")
		r.Files = func(yield func(intake.File, error) bool) {
			for i, b := range given {
				if !yield(intake.File{Name: strconv.Itoa(i), Body: strings.NewReader(string(b))}, nil) {
					return
				}
			}
		}
		f, err := o.Door().Submit(t.Context(), r)
		if err != nil {
			rt.Fatal(err)
		}
		// r is tidied now, as the reporter's own words were.
		if d := cmp.Diff(r.Words, report(t, o, f.ID).Words); d != "" {
			rt.Fatal(d)
		}
		for i, b := range given {
			if original(t, o, f.ID, strconv.Itoa(i+1)) != string(b) {
				rt.Fatalf("file %d differs", i)
			}
		}
		sameIdentity(t, rt, o, f.ID, r.Identity)
	})
}

func sameIdentity(t *testing.T, rt *rapid.T, o *intaketest.Office, tip string, want intake.Identity) {
	sealed, err := o.Store.Part(t.Context(), tip, intake.CompartmentIdentity, intake.PartName)
	if want.Empty() {
		if !errors.Is(err, intake.ErrNotFound) {
			rt.Fatalf("an identity of nobody: %v", err)
		}
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	var got intake.Identity
	if err := json.Unmarshal(twoLayers(t, o, sealed, intake.PartContext(tip, intake.CompartmentIdentity, intake.PartName)), &got); err != nil {
		rt.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		rt.Fatal(d)
	}
}

// FuzzCheck: whatever is entered, the check answers with a reason or lets it pass.
func FuzzCheck(f *testing.F) {
	f.Add("web", "text", "34.1", "115.2", "a@example.org", "receipt", "ok", "token")
	f.Add("sms", "\xff", "-", "", "@", "", "", "")
	f.Add("", "", "9e999", "٣٤", "\"a b\"@[::1]", "x", "\x00", "0123456789abcdef0123456789abcdef")
	o := intaketest.Open(f)
	o.Deps.Keys = noKeys{} // what passes the check goes no further
	door := o.Door()
	f.Fuzz(func(t *testing.T, channel, text, lat, lon, email, reply, code, token string) {
		r := &intake.Report{Channel: intake.Channel(channel), Source: code, Category: code, Place: code, Conduct: []string{code, code}, Reply: intake.Reply(reply), Token: token,
			Words: intake.Words{Text: text, Address: text, Lat: lat, Lon: lon, Datum: code, RelapseOf: text}, Identity: intake.Identity{Name: text, Phone: lat, Email: email}}
		_, err := door.Submit(t.Context(), r)
		if !errors.Is(err, intake.ErrInvalid) && !errors.Is(err, errDisk) {
			t.Fatalf("%v", err)
		}
		if errors.Is(err, intake.ErrInvalid) && r.Channel.Gateway() {
			t.Fatal("a gateway's report was refused")
		}
	})
}
