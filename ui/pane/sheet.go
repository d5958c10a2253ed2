package pane

import (
	"fmt"

	"kdyno/ui/draw"
)

// SubjectKind says what a sheet is about.
type SubjectKind int

// The kinds of a subject; the zero is none.
const (
	NoSubject        SubjectKind = iota
	StopSubject                  // a station of the pipeline, by its number on the road
	BrokerSubject                // by its id
	PartitionSubject             // by topic and number
	WrongList                    // what is broken now and what has failed
	FailureSubject               // by its name
	StoryList                    // the records that were followed
	StorySubject                 // by its number, from the first
)

// Subject is a thing that can be taken apart.
type Subject struct {
	Kind SubjectKind
	ID   int32
	Name string // a partition's topic, a failure's kind
}

// Pointer is a pane that can say what is under its cursor.
type Pointer interface{ Subject() Subject }

// Sheet takes one thing apart, over the screen. Its figures follow Scene, which
// the screen renews before each frame.
type Sheet struct {
	Scene  Scene
	of     Subject
	back   []Subject // where esc goes
	cursor int       // in what can be opened from here
	scroll int
	over   int
}

// NewSheet opens a sheet.
func NewSheet(of Subject, s Scene) *Sheet { return &Sheet{of: of, Scene: s} }

// Of is what the sheet is about.
func (p *Sheet) Of() Subject { return p.of }

// sheetLine is a line of a sheet: a head, a label with a text, or a bar.
type sheetLine struct {
	head, note string
	label      string
	text       string
	role       draw.Role
	bar        *stretch
	pick       Subject // what enter opens here
	cell       bool    // the text is laid out and not to be wrapped
	below      bool    // the text is about the line above
}

// stretch is a bar that need not begin at the left: from and share are of the
// whole.
type stretch struct{ from, share float64 }

// account is what a sheet says.
type account struct {
	title string
	note  string
	lines []sheetLine
}

func (g *account) head(head, note string) {
	g.lines = append(g.lines, sheetLine{head: head, note: note})
}

func (g *account) say(text string, role draw.Role) {
	if text != "" {
		g.lines = append(g.lines, sheetLine{text: text, role: role})
	}
}

// row tells a figure; one that is not known is left out.
func (g *account) row(label, text string) { g.rowAs(label, text, draw.Text) }

func (g *account) rowAs(label, text string, role draw.Role) {
	if text != "" {
		g.lines = append(g.lines, sheetLine{label: label, text: text, role: role})
	}
}

// content is what there is to say of the subject now.
func (p *Sheet) content() account {
	switch p.of.Kind {
	case StopSubject:
		return stopPage(p.Scene, int(p.of.ID))
	case BrokerSubject:
		return brokerPage(p.Scene, p.of.ID)
	case PartitionSubject:
		return partitionPage(p.Scene, p.of.Name, p.of.ID)
	case WrongList:
		return wrongsPage(p.Scene)
	case FailureSubject:
		return failurePage(p.Scene, p.of)
	case StoryList:
		return storiesPage(p.Scene)
	case StorySubject:
		return storyPage(p.Scene, int(p.of.ID))
	default:
		return account{title: "Nothing"}
	}
}

// The columns of a sheet.
const (
	sheetWidth  = 96
	sheetLabel  = 20 // of a label, its gap included
	sheetIndent = 3
)

// Size implements Dialog.
func (p *Sheet) Size(w, h int) (int, int) {
	w = min(w, sheetWidth)
	g := p.content()
	return w, min(h, len(g.wrapped(w-4))+2)
}

// wrapped lays the lines out for a width: a text that is too long goes on below
// itself.
func (g account) wrapped(w int) []sheetLine {
	var lines []sheetLine
	for _, l := range g.lines {
		room := w
		if l.label != "" {
			room -= sheetLabel
		}
		if l.below {
			room -= sheetIndent
		}
		if l.head != "" || l.bar != nil || l.cell {
			lines = append(lines, l)
			continue
		}
		for i, text := range draw.Wrap(l.text, room, 12) {
			next := l
			if next.text = text; i > 0 {
				next.label = " "
				if l.label == "" {
					next.label = ""
				}
				next.pick = Subject{}
			}
			lines = append(lines, next)
		}
	}
	return lines
}

// Draw implements Dialog.
func (p *Sheet) Draw(c *draw.Canvas) {
	g := p.content()
	lines := g.wrapped(c.W - 4)
	at, picks := -1, 0
	for i, l := range lines {
		if l.pick.Kind != NoSubject {
			if picks == p.cursor {
				at = i
			}
			picks++
		}
	}
	room := max(c.H-2, 0)
	p.over = max(0, len(lines)-room)
	if at >= 0 {
		p.scroll = max(min(p.scroll, at-1), at-room+1)
	}
	p.scroll = max(0, min(p.scroll, p.over))
	box := draw.Box{
		Title: []draw.Span{{Text: draw.Cut(g.title, max(c.W-30, 10)), Role: draw.Title}}, Focus: true,
		Note: draw.Span{Text: fit(max(c.W-draw.Width(g.title)-10, 0), g.note, ""), Role: draw.Faint},
	}
	if p.over > 0 {
		box.Foot = draw.Span{Text: fmt.Sprintf("line %d to %d of %d, up and down scroll", p.scroll+1, p.scroll+min(room, len(lines)), len(lines)), Role: draw.Faint}
	}
	box.Draw(c, func(c *draw.Canvas) {
		for y, l := range lines[p.scroll:min(p.scroll+room, len(lines))] {
			l.draw(c, y)
			if p.scroll+y == at {
				c.Fill(0, y, c.W, draw.Cursor)
			}
		}
	})
}

func (l sheetLine) draw(c *draw.Canvas, y int) {
	x := 1
	if l.head != "" {
		drawHead(c, y, l.head, l.note)
		return
	}
	if l.label != "" {
		c.Text(x, y, draw.Cut(l.label, sheetLabel-1), draw.Faint)
		x += sheetLabel
	}
	if l.below {
		x += sheetIndent
	}
	if l.bar == nil {
		c.Text(x, y, draw.Cut(l.text, c.W-x-1), l.role)
		return
	}
	figure := draw.Width(l.text) + 1
	w := c.W - x - figure - 1
	for i := range w {
		c.Set(x+i, y, draw.Free, draw.Faint)
	}
	from := min(int(l.bar.from*float64(w)), w-1)
	c.Bar(x+from, y, min(max(int(l.bar.share*float64(w)+0.5), 1), w-from), 1, l.role)
	c.TextRight(c.W-1, y, l.text, draw.Text)
}

// Move goes through what can be opened, or scrolls where nothing can.
func (p *Sheet) Move(by int) {
	if picks := p.picks(); len(picks) > 1 {
		p.cursor = max(0, min(p.cursor+by, len(picks)-1))
		return
	}
	p.scroll = max(0, min(p.scroll+by, p.over))
}

// Opens says what enter would open.
func (p *Sheet) Opens() (Subject, bool) {
	if picks := p.picks(); p.cursor < len(picks) {
		return picks[p.cursor], true
	}
	return Subject{}, false
}

// picks are what can be opened from here.
func (p *Sheet) picks() []Subject {
	var picks []Subject
	for _, l := range p.content().lines {
		if l.pick.Kind != NoSubject {
			picks = append(picks, l.pick)
		}
	}
	return picks
}

// Open goes to a subject; Back comes back from there.
func (p *Sheet) Open(of Subject) {
	p.back = append(p.back, p.of)
	p.of, p.cursor, p.scroll = of, 0, 0
}

// Back goes back to where the sheet came from, and says whether there was such
// a place.
func (p *Sheet) Back() bool {
	last := len(p.back) - 1
	if last < 0 {
		return false
	}
	p.of, p.back = p.back[last], p.back[:last]
	p.cursor, p.scroll = 0, 0
	return true
}

// Turn goes to the next one of the same kind, round and round, and says whether
// there is one.
func (p *Sheet) Turn(by int) bool {
	all := p.alike()
	for i, s := range all {
		if s == p.of && len(all) > 1 {
			p.of, p.scroll, p.cursor = all[(i+by+len(all))%len(all)], 0, 0
			return true
		}
	}
	return false
}

// Several says whether there are others of the same kind.
func (p *Sheet) Several() bool { return len(p.alike()) > 1 }

// alike are all of the subject's kind, in their order on the screen.
func (p *Sheet) alike() []Subject {
	var all []Subject
	t := p.Scene.Figures
	switch p.of.Kind {
	case StopSubject:
		for i := range int32(stops) {
			all = append(all, Subject{Kind: StopSubject, ID: i})
		}
	case BrokerSubject:
		for _, b := range t.Now.InFlight {
			all = append(all, Subject{Kind: BrokerSubject, ID: b.ID})
		}
	case PartitionSubject:
		for _, r := range t.Report.Partitions {
			all = append(all, Subject{Kind: PartitionSubject, Name: r.Topic, ID: r.Partition})
		}
	case FailureSubject:
		for _, f := range t.Report.Failures {
			all = append(all, failureSubject(f))
		}
	case StorySubject:
		for i := range t.Report.Followed {
			all = append(all, Subject{Kind: StorySubject, ID: int32(i)})
		}
	case NoSubject, WrongList, StoryList:
	}
	return all
}
