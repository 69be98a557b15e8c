package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"io"
	"sync"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// nonceSize is what stands between an age file's header and its chunks, in bytes.
const nonceSize = 16

// sealedChunk is a chunk with its tag, in bytes.
const sealedChunk = chunkSize + chacha20poly1305.Overhead

// chunks are the buffers of payloads. age's own writer grows a quarter of a megabyte for each file and
// leaves it to the collector.
var chunks = sync.Pool{New: func() any { return new([sealedChunk]byte) }}

// payload writes the chunks of an age file (age-encryption.org/v1, "Payload"): 64 KiB each, only the
// last may be shorter, sealed under a key that follows from the file's key and its nonce.
type payload struct {
	dst   io.Writer
	aead  cipher.AEAD
	nonce [chacha20poly1305.NonceSize]byte // a counter of 11 bytes, and one that marks the last chunk
	chunk *[sealedChunk]byte               // nil once the payload is complete
	n     int                              // bytes of chunk that wait
}

// newPayload begins an age file. age itself makes its header and nonce; the file's key is overheard on
// its way to the recipients.
func newPayload(dst io.Writer, to []*age.HybridRecipient) (*payload, error) {
	var head bytes.Buffer
	head.Grow(len(to)*stanzaRoom + headRoom)
	var fileKey []byte
	all, err := recipients(to, &fileKey)
	if err != nil {
		return nil, err
	}
	if _, err := age.Encrypt(&head, all...); err != nil {
		return nil, err
	}
	nonce := head.Bytes()[head.Len()-nonceSize:]
	key, err := hkdf.Key(sha256.New, fileKey, nonce, "payload", chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	if _, err := dst.Write(head.Bytes()); err != nil {
		return nil, err
	}
	return &payload{dst: dst, aead: aead, chunk: chunks.Get().(*[sealedChunk]byte)}, nil
}

// Write seals a chunk only once more follows, because the last one is marked.
func (w *payload) Write(p []byte) (n int, err error) {
	if w.chunk == nil {
		return 0, errClosed
	}
	for len(p) > 0 {
		if w.n == chunkSize {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
		k := copy(w.chunk[w.n:chunkSize], p)
		p, n, w.n = p[k:], n+k, w.n+k
	}
	return n, nil
}

// flush seals the chunk where it lies and writes it.
func (w *payload) flush() error {
	sealed := w.aead.Seal(w.chunk[:0], w.nonce[:], w.chunk[:w.n], nil)
	w.n = 0
	for i := len(w.nonce) - 2; i >= 0; i-- {
		if w.nonce[i]++; w.nonce[i] != 0 {
			break
		}
	}
	_, err := w.dst.Write(sealed)
	return err
}

// Close writes the last chunk and gives its buffer back, in which nothing is in clear any more.
func (w *payload) Close() error {
	if w.chunk == nil {
		return errClosed
	}
	w.nonce[len(w.nonce)-1] = 1
	err := w.flush()
	chunks.Put(w.chunk)
	w.chunk = nil
	return err
}

// overheard is a recipient that notes the key it wraps.
type overheard struct {
	*age.HybridRecipient
	key *[]byte
}

// WrapWithLabels is [age.RecipientWithLabels].
func (o overheard) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	*o.key = bytes.Clone(fileKey)
	return o.HybridRecipient.WrapWithLabels(fileKey)
}
