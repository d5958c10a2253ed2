package pane

import (
	"fmt"
	"slices"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

// PresetLine is one preset in the list; Problem says what of it cannot be read.
type PresetLine struct {
	Name, Note, For, Problem string
	BuiltIn                  bool
	Changes                  []setting.Change // against what runs now
	Measured                 string           // the last measurement in a line; "": none
	Goals                    []Goal
	Because, Sources, Claims []string
}

// Goal is an objective, and how it stands where it is judged.
type Goal struct {
	Text        string
	Judged, Met bool
	Got         string
}

// Presets is the dialog that loads and saves named configurations.
type Presets struct {
	Problem string // what the store said last
	Filter  Filter
	all     []PresetLine
	lines   []PresetLine // those that the filter lets pass
	loaded  bool
	cursor  int
	reasons bool // the detail says why instead of what
	naming  *naming
}

// naming is what is typed to save under a name.
type naming struct {
	name, note Field
	atNote     bool
	conflict   []setting.Change // what saving would change in the file that is there
	warned     bool             // the person was shown that
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
		kind := ""
		if l.BuiltIn {
			kind = "built in"
		}
		if p.Filter.Passes(l.Name, l.Note, l.For, kind) {
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

// Choose asks for the preset under the cursor. One of which nothing can be read
// is refused.
func (p *Presets) Choose() Intent {
	line, ok := p.Chosen()
	if !ok {
		return nil
	}
	if line.Problem != "" && len(line.Changes) == 0 {
		p.Problem = line.Problem
		return nil
	}
	return LoadPreset{Name: line.Name}
}

// TurnReasons shows why the preset is so instead of what it changes, and back.
func (p *Presets) TurnReasons() { p.reasons = !p.reasons }

// Naming says whether a name or a note is being typed.
func (p *Presets) Naming() bool { return p.naming != nil }

// AtName says whether the name is being typed, and not the note.
func (p *Presets) AtName() bool { return p.naming != nil && !p.naming.atNote }

// NameText is the name as far as it was typed.
func (p *Presets) NameText() string {
	if p.naming == nil {
		return ""
	}
	return p.naming.name.Text()
}

// StartName opens the field for a name.
func (p *Presets) StartName() { p.naming, p.Problem = &naming{}, "" }

// StartNote goes on to the field for a note.
func (p *Presets) StartNote() {
	if p.naming != nil {
		p.naming.atNote, p.Problem = true, ""
	}
}

// CancelName goes back from the note to the name, and from there to the list.
func (p *Presets) CancelName() {
	p.Problem = ""
	if p.naming != nil && p.naming.atNote {
		p.naming.atNote, p.naming.warned, p.naming.conflict = false, false, nil
		return
	}
	p.naming = nil
}

// Conflict shows that there is another file of this name, and what saving would
// change in it. Saving again replaces it.
func (p *Presets) Conflict(say string, changes []setting.Change) {
	p.Problem = say + "; enter again replaces it, esc takes another name"
	if p.naming != nil {
		p.naming.conflict, p.naming.warned = changes, true
	}
}

// SaveName asks for saving under the typed name; the fields stay open until the
// store has taken it.
func (p *Presets) SaveName() Intent {
	if p.naming == nil {
		return nil
	}
	return SavePreset{Name: p.naming.name.Text(), Note: p.naming.note.Text(), Replace: p.naming.warned}
}

// field is the one that is typed into.
func (n *naming) field() *Field {
	if n.atNote {
		return &n.note
	}
	return &n.name
}

// Type types into the field that is open.
func (p *Presets) Type(text string) {
	if p.naming != nil {
		p.naming.field().Insert(text)
	}
}

// EditKey edits the field; it says whether the key did something.
func (p *Presets) EditKey(key string) bool { return p.naming != nil && p.naming.field().Key(key) }

// presetRows are the rows that a preset's detail is worth.
const presetRows = 18

// Size implements Dialog. It follows what there is and not what the filter lets
// pass, so that it does not jump while that is typed.
func (p *Presets) Size(w, h int) (int, int) {
	rows := len(p.all)
	if rows > 0 {
		rows = max(rows, presetRows)
	}
	return min(w, 110), min(h, max(10, min(rows+2, 24)))
}

// Draw implements Dialog.
func (p *Presets) Draw(c *draw.Canvas) {
	box := draw.Box{
		Title: []draw.Span{{Text: "Presets", Role: draw.Title}}, Focus: true,
		Note: draw.Span{Text: fit(c.W-30, "enter stage   w why   s save current   x remove   esc", "enter stage  w why  s save  x remove  esc", "enter   w   s   x   esc", "esc"), Role: draw.Faint},
	}
	if p.naming != nil {
		box.Note.Text = "enter goes on   esc back"
	}
	if note := p.Filter.Note(); note != "" {
		box.Title = append(box.Title, draw.Span{Text: note, Role: draw.Staged})
	}
	box.Draw(c, func(c *draw.Canvas) {
		bottom := p.drawFoot(c)
		left := max(c.W*3/10, min(c.W, 21))
		c.Sub(0, 0, left, bottom, p.names)
		c.Sub(left+1, 0, c.W-left-2, bottom, p.detail)
	})
}

// drawFoot draws what the store said and what is typed; it returns the line
// where they begin.
func (p *Presets) drawFoot(c *draw.Canvas) (bottom int) {
	bottom = c.H
	for _, line := range slices.Backward(draw.Wrap(draw.Safe(p.Problem, 600), c.W-4, 3)) {
		bottom--
		c.Text(3, bottom, line, draw.Bad)
	}
	if p.Problem != "" {
		c.Set(1, bottom, '!', draw.Bad)
	}
	if p.naming == nil {
		return bottom
	}
	n := p.naming
	put := func(label string, f *Field, open bool) {
		bottom--
		if !open {
			c.Text(1, bottom, draw.Cut(label+" "+draw.Safe(f.Text(), 80), c.W-2), draw.Text)
			return
		}
		x := c.Text(1, bottom, label+" ", draw.Text)
		f.Draw(c, x, bottom, min(c.W-x-1, 64))
	}
	if n.field().Full {
		what := "name"
		if n.atNote {
			what = "note"
		}
		bottom--
		c.Text(1, bottom, draw.Cut("! the "+what+" is full, the rest is left out", c.W-2), draw.Bad)
	}
	if n.atNote {
		put("note, may be empty", &n.note, true)
	}
	put("save as", &n.name, !n.atNote)
	return bottom
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
		switch {
		case line.Problem != "":
			role = draw.Faint
			c.Set(2, y, '!', draw.Bad)
		case line.BuiltIn:
			c.Set(2, y, draw.Dot, draw.Faint)
		}
		c.Text(3, y, name, role)
		if from+y == p.cursor {
			c.Set(1, y, '>', draw.Key)
			c.Fill(3, y, c.W-3, draw.Cursor)
		}
	}
}

// detail is about the preset under the cursor, or about what is being saved.
func (p *Presets) detail(c *draw.Canvas) {
	line, ok := p.Chosen()
	to := &page{Canvas: c, margin: -1}
	switch {
	case p.naming != nil && p.naming.warned:
		to.put("In the file that is there, saving would change:", 0, draw.Warn)
		to.changes(p.naming.conflict)
		if len(p.naming.conflict) == 0 {
			to.put("none of the values, the note at most", 0, draw.Faint)
		}
	case p.naming != nil:
		to.put("What runs now is saved, with the figures of the last seconds where it has run long enough. What is only staged is not.", 0, draw.Faint)
	case !ok:
	case p.reasons:
		line.why(to)
	default:
		line.what(c)
	}
}

// what says what a preset is for, what it did, and what it would change.
func (l PresetLine) what(c *draw.Canvas) {
	foot := fmt.Sprintf("%s. enter stages it, nothing runs until a.", draw.Plural(int64(len(l.Changes)), "change"))
	switch {
	case l.Problem != "" && len(l.Changes) == 0:
		foot = "it cannot be staged"
	case l.Problem != "":
		foot = "enter stages what could be read"
	}
	c.Sub(0, 0, c.W, c.H-1, func(c *draw.Canvas) { l.body(&page{Canvas: c, margin: -1}) })
	c.Text(0, c.H-1, fit(c.W, foot, draw.Cut("enter stages it", c.W)), draw.Faint)
}

func (l PresetLine) body(to *page) {
	to.put(l.Problem, 0, draw.Bad)
	if l.For != "" {
		to.put("For "+l.For+".", 0, draw.Text)
	}
	to.put(l.Note, 0, draw.Faint)
	if l.Measured != "" {
		to.put("Measured "+l.Measured+".", 0, draw.Text)
	}
	for _, g := range l.Goals {
		g.put(to)
	}
	if len(l.Changes) == 0 && l.Problem == "" {
		to.put("It is what runs now.", 0, draw.Faint)
	}
	to.changes(l.Changes)
}

// why says why a preset is as it is, what it claims, and by whom.
func (l PresetLine) why(to *page) {
	if len(l.Because)+len(l.Claims) == 0 {
		to.put("Nothing in its file says why.", 0, draw.Faint)
	}
	for _, b := range l.Because {
		to.put("+ "+b, 2, draw.Text)
	}
	for _, claim := range l.Claims {
		to.put("Claims "+claim+", under its own load.", 0, draw.Strong)
	}
	for _, source := range l.Sources {
		to.put("Source: "+source, 2, draw.Faint)
	}
}

func (g Goal) put(to *page) {
	switch {
	case g.Judged && g.Met:
		to.put(fmt.Sprintf("Objective %s: met, it is %s.", g.Text, g.Got), 0, draw.Good)
	case g.Judged:
		to.put(fmt.Sprintf("Objective %s: not met, it is %s.", g.Text, g.Got), 0, draw.Bad)
	default:
		to.put("Objective "+g.Text+".", 0, draw.Text)
	}
}

// changes lists values as they are and as they would be.
func (p *page) changes(changes []setting.Change) {
	for _, ch := range changes {
		if p.y >= p.H {
			return
		}
		row, _ := setting.Find(ch.Key)
		keyWidth := min(p.W*3/5, keyMost)
		x := p.Text(0, p.y, draw.Left(draw.Safe(string(ch.Key), keyWidth), keyWidth), draw.Text)
		p.Text(x+1, p.y, draw.Safe(fmt.Sprintf("%s > %s", shown(row, ch.Old), shown(row, ch.New)), p.W-x-1), draw.Staged)
		p.y++
	}
}
