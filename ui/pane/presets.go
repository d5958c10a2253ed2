package pane

import (
	"fmt"
	"maps"
	"slices"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

// PresetLine is one preset in the list; Problem says why it cannot be used.
type PresetLine struct {
	Name, Note, Problem string
	Set                 map[string]string
}

// Presets is the dialog that loads and saves named configurations.
type Presets struct {
	Now     setting.Values
	Problem string // what the store said last
	Filter  Filter
	all     []PresetLine
	lines   []PresetLine // those that the filter lets pass
	loaded  bool
	cursor  int
	name    *Field // open while a name is typed
}

// Fill puts the store's list into the dialog.
func (p *Presets) Fill(lines []PresetLine) {
	p.all, p.loaded = lines, true
	p.Move(0)
}

// pass takes the presets that the filter lets pass.
func (p *Presets) pass() {
	p.lines = nil
	for _, l := range p.all {
		if p.Filter.Passes(l.Name, l.Note) {
			p.lines = append(p.lines, l)
		}
	}
}

// Move moves the cursor in what the filter lets pass.
func (p *Presets) Move(by int) {
	p.pass()
	p.cursor = max(0, min(p.cursor+by, len(p.lines)-1))
}

// Any says whether there is a preset to choose.
func (p *Presets) Any() bool { return len(p.lines) > 0 }

// Chosen is the preset under the cursor.
func (p *Presets) Chosen() (PresetLine, bool) {
	if !p.Any() {
		return PresetLine{}, false
	}
	return p.lines[p.cursor], true
}

// Choose asks for the preset under the cursor.
func (p *Presets) Choose() Intent {
	if !p.Any() {
		return nil
	}
	line := p.lines[p.cursor]
	if line.Problem != "" {
		p.Problem = line.Problem
		return nil
	}
	return LoadPreset{Name: line.Name}
}

// Naming says whether a name is being typed.
func (p *Presets) Naming() bool { return p.name != nil }

// StartName opens the field for a name.
func (p *Presets) StartName() {
	f := NewField("")
	p.name, p.Problem = &f, ""
}

// CancelName closes the field.
func (p *Presets) CancelName() { p.name, p.Problem = nil, "" }

// SaveName asks for saving under the typed name; the field stays open until
// the store has taken it.
func (p *Presets) SaveName() Intent {
	if p.name == nil {
		return nil
	}
	return SavePreset{Name: p.name.Text()}
}

// Type types into the field for a name.
func (p *Presets) Type(text string) {
	if p.name != nil {
		p.name.Insert(text)
	}
}

// EditKey edits the name; it says whether the key did something.
func (p *Presets) EditKey(key string) bool { return p.name != nil && p.name.Key(key) }

// Size implements Dialog. It follows what there is and not what the filter lets
// pass, so that it does not jump while that is typed.
func (p *Presets) Size(w, h int) (int, int) {
	rows := len(p.all)
	for _, l := range p.all {
		rows = max(rows, len(l.Set)+presetWords)
	}
	return min(w, 100), min(h, max(10, min(rows+2, 20)))
}

// presetWords are the rows of a preset's note and of what choosing it does.
const presetWords = 3

// Draw implements Dialog.
func (p *Presets) Draw(c *draw.Canvas) {
	box := draw.Box{
		Title: []draw.Span{{Text: "Presets", Role: draw.Title}}, Focus: true,
		Note: draw.Span{Text: fit(c.W-30, "enter stage   s save current   x remove   esc", "enter stage   s save   x remove   esc", "esc"), Role: draw.Faint},
	}
	if p.name != nil {
		box.Note.Text = "enter save   esc back"
	}
	if note := p.Filter.Note(); note != "" {
		box.Title = append(box.Title, draw.Span{Text: note, Role: draw.Staged})
	}
	box.Draw(c, func(c *draw.Canvas) {
		bottom := c.H
		for _, line := range slices.Backward(draw.Wrap(draw.Safe(p.Problem, 600), c.W-4, 3)) {
			bottom--
			c.Text(3, bottom, line, draw.Bad)
		}
		if p.Problem != "" {
			c.Set(1, bottom, '!', draw.Bad)
		}
		if p.name != nil {
			bottom--
			x := c.Text(1, bottom, "save as ", draw.Text)
			p.name.Draw(c, x, bottom, min(c.W-x-1, 44))
			if p.name.Full {
				bottom--
				c.Text(1, bottom, draw.Cut("! the name is full, the rest is left out", c.W-2), draw.Bad)
			}
		}
		left := max(c.W*2/5, min(c.W, 24))
		c.Sub(0, 0, left, bottom, p.names)
		c.Sub(left+1, 0, c.W-left-2, bottom, p.detail)
	})
}

func (p *Presets) names(c *draw.Canvas) {
	if len(p.lines) == 0 {
		text := "reading the folder"
		switch {
		case p.Filter.On():
			text = "none passes " + p.Filter.Note() + "; esc shows them all"
		case p.loaded:
			text = "none saved yet: s saves what runs now"
		}
		for y, line := range draw.Wrap(text, c.W-2, c.H) {
			c.Text(1, y, line, draw.Faint)
		}
		return
	}
	from := max(0, min(p.cursor-c.H/2, len(p.lines)-c.H))
	for y, line := range p.lines[from:min(from+c.H, len(p.lines))] {
		role, name := draw.Text, draw.Safe(line.Name, c.W-4)
		if line.Problem != "" {
			role = draw.Faint
			c.Set(2, y, '!', draw.Bad)
		}
		c.Text(3, y, name, role)
		if from+y == p.cursor {
			c.Set(1, y, '>', draw.Key)
			c.Fill(3, y, c.W-3, draw.Cursor)
		}
	}
}

// detail shows what the preset under the cursor would change.
func (p *Presets) detail(c *draw.Canvas) {
	if !p.Any() {
		return
	}
	line, y := p.lines[p.cursor], 0
	note := line.Note
	if line.Problem != "" {
		note = line.Problem
	}
	for _, s := range draw.Wrap(draw.Safe(note, 1000), c.W, max(c.H-2, 0)) {
		c.Text(0, y, s, draw.Faint)
		y++
	}
	changes := 0
	for _, key := range slices.Sorted(maps.Keys(line.Set)) {
		row, known := setting.Find(setting.Key(key))
		now, text := p.Now.Text(row.Key), line.Set[key]
		mark, role := "=", draw.Faint
		if known && now != text {
			mark, role = ">", draw.Text
			changes++
		}
		if y < c.H-2 {
			keyWidth := min(c.W*3/5, keyMost)
			x := c.Text(0, y, draw.Left(draw.Safe(key, keyWidth), keyWidth), role)
			c.Text(x+1, y, draw.Safe(fmt.Sprintf("%s %s %s", shown(row, now), mark, shown(row, text)), c.W-x-1), role)
			y++
		}
	}
	if line.Problem != "" {
		c.Text(0, c.H-1, draw.Cut("it cannot be staged", c.W), draw.Faint)
		return
	}
	c.Text(0, c.H-1, fit(c.W, fmt.Sprintf("%s. enter stages it, nothing runs until a.", draw.Plural(int64(changes), "change")), "enter stages it"), draw.Faint)
}
