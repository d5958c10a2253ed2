package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"kdyno/engine/setting"
	"kdyno/presets"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// hostile is what a topic, a broker's error or a file may be called by somebody
// who wants to own the terminal, the spreadsheet or the reader's eye.
var hostile = []string{
	"\x1b]0;owned\x07", "\x1b]0;owned\x1b\\", "\x1b]2;owned\x07", "\x1b]8;;http://x/\x07click\x1b]8;;\x07",
	"\x1b]52;c;cm0gLXJm\x07", "\x1b]4;1;rgb:ff/ff/ff\x07", "\x1b]10;?\x07", "\x1b]11;?\x1b\\", "\x1b]1337;File=:AAAA\x07", "\x1b]777;notify;a;b\x07",
	"\x1b[2J", "\x1b[H", "\x1b[31m", "\x1b[m", "\x1b[?1049l", "\x1b[?25l", "\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[5i", "\x1b[20t", "\x1b[3;4r", "\x1b[99999A", "\x1b[?1000h",
	"\x1bP$q\"p\x1b\\", "\x1bP+q544e\x1b\\", "\x1bPtmux;\x1b\x1b[2J\x1b\\", "\x1b_Gi=1;AAAA\x1b\\", "\x1b^private\x1b\\", "\x1bXstring\x1b\\",
	"\x1bc", "\x1b(0lqqk", "\x1b#8", "\x1b7\x1b8", "\x1bM", "\x1b", "\x1b[", "\x1b]",
	"\u009b2J", "\u009d0;owned\u009c", "\u0090q\u009c", "\u0085next", "\u0084", "\x9b2J", "\x9d0;x\x9c",
	"\rover", "a\nb", "a\r\nb", "\ttab", "\vdown", "\fpage", "\bback\b\b", "\x00nul", "\x07\x07", "\x0e\x0f", "\x7f", "\x05", "\x11\x13", "\x1a",
	"\u202ereversed", "\u2066isolate\u2069", "\u200f\u061c", "zero\u200bwidth\u200c\u200d\ufeff", "soft\u00adhyphen", "line\u2028para\u2029", "tag\U000e0041\U000e007f",
	"e" + strings.Repeat("\u0301", 10_000), "\u20e3\ufe0f", strings.Repeat("\u0e49", 200),
	"\xff\xfe\xfd", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "half\xe2\x82",
	strings.Repeat("a line of a megabyte ", 50_000), strings.Repeat("\x1b[31m", 20_000),
	"\u4e2d\u6587", "\U0001f600\U0001f468\u200d\U0001f469", "\uff21wide", "\ue000\U000f0000private",
	"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "</text><script>alert(1)</script>", "&quot;]]><!--", "```\n# heading\n```", "[link](javascript:x) **b**", "%s%n%d", `\x1b[31m`,
}

// besieged is a workbench in which everything that comes from outside is the
// payload.
func besieged(w, h int, payload string) *Model {
	m, e, _ := workbench(w, h)
	t := sample()
	t.Say, t.State = payload, telemetry.Degraded
	t.Marks = append(t.Marks, telemetry.Mark{At: 262 * time.Second, Say: payload})
	r := &t.Report
	r.Version, r.Cluster.ID, r.Cluster.Version, r.Cluster.Kind = payload, payload, payload, "real"
	r.Topics[0].Name = payload
	r.Rate.LimitedBy, t.Recent.Rate.LimitedBy = payload, payload
	r.Requests.Errors = map[string]int64{payload: 3}
	r.Differences = []setting.Difference{{Key: setting.LingerMs, Asked: payload, Effective: payload, Why: payload}}
	r.Problems = []setting.Problem{{Severity: setting.Warning, Keys: []setting.Key{setting.LingerMs}, Say: payload}}
	r.Guarantee = setting.Guarantee{Name: payload, Because: []string{payload}, BrokenBy: []string{payload}}
	r.Failures = []report.Failure{{Kind: payload, Class: "fatal", Count: 1, Where: "wire", Say: payload}}
	r.Settings = map[string]string{"client.id": payload}
	for i := range r.Partitions {
		r.Partitions[i].Topic, r.Partitions[i].LastError = payload, payload
		t.Now.Queues[i].Topic = payload
	}
	for _, kind := range []string{"revision", "mark", "fault", "notice", payload} {
		r.Events = append(r.Events, report.Event{AtS: 271, Kind: kind, Say: payload})
	}
	e.snap = t
	if v, err := e.values.With("client.id", payload); err == nil {
		e.values = v
	}
	m.opt.Presets = besiegedPresets{payload}
	m.preset = inUse(presets.Preset{Name: payload})
	m.look.theme = draw.Theme{} // every escape is then one from outside
	m.pull(true)
	return m
}

type besiegedPresets struct{ payload string }

func (s besiegedPresets) List() ([]presets.Entry, error) {
	return []presets.Entry{
		{Name: s.payload, Note: s.payload, Set: map[string]string{"client.id": s.payload, s.payload: s.payload}},
		{Name: "torn", Problem: s.payload},
	}, fmt.Errorf("%s", s.payload)
}

func (s besiegedPresets) Load(string) (presets.Preset, error) {
	return presets.Preset{}, fmt.Errorf("%s", s.payload)
}

func (s besiegedPresets) Save(string, presets.Preset) (presets.Saved, error) {
	return presets.Saved{}, fmt.Errorf("%s", s.payload)
}

func (s besiegedPresets) Remove(string) error { return fmt.Errorf("%s", s.payload) }

// raw is the first rune of a text that a terminal may act upon or hide.
func raw(text string) string {
	if !utf8.ValidString(text) {
		return "bytes that are not UTF-8"
	}
	for _, r := range text {
		if r != '\n' && r >= 0x7f || r < 0x20 && r != '\n' {
			if !unicode.IsPrint(r) || unicode.Is(unicode.M, r) {
				return fmt.Sprintf("%U", r)
			}
		}
	}
	return ""
}

func clean(t *testing.T, where, payload, text string) {
	t.Helper()
	if got := raw(text); got != "" {
		t.Errorf("%s: got %s from %.40q", where, got, payload)
	}
}

func TestNoPayloadGetsThroughTheScreen(t *testing.T) {
	if len(hostile) < 40 {
		t.Fatalf("got %d payloads, want at least 40", len(hostile))
	}
	for _, payload := range hostile {
		m := besieged(120, 36, payload)
		for _, size := range [][2]int{{80, 24}, {200, 50}, {40, 10}} {
			m.screen.resize(size[0], size[1])
			for view := range viewNames {
				m.show(view)
				m.screen.touch()
				clean(t, "view "+viewNames[view], payload, m.frame())
				if size[0] < 200 {
					continue // the copies are of what was drawn
				}
				clean(t, "text copy of "+viewNames[view], payload, clipboard(t, m, "y"))
				clean(t, "markdown copy of "+viewNames[view], payload, clipboard(t, m, "Y"))
			}
			for _, key := range []string{"p", "?", "q", ":"} {
				press(m, key)
				clean(t, "dialog "+key, payload, m.frame())
				press(m, "esc", "esc")
				m.closeTop()
			}
		}
		clean(t, "window title", payload, m.View().WindowTitle)
	}
}

func TestNoPayloadGetsThroughWhatIsSaved(t *testing.T) {
	for _, payload := range hostile {
		m := besieged(120, 36, payload)
		forms := kept(t, m)
		for form, text := range forms {
			clean(t, form, payload, string(text))
		}
		var b bytes.Buffer
		if err := report.Text(&b, m.scene.Live.Report); err != nil {
			t.Fatal(err)
		}
		clean(t, "report", payload, b.String())
		for line := range strings.Lines(string(forms["csv"])) {
			if cells := strings.Split(line, ","); strings.ContainsAny(cells[len(cells)-1][:1], "=+-@") {
				t.Errorf("csv: got the formula %.40q", cells[len(cells)-1])
			}
		}
	}
}

func TestJSONGivesBackWhatItEscaped(t *testing.T) {
	for _, payload := range hostile {
		line, err := report.JSON(map[string]string{"say": payload})
		if err != nil {
			t.Fatal(err)
		}
		clean(t, "json", payload, string(line))
		var got map[string]string
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(payload, "\ufffd"); utf8.ValidString(payload) && got["say"] != want {
			t.Errorf("got %.40q, want %.40q", got["say"], want)
		}
	}
}
