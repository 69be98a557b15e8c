package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"filippo.io/age"
)

// breaking takes so many bytes; then it fails, or panics.
type breaking struct {
	bytes.Buffer
	left   int
	panics bool
}

func (f *breaking) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left >= 0 {
		return f.Buffer.Write(p)
	}
	if f.panics {
		panic("the destination is gone")
	}
	n, _ := f.Buffer.Write(p[:len(p)/2])
	return n, io.ErrShortWrite
}

// TestSharedBuffersMixNothing: of many writers at once some are left, break off or panic; every file that was completed
// holds its own content, and no buffer that waits for the next writer holds anything in clear.
func TestSharedBuffersMixNothing(t *testing.T) {
	key := newKey(t)
	var wait sync.WaitGroup
	for who := range 60 {
		wait.Go(func() {
			content := bytes.Repeat(fmt.Appendf(nil, "the words of %04d; ", who), 1+rand.IntN(12_000))
			dst := &breaking{left: 1 << 30}
			if who%2 > 0 {
				dst.left, dst.panics = 4000+rand.IntN(len(content)), who%4 == 1
			}
			if sealInPieces(dst, content, who%5 == 0, key.Recipient()) != nil {
				return
			}
			got, err := OpenBytes(dst.Bytes(), ctx(), key)
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d: %d bytes of %d, %v", who, len(got), len(content), err)
			}
		})
	}
	wait.Wait()
	for range 200 {
		if b := chunks.Get().(*[sealedChunk]byte); bytes.Contains(b[:], []byte("the words of")) {
			t.Fatal("a buffer that waits holds what was sealed")
		}
	}
}

var errLeft = errors.New("left unfinished")

func sealInPieces(dst io.Writer, content []byte, leave bool, to *age.HybridRecipient) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errors.Join(err, fmt.Errorf("%v", v))
		}
	}()
	w, err := NewWriter(dst, ctx(), to)
	for err == nil && len(content) > 0 {
		n := min(len(content), 1+rand.IntN(100_000))
		_, err = w.Write(content[:n])
		content = content[n:]
	}
	if err != nil || leave {
		return errors.Join(err, errLeft)
	}
	return w.Close()
}
