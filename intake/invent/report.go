package invent

import (
	"fmt"
	"strings"

	"tipline/intake"
)

// report makes a report up, by one of the ways in which they come.
func (t *teller) report(category string) intake.Report {
	village := pick(t, t.o.Villages)
	r := intake.Report{Lang: "zh-CN", Category: category, Place: village, Source: intake.SourcePublic, Urgent: t.chance(4)}
	r.Words = intake.Words{Text: t.words(category), Address: t.fill(pick(t, spots)), Subject: pick(t, subjects), Occurred: pick(t, whens)}
	if len(t.o.Conduct) > 0 && t.chance(40) {
		r.Conduct = []string{pick(t, t.o.Conduct)}
	}
	switch n := t.IntN(100); {
	case n < 46:
		t.web(&r, village)
	case n < 58:
		r.Channel, r.Words.Address, r.Words.Subject = intake.SMS, "", ""
		r.Sender = fmt.Sprintf("+8613%09d", t.IntN(1_000_000_000))
	case n < 66:
		r.Channel, r.Sender = intake.Email, fmt.Sprintf("sample%04d@example.org", t.IntN(10_000))
		r.Words.Text = Mark + "受理台的同志：\n\n" + strings.TrimPrefix(r.Words.Text, Mark) + "\n\n盼核实。"
	case n < 80:
		r.Channel, r.Words.Text = intake.Phone, Mark+"来电反映："+strings.TrimPrefix(r.Words.Text, Mark)
	case n < 84:
		r.Channel, r.Words.Text = intake.Visit, Mark+"来访口述："+strings.TrimPrefix(r.Words.Text, Mark)
	case n < 88:
		r.Channel, r.Words.Text = intake.Letter, Mark+"来信反映："+strings.TrimPrefix(r.Words.Text, Mark)
	default:
		t.office(&r, village)
	}
	if r.Urgent {
		r.Words.Text += t.fill(pick(t, urgents))
	}
	t.person(&r)
	r.Hold = r.Source == intake.SourcePublic && t.chance(5)
	return r
}

// web is a form, mostly with a place on a map.
func (t *teller) web(r *intake.Report, village string) {
	r.Channel = intake.Web
	if t.chance(70) {
		t.lies(r, village)
		r.Words.Datum = pick(t, []string{"gcj02", "gcj02", "wgs84", "bd09"})
	}
	if t.chance(15) {
		r.Words.Parcel = t.parcel(village)
	}
}

func (t *teller) lies(r *intake.Report, village string) {
	c := t.centres[village]
	r.Words.Lat = fmt.Sprintf("%.6f", c[0]+(t.Float64()-0.5)*0.012)
	r.Words.Lon = fmt.Sprintf("%.6f", c[1]+(t.Float64()-0.5)*0.014)
	r.Words.Datum = "cgcs2000"
}

// office is a clue that no reporter brought.
func (t *teller) office(r *intake.Report, village string) {
	r.Channel = intake.Office
	r.Source = pick(t, []string{"superior", "superior", "satellite", "satellite", "media", "patrol", "leader", "opinion"})
	r.Words.Subject = ""
	r.Words.Origin = intake.Origin{Issuer: issuers[r.Source], Reference: fmt.Sprintf("样字〔2024〕%d号", 1+t.IntN(90))}
	if r.Source == "satellite" || r.Source == "patrol" || r.Source == "superior" {
		t.lies(r, village)
		r.Words.Parcel = t.parcel(village)
	}
}

// person is who reports, where they say so. Nobody is called that, and nobody has that number.
func (t *teller) person(r *intake.Report) {
	r.Reply = intake.ReplyReceipt
	if r.Source != intake.SourcePublic || r.Channel == intake.SMS || r.Channel == intake.Email {
		return
	}
	if !t.chance(map[bool]int{true: 65, false: 22}[r.Channel.Keyed()]) {
		return
	}
	r.Identity = intake.Identity{Name: "样例·" + pick(t, []string{"赵", "钱", "孙", "周", "吴", "郑"}) + "某", Phone: fmt.Sprintf("1300000%04d", t.IntN(10_000))}
	if t.chance(45) {
		r.Reply = intake.ReplyContact
	}
}

// words are what a report of a category says.
func (t *teller) words(category string) string {
	all := texts[category]
	if len(all) == 0 {
		all = texts["other"]
	}
	text := t.fill(pick(t, all))
	if t.chance(55) {
		text += t.fill(pick(t, mores))
	}
	return Mark + text
}

// fill puts particulars into a text.
func (t *teller) fill(text string) string {
	return strings.NewReplacer("{side}", pick(t, []string{"村东", "村西", "村南", "村北"}), "{mu}", fmt.Sprint(1+t.IntN(18)), "{mark}", pick(t, marks),
		"{when}", pick(t, []string{"上个月", "这几天", "春节以后", "麦收以前", "去年秋天"}), "{floors}", pick(t, []string{"一层", "两层", "三层"})).Replace(text)
}
