package invent

import (
	"cmp"
	"fmt"
	"slices"

	"tipline/intake"
)

// walk is a course that is being laid: each step stands some days behind the one before,
// and nothing happens after today.
type walk struct {
	*teller
	age   int
	day   int
	steps []Step
	over  bool // today is reached
}

// then lays the next step, between low and high days on.
func (w *walk) then(low, high int, s Step) *walk {
	w.day += low + w.IntN(high-low+1)
	w.over = w.over || w.day > w.age
	if !w.over {
		s.After = w.day
		w.steps = append(w.steps, s)
	}
	return w
}

// course is what becomes of a tip.
func (t *teller) course(s *Story) []Step {
	w := &walk{teller: t, age: s.Ago}
	if s.Report.Hold {
		if !t.chance(55) {
			if t.chance(50) {
				w.then(1, 4, Step{Do: Spam, Code: pick(t, []string{"advertising", "meaningless", "test"})})
			}
			return w.steps
		}
		w.then(0, 2, Step{Do: Release})
	}
	n := t.IntN(100)
	public := s.Report.Source == intake.SourcePublic
	switch {
	case n < 12 && public && len(s.Report.Identity.Name) == 0:
		t.refused(w, s)
		return w.steps
	case n < 17 && public && s.Report.Channel == intake.Web:
		s.junk(t)
		w.then(0, 1, Step{Do: Spam, Code: pick(t, []string{"advertising", "meaningless", "test"})})
		return w.steps
	}
	t.talk(w, s)
	switch {
	case n < 20 && s.Ago < 20: // nobody gets to it in time
	case n < 28:
		w.then(1, 3, Step{Do: Refer, Text: referred})
		if t.chance(20) {
			w.then(3, 6, Step{Do: Return, Text: "不属于本部门职责，退回。"})
			t.accept(w, s)
		}
	default:
		t.accept(w, s)
	}
	t.identity(w, s)
	return w.steps
}

// refused is a report that isn't for this desk, or can't be followed.
func (t *teller) refused(w *walk, s *Story) {
	code := pick(t, declined)
	if all := beside[code]; len(all) > 0 {
		s.Report.Words = intake.Words{Text: Mark + pick(t, all)}
		s.Report.Urgent, s.Report.Conduct, s.Photos = false, nil, nil
		s.Report.Category = pick(t, t.o.Categories[len(t.o.Categories)-1:])
	}
	w.then(1, 3, Step{Do: Decline, Code: code})
	if t.chance(80) {
		w.then(1, 3, Step{Do: Confirm})
	}
}

// junk makes a report what nobody meant as one.
func (s *Story) junk(t *teller) {
	s.Report.Words, s.Report.Identity = intake.Words{Text: Mark + pick(t, junks)}, intake.Identity{}
	s.Report.Place, s.Report.Category, s.Report.Conduct, s.Report.Urgent, s.Photos = "", t.o.Categories[len(t.o.Categories)-1], nil, false, nil
	s.Report.Reply = intake.ReplyReceipt
}

// talk is what desk and reporter say to each other before anything is decided.
func (t *teller) talk(w *walk, s *Story) {
	if t.chance(50) {
		w.then(0, 1, Step{Do: Review})
	}
	if t.chance(30) {
		w.then(0, 1, Step{Do: Note, Text: pick(t, notes)})
	}
	if s.Report.Source != intake.SourcePublic || !t.chance(24) {
		return
	}
	w.then(0, 1, Step{Do: Ask, Text: pick(t, asks)})
	switch n := t.IntN(10); {
	case n < 4:
		w.then(1, 5, Step{Do: Say, Text: Mark + pick(t, replies)})
	case n < 8 && s.Report.Channel == intake.Web:
		w.then(1, 5, Step{Do: Add, Text: Mark + pick(t, replies)})
	case n < 9:
		w.then(30, 60, Step{Do: Note, Text: "一直没有补充。"})
	}
}

// accept is the way through the ledger.
func (t *teller) accept(w *walk, s *Story) {
	w.then(0, 2, Step{Do: Accept, Text: accepted})
	if t.chance(25) {
		w.then(1, 3, Step{Do: Answer, Text: pick(t, promises)})
	}
	t.numbers++
	w.then(0, 2, Step{Do: Outcome, Code: string(intake.LedgerNumbered), Number: fmt.Sprintf("样-%04d", t.numbers)})
	w.then(1, 4, Step{Do: Outcome, Code: string(intake.LedgerVerifying)})
	if t.chance(26) {
		w.then(3, 8, Step{Do: Outcome, Code: string(intake.LedgerUnsubstantiated), Text: "影像与现场均未见占地。"}).
			then(0, 2, Step{Do: Outcome, Code: string(intake.LedgerConcluded)}).then(0, 2, Step{Do: Answered, Text: unfounded})
		return
	}
	w.then(3, 9, Step{Do: Outcome, Code: string(intake.LedgerSubstantiated), Text: pick(t, verified)})
	if t.chance(30) {
		w.then(1, 4, Step{Do: Outcome, Code: string(intake.LedgerFiled)})
	}
	w.then(1, 4, Step{Do: Outcome, Code: string(intake.LedgerRectifying)})
	if t.chance(26) {
		code := pick(t, []string{"season", "season", "complex", "evidence", "elsewhere"})
		w.then(2, 5, Step{Do: Later, Code: code, Text: laters[code], PutOff: 8 + t.IntN(13)})
		if t.chance(85) {
			w.then(1, 3, Step{Do: Grant})
		} else {
			w.then(1, 3, Step{Do: Deny, Text: denied})
		}
	}
	if t.chance(map[bool]int{true: 22, false: 2}[s.Ago < 60]) {
		return // it drags on
	}
	w.then(4, 16, Step{Do: Outcome, Code: string(intake.LedgerConcluded), Text: pick(t, verified)})
	t.after(w, s)
}

// after is what follows when something was put right.
func (t *teller) after(w *walk, s *Story) {
	w.then(0, 3, Step{Do: Answered, Text: answered})
	if s.Report.Source == intake.SourcePublic && t.chance(9) {
		w.then(2, 9, Step{Do: Say, Text: Mark + pick(t, unhappy)}).then(0, 2, Step{Do: Objection})
		w.then(2, 6, Step{Do: Outcome, Code: string(intake.LedgerVerifying)}).then(4, 9, Step{Do: Outcome, Code: string(intake.LedgerConcluded)})
		return
	}
	if t.chance(22) {
		on := 25 + t.IntN(30)
		w.then(0, 5, Step{Do: LookBack, Text: "看复耕后的出苗情况。", PutOff: on})
		if t.chance(85) {
			w.then(on-3, on+2, Step{Do: Looked, Text: "苗已出齐，未见反弹。"})
		}
		return
	}
	if t.chance(20) {
		w.then(15, 35, Step{Do: Outcome, Code: string(intake.LedgerLookBack)})
		if t.chance(30) {
			w.then(1, 3, Step{Do: Outcome, Code: string(intake.LedgerRelapse)})
		}
	}
}

// identity is somebody who asks who reported, and a custodian who decides; and a reporter
// who takes their name back.
func (t *teller) identity(w *walk, s *Story) {
	if s.Report.Identity.Empty() {
		return
	}
	w.over, w.day = false, 0
	if t.chance(map[bool]int{true: 45, false: 10}[s.Ago < 12]) {
		w.then(0, min(3, s.Ago), Step{Do: Identity, Text: pick(t, reasons)})
		switch n := t.IntN(10); {
		case s.Ago < 8: // it waits
		case n < 6:
			w.then(0, 1, Step{Do: Approve})
		case n < 8:
			w.then(0, 1, Step{Do: Refuse, Text: pick(t, refusals)})
		}
	} else if s.Report.Channel == intake.Web && t.chance(6) {
		w.then(2, 9, Step{Do: Withdraw})
	}
	slices.SortStableFunc(w.steps, func(a, b Step) int { return cmp.Compare(a.After, b.After) })
}

// put puts some tips into earlier ones of the same place and kind: two who saw the same.
func (t *teller) put(all []Story) {
	for i := range all {
		s := &all[i]
		if s.Report.Source != intake.SourcePublic || s.Report.Hold || !t.chance(9) {
			continue
		}
		for j := i - 1; j >= 0 && j > i-40; j-- {
			o := &all[j]
			if o.Report.Hold || o.Report.Category != s.Report.Category || len(o.Steps) == 0 || o.Steps[len(o.Steps)-1].Do == Merge || !takes(o.Steps) || s.Ago < 1 {
				continue
			}
			s.Report.Place, s.Report.Words.Lat, s.Report.Words.Lon, s.Report.Words.Datum = o.Report.Place, "", "", ""
			s.Steps = []Step{{After: min(1, s.Ago), Do: Merge, Into: j}}
			break
		}
	}
}

// wait lets two requests for an identity wait for a custodian today.
func (t *teller) wait(all []Story) {
	n := 0
	for i := range slices.Backward(all) {
		s := &all[i]
		asked := slices.ContainsFunc(s.Steps, func(s Step) bool { return s.Do == Identity || s.Do == Withdraw || s.Do == Merge })
		if s.Report.Identity.Empty() || s.Report.Hold || asked {
			continue
		}
		s.Steps = append(s.Steps, Step{After: s.Ago, Do: Identity, Text: pick(t, reasons)})
		if n++; n == 2 {
			return
		}
	}
}

// takes says whether a tip stays one that others may be put into.
func takes(steps []Step) bool {
	return !slices.ContainsFunc(steps, func(s Step) bool { return s.Do == Decline || s.Do == Spam || s.Do == Merge || s.Do == Withdraw })
}
