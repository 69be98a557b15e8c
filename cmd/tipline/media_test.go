package main

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestMedia: a picture that came with a text is fetched and stands at the desk; one that
// couldn't be is named there, and fetched again when a handler asks.
func TestMedia(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	var there atomic.Bool
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late.png" && !there.Load() {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(picture.Bytes())
	}))
	defer provider.Close()
	in := install(t, append(generousLimits, "SMS_KEY=k3y", `TIPLINE_SMS=[{"name":"city","provider":"standard","secret":"k3y","media":{"hosts":["127.0.0.1"],"networks":["127.0.0.1/32"],"plain":true}},{"name":"closed","provider":"standard","secret":"k3y"}]`)...)
	in.start()
	for _, c := range []string{"city", "closed"} {
		in.run("simulate", "sms", "--to", "http://"+in.public+"/hooks/sms/"+c, "--channel", c, "--provider", "standard", "--secret", "env:SMS_KEY", "--media", provider.URL+"/a.png", "--media", provider.URL+"/late.png",
			"--from", map[string]string{"city": "+8613700000001", "closed": "+8613700000002"}[c])
	}
	li := in.login("li", handlerPass)
	var tips []string
	until(t, 20*time.Second, "both tips", func() bool {
		_, page := li.get("/?channel=sms&lang=en")
		tips = regexp.MustCompile(`/tips/([0-9a-f]{32})`).FindAllString(page, -1)
		return len(tips) >= 2
	})
	fetched, refused := "", ""
	until(t, 20*time.Second, "the picture at the desk", func() bool {
		for _, tip := range tips {
			_, page := li.get(tip + "?lang=en")
			if strings.Contains(page, "/files/1") && strings.Contains(page, "Picture 2 couldn&#39;t be fetched: the gateway has it no more.") {
				fetched = tip
			}
			if strings.Contains(page, "its address can&#39;t be used") {
				refused = tip
			}
		}
		return fetched != "" && refused != ""
	})
	_, page := li.get("/channels?lang=en")
	m := regexp.MustCompile(`action="` + fetched + `/media[^>]*>.*?name="file" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the channels' page names no file:\n%s", page)
	}
	there.Store(true)
	li.act(fetched+"/media", url.Values{"file": {m[1]}, "from": {"channels"}})
	until(t, 20*time.Second, "the second picture", func() bool {
		_, page := li.get(fetched + "?lang=en")
		return strings.Contains(page, "/files/2")
	})
	if log := in.log(); strings.Contains(log, provider.URL) || strings.Contains(log, "late.png") {
		t.Errorf("the log holds an address: %s", log)
	}
}
