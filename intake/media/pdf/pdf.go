// Package pdf makes clean copies of PDF files: the pages as they are seen, written anew, without properties, names,
// dates, scripts, actions, links, forms' logic, attached files, earlier versions and anything no page needs.
//
// The reading is pdfcpu's, which can be made to take much memory and time: run [Clean] in a process of its own, with
// bounds. The writing is ours, so that only what is on a list gets out.
package pdf

import (
	"bytes"
	"fmt"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"tipline/intake/media"
)

// Bounds of a file; more is refused.
const (
	maxPages   = 5000
	maxObjects = 300_000
	maxDepth   = 100 // of objects within objects, and of the page tree
)

// Clean writes a clean copy of the PDF file data (ISO 32000-1) to w. Its errors are [media.Refuse]'s, and those of w. An
// encrypted file is refused as locked, one that the reader stumbles over as damaged.
func Clean(data []byte, w io.Writer) (err error) {
	defer func() {
		if recover() != nil {
			err = media.Refuse(media.ReasonDamaged)
		}
	}()
	model.ConfigPath = "disable" // no folder of its own in the home of whoever runs this
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	ctx, err := api.ReadContext(bytes.NewReader(data), conf)
	if err != nil && bytes.Contains(data, []byte("/Encrypt")) || err == nil && ctx.Encrypt != nil {
		return media.Refuse(media.ReasonLocked)
	}
	if err != nil {
		return media.Refuse(media.ReasonDamaged)
	}
	c := &copier{file: ctx.XRefTable, numbers: map[int]int{}, out: counted{w: w}}
	if err := c.document(); err != nil {
		return err
	}
	return c.out.err
}

// copier writes the objects that pages need, numbered anew in the order they are met.
type copier struct {
	file    *model.XRefTable
	numbers map[int]int // old object number to new
	waiting []types.IndirectRef
	offsets []int64 // of object n+1
	pages   int
	out     counted
}

// Numbers of the objects that are made new.
const (
	catalog  = 1
	pageTree = 2
	made     = 2
)

// counted keeps where the file stands, and the first error.
type counted struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counted) printf(format string, args ...any) { c.write(fmt.Appendf(nil, format, args...)) }

func (c *counted) write(b []byte) {
	if c.err != nil {
		return
	}
	n, err := c.w.Write(b)
	c.n += int64(n)
	c.err = err
}

func (c *copier) document() error {
	root, err := c.file.Catalog()
	if err != nil || root == nil {
		return media.Refuse(media.ReasonDamaged)
	}
	var pages []types.Dict
	if err := c.collect(root["Pages"], types.Dict{}, map[int]bool{}, 0, &pages); err != nil {
		return err
	}
	if len(pages) == 0 {
		return media.Refuse(media.ReasonDamaged)
	}
	c.pages = len(pages)
	c.offsets = make([]int64, made+len(pages))
	c.out.printf("%%PDF-1.7\n%%\xE2\xE3\xCF\xD3\n")
	c.begin(catalog)
	c.out.printf("<</Type/Catalog/Pages %d 0 R>>\nendobj\n", pageTree)
	c.begin(pageTree)
	c.out.printf("<</Type/Pages/Count %d/Kids[", len(pages))
	for i := range pages {
		c.out.printf("%d 0 R ", made+1+i)
	}
	c.out.printf("]>>\nendobj\n")
	for i, p := range pages {
		if err := c.page(made+1+i, p); err != nil {
			return err
		}
	}
	if err := c.rest(); err != nil {
		return err
	}
	c.trailer()
	return nil
}

// begin notes where object n stands.
func (c *copier) begin(n int) {
	c.offsets[n-1] = c.out.n
	c.out.printf("%d 0 obj\n", n)
}

// rest writes every object that something written points to.
func (c *copier) rest() error {
	for len(c.waiting) > 0 {
		ref := c.waiting[0]
		c.waiting = c.waiting[1:]
		o, err := c.file.Dereference(ref)
		if err != nil {
			return media.Refuse(media.ReasonDamaged)
		}
		c.begin(c.numbers[ref.ObjectNumber.Value()])
		if err := c.object(o, 0); err != nil {
			return err
		}
		c.out.printf("\nendobj\n")
	}
	return nil
}

// trailer writes the cross-reference table. It has no identifier: that is a hash of the file's name, size and time.
func (c *copier) trailer() {
	at := c.out.n
	c.out.printf("xref\n0 %d\n0000000000 65535 f \n", len(c.offsets)+1)
	for _, offset := range c.offsets {
		c.out.printf("%010d 00000 n \n", offset)
	}
	c.out.printf("trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(c.offsets)+1, catalog, at)
}
