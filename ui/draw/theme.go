package draw

import "strings"

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
	sgr   [roles]string
}

// themes is the one table of looks. Dark is drawn in the 256 colours that
// every terminal and tmux has, after Okabe and Ito: no red against green.
var themes = []Theme{
	{Name: "dark", sgr: [roles]string{
		Faint: "38;5;245", Strong: "1", Title: "1", Border: "38;5;240", Focus: "38;5;75",
		Key: "1;38;5;75", Cursor: "7", Staged: "38;5;221", Good: "38;5;36", Warn: "1;38;5;221", Bad: "1;38;5;214",
		SeriesA: "38;5;75", SeriesB: "38;5;214", SeriesC: "38;5;168", MarkLine: "38;5;221",
	}},
	{Name: "mono", sgr: [roles]string{
		Strong: "1", Title: "1", Focus: "1", Key: "1", Cursor: "7", Staged: "1", Warn: "1", Bad: "1;7",
	}},
}

// FindTheme returns the theme of that name, or the first and false.
func FindTheme(name string) (Theme, bool) {
	for _, t := range themes {
		if t.Name == name {
			return t, true
		}
	}
	return themes[0], false
}

// ThemeNames lists the themes, the default first.
func ThemeNames() []string {
	names := make([]string, len(themes))
	for i, t := range themes {
		names[i] = t.Name
	}
	return names
}

// turn writes what changes a terminal from one role's look to another's.
func (t *Theme) turn(b *strings.Builder, from, to Role) {
	was, is := t.sgr[from%roles], t.sgr[to%roles]
	if was == is {
		return
	}
	if was != "" {
		b.WriteString("\x1b[m")
	}
	if is != "" {
		b.WriteString("\x1b[")
		b.WriteString(is)
		b.WriteByte('m')
	}
}
