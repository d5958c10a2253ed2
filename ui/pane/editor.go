package pane

import (
	"errors"
	"fmt"
	"slices"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

// editor edits one value at its row: a field, or a choice among words.
type editor struct {
	row   setting.Row
	field Field
	words []string // of a choice
	at    int      // the word chosen
	wrong string   // what is wrong with what was typed
	hint  string   // and what would be right
}

// Editing says whether the editor is open.
func (p *Config) Editing() bool { return p.edit != nil }

// Choosing says whether the open editor offers words to choose from.
func (p *Config) Choosing() bool { return p.edit != nil && p.edit.words != nil }

// Edit opens the editor at the cursor's row with the value that is staged or
// runs. It returns a Say where the row cannot be edited.
func (p *Config) Edit(now setting.Values) Intent {
	row := p.Row()
	if !p.passes(p.cursor) {
		return Say{"no setting passes the filter " + p.Filter.Note() + ": esc shows them all"}
	}
	if row.AtStart {
		return Say{string(row.Key) + " is set at start only: give it to kdyno when it starts, with --set or a preset"}
	}
	if row.Secret {
		return Say{string(row.Key) + " is a secret and is not typed on the screen: give it to kdyno when it starts"}
	}
	text, staged := p.staged[row.Key]
	if !staged {
		text = p.was(row.Key, now)
	}
	p.edit = &editor{row: row, words: row.Kind.Enum()}
	at := slices.Index(p.edit.words, row.Kind.Show(text))
	if p.edit.words == nil || at < 0 && p.edit.open() {
		p.edit.words, p.edit.field = nil, NewField(text)
		p.edit.field.Fresh = text != ""
		return nil
	}
	p.edit.at = max(0, at)
	return nil
}

// open says that the setting takes more than the words to choose from.
func (e *editor) open() bool { return e.row.Kind.Takes() != "" }

// Cancel closes the editor and stages nothing.
func (p *Config) Cancel() { p.edit = nil }

// Type types text into the open editor, at once however long it is. Where the
// setting takes more than words, typing turns the choice into a field.
func (p *Config) Type(text string) {
	if p.edit == nil || p.edit.words != nil && !p.edit.open() {
		return
	}
	p.edit.words = nil
	p.edit.field.Insert(text)
	p.edit.judge()
}

// EditKey moves and edits in the open editor; it says whether the key did
// something.
func (p *Config) EditKey(key string) bool {
	e := p.edit
	if e == nil {
		return false
	}
	if e.words == nil {
		done := e.field.Key(key)
		if done {
			e.judge()
		}
		return done
	}
	switch key {
	case "left", "up", "h", "k":
		e.at = (e.at + len(e.words) - 1) % len(e.words)
	case "right", "down", "l", "j":
		e.at = (e.at + 1) % len(e.words)
	default:
		return false
	}
	return true
}

// Accept stages what the editor holds and closes it; a value that the setting
// does not take is explained at the field, which stays open with what was
// typed.
func (p *Config) Accept(now setting.Values) {
	e := p.edit
	if e == nil {
		return
	}
	if err := p.Stage(e.row.Key, e.text(), now); err != nil {
		e.explain(err)
		return
	}
	p.edit = nil
}

// text is what the editor holds.
func (e *editor) text() string {
	if e.words != nil {
		return e.words[e.at]
	}
	return e.field.Text()
}

// judge says while typing what is wrong, once there is something typed.
func (e *editor) judge() {
	e.wrong, e.hint = "", ""
	if _, err := e.row.Kind.Parse(e.field.Text()); err != nil && e.field.Text() != "" {
		e.explain(err)
	}
}

func (e *editor) explain(err error) {
	e.wrong, e.hint = err.Error(), ""
	var bad *setting.ValueError
	if errors.As(err, &bad) {
		e.wrong, e.hint = bad.What(), bad.Hint
	}
}

// lines are what stands below the row while it is edited.
func (e *editor) lines(w int) []draw.Span {
	var lines []draw.Span
	if e.words != nil {
		how := "left, right choose; enter stages, esc leaves"
		if e.open() {
			for _, s := range draw.Wrap("or type "+e.row.Kind.Takes(), w, 3) {
				lines = append(lines, draw.Span{Text: s, Role: draw.Faint})
			}
		}
		return append(lines, draw.Span{Text: how, Role: draw.Faint})
	}
	if e.wrong != "" {
		for _, s := range draw.Wrap("! "+draw.Safe(e.wrong, 4*w), w, 2) {
			lines = append(lines, draw.Span{Text: s, Role: draw.Bad})
		}
	}
	if e.field.Full {
		full := fmt.Sprintf("! the field takes %d characters, the rest is left out", fieldMost)
		lines = append(lines, draw.Span{Text: full, Role: draw.Bad})
	}
	say := Range(e.row)
	if e.hint != "" {
		say = e.hint
	}
	for _, s := range draw.Wrap(draw.Safe(say, 4*w), w, 2) {
		lines = append(lines, draw.Span{Text: s, Role: draw.Faint})
	}
	how := "enter stages, esc leaves"
	if e.field.Fresh {
		how = "type anew, or arrows to edit; " + how
	}
	for _, s := range draw.Wrap(how, w, 2) {
		lines = append(lines, draw.Span{Text: s, Role: draw.Faint})
	}
	return lines
}

// draw draws the field or the choice over w cells.
func (e *editor) draw(c *draw.Canvas, x, y, w int) {
	if e.words == nil {
		e.field.Draw(c, x, y, w)
		return
	}
	word := draw.Cut(e.words[e.at], w-4)
	end := c.Text(x, y, "< "+word+" >", draw.Strong)
	c.Fill(x+2, y, draw.Width(word), draw.Cursor)
	c.Text(end+1, y, draw.Cut(fmt.Sprintf("%d of %d", e.at+1, len(e.words)), x+w-end-1), draw.Faint)
}

// Range says which values a setting takes, with its unit and its default.
func Range(row setting.Row) string {
	say := ""
	if takes := row.Kind.Takes(); takes != "" {
		if shown := row.Kind.Show(row.Default); shown != "" {
			takes += "; default " + shown
		}
		return takes
	}
	if words := row.Kind.Enum(); words != nil {
		for i, word := range words {
			if i > 0 {
				say += ", "
			}
			say += word
		}
		return say + "; default " + row.Kind.Show(row.Default)
	}
	say = row.Kind.Unit()
	switch least, most := row.Kind.Bounds(); {
	case least != "" && most != "":
		say += " " + least + " to " + most
	case least != "":
		say += " " + least + " or more"
	}
	if say == "" {
		say = row.Kind.Type()
	}
	if row.Default == "" {
		return say
	}
	return say + "; default " + row.Kind.Show(row.Default)
}
