package ui

import (
	"bytes"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// keptMsg is how saving a frame ended.
type keptMsg struct {
	path string // without the extension
	err  error
}

// saveFrame saves what is on the screen, as it looks and as it is.
func (m *Model) saveFrame() tea.Cmd {
	_ = m.frame() // the canvas is that of the last frame: the key line must not be of the next
	shelf, canvas, theme, shown := m.opt.Shelf, m.screen.canvas.Copy(), m.look.theme, m.scene.Live
	return func() tea.Msg {
		forms, err := forms(canvas, theme, shown)
		if err != nil {
			return keptMsg{err: err}
		}
		path, err := shelf.Keep(forms)
		return keptMsg{path: path, err: err}
	}
}

// forms are the frame and its data, by file extension.
func forms(c *draw.Canvas, theme draw.Theme, t *telemetry.Snapshot) (map[string][]byte, error) {
	var series bytes.Buffer
	if err := telemetry.WriteCSV(&series, t.Series, t.Marks); err != nil {
		return nil, err
	}
	whole, err := report.JSON(t.Report)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"svg":  []byte(c.SVG(theme)),
		"ans":  []byte(c.Render(theme) + "\n"),
		"csv":  series.Bytes(),
		"json": whole,
	}, nil
}

func (m *Model) onKept(msg keptMsg) {
	if msg.err != nil {
		m.say(advice(msg.err), draw.Bad)
		return
	}
	m.say("saved "+msg.path+" .svg .ans .csv .json", draw.Good)
}

func (m *Model) copyText() tea.Cmd { return m.copyPanel("text", asText) }

func (m *Model) copyMarkdown() tea.Cmd { return m.copyPanel("markdown", asMarkdown) }

// copyPanel hands the panel with the keys to the terminal's clipboard. Whether
// the terminal takes it cannot be known.
func (m *Model) copyPanel(form string, write func(title string, lines []string) string) tea.Cmd {
	_ = m.frame()
	title, lines := unboxed(m.screen.panes[m.copied()].canvas.Plain())
	return m.clip(title, form, write(title, lines))
}

// clip hands a text to the terminal's clipboard.
func (m *Model) clip(title, form, text string) tea.Cmd {
	if m.look.ascii {
		text = toASCII(text)
	}
	m.say(fmt.Sprintf("copied %s as %s, %s, if the terminal allows it", panelName(title), form, draw.Plural(int64(strings.Count(text, "\n")), "line")), draw.Good)
	return tea.SetClipboard(text)
}

// copied is the panel with the keys, or the first with a box.
func (m *Model) copied() paneID {
	first := headerPane
	for _, p := range m.places() {
		if p.pane == m.focus {
			return p.pane
		}
		if p.h > 1 && first == headerPane {
			first = p.pane
		}
	}
	return first
}

// unboxed takes the frame off a panel: its title with the notes beside it, and
// the lines inside, the note on the lower edge as the last.
func unboxed(lines []string) (title string, inside []string) {
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "╭") {
		return "", trimmed(lines)
	}
	for i, line := range lines {
		cells := []rune(line)
		edge := notes(string(cells[1 : len(cells)-1]))
		switch {
		case i == 0:
			title = strings.TrimPrefix(edge, ">")
		case i < len(lines)-1:
			inside = append(inside, string(cells[1:len(cells)-1]))
		case edge != "":
			inside = append(inside, " "+edge)
		}
	}
	return title, trimmed(inside)
}

// notes are the words on an edge, two blanks between those of each note.
func notes(edge string) string {
	var words []string
	for part := range strings.SplitSeq(edge, string(draw.Rule)) {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			words = append(words, part)
		}
	}
	return strings.Join(words, "  ")
}

// trimmed drops blanks at the ends of lines, and blank lines at both ends.
func trimmed(lines []string) []string {
	out := make([]string, 0, len(lines))
	for _, line := range lines {
		line = strings.TrimRight(line, " ")
		if line != "" || len(out) > 0 {
			out = append(out, line)
		}
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// panelName is a panel's name without the notes beside it.
func panelName(title string) string {
	name, _, _ := strings.Cut(title, "  ")
	if name == "" {
		return "the screen's first line"
	}
	return draw.Cut(name, 24)
}

func asText(title string, lines []string) string {
	if title != "" {
		lines = append([]string{title}, lines...)
	}
	return strings.Join(lines, "\n") + "\n"
}

// asMarkdown is a heading and a fenced block; the fence is longer than any run
// of backticks inside.
func asMarkdown(title string, lines []string) string {
	body := strings.Join(lines, "\n")
	fence := "```"
	for strings.Contains(body, fence) {
		fence += "`"
	}
	head := ""
	if title != "" {
		head = "**" + markdown(title) + "**\n\n"
	}
	return head + fence + "text\n" + body + "\n" + fence + "\n"
}

// markdown escapes what would be read as markup.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]()<>#+-.!|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func toASCII(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = draw.ToASCII(lines[i])
	}
	return strings.Join(lines, "\n")
}

func noShelf(m *Model) string {
	if m.opt.Shelf == nil {
		return "no folder for it: set HOME or XDG_STATE_HOME"
	}
	return ""
}
