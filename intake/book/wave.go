package book

// line is what may stand on a village's sheet.
type line struct {
	Item
	id     string // a tip's id, or the number of a parcel from above
	public bool   // somebody reported it
}

// others is how many new lines of other origin a report by the public stands among.
const others = 2

// wave picks the lines of a sheet. What stood on one before stands there again, and what is new of other origin
// is added. Of what is new from the public no more is added than that, and nothing among less than others; the
// oldest first, and the rest waits. So what a sheet adds to another is one wave or several, but for what was closed
// since, and in each a line is at least as likely of other origin. shown are the ids of all that is about what stands there.
// added is how many didn't stand on one before.
func wave(lines []line, before map[string]bool) (items []Item, shown []string, added, waiting int) {
	known, stands := map[string]bool{}, map[string]bool{} // parcels' numbers: one stands on a sheet once
	add := func(most int, fits func(line) bool) (n int) {
		for _, l := range lines {
			if known[l.Parcel] || !fits(l) {
				continue
			}
			known[l.Parcel] = true
			if n++; n <= most {
				items, stands[l.Parcel] = append(items, l.Item), true
			}
		}
		return n
	}
	add(len(lines), func(l line) bool { return before[l.id] })
	added = add(len(lines), func(l line) bool { return !l.public })
	among := added
	if among < others {
		among = 0
	}
	reported := add(among, func(line) bool { return true })
	waiting = max(0, reported-among)
	for _, l := range lines {
		if stands[l.Parcel] {
			shown = append(shown, l.id)
		}
	}
	return items, shown, added + reported - waiting, waiting
}
