package public_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

// TestTooLargeIsToldAtOnce: who sends more than is taken hears of it long before all of it
// has travelled, with the words kept, also while the browser goes on sending.
func TestTooLargeIsToldAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		size  int64 // of the body
		first int   // bytes that are sent
		err   error
	}{
		{"by its length", 1 << 40, 2000, nil},
		{"by a file", 100 << 20, 4 << 20, intake.ErrTooLarge},
	} {
		d := newDoor()
		d.fail = c.err
		srv := serve(t, d, nil)
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(2 * time.Minute))
		fmt.Fprintf(conn, "POST /report?lang=en HTTP/1.1\r\nHost: tips.example.org\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", c.size)
		io.WriteString(conn, "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nthe north field\r\n--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.mp4\"\r\n\r\n")
		go io.WriteString(conn, strings.Repeat("x", c.first))
		a, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		body, err := io.ReadAll(a.Body)
		page := string(body)
		if a.StatusCode != http.StatusRequestEntityTooLarge || err != nil || !a.Close ||
			!strings.Contains(page, "the north field</textarea>") || !strings.Contains(page, "At most 64 MB") || !strings.Contains(page, "choose them again") {
			t.Errorf("%s: %d, %v\n%s", c.name, a.StatusCode, err, page)
		}
		if len(d.reports) > 0 {
			t.Errorf("%s: it was filed", c.name)
		}
	}
}
