package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tipline/intake/media"
)

const canary = "CANARY-39.9042N"

// built is a PDF file of the objects given, the first of them the catalog.
func built(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info 9 0 R/ID[<AA><BB>]>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

func stream(dict, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(content), content)
}

// form is a page with a filled-in field, a note, a script, an attached file and a form that points outside.
func form() []byte {
	return built(
		"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS("+canary+")>>/Names<</EmbeddedFiles 8 0 R>>/Metadata 8 0 R/AcroForm<</Fields[6 0 R]>>>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]/Resources<</Font<</F 5 0 R/A 5 0 R>>/XObject<</T 10 0 R>>/Properties<</MC0<</Who("+canary+")>>>>>>>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[6 0 R 7 0 R]/LastModified("+canary+")/PieceInfo<</X("+canary+")>>/AA<</O 8 0 R>>>>",
		stream("/F(http://"+canary+")", "BT /F 12 Tf (words) Tj ET"),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
		"<</Type/Annot/Subtype/Widget/FT/Tx/T("+canary+")/V("+canary+")/Rect[0 0 9 9]/AP<</N 11 0 R>>/A<</S/URI/URI(http://"+canary+")>>/P 3 0 R>>",
		"<</Type/Annot/Subtype/Text/Contents("+canary+")/T("+canary+")/Rect[0 0 9 9]/AP<</N 11 0 R>>>>",
		stream("/Type/EmbeddedFile", canary),
		"<</Author("+canary+")/Producer("+canary+")>>",
		stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Metadata 8 0 R/PieceInfo<</X 8 0 R>>/Ref<</F("+canary+")>>", "q Q"),
		stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "(typed in)"),
	)
}

func TestAPageKeepsWhatIsSeen(t *testing.T) {
	var out bytes.Buffer
	if err := Clean(form(), &out); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	for _, gone := range []string{"CANARY", "JavaScript", "OpenAction", "/Info", "/ID", "EmbeddedFile", "/Properties", "Ref", "URI"} {
		if strings.Contains(got, gone) {
			t.Errorf("%s is in the copy:\n%s", gone, got)
		}
	}
	for _, seen := range []string{"(words) Tj", "(typed in)", "/MediaBox [0 0 200 100 ]", "/Helvetica", "/F ", "/A ", "/T "} {
		if !strings.Contains(got, seen) {
			t.Errorf("%s is lost:\n%s", seen, got)
		}
	}
	var again bytes.Buffer
	if err := Clean(out.Bytes(), &again); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("copied again it differs: %v\n%s", err, again.String())
	}
}

func TestAPaperWithPhotosKeepsThemClean(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "paper.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Clean(data, &out); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("CANARY")) || !bytes.Contains(out.Bytes(), []byte("/DCTDecode")) {
		t.Error("the photo is lost, or what the camera wrote isn't")
	}
}

func TestWhatHasNoCleanCopy(t *testing.T) {
	page := func(extra string, more ...string) []byte {
		return built(append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]" + extra + ">>"}, more...)...)
	}
	image := "/Resources<</XObject<</I 4 0 R>>>>"
	for name, c := range map[string]struct {
		data   []byte
		reason string
	}{
		"no PDF":           {[]byte("words"), media.ReasonDamaged},
		"no pages":         {built("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"), media.ReasonDamaged},
		"a tree in a ring": {built("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"), media.ReasonDamaged},
		"a picture bomb":   {page(image, stream("/Type/XObject/Subtype/Image/Width 100000/Height 100000", "x")), media.ReasonTooLarge},
		"JPEG 2000":        {page(image, stream("/Type/XObject/Subtype/Image/Width 1/Height 1/Filter/JPXDecode", "x")), media.ReasonType},
		"no photo":         {page(image, stream("/Type/XObject/Subtype/Image/Width 1/Height 1/Filter/DCTDecode", canary)), media.ReasonDamaged},
		"deep":             {page("/Group " + strings.Repeat("[", 150) + strings.Repeat("]", 150)), media.ReasonDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Clean(c.data, &out); !errors.Is(err, media.Refuse(c.reason)) {
				t.Errorf("%v, want %s", err, c.reason)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add(form())
	f.Fuzz(func(t *testing.T, data []byte) {
		var once, twice bytes.Buffer
		if Clean(data, &once) != nil {
			return
		}
		if err := Clean(once.Bytes(), &twice); err != nil {
			t.Fatalf("a copy can't be copied: %v\n%q", err, once.Bytes())
		}
	})
}

// TestLocked: a file that a password locks, or whose owner protected it, is named as that.
func TestLocked(t *testing.T) {
	for name, want := range map[string]error{"locked.pdf": media.Refuse(media.ReasonLocked), "owner.pdf": media.Refuse(media.ReasonLocked)} {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "locked", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := Clean(data, io.Discard); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
