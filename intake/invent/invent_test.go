package invent

import (
	"bytes"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

func office() Office {
	return Office{Categories: []string{"housing_on_farmland", "greenhouse_house", "non_grain", "illegal_villa", "lake_landscaping", "other"}, Conduct: []string{"build_before_approval"},
		Villages: []string{"411422207201", "411422207202", "411422207203"}, Today: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Days: 150}
}

// TestStories: the same seed tells the same, another one something else; everything is
// marked, nothing happens after today, and every kind of course comes up.
func TestStories(t *testing.T) {
	a, b := Stories(1, 300, office()), Stories(1, 300, office())
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed tells two things")
	}
	if reflect.DeepEqual(a, Stories(2, 300, office())) {
		t.Error("the seed makes no difference")
	}
	acts, channels := map[Act]int{}, map[intake.Channel]int{}
	for i, s := range a {
		channels[s.Report.Channel]++
		if !strings.HasPrefix(s.Report.Words.Text, Mark) || s.Report.Identity.Name != "" && !strings.HasPrefix(s.Report.Identity.Name, "样例") {
			t.Errorf("nothing says that it is invented: %s", s.Report.Words.Text)
		}
		if strings.ContainsAny(s.Report.Words.Text+s.Report.Words.Address, "{}") {
			t.Errorf("a hole is left: %s", s.Report.Words.Text)
		}
		if i > 0 && s.Ago > a[i-1].Ago {
			t.Errorf("story %d comes before the one before it", i)
		}
		day := 0
		for _, step := range s.Steps {
			acts[step.Do]++
			if step.After < day || step.After > s.Ago {
				t.Errorf("story %d of %d days ago: %+v", i, s.Ago, step)
			}
			day = step.After
			if step.Do == Merge && step.Into >= i {
				t.Errorf("story %d goes into %d", i, step.Into)
			}
		}
	}
	for _, do := range []Act{Review, Release, Ask, Say, Add, Answer, Note, Accept, Decline, Confirm, Refer, Spam, Merge, Identity, Outcome, Answered, Objection, LookBack, Looked, Later, Grant} {
		if acts[do] == 0 {
			t.Errorf("nobody does %s", do)
		}
	}
	if len(channels) != len(intake.Channels()) {
		t.Errorf("%v", channels)
	}
}

// TestPhotographs: a photograph is the same bytes each time, opens, is of a telephone's
// size and tells where it was taken; -artifacts keeps one of each scene to look at.
func TestPhotographs(t *testing.T) {
	for _, s := range []Scene{Building, Greenhouse, Villa, Pond, Trees, Paved, Field} {
		for _, v := range []int{0, 2, variants - 1} {
			p := Photo{Scene: s, Variant: v, Taken: office().Today, Lat: 34.43, Lon: 115.06}
			name, content, err := (&Camera{}).Shoot(p)
			if err != nil {
				t.Fatal(err)
			}
			if v == 0 && s == Field {
				if _, again, _ := (&Camera{}).Shoot(p); !bytes.Equal(content, again) {
					t.Errorf("%s is drawn anew each time", s)
				}
			}
			c, kind, err := image.DecodeConfig(bytes.NewReader(content))
			if err != nil || c.Width < 400 || len(content) > 600_000 {
				t.Errorf("%s: %s of %d pixels, %d bytes, %v", name, kind, c.Width, len(content), err)
			}
			if kind == "jpeg" && (!bytes.Contains(content[:64], []byte("Exif\x00\x00II*\x00")) || !bytes.Contains(content[:400], []byte("Invented 1"))) {
				t.Errorf("%s says nothing of its telephone", name)
			}
			if v < variants-1 {
				if err := os.WriteFile(filepath.Join(t.ArtifactDir(), string(s)+string(rune('0'+v))+filepath.Ext(name)), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
