package seal

import (
	"bytes"
	"fmt"
	"io"

	"filippo.io/age"
)

// headSize is a header with a handful of hybrid recipients (under 2 KB each), age's nonce
// and one whole chunk with its tag.
const headSize = 32<<10 + 16 + chunkSize + 16

// Head is as much of an age file as [FileKey] needs: its header and its first chunk. It is
// as sealed as the file is.
func Head(file io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(size, headSize))
	_, err := io.ReadFull(io.NewSectionReader(file, 0, size), head)
	return head, err
}

// FileKey takes the key that opens one file alone out of its head, for who may hand that one
// file to somebody and nothing else. The file must be the one sealed for c: its first line is
// looked at. Errors are ErrContext, ErrKey or ErrSealed.
func FileKey(head []byte, c Context, with ...*age.HybridIdentity) ([]byte, error) {
	if err := c.checkInner(); err != nil {
		return nil, err
	}
	keys, err := identities(with)
	if err != nil {
		return nil, err
	}
	// A head of a long file ends within a chunk: only the first one is read.
	plain, err := age.Decrypt(bytes.NewReader(head), keys...)
	if err != nil {
		return nil, classify(err)
	}
	want := c.line()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(plain, got); err != nil {
		return nil, classify(err)
	}
	if !bytes.Equal(got, want) {
		return nil, fmt.Errorf("%w: the file was sealed for another place than the one it stands in", ErrContext)
	}
	key, err := age.DecryptHeader(head, keys...)
	if err != nil {
		return nil, classify(err)
	}
	return key, nil
}

// OpenWith is [Open] with a key of [FileKey].
func OpenWith(src io.ReaderAt, size int64, c Context, fileKey []byte) (*io.SectionReader, error) {
	if err := c.checkInner(); err != nil {
		return nil, err
	}
	return openAs(src, size, c, age.NewInjectedFileKeyIdentity(fileKey))
}
