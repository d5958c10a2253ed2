package pane

import (
	"slices"
	"unicode/utf8"

	"kdyno/ui/draw"
)

// fieldMost is how many characters a field takes: more than any setting needs
// and few enough that a pasted file does no harm.
const fieldMost = 256

// Field is one line of text being typed.
type Field struct {
	text   []rune
	cursor int
	Full   bool // the last thing typed did not fit
	Fresh  bool // nothing was done yet: what is typed replaces the text
}

// NewField makes a field that holds text, with the cursor at its end.
func NewField(text string) Field {
	f := Field{}
	f.Insert(text)
	return f
}

// Text is what was typed.
func (f *Field) Text() string { return string(f.text) }

// Insert types text at the cursor: its first line, as far as there is room.
// However long text is, only what fits is looked at.
func (f *Field) Insert(text string) {
	f.Full = false
	if f.Fresh && text != "" {
		f.text, f.cursor, f.Fresh = nil, 0, false
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if r == '\n' || r == '\r' {
			return
		}
		if len(f.text) >= fieldMost {
			f.Full = true
			return
		}
		f.text = slices.Insert(f.text, f.cursor, r)
		f.cursor++
	}
}

// Key handles a key that edits or moves; it says whether it did.
func (f *Field) Key(key string) bool {
	switch key {
	case "left", "ctrl+b":
		f.cursor = max(f.cursor-1, 0)
	case "right", "ctrl+f":
		f.cursor = min(f.cursor+1, len(f.text))
	case "home", "ctrl+a":
		f.cursor = 0
	case "end", "ctrl+e":
		f.cursor = len(f.text)
	case "backspace", "ctrl+h":
		if f.Fresh {
			f.text, f.cursor = nil, 0
		} else if f.cursor > 0 {
			f.cursor--
			f.text = slices.Delete(f.text, f.cursor, f.cursor+1)
		}
	case "delete", "ctrl+d":
		if f.cursor < len(f.text) {
			f.text = slices.Delete(f.text, f.cursor, f.cursor+1)
		}
	case "ctrl+u":
		f.text, f.cursor = f.text[f.cursor:], 0
	case "ctrl+k":
		f.text = f.text[:f.cursor]
	default:
		return false
	}
	f.Full, f.Fresh = false, false
	return true
}

// Draw draws the field over w cells, brackets included, so that the cursor is
// in sight.
func (f *Field) Draw(c *draw.Canvas, x, y, w int) {
	if w < 3 {
		return
	}
	c.Set(x, y, '[', draw.Key)
	c.Set(x+w-1, y, ']', draw.Key)
	room := w - 2
	from := max(0, f.cursor-room+1)
	for i := range room {
		switch at := from + i; {
		case at < len(f.text):
			r := []rune(draw.Safe(string(f.text[at]), 8))
			shown := r[0]
			if len(r) > 1 {
				shown = '?' // cannot be shown in one cell; the parser will say why
			}
			c.Set(x+1+i, y, shown, draw.Strong)
		case at == len(f.text):
			c.Set(x+1+i, y, '_', draw.Faint)
		}
		if from+i == f.cursor || f.Fresh && from+i < len(f.text) {
			c.Fill(x+1+i, y, 1, draw.Cursor)
		}
	}
}
