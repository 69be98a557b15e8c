package desk

import (
	"cmp"
	"slices"

	"tipline/intake"
)

// moment is a line of a tip's timeline. What happened on one day stands in no order
// but that of its kinds: the time of day isn't kept.
type moment struct {
	On    intake.Date
	State intake.State // a change of the state, with its note
	Kind  string       // desk.line.KIND otherwise
	By    string       // who, where that is known
	Note  string
	Ahead bool // it hasn't come yet
}

// Talk is what was said. Photographs that the reporter sent one by one on a day stand together: each is a message of
// its own, and ten of them would push the answer off the screen.
func (p tipPage) Talk() (out []intake.Spoken) {
	for _, m := range p.Messages {
		if i := len(out) - 1; i >= 0 && m.Text == "" && len(m.Flags) == 0 && m.From == intake.FromReporter && m.From == out[i].From && m.On == out[i].On {
			out[i].Files = slices.Concat(out[i].Files, m.Files)
			continue
		}
		out = append(out, m)
	}
	return out
}

// Timeline is what happened to the tip, and what falls due next.
func (p tipPage) Timeline() []moment {
	var out []moment
	for _, h := range p.History {
		out = append(out, moment{On: h.On, State: h.State, Note: p.Notes[h.State]})
	}
	for _, m := range p.Talk() {
		kind := "reporter"
		if m.From == intake.FromDesk {
			kind = "answer"
		}
		out = append(out, moment{On: m.On, Kind: kind})
	}
	for _, n := range p.Inside {
		out = append(out, moment{On: n.On, Kind: "note", By: n.By})
	}
	for _, r := range p.Custody {
		out = append(out, moment{On: r.AskedOn, Kind: "asked", By: r.Asker})
	}
	for _, m := range p.Came {
		out = append(out, moment{On: m.On, Kind: "moved", By: p.Label("desk", m.From) + " → " + p.Label("desk", m.To)})
	}
	slices.SortStableFunc(out, func(a, b moment) int { return cmp.Compare(a.On, b.On) })
	if due := p.Due(p.Tip); due != nil {
		out = append(out, moment{On: due.On, Kind: "due", Note: due.Kind, Ahead: true})
	}
	return out
}
