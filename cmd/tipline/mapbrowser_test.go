package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestMapInABrowser files tips with and without coordinates, comes nearer, drags the map,
// and reaches a tip from its mark; without script every movement is a link.
func TestMapInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	in.start()
	const tips = 24
	for i := range tips {
		v := url.Values{"text": {fmt.Sprintf("第 %d 处耕地上堆了砖", i)}, "category": {[]string{"housing_on_farmland", "greenhouse_house", "lake_landscaping"}[i%3]}, "place": {fmt.Sprintf("41142220720%d", 1+i%9)}}
		if i%4 != 3 {
			v.Set("lat", fmt.Sprintf("%.5f", 34.42+0.004*float64(i%9)+0.0006*float64(i%5)))
			v.Set("lon", fmt.Sprintf("%.5f", 115.05+0.005*float64((i*4)%9)+0.0007*float64(i%7)))
			v.Set("datum", []string{"wgs84", "gcj02", "bd09"}[i%3])
		}
		if i == 5 {
			v.Set("urgent", "1")
		}
		in.report(v)
	}
	until(t, 10*time.Second, "the tips in the ledger", func() bool { return len(in.ledger()) == tips })
	li := in.login("li", handlerPass)
	n := 0
	for id := range in.ledger() {
		if n++; n%3 == 0 {
			li.act("/tips/"+id+"/state", url.Values{"state": {"accepted"}, "department": {"natural_resources"}, "summary": {"耕地堆砖"}, "letter": {"谢谢您的反映。"}})
		}
	}
	b := newTab(t, wide, true)
	b.enter(in, "li", handlerPass)
	b.looks(in, "map", "/map")
	b.visit(in.desk, "/map", "zh-CN")
	zoom := func() string {
		b.t.Helper()
		s, err := chromedp.Run(b, chromedp.AttributeValue(chromedp.CSS(`.chart`), "data-zoom"))
		if err != nil {
			t.Fatal(err)
		}
		return s.Value
	}
	first := zoom()
	b.do(chromedp.Click(chromedp.CSS(`[data-step=in]`)), chromedp.WaitNotPresent(chromedp.CSS(`.chart[data-zoom="`+first+`"]`)))
	b.do(chromedp.Click(chromedp.CSS(`[data-step=east]`)), chromedp.WaitVisible(chromedp.CSS(`.chart.grab`)))
	b.shot("desk-map-nearer")
	if in := zoom(); in == first {
		t.Errorf("the map stays at zoom %s", in)
	}
	b.homely(in.desk)

	bare := newTab(t, narrow, false)
	bare.enter(in, "li", handlerPass)
	bare.visit(in.desk, "/map", "en")
	bare.do(chromedp.Click(chromedp.CSS(`[data-step=in]`)), chromedp.WaitVisible(chromedp.CSS(`.chart:not([data-zoom="`+first+`"])`)),
		chromedp.Click(chromedp.CSS(`.tools a[href*="/map?lang"]`)), chromedp.WaitVisible(chromedp.CSS(`.chart[data-zoom="`+first+`"]`)),
		chromedp.Click(chromedp.CSS(`.spots a`)), chromedp.WaitVisible(chromedp.CSS(`.tiphead`)))
	if page := bare.text("main"); !strings.Contains(page, "WGS-84") && !strings.Contains(page, "GCJ-02") && !strings.Contains(page, "BD-09") && !strings.Contains(page, "堆了砖") {
		t.Errorf("this is no tip:\n%s", page)
	}
}
