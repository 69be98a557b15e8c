// Package invent makes up an office's months: tips, what becomes of each, photographs
// and parcels. Everything follows from a seed, says that it is invented, and names
// nobody. It only makes plans; who carries them out goes through the same doors as
// everybody else.
package invent

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"tipline/intake"
)

// Mark stands before every invented text.
const Mark = "【样例】"

// Office is what an office's stories are made for.
type Office struct {
	Categories, Conduct []string
	Villages            []string // codes
	Today               time.Time
	Days                int // how far the stories go back
}

// Act is what somebody does about a tip.
type Act string

// The acts, in the order of a tip's life.
const (
	Review    Act = "review"
	Release   Act = "release"
	Ask       Act = "ask"       // for more, with a letter
	Say       Act = "say"       // the reporter adds words
	Add       Act = "add"       // the reporter adds words and a photograph
	Answer    Act = "answer"    // the desk writes
	Note      Act = "note"      // the desk writes to itself
	Accept    Act = "accept"    // with a summary and a letter
	Decline   Act = "decline"   // with a reason
	Confirm   Act = "confirm"   // a second member agrees
	Refer     Act = "refer"     // to another department
	Return    Act = "return"    // the department gives it back
	Spam      Act = "spam"      //
	Merge     Act = "merge"     // into Step.Into
	Withdraw  Act = "withdraw"  // the reporter takes their identity back
	Identity  Act = "identity"  // a handler asks who it is
	Approve   Act = "approve"   // a custodian agrees
	Refuse    Act = "refuse"    // or doesn't
	Outcome   Act = "outcome"   // the ledger says State
	Answered  Act = "answered"  // the desk tells the reporter how it ended
	Objection Act = "objection" // the reporter isn't content
	LookBack  Act = "look-back" // somebody is to look again, Step.PutOff days on
	Looked    Act = "looked"    // and finds it as it was left
	Later     Act = "later"     // a later date is asked for
	Grant     Act = "grant"     // and granted by another, whom the ledger follows
	Deny      Act = "deny"      // or it isn't
)

// Step is one act, so many days after the tip came in.
type Step struct {
	After  int
	Do     Act
	Text   string // words of a letter, a note, a message or a reason
	Code   string // a reason, or the ledger's state
	Number string // the ledger's
	PutOff int    // days from then on, for what is put off
	Into   int    // the story it is merged into
}

// Story is one tip with what becomes of it.
type Story struct {
	Ago    int // days before today
	Report intake.Report
	Photos []Photo
	Steps  []Step
}

// teller makes stories up.
type teller struct {
	*rand.Rand
	o       Office
	centres map[string][2]float64
	lots    map[string][]string // numbers of parcels, by village
	numbers int
}

// Stories are n of them, in the order in which they came.
func Stories(seed uint64, n int, o Office) []Story {
	t := &teller{Rand: rand.New(rand.NewPCG(seed, 2024)), o: o, centres: centres(o.Villages), lots: lots(Parcels(seed, o))}
	out := make([]Story, n)
	for i := range out {
		out[i] = t.story(i, n)
	}
	t.put(out)
	t.wait(out)
	return out
}

// Middle is the middle of the invented township.
const middleLat, middleLon = 34.4312, 115.0587

// centres lays the villages out, some two kilometres apart. Nobody measured them.
func centres(villages []string) map[string][2]float64 {
	out := map[string][2]float64{}
	for i, v := range villages {
		r, a := 0.0155*math.Sqrt(float64(i)+0.4), float64(i)*2.39996
		out[v] = [2]float64{middleLat + r*math.Cos(a), middleLon + 1.2*r*math.Sin(a)}
	}
	return out
}

func (t *teller) chance(percent int) bool { return t.IntN(100) < percent }

func pick[T any](t *teller, from []T) T { return from[t.IntN(len(from))] }

// story is the i-th of n: they come evenly, with a rush now and then, and more of late.
func (t *teller) story(i, n int) Story {
	done := math.Pow(float64(i)/float64(max(1, n-1)), 0.85) // 0 at the first, 1 at the last
	s := Story{Ago: max(0, int(float64(t.o.Days)*(1-done)))}
	if i >= n-max(1, n/60) {
		s.Ago = 0
	}
	c := t.o.Categories[t.weighted(len(t.o.Categories))]
	s.Report = t.report(c)
	if s.Report.Channel != intake.SMS && s.Report.Channel != intake.Phone && t.chance(60) {
		for range 1 + t.IntN(3) {
			s.Photos = append(s.Photos, Photo{Scene: sceneOf(c), Variant: t.IntN(variants), Taken: t.o.Today.AddDate(0, 0, -s.Ago-t.IntN(4)), Lat: s.lat(), Lon: s.lon()})
		}
	}
	s.Steps = t.course(&s)
	return s
}

// weighted is an index of which the first ones come up most.
func (t *teller) weighted(n int) int { return min(n-1, int(math.Pow(t.Float64(), 1.6)*float64(n))) }

func (s Story) lat() float64 { return parse(s.Report.Words.Lat) }
func (s Story) lon() float64 { return parse(s.Report.Words.Lon) }

func parse(s string) (v float64) {
	_, _ = fmt.Sscanf(s, "%g", &v) // what is no number is 0, which no photograph is taken at
	return v
}
