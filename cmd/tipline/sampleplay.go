package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/invent"
	"tipline/intake/ledger"
	"tipline/intake/sheet"
)

// act is one thing that happens on a day: a story's tip comes in (step -1), or a step.
type act struct{ ago, story, step int }

// play tells all stories, in the order in which things happened.
func (p *player) play(ctx context.Context, seed uint64, tips, days int) error {
	today := p.clock
	o := p.invented(today, days)
	if len(o.Villages) == 0 {
		return errNoPlaces
	}
	p.stories, p.filed = invent.Stories(seed, tips, o), make([]intake.Filed, tips)
	var acts []act
	for i, s := range p.stories {
		acts = append(acts, act{s.Ago, i, -1})
		for n, step := range s.Steps {
			acts = append(acts, act{s.Ago - step.After, i, n})
		}
	}
	slices.SortStableFunc(acts, func(a, b act) int { return cmp.Or(b.ago-a.ago, a.story-b.story, a.step-b.step) })
	for len(acts) > 0 {
		n := slices.IndexFunc(acts, func(a act) bool { return a.ago != acts[0].ago })
		if n < 0 {
			n = len(acts)
		}
		if err := p.oneDay(ctx, today.AddDate(0, 0, -acts[0].ago), acts[:n]); err != nil {
			return err
		}
		acts = acts[n:]
	}
	p.clock = today
	return p.bring(ctx, seed, o)
}

// oneDay does a day's acts. Without a member at work tips only come in, and nobody follows
// the outbox either.
func (p *player) oneDay(ctx context.Context, day time.Time, acts []act) error {
	step := 7 * time.Hour / time.Duration(len(acts)+1)
	for i, a := range acts {
		p.clock = day
		if a.ago > 0 {
			p.clock = time.Date(day.Year(), day.Month(), day.Day(), 8, 30, 0, 0, p.loc).Add(time.Duration(i) * step)
		}
		if a.step < 0 {
			if err := p.file(ctx, a.story); err != nil {
				return fmt.Errorf("sample %d: %w", a.story+1, err)
			}
			continue
		}
		if p.handler.Name == "" {
			continue
		}
		if err := p.do(ctx, a.story, p.stories[a.story].Steps[a.step]); err != nil {
			return fmt.Errorf("sample %d, %s: %w", a.story+1, p.stories[a.story].Steps[a.step].Do, err)
		}
	}
	p.tally.flush(ctx)
	if p.handler.Name == "" {
		return nil
	}
	if err := p.work.GoOn(ctx); err != nil { // clocks that waited long enough
		return err
	}
	return p.carry(ctx)
}

// file puts a story's tip in by the one door.
func (p *player) file(ctx context.Context, i int) error {
	s := &p.stories[i]
	r := s.Report
	r.Files = p.shoot(s.Photos)
	if r.Channel.Keyed() {
		r.By, r.Desk = cmp.Or(p.handler.Name, "sample"), p.handler.Desk
	}
	f, err := p.door.Submit(ctx, &r)
	if err != nil {
		return err
	}
	p.filed[i] = f
	if key := map[intake.Channel]string{intake.Web: intake.InletWeb, intake.Email: intake.InletSMTP}[r.Channel]; key != "" {
		p.tally.count(key, f.Became(&r))
	}
	if n := i + 1; n%25 == 0 {
		p.tell(n)
	}
	return nil
}

// shoot yields photographs as files.
func (p *player) shoot(photos []invent.Photo) iter.Seq2[intake.File, error] {
	if len(photos) == 0 {
		return nil
	}
	return func(yield func(intake.File, error) bool) {
		for _, photo := range photos {
			name, content, err := p.camera.Shoot(photo)
			if !yield(intake.File{Name: name, Body: bytes.NewReader(content)}, err) || err != nil {
				return
			}
		}
	}
}

// do is one step of a tip's course. What the rules refuse stops everything: a story breaks
// none. Two exceptions are the office's own: who may confirm, and who is a custodian.
func (p *player) do(ctx context.Context, i int, s invent.Step) error {
	tip, code, by := p.filed[i].ID, p.filed[i].Receipt, p.at(i)
	if ((s.Do == invent.Confirm || s.Do == invent.Grant || s.Do == invent.Deny) && p.second.Name == "") || (s.Do == invent.Approve || s.Do == invent.Refuse) && p.custodian.Name == "" {
		return nil
	}
	p.done[s.Do]++
	if s.Do != invent.Say && s.Do != invent.Add && s.Do != invent.Withdraw && s.Do != invent.Outcome {
		if _, err := p.work.Read(ctx, by, tip); err != nil { // who acts has looked
			return err
		}
	}
	switch s.Do {
	case invent.Release:
		return p.work.Release(ctx, by, tip)
	case invent.Say:
		return p.door.Say(ctx, code, s.Text)
	case invent.Add:
		photo := invent.Photo{Scene: invent.Field, Variant: i % 3, Taken: p.clock}
		_, err := p.door.Add(ctx, code, intake.Addition{Text: s.Text, Files: p.shoot([]invent.Photo{photo})})
		return err
	case invent.Answer:
		if p.stories[i].Report.Channel == intake.Office {
			return nil // nobody reported it
		}
		return p.work.Answer(ctx, by, tip, s.Text, true)
	case invent.Note:
		return p.work.Note(ctx, by, tip, s.Text)
	case invent.Confirm:
		return p.work.Confirm(ctx, p.at(i+1), tip)
	case invent.Merge:
		return p.work.Merge(ctx, by, tip, p.filed[s.Into].ID)
	case invent.Withdraw:
		return p.door.Wish(ctx, code, intake.WishWithdraw)
	case invent.Identity, invent.Approve, invent.Refuse:
		return p.custody(ctx, i, s)
	case invent.Outcome:
		return p.outcome(ctx, ledger.Outcome{Tip: tip, State: intake.LedgerState(s.Code), Number: s.Number}, s.Text)
	case invent.LookBack:
		return p.work.Appoint(ctx, by, tip, casework.Appointment{Kind: intake.LookBack, Due: p.days(s.PutOff), Note: s.Text})
	case invent.Later:
		return p.later(ctx, i, s)
	case invent.Looked, invent.Grant, invent.Deny:
		return p.end(ctx, i, s)
	}
	return p.decide(ctx, i, s)
}

// at is who works on a story: two handlers share them, so that each meets what the other
// refused.
func (p *player) at(i int) casework.Actor {
	if i%2 == 1 && p.second.Name != "" {
		return p.second
	}
	return p.handler
}

// days is the date so many days on.
func (p *player) days(n int) intake.Date { return intake.DateOf(p.clock.AddDate(0, 0, n), p.loc) }

// later asks for a later date, where the office's rules let anybody.
func (p *player) later(ctx context.Context, i int, s invent.Step) error {
	t, err := p.store.Tip(ctx, p.filed[i].ID)
	if err != nil {
		return err
	}
	rule, may := p.work.Extending(t)
	on, err := time.Parse(time.DateOnly, string(t.DueOn))
	if !may || err != nil {
		return nil
	}
	to := intake.Date(on.AddDate(0, 0, s.PutOff).Format(time.DateOnly))
	if rule.Latest != "" {
		to = min(to, rule.Latest)
	}
	return p.work.AskExtension(ctx, p.at(i), t.ID, casework.Later{To: to, Reason: s.Code, Note: s.Text, Letter: "办理时限已经延长，新的日期请看查询码下。", Sure: true})
}

// end ends what waits on a tip: an appointment to look again, a request for a later date.
func (p *player) end(ctx context.Context, i int, s invent.Step) error {
	v, err := p.work.Read(ctx, p.at(i), p.filed[i].ID)
	if err != nil {
		return err
	}
	if s.Do == invent.Looked {
		for _, l := range v.Looks {
			if l.Result == "" {
				return p.work.Done(ctx, p.at(i), l.ID, "kept", s.Text)
			}
		}
		return nil
	}
	for _, e := range v.Extensions {
		if e.State == intake.ExtensionAsked {
			if v.Tip.State.Due() != "conclusion" {
				return nil // it was done before anybody looked at the request
			}
			if by := p.granter(v.Tip, i); s.Do == invent.Deny {
				return p.work.RefuseExtension(ctx, by, e.ID, s.Text)
			} else if err := p.work.GrantExtension(ctx, by, e.ID); err != nil {
				return err
			}
			return p.outcome(ctx, ledger.Outcome{Tip: v.Tip.ID, State: intake.LedgerExtended, Granted: true}, "")
		}
	}
	return nil
}

// granter is who may grant a later date: another handler, or who oversees.
func (p *player) granter(t intake.Tip, i int) casework.Actor {
	if rule, _ := p.work.Extending(t); p.supervisor.Is(rule.Role) {
		return p.supervisor
	}
	return p.at(i + 1)
}

// decide is a step by which the tip's state moves.
func (p *player) decide(ctx context.Context, i int, s invent.Step) error {
	t, err := p.store.Tip(ctx, p.filed[i].ID)
	if err != nil {
		return err
	}
	d := casework.Triage{Letter: s.Text, Sure: true, Reason: s.Code}
	switch s.Do {
	case invent.Review:
		d = casework.Triage{To: intake.StateReviewing}
	case invent.Return:
		d = casework.Triage{To: intake.StateReviewing, Note: s.Text}
	case invent.Ask:
		d.To = intake.StateNeedsInfo
	case invent.Accept:
		w := p.stories[i].Report.Words
		d.To, d.Department = intake.StateAccepted, p.work.Department(t)
		d.Summary = intake.Summary{Summary: invent.Mark + "疑似占用耕地，待核查。", Subject: w.Subject, Location: w.Address, Parcel: w.Parcel}
	case invent.Decline:
		d.To = intake.StateDeclined
		if r, ok := p.pack.Reason(s.Code); ok {
			d.Letter = letter(p.pack, r).In("zh-CN")
		}
	case invent.Refer:
		d.To, d.Department = intake.StateReferred, p.work.Department(t)
	case invent.Spam:
		d.To = intake.StateSpam
	case invent.Answered:
		d.To = intake.StateAnswered
	case invent.Objection:
		d.To = intake.StateObjection
	}
	if t.Channel == intake.Office {
		d.Letter = "" // nobody reported it
	}
	if p.stories[i].Report.Source != intake.SourcePublic {
		d.Letter = "" // nobody would read it
	}
	return p.work.Move(ctx, p.at(i), t.ID, d)
}

// custody is a request for an identity, and what a custodian says to it.
func (p *player) custody(ctx context.Context, i int, s invent.Step) (err error) {
	switch s.Do {
	case invent.Identity:
		p.asked[i], err = p.work.AskIdentity(ctx, p.at(i), p.filed[i].ID, s.Text)
		return err
	case invent.Approve:
		return p.work.Approve(ctx, p.custodian, p.asked[i])
	default:
		return p.work.Refuse(ctx, p.custodian, p.asked[i], s.Text)
	}
}

// outcome is what the ledger says of a tip, with a note or without, and how the desk hears it.
func (p *player) outcome(ctx context.Context, o ledger.Outcome, note string) (err error) {
	if err := p.carry(ctx); err != nil {
		return err
	}
	o.Desk = p.handler.Desk
	if note != "" {
		if o.Sealed, err = p.sealNote(ctx, o.Desk, o.Tip, note); err != nil {
			return err
		}
	}
	if err := p.ledger.Outcome(ctx, o, p.events()); err != nil {
		return err
	}
	return p.carry(ctx)
}

// carry takes what waits from the outbox to the ledger, and what the ledger says back to
// the desk, until neither holds anything.
func (p *player) carry(ctx context.Context) error {
	const some, name = 100, "sample"
	for {
		events, err := p.store.ClaimEvents(ctx, name, some, lease)
		if err != nil {
			return err
		}
		if err := p.ledger.Apply(ctx, events); err != nil {
			return err
		}
		for _, e := range events {
			if err := p.store.FinishEvents(ctx, name, e.ID); err != nil {
				return err
			}
		}
		box := p.ledger.Outcomes(p.now)
		told, err := box.ClaimEvents(ctx, name, some, lease)
		if err != nil {
			return err
		}
		if err := p.work.Outcomes(ctx, told); err != nil {
			return err
		}
		for _, e := range told {
			if err := box.FinishEvents(ctx, name, e.ID); err != nil {
				return err
			}
		}
		if len(events)+len(told) == 0 {
			return nil
		}
	}
}

// bring brings parcels in, as a sheet that came from above, and moves some of them on.
func (p *player) bring(ctx context.Context, seed uint64, o invent.Office) error {
	if p.handler.Name == "" {
		return nil
	}
	b := p.book(p.messages)
	const batch = "样例·例行督察未整改"
	plan, err := b.Plan(ctx, p.handler, book.Parcels, sheet.Table(invent.Parcels(seed, o)), book.Options{Batch: batch, Source: "satellite", Datum: "cgcs2000"})
	if err != nil {
		return err
	}
	if _, err := b.Import(ctx, p.handler, plan, false); err != nil {
		return err
	}
	for i, r := range plan.Rows {
		state, day := []intake.LedgerState{"", intake.LedgerVerifying, intake.LedgerRectifying, intake.LedgerConcluded}[i%4], intake.Date("")
		if state == "" {
			continue
		}
		if state == intake.LedgerConcluded {
			day = intake.DateOf(p.clock.AddDate(0, 0, -i), p.loc)
		}
		c := book.ParcelChange{State: state, ClosedOn: day, Reason: map[intake.LedgerState]string{intake.LedgerVerifying: "样例：已安排现场核查", intake.LedgerRectifying: "样例：正在复耕", intake.LedgerConcluded: "样例：已复耕，现场核实"}[state]}
		if err := b.MoveParcel(ctx, p.handler, batch, r.Key, c); err != nil {
			return err
		}
	}
	return nil
}
