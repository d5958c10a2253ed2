package pane

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"kdyno/ui/draw"
)

// fieldMost is how many characters a field takes: more than any setting needs
// and few enough that a pasted file does no harm.
const fieldMost = 256

// fieldKeys are the keys that edit and move, by their names. What is not here
// does not reach textinput: its ctrl+v runs a program to read the clipboard,
// where the terminal's own paste arrives as text, and its alt+d panics before
// the last character (v2.2.1).
var fieldKeys = map[string]tea.Key{
	"left": {Code: tea.KeyLeft}, "ctrl+b": {Code: 'b', Mod: tea.ModCtrl},
	"right": {Code: tea.KeyRight}, "ctrl+f": {Code: 'f', Mod: tea.ModCtrl},
	"home": {Code: tea.KeyHome}, "ctrl+a": {Code: 'a', Mod: tea.ModCtrl},
	"end": {Code: tea.KeyEnd}, "ctrl+e": {Code: 'e', Mod: tea.ModCtrl},
	"ctrl+left": {Code: tea.KeyLeft, Mod: tea.ModCtrl}, "alt+b": {Code: 'b', Mod: tea.ModAlt},
	"ctrl+right": {Code: tea.KeyRight, Mod: tea.ModCtrl}, "alt+f": {Code: 'f', Mod: tea.ModAlt},
	"backspace": {Code: tea.KeyBackspace}, "ctrl+h": {Code: 'h', Mod: tea.ModCtrl},
	"delete": {Code: tea.KeyDelete}, "ctrl+d": {Code: 'd', Mod: tea.ModCtrl},
	"ctrl+w": {Code: 'w', Mod: tea.ModCtrl}, "alt+backspace": {Code: tea.KeyBackspace, Mod: tea.ModAlt},
	"ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "ctrl+k": {Code: 'k', Mod: tea.ModCtrl},
}

// takeBack are the keys that empty a field in which nothing was done yet.
var takeBack = []string{"backspace", "ctrl+h", "alt+backspace", "ctrl+w"}

// Field is one line of text being typed; the zero Field is an empty one. The
// text and its cursor are a textinput's; the drawing is ours, since a canvas
// takes runes and roles and textinput's view is styled text.
type Field struct {
	input textinput.Model
	Full  bool // the last thing typed did not fit
	Fresh bool // nothing was done yet: what is typed replaces the text
}

// NewField makes a field that holds text, with the cursor at its end.
func NewField(text string) Field {
	f := Field{}
	f.Insert(text)
	return f
}

// Text is what was typed.
func (f *Field) Text() string { return f.input.Value() }

// Insert types text at the cursor: its first line, as far as there is room.
// However long text is, only what fits is looked at. A tab becomes a blank,
// any other control character a question mark.
func (f *Field) Insert(text string) {
	f.Full = false
	if f.Fresh && text != "" {
		f.input.Reset()
		f.Fresh = false
	}
	line, whole := firstLine(text, fieldMost-utf8.RuneCountInString(f.Text()))
	f.Full = !whole
	if line != "" {
		f.update(tea.PasteMsg{Content: line})
	}
}

// firstLine is the first line of text as far as there is room, and whether
// that is all of the line. Control characters are replaced here: textinput
// would drop them, and a wrong value would become another one unseen.
func firstLine(text string, room int) (line string, whole bool) {
	var runes []rune
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r':
			return string(runes), true
		case len(runes) >= room:
			return string(runes), false
		case r != '\t' && unicode.IsControl(r), r == utf8.RuneError:
			r = '?'
		}
		runes = append(runes, r)
	}
	return string(runes), true
}

// Key handles a key that edits or moves, by its name; it says whether it did.
func (f *Field) Key(name string) bool {
	key, known := fieldKeys[name]
	if !known {
		return false
	}
	if f.Fresh && slices.Contains(takeBack, name) {
		f.input.Reset()
	} else {
		f.update(tea.KeyPressMsg(key))
	}
	f.Full, f.Fresh = false, false
	return true
}

// update lets the input handle msg. Its commands only blink a cursor, and ours
// stands still.
func (f *Field) update(msg tea.Msg) {
	if !f.input.Focused() {
		f.input = textinput.New()
		f.input.CharLimit = fieldMost
		f.input.SetVirtualCursor(false)
		f.input.Focus()
	}
	f.input, _ = f.input.Update(msg)
}

// scrolled is how many characters are out of sight to the left where there is
// room for that many, so that the cursor is in sight.
func (f *Field) scrolled(room int) int { return max(0, f.input.Position()-room+1) }

// Draw draws the field over w cells, brackets included, so that the cursor is
// in sight.
func (f *Field) Draw(c *draw.Canvas, x, y, w int) {
	if w < 3 {
		return
	}
	c.Set(x, y, '[', draw.Key)
	c.Set(x+w-1, y, ']', draw.Key)
	room := w - 2
	text, cursor, from := []rune(f.Text()), f.input.Position(), f.scrolled(room)
	for i := range room {
		switch at := from + i; {
		case at < len(text):
			r := []rune(draw.Safe(string(text[at]), 8))
			shown := r[0]
			if len(r) > 1 {
				shown = '?' // cannot be shown in one cell; the parser will say why
			}
			c.Set(x+1+i, y, shown, draw.Strong)
		case at == len(text):
			c.Set(x+1+i, y, '_', draw.Faint)
		}
		if from+i == cursor || f.Fresh && from+i < len(text) {
			c.Fill(x+1+i, y, 1, draw.Cursor)
		}
	}
}
