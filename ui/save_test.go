package ui

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry/report"
)

// fakeShelf remembers what was last kept, or refuses it.
type fakeShelf struct {
	kept   map[string][]byte
	refuse error
}

func (s *fakeShelf) Keep(forms map[string][]byte) (string, error) {
	if s.refuse != nil {
		return "", s.refuse
	}
	s.kept = forms
	return "/home/someone/.local/state/kdyno/20261122-163005", nil
}

// kept presses s and gives what was saved.
func kept(t *testing.T, m *Model) map[string][]byte {
	t.Helper()
	_, cmd := m.Update(keyMsg("s"))
	settle(m, cmd)
	return m.opt.Shelf.(*fakeShelf).kept
}

// clipboard presses a key and gives what it copies.
func clipboard(t *testing.T, m *Model, key string) string {
	t.Helper()
	_, cmd := m.Update(keyMsg(key))
	if cmd == nil {
		t.Fatalf("%s: got nothing copied", key)
	}
	return fmt.Sprint(cmd())
}

func TestSavedFrameIsTheScreen(t *testing.T) {
	m, _, _ := workbench(120, 36)
	want := m.frame()
	forms := kept(t, m)
	if got := string(forms["ans"]); got != want+"\n" {
		t.Errorf("got another frame than the one shown (-want +got):\n%s", cmp.Diff(want, got))
	}
	has(t, m, "saved /home/someone/.local/state/kdyno/20261122-163005 .svg .ans .csv .json")
	var r report.Report
	if err := json.Unmarshal(forms["json"], &r); err != nil || r.Schema != report.Schema {
		t.Errorf("got a report of schema %q and %v, want one that can be read", r.Schema, err)
	}
	if rows := strings.Count(string(forms["csv"]), "\n"); rows != 1+len(m.scene.Live.Series) {
		t.Errorf("got %d rows, want a head and %d intervals", rows, len(m.scene.Live.Series))
	}
}

func TestPictureIsXMLWithTheWordsOfTheScreen(t *testing.T) {
	m, _, _ := workbench(80, 24)
	text := string(kept(t, m)["svg"])
	var words strings.Builder
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := token.(xml.CharData); ok {
			words.Write(c)
		}
	}
	for _, want := range []string{"Pipeline", "180.0k rec/s", "╭"} {
		if !strings.Contains(words.String(), want) {
			t.Errorf("got a picture without %q", want)
		}
	}
}

func TestFailedSaveKeepsTheScreenAndSaysWhatToDo(t *testing.T) {
	m, _, _ := workbench(120, 36)
	m.opt.Shelf = &fakeShelf{refuse: cured{errors.New("not saved at /x: no space left on device"), "make room on the disk and save again"}}
	kept(t, m)
	has(t, m, "no space left on device; make room on the disk and save again")
	has(t, m, "Pipeline")
}

type cured struct {
	error
	cure string
}

func (h cured) Hint() string { return h.cure }

func TestPanelWithTheKeysIsCopied(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "tab")
	text := clipboard(t, m, "y")
	if !strings.HasPrefix(text, "Pipeline ") || strings.ContainsAny(text, "╭│╯") {
		t.Errorf("got %q, want the pipeline without its frame", text)
	}
	for _, want := range []string{"send()", "in flight", "b3"} {
		if !strings.Contains(text, want) {
			t.Errorf("got a copy without %q:\n%s", want, text)
		}
	}
	has(t, m, "copied Pipeline as text")
	marked := clipboard(t, m, "Y")
	if !strings.HasPrefix(marked, "**Pipeline ") || strings.Count(marked, "```") != 2 || !strings.Contains(marked, "send()") {
		t.Errorf("got %q, want a heading and a fenced block", marked)
	}
}

func TestASCIIScreenCopiesASCII(t *testing.T) {
	m, _, _ := workbench(120, 36)
	m.look.ascii = true
	for _, key := range []string{"y", "Y"} {
		for _, r := range clipboard(t, m, key) {
			if r > 0x7e {
				t.Fatalf("%s: got %q, want ASCII", key, r)
			}
		}
	}
}

func TestMarkdownCannotLeaveItsBlock(t *testing.T) {
	got := asMarkdown("a *b* [c](d)", []string{"```", "````"})
	want := "**a \\*b\\* \\[c\\]\\(d\\)**\n\n`````text\n```\n````\n`````\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestThemesAreTurnedThroughAndRoundAgain(t *testing.T) {
	m, _, _ := workbench(120, 36)
	var seen []string
	for range 7 {
		seen = append(seen, m.look.chosen+" "+m.look.theme.Name)
		press(m, "T")
	}
	want := []string{"auto dark", "dark dark", "light light", "terminal terminal", "mono mono", "contrast contrast", "auto dark"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("turned otherwise (-want +got):\n%s", diff)
	}
}

func TestAutoFollowsTheTerminalsBackground(t *testing.T) {
	m, _, _ := workbench(80, 24)
	m.Update(tea.BackgroundColorMsg{Color: white{}})
	if got := m.look.theme.Name; got != "light" {
		t.Errorf("got %s on a white terminal, want light", got)
	}
	m, _, _ = workbench(80, 24)
	m.look.choose("contrast")
	m.Update(tea.BackgroundColorMsg{Color: white{}})
	if got := m.look.theme.Name; got != "contrast" {
		t.Errorf("got %s, want what was chosen", got)
	}
}

type white struct{}

func (white) RGBA() (r, g, b, a uint32) { return 0xffff, 0xffff, 0xffff, 0xffff }

func TestGreetingStaysWhileTheSessionStarts(t *testing.T) {
	m, e, _ := workbench(120, 36)
	m.opt.Greeting = "plain ASCII"
	m.say(m.opt.Greeting, 0)
	paused := *e.snap
	paused.State = "paused"
	e.snap = &paused
	m.pull(true)
	has(t, m, "plain ASCII")
}
