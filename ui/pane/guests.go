package pane

import (
	"fmt"
	"slices"
	"strings"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// Guests is the list of somebody else's producers. The row with the cursor is the
// one that all other panes show.
type Guests struct {
	Filter Filter
	scroll int
	rows   []telemetry.Guest // as they were last drawn
	wanted int               // the number of the guest that was moved to; 0: none yet
}

// ListFilter implements Lister.
func (p *Guests) ListFilter() *Filter { return &p.Filter }

// Move implements Mover: it goes on to another guest.
func (p *Guests) Move(by int) {
	if len(p.rows) == 0 {
		return
	}
	at := slices.IndexFunc(p.rows, func(g telemetry.Guest) bool { return g.Number == p.wanted })
	p.wanted = p.rows[min(max(at+by, 0), len(p.rows)-1)].Number
}

// Wanted is the number of the guest that was moved to, 0 before any was.
func (p *Guests) Wanted() int { return p.wanted }

// PointAt moves to the guest in a line of the pane, from 0.
func (p *Guests) PointAt(line int) {
	if at := line - 1 + p.scroll; line > 0 && at < len(p.rows) {
		p.wanted = p.rows[at].Number
	}
}

// Draw draws the pane with its box.
func (p *Guests) Draw(c *draw.Canvas, s Scene) {
	all := s.Figures.Guests
	if all == nil {
		all = &telemetry.Guests{}
	}
	p.rows = slices.DeleteFunc(slices.Clone(all.List), func(g telemetry.Guest) bool { return !p.Filter.Passes(g.Name, g.Software, g.Address) })
	if p.wanted = all.Shown; p.wanted == 0 && len(p.rows) > 0 {
		p.wanted = p.rows[0].Number
	}
	box := draw.Box{
		Title: []draw.Span{{Text: "Producers", Role: draw.Title}}, Focus: s.Focus,
		Note: draw.Span{Text: fit(c.W-16, guestsNote(all)...), Role: draw.Faint},
	}
	if note := p.Filter.Note(); note != "" {
		box.Title = append(box.Title, draw.Span{Text: note, Role: draw.Staged})
	}
	if len(all.List) > 0 {
		box.Foot = draw.Span{Text: fit(c.W-8, "bootstrap.servers="+draw.Safe(all.Bootstrap, 400), firstOf(all.Bootstrap)), Role: draw.Faint}
	}
	box.Draw(c, func(c *draw.Canvas) {
		switch {
		case len(all.List) == 0:
			noGuests(c, s, all)
		case len(p.rows) == 0:
			nothingPasses(c, &p.Filter)
		default:
			p.table(c)
		}
	})
}

func guestsNote(all *telemetry.Guests) []string {
	here := 0
	for i := range all.List {
		if all.List[i].Connections > 0 {
			here++
		}
	}
	short := fmt.Sprintf("%d connected", here)
	long := short
	if gone := len(all.List) - here; gone > 0 {
		long += fmt.Sprintf(", %d gone", gone)
	}
	if all.Others > 0 {
		long += fmt.Sprintf(", %s without records", draw.Plural(int64(all.Others), "other client"))
	}
	return []string{long, short}
}

func firstOf(bootstrap string) string {
	first, rest, _ := strings.Cut(bootstrap, ",")
	if rest != "" {
		first += ",..."
	}
	return draw.Safe(first, 80)
}

// noGuests says what to do that a producer comes.
func noGuests(c *draw.Canvas, s Scene, all *telemetry.Guests) {
	to := &page{Canvas: c}
	if all.Bootstrap == "" {
		to.put(s.Live.Say, 0, draw.Text)
		return
	}
	to.put("No producer has come yet. Set in your application:", 0, draw.Text)
	to.y += min(max(c.H-5, 0), 1)
	to.put("  bootstrap.servers="+all.Bootstrap, 4, draw.Strong)
	to.y += min(max(c.H-5, 0), 1)
	if s.Figures.Report.Cluster.Simulated {
		to.put("Leave security.protocol at PLAINTEXT, and start it. Nothing else has to change: topics that are missing are made.", 0, draw.Text)
	} else {
		to.put("and start it. Nothing else has to change: what it says is passed on to the cluster, logins too.", 0, draw.Text)
	}
	to.put("Any client in any language will do. Of records only counts, sizes and times are looked at, never what is in them.", 0, draw.Faint)
	if all.Others > 0 {
		to.put(draw.Plural(int64(all.Others), "client")+" came that did not produce.", 0, draw.Text)
	}
}

// guestColumn is a column of the list. Where there is not room for all of them
// those of the highest rank stay out.
type guestColumn struct {
	head  string
	w     int // 0: what is left
	rank  int
	text  func(g *telemetry.Guest) string
	right bool
}

const guestNameLeast = 20

var guestColumns = []guestColumn{
	{head: "client.id", text: func(g *telemetry.Guest) string { return draw.Safe(g.Name, 60) }},
	{head: "software", w: 24, rank: 3, text: func(g *telemetry.Guest) string { return orUnknown(draw.Safe(g.Software, 40)) }},
	{head: "address", w: 15, rank: 7, text: func(g *telemetry.Guest) string { return draw.Safe(g.Address, 40) }},
	{head: "rec/s", w: 8, rank: 1, right: true, text: guestRate},
	{head: "records", w: 8, rank: 6, right: true, text: func(g *telemetry.Guest) string { return draw.SI(float64(g.Records)) }},
	{head: "acks", w: 4, rank: 2, right: true, text: func(g *telemetry.Guest) string { return orUnknown(g.Acks) }},
	{head: "codec", w: 6, rank: 4, text: func(g *telemetry.Guest) string { return orUnknown(g.Codec) }},
	{head: "idem", w: 4, rank: 8, text: func(g *telemetry.Guest) string { return map[bool]string{true: "yes", false: "no"}[g.Idempotent] }},
	{head: "in flight", w: 9, rank: 5, right: true, text: func(g *telemetry.Guest) string { return fmt.Sprintf("max %d", g.InFlightMax) }},
	{head: "retries", w: 7, rank: 9, right: true, text: func(g *telemetry.Guest) string { return draw.SI(float64(g.Retries)) }},
	{head: "errors", w: 6, rank: 2, right: true, text: func(g *telemetry.Guest) string { return draw.SI(float64(g.Errors)) }},
}

func guestRate(g *telemetry.Guest) string {
	if g.Connections == 0 {
		return "gone"
	}
	return draw.SI(g.RecordsPerS)
}

func orUnknown(text string) string {
	if text == "" {
		return draw.Unknown
	}
	return text
}

// columnsFor are the columns for a width, the first with what the others leave.
func columnsFor(w int) []guestColumn {
	most := 0
	for rank := 1; rank <= 9; rank++ {
		used := 2 + guestNameLeast
		for _, col := range guestColumns[1:] {
			if col.rank <= rank {
				used += col.w + 2
			}
		}
		if used <= w {
			most = rank
		}
	}
	left := w - 2
	columns := []guestColumn{guestColumns[0]}
	for _, col := range guestColumns[1:] {
		if col.rank <= most {
			columns = append(columns, col)
			left -= col.w + 2
		}
	}
	columns[0].w = min(left, 40)
	return columns
}

func (p *Guests) table(c *draw.Canvas) {
	columns := columnsFor(c.W)
	y := 0
	if c.H > 1 {
		drawGuest(c, 0, columns, func(col *guestColumn) (string, draw.Role) { return col.head, draw.Faint })
		y++
	}
	at := slices.IndexFunc(p.rows, func(g telemetry.Guest) bool { return g.Number == p.wanted })
	room := c.H - y
	p.scroll = max(0, min(p.scroll, at, len(p.rows)-room))
	if at >= p.scroll+room {
		p.scroll = at - room + 1
	}
	for i := range p.rows[p.scroll:min(p.scroll+room, len(p.rows))] {
		g := &p.rows[p.scroll+i]
		if g.Number == p.wanted {
			c.Text(0, y+i, ">", draw.Key)
		}
		drawGuest(c, y+i, columns, func(col *guestColumn) (string, draw.Role) { return col.text(g), guestRole(g, col, p.wanted) })
	}
}

func guestRole(g *telemetry.Guest, col *guestColumn, shown int) draw.Role {
	switch {
	case col.head == "errors" && g.Errors > 0:
		return draw.Bad
	case g.Connections == 0:
		return draw.Faint
	case g.Number == shown:
		return draw.Strong
	default:
		return draw.Text
	}
}

func drawGuest(c *draw.Canvas, y int, columns []guestColumn, cell func(*guestColumn) (string, draw.Role)) {
	x := 2
	for i := range columns {
		col := &columns[i]
		text, role := cell(col)
		if text = draw.Cut(text, col.w); col.right {
			c.TextRight(x+col.w, y, text, role)
		} else {
			c.Text(x, y, text, role)
		}
		x += col.w + 2
	}
}
