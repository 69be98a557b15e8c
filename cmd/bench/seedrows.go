package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// seedDays is how far back seeded tips go: two years.
const seedDays = 730

// share is a value with its weight.
type share struct {
	value  string
	weight int
}

// How tips are spread. Most are closed; what is open is little, whatever the size.
var (
	seedChannels   = []share{{"web", 700}, {"sms", 150}, {"email", 80}, {"phone", 50}, {"visit", 15}, {"letter", 5}}
	seedCategories = []share{{"housing_on_farmland", 300}, {"non_grain", 200}, {"greenhouse_house", 150}, {"illegal_villa", 80}, {"lake_landscaping", 60},
		{"ecological_corridor", 60}, {"green_square", 40}, {"sports_ground", 30}, {"false_rectification", 30}, {"other", 30}, {"unknown", 20}}
	seedStates = []share{{"received", 15}, {"reviewing", 10}, {"needs_info", 5}, {"accepted", 20}, {"in_ledger", 40}, {"verifying", 40}, {"declined", 150},
		{"referred", 110}, {"merged", 90}, {"spam", 60}, {"concluded", 250}, {"answered", 190}, {"objection", 10}, {"withdrawn", 10}}
	seedParcelStates = []share{{"pending", 300}, {"verifying", 200}, {"rectifying", 200}, {"concluded", 280}, {"look_back", 20}}
	seedLooks        = []share{{"look_back", 600}, {"relapse", 200}, {"retaliation", 200}}
	seedDepartments  = []share{{"natural_resources", 600}, {"agriculture", 300}, {"housing", 50}, {"township_office", 50}}
)

// town is the farmland pack's township; its villages end in 201 to 209. Tips from
// elsewhere in a county have townships of their own.
const (
	county   = "411422"
	villages = 9
)

func pick(r *rand.Rand, from []share) string {
	var whole int
	for _, s := range from {
		whole += s.weight
	}
	n := r.IntN(whole)
	for _, s := range from {
		if n -= s.weight; n < 0 {
			return s.value
		}
	}
	return ""
}

// seeder makes tips in the order of their ids, which are as random as real ones:
// the days of neighbours have nothing to do with one another.
type seeder struct {
	r        *rand.Rand
	n, size  int
	now      time.Time
	counters map[[2]string][2]int // lane and state: tips, unread ones
}

func newSeeder(size int, now time.Time) *seeder {
	return &seeder{r: rand.New(rand.NewPCG(1, uint64(size))), size: size, now: now, counters: map[[2]string][2]int{}}
}

// id is 128 bits in hex, larger than the one before.
func (s *seeder) id() string {
	step := ^uint64(0) / uint64(s.size)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(s.n)*step+s.r.Uint64N(step))
	binary.BigEndian.PutUint64(b[8:], s.r.Uint64())
	return hex.EncodeToString(b[:])
}

// seeded are the rows of several tips.
type seeded struct{ tips, receipts, history, parts, ledger, events, parcels, looks [][]any }

// tables are where the rows go; the order heeds who refers to whom.
func (s *seeded) tables() []tableRows {
	return []tableRows{
		{"tips", []string{"id", "desk", "key_version", "channel", "source", "category", "conduct", "place", "town", "village", "urgent", "lane", "state", "real_name",
			"reply", "received_on", "files", "commitment", "unread", "department", "due_on"}, s.tips},
		{"receipts", []string{"tag", "tip", "reporter"}, s.receipts},
		{"history", []string{"tip", "n", "state", "day"}, s.history},
		{"parts", []string{"tip", "compartment", "name", "n", "desk", "key_version", "sealed"}, s.parts},
		{"ledger_rows", []string{"tip", "desk", "channel", "source", "category", "conduct", "place", "urgent", "real_name", "received_on", "files", "commitment",
			"decided", "disposition", "department", "reason", "due_on", "merged_into", "state", "number"}, s.ledger},
		{"ledger_events", []string{"id"}, s.events},
		{"ledger_parcels", []string{"desk", "batch", "number", "place", "lat", "lon", "datum", "area", "category", "source", "due_on", "evidence_due", "state", "closed_on",
			"imported_on", "version", "evidence_on"}, s.parcels},
		{"looks", []string{"id", "tip", "desk", "kind", "due_on", "from_tip", "number", "by_member", "day", "key_version", "letter_id", "asked_on", "result", "done_by", "done_on"}, s.looks},
	}
}

type tableRows struct {
	table   string
	columns []string
	rows    [][]any
}

// sealedSize is the length of a seeded report: short, because neither a page of
// the inbox nor a start reads one. Real ones have about 6 KB.
const sealedSize = 200

// A parcel came from above for every ten tips, in batches of some hundreds; one tip in
// fifty that is done with is looked at again.
const (
	tipsOfParcel = 10
	parcelBatch  = 400
	tipsOfLook   = 50
)

// next makes the next n tips.
func (s *seeder) next(n int) *seeded {
	out := &seeded{}
	for range min(n, s.size-s.n) {
		s.add(out)
		if s.n%tipsOfParcel == 0 {
			out.parcels = append(out.parcels, s.parcel())
		}
		s.n++
	}
	return out
}

func (s *seeder) add(out *seeded) {
	id, state, lane := s.id(), pick(s.r, seedStates), "normal"
	if s.r.IntN(200) == 0 {
		lane, state = "held", "received"
	}
	open := slices.Contains([]string{"received", "reviewing", "needs_info"}, state)
	day := s.day(open)
	unread := 0
	if state == "received" && s.r.IntN(2) == 0 {
		unread = 1
	}
	department := ""
	if !open {
		department = pick(s.r, seedDepartments)
	}
	due := ""
	if open || slices.Contains([]string{"accepted", "in_ledger", "verifying"}, state) {
		due = s.now.AddDate(0, 0, s.r.IntN(30)-5).Format(time.DateOnly)
	}
	c := s.counters[[2]string{lane, state}]
	s.counters[[2]string{lane, state}] = [2]int{c[0] + 1, c[1] + unread}
	place, town, village := s.place()
	channel, category, files, urgent, named := pick(s.r, seedChannels), pick(s.r, seedCategories), s.r.IntN(4), bit(s.r, 20), bit(s.r, 4)
	commitment := id + id
	out.tips = append(out.tips, []any{id, "main", 1, channel, "public", category, "", place, town, village, urgent, lane, state, named, "receipt", day, files, commitment, unread, department, due})
	tag, err := hex.DecodeString(id)
	must(err)
	out.receipts = append(out.receipts, []any{tag, id, "age1pq1seeded"})
	for i, st := range way(state) {
		out.history = append(out.history, []any{id, i + 1, st, day})
	}
	out.parts = append(out.parts, []any{id, "report", "1", 1, "main", 1, s.bytes(sealedSize)})
	if (state == "concluded" || state == "answered") && s.r.IntN(tipsOfLook) == 0 {
		out.looks = append(out.looks, s.look(id))
	}
	if lane == "normal" {
		out.ledger = append(out.ledger, []any{id, "main", channel, "public", category, "[]", place, urgent, named, day, files, commitment,
			len(way(state)) - 1, disposition(state), department, "", due, "", "pending", ""})
		out.events = append(out.events, []any{id})
	}
}

// parcel is the next one of a batch. Most are open, and due around these days.
func (s *seeder) parcel() []any {
	n := s.n / tipsOfParcel
	place, _, _ := s.place()
	state, due, closed := pick(s.r, seedParcelStates), s.now.AddDate(0, 0, s.r.IntN(200)-60), ""
	if state == "concluded" {
		closed = s.now.AddDate(0, 0, -s.r.IntN(300)).Format(time.DateOnly)
	}
	return []any{"main", fmt.Sprintf("seeded batch %d", n/parcelBatch), fmt.Sprintf("TB-%06d", n), place, fmt.Sprintf("34.%04d", 3800+s.r.IntN(800)), fmt.Sprintf("115.%04d", s.r.IntN(1200)), "cgcs2000",
		fmt.Sprintf("%d.%d", 1+s.r.IntN(9), s.r.IntN(10)), pick(s.r, seedCategories), "satellite", due.Format(time.DateOnly), due.AddDate(0, 0, -20).Format(time.DateOnly), state, closed,
		s.now.AddDate(0, 0, -300).Format(time.DateOnly), 1, ""}
}

// look is an appointment about a tip that is done with; four in five are over.
func (s *seeder) look(tip string) []any {
	result, by, on := "", "", ""
	if s.r.IntN(5) > 0 {
		result, by, on = "kept", handlerName, s.now.AddDate(0, 0, -s.r.IntN(200)).Format(time.DateOnly)
	}
	return []any{tip, tip, "main", pick(s.r, seedLooks), s.now.AddDate(0, 0, s.r.IntN(60)-20).Format(time.DateOnly), "", "", handlerName, s.now.AddDate(0, 0, -210).Format(time.DateOnly), 1, "", "", result, by, on}
}

// day is some day of two years; what is open came in the last two weeks.
func (s *seeder) day(open bool) string {
	span := seedDays
	if open {
		span = 14
	}
	return s.now.AddDate(0, 0, -s.r.IntN(span)).Format(time.DateOnly)
}

// place is a village of the pack's township three times in four, else one of
// twenty other townships, or none.
func (s *seeder) place() (place, town, village string) {
	switch n := s.r.IntN(100); {
	case n < 75:
		town = county + "207"
		village = fmt.Sprintf("%s%d", town, 201+s.r.IntN(villages))
		return village, town, village
	case n < 95:
		town = fmt.Sprintf("%s%d", county, 100+s.r.IntN(20))
		return town, town, ""
	default:
		return "", "", ""
	}
}

func (s *seeder) bytes(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], s.r.Uint64())
	}
	return b
}

// bit is 1 once in n.
func bit(r *rand.Rand, n int) int {
	if r.IntN(n) == 0 {
		return 1
	}
	return 0
}

// way are the states a tip went through.
func way(state string) []string {
	switch state {
	case "received":
		return []string{"received"}
	case "reviewing", "needs_info", "spam", "withdrawn":
		return []string{"received", state}
	case "declined", "referred", "merged", "accepted":
		return []string{"received", "reviewing", state}
	default:
		return []string{"received", "reviewing", "accepted", state}
	}
}

// disposition is what triage of a tip in this state ended with.
func disposition(state string) string {
	switch state {
	case "received", "reviewing", "needs_info":
		return ""
	case "declined", "referred", "merged", "spam", "withdrawn":
		return state
	default:
		return "accepted"
	}
}
