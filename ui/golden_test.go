package ui

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/google/go-cmp/cmp"

	"kdyno/ui/draw"
)

var update = flag.Bool("update", false, "write the golden files anew")

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// plainFrame is what stands on the screen, without colours.
func plainFrame(m *Model) string { return sgr.ReplaceAllString(m.View().Content, "") }

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSuffix(string(want), "\n"), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s is drawn otherwise (-want +got), `go test ./ui -update` accepts it:\n%s", name, diff)
	}
}

// everyScene draws all scenes at all sizes.
func everyScene(do func(name string, m *Model)) {
	for _, size := range sizes {
		for _, s := range slices.Concat(situations, views, inspections, demoScenes(), guestScenes) {
			m, e, _ := workbench(size[0], size[1])
			s.do(m, e)
			do(fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1]), m)
		}
	}
}

// roleSigns stand for the roles in goldens, in their order.
const roleSigns = ".fSTbFkCsgwBxyzm"

// meant is what each cell of the frame means: a line of the screen a line, each
// stretch as its sign and how many cells it has; plain text at the end is left
// out. With draw's table of themes that is the whole look of a frame.
func meant(c *draw.Canvas) string {
	var lines []string
	for y := range c.H {
		line := ""
		for x := 0; x < c.W; {
			from, role := x, c.At(x, y).Role
			for x < c.W && c.At(x, y).Role == role {
				x++
			}
			if role != draw.Text || x < c.W {
				line += fmt.Sprintf("%c%d", roleSigns[role], x-from)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// A golden holds the text of a frame and, below it, what its cells mean.
func TestScreenIsDrawnAsTheGoldens(t *testing.T) {
	everyScene(func(name string, m *Model) {
		t.Run(name, func(t *testing.T) {
			text := plainFrame(m)
			golden(t, name, text+"\n\n"+meant(&m.screen.canvas))
		})
	})
}

// looks are the ways to paint a screen: every theme, and plain ASCII.
func looks() []string { return append(draw.ThemeNames()[1:], "ascii") }

func (m *Model) wear(name string) {
	if m.look.ascii = name == "ascii"; m.look.ascii {
		name = "dark"
	}
	m.look.choose(name)
	m.screen.touch()
}

// A golden for each look holds a fingerprint of every scene: of its cells with
// their colours, as a terminal has them after it has read the frame. Where a
// fingerprint changes and the scene's own golden does not, the theme did.
func TestEveryLookOfEverySceneIsAsTheGoldens(t *testing.T) {
	prints := map[string]*strings.Builder{}
	everyScene(func(name string, m *Model) {
		if m.top.sheet != nil && m.screen.w != 80 {
			return // a theme paints a sheet as it does at any size
		}
		for _, l := range looks() {
			if prints[l] == nil {
				prints[l] = &strings.Builder{}
			}
			m.wear(l)
			fmt.Fprintf(prints[l], "%-24s %s\n", name, seen(t, name+" "+l, m))
		}
	})
	for _, l := range looks() {
		golden(t, "look-"+l, strings.TrimSuffix(prints[l].String(), "\n"))
	}
}

// seen is the fingerprint of a frame in a terminal, which must show the same
// text as the canvas.
func seen(t *testing.T, name string, m *Model) string {
	t.Helper()
	frame := m.frame()
	terminal := uv.NewScreenBuffer(m.screen.w, m.screen.h)
	uv.NewStyledString(frame).Draw(terminal, terminal.Bounds())
	var text, styled strings.Builder
	var style uv.Style
	for y := range m.screen.h {
		for x := range m.screen.w {
			cell := terminal.CellAt(x, y)
			if !cell.Style.Equal(&style) {
				style = cell.Style
				styled.WriteString("\n" + style.String())
			}
			styled.WriteString(cell.Content)
			text.WriteString(cell.Content)
		}
		text.WriteByte('\n')
	}
	if got, want := strings.TrimSuffix(text.String(), "\n"), sgr.ReplaceAllString(frame, ""); got != want {
		t.Errorf("%s: a terminal shows\n%s\nwant\n%s", name, got, want)
	}
	beyond := func(r rune) bool { return r > 0x7e }
	if m.look.ascii && (strings.ContainsFunc(text.String(), beyond) || strings.Contains(text.String(), "??")) {
		t.Errorf("%s: got more than ASCII, or glyphs that nothing stands for:\n%s", name, text.String())
	}
	print := sha256.Sum256([]byte(styled.String()))
	return fmt.Sprintf("%x", print[:6])
}
