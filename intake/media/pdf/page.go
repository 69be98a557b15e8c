package pdf

import (
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"tipline/intake/media"
)

// inherited are the entries a page takes from the nodes above it (ISO 32000-1, table 30).
func inherited() []string { return []string{"Resources", "MediaBox", "CropBox", "Rotate"} }

// collect appends the pages under a node of the page tree, with what they inherit.
func (c *copier) collect(node types.Object, above types.Dict, seen map[int]bool, depth int, pages *[]types.Dict) error {
	if ref, ok := node.(types.IndirectRef); ok {
		n := ref.ObjectNumber.Value()
		if seen[n] {
			return media.Refuse(media.ReasonDamaged)
		}
		seen[n] = true
	}
	d, err := c.file.DereferenceDict(node)
	if err != nil || d == nil || depth > maxDepth {
		return media.Refuse(media.ReasonDamaged)
	}
	here := types.Dict{}
	for _, key := range inherited() {
		if v, ok := d[key]; ok {
			here[key] = v
		} else if v, ok := above[key]; ok {
			here[key] = v
		}
	}
	kids, ok := d["Kids"]
	if !ok {
		for _, key := range []string{"Contents", "Group", "UserUnit", "Annots"} {
			if v, ok := d[key]; ok {
				here[key] = v
			}
		}
		*pages = append(*pages, here)
		return nil
	}
	list, err := c.file.DereferenceArray(kids)
	if err != nil || len(*pages)+len(list) > maxPages {
		return media.Refuse(media.ReasonTooLarge)
	}
	for _, kid := range list {
		if err := c.collect(kid, here, seen, depth+1, pages); err != nil {
			return err
		}
	}
	return nil
}

// page writes a page: what it shows, and how large it is.
func (c *copier) page(n int, p types.Dict) error {
	c.begin(n)
	c.out.printf("<</Type/Page/Parent %d 0 R", pageTree)
	for _, key := range append(inherited(), "Contents", "Group", "UserUnit") {
		v, ok := p[key]
		if !ok {
			continue
		}
		c.out.printf("/%s ", key)
		if err := c.object(v, 0); err != nil {
			return err
		}
	}
	if err := c.annotations(p["Annots"]); err != nil {
		return err
	}
	c.out.printf(">>\nendobj\n")
	return nil
}

// annotations writes those that are part of what is seen: filled-in fields, stamps, strokes and typed words. Each keeps
// its place and its looks, and nothing that acts or says who put it there.
func (c *copier) annotations(o types.Object) error {
	list, err := c.file.DereferenceArray(o)
	if o == nil || err != nil {
		return nil
	}
	shown := []string{"Widget", "FreeText", "Stamp", "Ink", "Highlight", "Underline", "StrikeOut", "Square", "Circle", "Line", "Polygon", "PolyLine"}
	c.out.printf("/Annots[")
	for _, a := range list {
		d, err := c.file.DereferenceDict(a)
		if err != nil || d == nil || d.Subtype() == nil || !slices.Contains(shown, *d.Subtype()) {
			continue
		}
		looks, err := c.file.DereferenceDict(d["AP"])
		if err != nil || looks["N"] == nil {
			continue
		}
		c.out.printf("<</Type/Annot/Subtype/Stamp")
		for _, key := range []string{"Rect", "AS", "F"} {
			if v, ok := d[key]; ok {
				c.out.printf("/%s ", key)
				if err := c.object(v, 0); err != nil {
					return err
				}
			}
		}
		c.out.printf("/AP<</N ")
		if err := c.object(looks["N"], 0); err != nil {
			return err
		}
		c.out.printf(">>>>")
	}
	c.out.printf("]")
	return nil
}
