package pdf

import (
	"bytes"
	"io"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"tipline/intake/media"
)

// object writes o, and notes the objects it points to.
func (c *copier) object(o types.Object, depth int) error {
	if depth > maxDepth {
		return media.Refuse(media.ReasonDamaged)
	}
	switch o := o.(type) {
	case nil:
		c.out.printf("null")
	case types.IndirectRef:
		return c.reference(o)
	case types.Dict:
		return c.dict(o, depth)
	case types.StreamDict:
		return c.stream(&o, depth)
	case *types.StreamDict:
		return c.stream(o, depth)
	case types.Array:
		c.out.printf("[")
		for _, v := range o {
			if err := c.object(v, depth+1); err != nil {
				return err
			}
			c.out.printf(" ")
		}
		c.out.printf("]")
	case types.Boolean, types.Integer, types.Float, types.Name, types.StringLiteral, types.HexLiteral:
		c.out.printf("%s", o.PDFString())
	default:
		return media.Refuse(media.ReasonType)
	}
	return nil
}

// reference writes a pointer by its new number.
func (c *copier) reference(ref types.IndirectRef) error {
	old := ref.ObjectNumber.Value()
	n, ok := c.numbers[old]
	if !ok {
		if len(c.offsets) >= maxObjects {
			return media.Refuse(media.ReasonTooLarge)
		}
		c.offsets = append(c.offsets, 0)
		n = len(c.offsets)
		c.numbers[old] = n
		c.waiting = append(c.waiting, ref)
	}
	c.out.printf("%d 0 R", n)
	return nil
}

// foreign tells the keys of what no page needs to be seen, wherever they stand: who made a thing, and what lies beside it.
func foreign(key string) bool {
	switch key {
	case "Metadata", "PieceInfo", "LastModified", "Properties", "StructTreeRoot", "AA", "JS", "OPI":
		return true
	}
	return false
}

// acts tells the keys of what a thing does when it is opened or pressed, where more of it lies, and the ways back up to
// the document. A list of resources may use them as names.
func acts(key string) bool {
	switch key {
	case "Length", "Thumb", "A", "URI", "Alternates", "Ref", "EF", "AF", "F", "FFilter", "FDecodeParms", "Parent", "P", "Pg", "StructParent",
		"StructParents", "OC", "Measure", "PtData", "ID", "Names", "Dest", "Dests", "T", "TU", "TM", "NM", "M", "CreationDate", "Contents", "RC",
		"Popup", "IRT":
		return true
	}
	return false
}

func (c *copier) dict(d types.Dict, depth int) error {
	c.out.printf("<<")
	if err := c.entries(d, d["Type"] == nil && d["Subtype"] == nil, depth); err != nil {
		return err
	}
	c.out.printf(">>")
	return nil
}

// entries writes what is in d. With anyName it may be a list of resources.
func (c *copier) entries(d types.Dict, anyName bool, depth int) error {
	for _, key := range slices.Sorted(maps.Keys(d)) {
		if foreign(key) || acts(key) && !anyName {
			continue
		}
		if err := c.entry(key, d[key], depth); err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) entry(key string, v types.Object, depth int) error {
	c.out.printf("%s ", types.Name(key).PDFString())
	return c.object(v, depth+1)
}

// stream writes a stream as it is coded. A photo in it is copied as photos are.
func (c *copier) stream(s *types.StreamDict, depth int) error {
	raw, err := c.content(s)
	if err != nil {
		return err
	}
	c.out.printf("<</Length %d", len(raw))
	if err := c.entries(s.Dict, false, depth); err != nil {
		return err
	}
	c.out.printf(">>stream\n")
	c.out.write(raw)
	c.out.printf("\nendstream")
	return nil
}

// content is a stream's bytes, if its coding is one that hides nothing beside what is seen.
func (c *copier) content(s *types.StreamDict) ([]byte, error) {
	if w, h := s.IntEntry("Width"), s.IntEntry("Height"); w != nil && h != nil && (*w < 1 || *h < 1 || *w > media.MaxPixels / *h) {
		return nil, media.Refuse(media.ReasonTooLarge)
	}
	for i, f := range s.FilterPipeline {
		switch f.Name {
		case "DCTDecode":
			if i > 0 || len(s.FilterPipeline) > 1 {
				return nil, media.Refuse(media.ReasonType)
			}
			return photo(s.Raw)
		case "FlateDecode", "LZWDecode", "ASCII85Decode", "ASCIIHexDecode", "RunLengthDecode", "CCITTFaxDecode", "JBIG2Decode":
		default: // JPXDecode has a format of its own with room for anything
			return nil, media.Refuse(media.ReasonType)
		}
	}
	return s.Raw, nil
}

func photo(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	r, err := media.Copy(bytes.NewReader(raw), func(string) (io.Writer, error) { return &out, nil })
	if err != nil {
		return nil, err
	}
	if !r.Clean || r.Kind != media.JPEG {
		return nil, media.Refuse(media.ReasonDamaged)
	}
	return out.Bytes(), nil
}
