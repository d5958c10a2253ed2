package telemetry

// gap is the time between two acknowledgements that follow one another, as
// instants in nanoseconds.
type gap struct{ from, to int64 }

func (g gap) length() int64 { return g.to - g.from }

// gaps are the longest few of an interval, longest first: enough to find the
// one around a swap even where another was longer.
type gaps [4]gap

func (s *gaps) put(g gap) {
	if g.from < 0 || g.length() <= s[len(s)-1].length() {
		return
	}
	i := len(s) - 1
	for ; i > 0 && s[i-1].length() < g.length(); i-- {
		s[i] = s[i-1]
	}
	s[i] = g
}

func (s *gaps) merge(o gaps) {
	for _, g := range o {
		s.put(g)
	}
}

// after leaves out what was before an instant, and cuts what began before it.
func (s *gaps) after(from int64) gaps {
	var cut gaps
	for _, g := range s {
		cut.put(gap{from: max(g.from, from), to: g.to})
	}
	return cut
}

// longest is the length of the longest gap that overlaps from..to.
func (s *gaps) longest(from, to int64) int64 {
	for _, g := range s {
		if g.length() > 0 && g.from < to && g.to > from {
			return g.length()
		}
	}
	return 0
}
