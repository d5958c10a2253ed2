package draw

import "slices"

// Role is what a cell means. Colour follows from it through a theme and never
// carries a meaning alone: whatever a role says is also said by a glyph, a
// word or a place.
type Role uint8

// The roles of a cell.
const (
	Text     Role = iota
	Faint         // units, captions, what is at rest
	Strong        // the figures that are read from the last row
	Title         // a pane's name
	Border        // a pane's box
	Focus         // the box of the pane that has the keys
	Key           // a key in the key line
	Cursor        // the row under the cursor
	Staged        // edited and not applied
	Good          // as it should be
	Warn          // worth knowing
	Bad           // errors
	SeriesA       // the first line of a chart
	SeriesB       // the second
	SeriesC       // the third
	MarkLine      // revisions and marks in a chart
	roles
)

// Theme gives every role a colour; the zero theme has none.
type Theme struct {
	Name  string
	ASCII bool // boxes and blocks as plain ASCII
	// ground is painted below everything, where the theme does not leave the
	// terminal's own background.
	ground string
	thick  bool // strokes that are seen from the last row
	sgr    [roles]string
}

// themes is the one table of looks, drawn in the 256 colours that every
// terminal and tmux has, after Okabe and Ito: no red against green. Dark comes
// first, since most terminals are and one that does not answer is taken for it.
var themes = []Theme{
	{Name: "dark", sgr: [roles]string{
		Faint: "38;5;245", Strong: "1", Title: "1", Border: "38;5;240", Focus: "38;5;75",
		Key: "1;38;5;75", Cursor: "7", Staged: "38;5;221", Good: "38;5;36", Warn: "1;38;5;221", Bad: "1;38;5;214",
		SeriesA: "38;5;75", SeriesB: "38;5;214", SeriesC: "38;5;168", MarkLine: "38;5;221",
	}},
	{Name: "light", sgr: [roles]string{
		Faint: "38;5;241", Strong: "1", Title: "1", Border: "38;5;245", Focus: "38;5;25",
		Key: "1;38;5;25", Cursor: "7", Staged: "38;5;94", Good: "38;5;29", Warn: "1;38;5;94", Bad: "1;38;5;130",
		SeriesA: "38;5;25", SeriesB: "38;5;130", SeriesC: "38;5;162", MarkLine: "38;5;94",
	}},
	// The person's own sixteen. Bright black is the background itself in some
	// palettes, so what is faint is dimmed instead.
	{Name: "terminal", sgr: [roles]string{
		Faint: "2", Strong: "1", Title: "1", Border: "2", Focus: "36",
		Key: "1;36", Cursor: "7", Staged: "33", Good: "36", Warn: "1;33", Bad: "1;31",
		SeriesA: "36", SeriesB: "33", SeriesC: "35", MarkLine: "33",
	}},
	{Name: "mono", sgr: [roles]string{
		Strong: "1", Title: "1", Focus: "1", Key: "1", Cursor: "7", Staged: "1", Warn: "1", Bad: "1;7",
	}},
	// For a projector: its own ground, so that every viewer sees the same, and
	// nothing faint.
	{Name: "contrast", ground: ";48;5;16", thick: true, sgr: [roles]string{
		Text: "1;38;5;231", Faint: "1;38;5;252", Strong: "1;38;5;231", Title: "1;38;5;231", Border: "1;38;5;250",
		Focus: "1;38;5;117", Key: "1;38;5;117", Cursor: "1;7;38;5;231", Staged: "1;38;5;227", Good: "1;38;5;79",
		Warn: "1;38;5;227", Bad: "1;38;5;215",
		SeriesA: "1;38;5;117", SeriesB: "1;38;5;215", SeriesC: "1;38;5;212", MarkLine: "1;38;5;227",
	}},
}

// Auto is the choice that follows the terminal's background.
const Auto = "auto"

// FindTheme returns the theme of that name, or the first and false. Auto has
// no row: AutoTheme knows it.
func FindTheme(name string) (Theme, bool) {
	for _, t := range themes {
		if t.Name == name {
			return t, true
		}
	}
	return themes[0], name == Auto
}

// AutoTheme is what fits a terminal with a light or a dark background.
func AutoTheme(light bool) Theme {
	name := "dark"
	if light {
		name = "light"
	}
	t, _ := FindTheme(name)
	return t
}

// ThemeNames lists what a person can choose, the default first.
func ThemeNames() []string {
	names := []string{Auto}
	for _, t := range themes {
		names = append(names, t.Name)
	}
	return names
}

// NextTheme is the name after this one, round and round.
func NextTheme(name string) string {
	names := ThemeNames()
	return names[(slices.Index(names, name)+1)%len(names)]
}

// style is the SGR parameters of a role, nothing for the terminal's own look.
func (t *Theme) style(r Role) (own, ground string) { return t.sgr[r%roles], t.ground }

// turn writes what changes a terminal from one role's look to another's.
func (t *Theme) turn(b []byte, from, to Role) []byte {
	was, _ := t.style(from)
	is, _ := t.style(to)
	if was == is {
		return b
	}
	if was != "" {
		b = append(b, "\x1b[m"...)
	}
	return t.begin(b, to)
}

// begin writes a role's look where none is in force.
func (t *Theme) begin(b []byte, to Role) []byte {
	own, ground := t.style(to)
	if own == "" {
		return b
	}
	b = append(b, "\x1b["...)
	b = append(b, own...)
	b = append(b, ground...)
	return append(b, 'm')
}

// glyph is the rune as this theme draws it.
func (t *Theme) glyph(r rune) rune {
	switch {
	case t.ASCII:
		return rune(ascii(r))
	case t.thick:
		if bold, ok := thicker[r]; ok {
			return bold
		}
	}
	return r
}
