package pane

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
	"kdyno/telemetry"
	"kdyno/ui/draw"
)

func must(t *testing.T, pairs ...string) setting.Values {
	t.Helper()
	v := setting.Defaults()
	for i := 0; i < len(pairs); i += 2 {
		var err error
		if v, err = v.With(setting.Key(pairs[i]), pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func scene(v setting.Values) Scene {
	empty := &telemetry.Snapshot{}
	return Scene{Live: empty, Figures: empty, Charts: empty, Values: v}
}

func TestStagedChangesStandInTheOrderOfTheTable(t *testing.T) {
	p, now := NewConfig(), setting.Defaults()
	for _, kv := range [][2]string{{"load.rate", "180k"}, {"acks", "1"}, {"linger.ms", "20ms"}} {
		if err := p.Stage(setting.Key(kv[0]), kv[1], now); err != nil {
			t.Fatal(err)
		}
	}
	want := []setting.Change{{Key: "acks", Old: "all", New: "1"}, {Key: "linger.ms", Old: "5", New: "20"}, {Key: "load.rate", Old: "5000", New: "180000"}}
	if diff := cmp.Diff(want, p.Staged(now)); diff != "" {
		t.Errorf("staged otherwise (-want +got):\n%s", diff)
	}
	if got := p.Proposed(now).Text("linger.ms"); got != "20" {
		t.Errorf("got linger.ms %s proposed, want 20", got)
	}
}

func TestChangeThatRunsByNowIsNoLongerStaged(t *testing.T) {
	p, now := NewConfig(), setting.Defaults()
	if err := p.Stage("linger.ms", "20", now); err != nil {
		t.Fatal(err)
	}
	if got := p.Staged(must(t, "linger.ms", "20")); got != nil {
		t.Errorf("got %v staged, want nothing: somebody else has applied it", got)
	}
}

func TestAppliedKeepsWhatWasStagedMeanwhile(t *testing.T) {
	p, now := NewConfig(), setting.Defaults()
	_ = p.Stage("linger.ms", "20", now)
	changes := p.Staged(now)
	_ = p.Stage("linger.ms", "30", now)
	p.Applied(changes)
	if got := p.Staged(now); len(got) != 1 || got[0].New != "30" {
		t.Errorf("got %v, want the newer change kept", got)
	}
}

func TestPresetLeavesOutWhatOnlyTheStartReads(t *testing.T) {
	p, now := NewConfig(), setting.Defaults()
	skipped := p.StageAll(must(t, "stand.partitions", "24", "stand.brokers", "3", "linger.ms", "7"), now)
	if diff := cmp.Diff([]setting.Key{"stand.partitions"}, skipped); diff != "" {
		t.Errorf("skipped otherwise (-want +got):\n%s", diff)
	}
	if got := len(p.Staged(now)); got != 1 {
		t.Errorf("got %d staged, want 1", got)
	}
}

func TestEveryRowCanBeReachedAndIsInSight(t *testing.T) {
	p := NewConfig()
	p.Move(-1000)
	for _, row := range NewConfig().rows {
		if p.Row().Key != row.Key {
			t.Fatalf("got %s under the cursor, want %s", p.Row().Key, row.Key)
		}
		for _, h := range []int{4, 9, 16, 40} {
			c := draw.NewCanvas(60, h)
			p.Draw(c, scene(setting.Defaults()))
			found := false
			for _, l := range c.Plain() {
				found = found || strings.HasPrefix(l, "\u2502>  "+string(row.Key)[:4])
			}
			if !found {
				t.Fatalf("%s at %d rows: not in sight:\n%s", row.Key, h, strings.Join(c.Plain(), "\n"))
			}
		}
		p.Move(1)
	}
	last := p.Row().Key
	p.Move(1)
	if p.Row().Key != last {
		t.Error("got beyond the last row")
	}
}

func TestEveryEditableRowOpensWithItsValueAndStagesItBack(t *testing.T) {
	for _, row := range NewConfig().rows {
		p := NewConfig()
		p.Find(row.Key)
		intent := p.Edit(setting.Defaults())
		if row.AtStart || row.Secret {
			if _, ok := intent.(Say); !ok || p.Editing() {
				t.Errorf("%s: got an editor, want a sentence", row.Key)
			}
			continue
		}
		p.Accept(setting.Defaults())
		if p.Editing() || len(p.Staged(setting.Defaults())) > 0 {
			t.Errorf("%s: accepting what was there is a change or a problem: %+v", row.Key, p.edit)
		}
	}
}

func TestOnlyWhatTheEngineHonoursIsOffered(t *testing.T) {
	offered := map[setting.Key]bool{}
	for _, r := range NewConfig().rows {
		offered[r.Key] = true
	}
	for _, r := range setting.Rows() {
		if offered[r.Key] != r.Honoured() {
			t.Errorf("%s: got offered %v, want %v", r.Key, offered[r.Key], r.Honoured())
		}
	}
}

func TestEditorStaysInSightAtTheLastRow(t *testing.T) {
	p := NewConfig()
	p.Move(1000)
	for p.Row().AtStart {
		p.Move(-1)
	}
	p.Edit(setting.Defaults())
	p.Type("no such value")
	c := draw.NewCanvas(40, 16)
	p.Draw(c, scene(setting.Defaults()))
	if got := strings.Join(c.Plain(), "\n"); !strings.Contains(got, "enter stages") || !strings.Contains(got, "!") {
		t.Errorf("got the editor out of sight:\n%s", got)
	}
}

func TestFieldEdits(t *testing.T) {
	for _, c := range []struct {
		start string
		keys  []string
		want  string
	}{
		{"5", []string{"backspace"}, ""},
		{"50", []string{"left", "backspace"}, "0"},
		{"50", []string{"home", "delete"}, "0"},
		{"50", []string{"home", "right", "ctrl+k"}, "5"},
		{"50", []string{"left", "ctrl+u"}, "0"},
		{"", []string{"backspace", "delete", "left", "right", "end"}, ""},
	} {
		f := NewField(c.start)
		for _, k := range c.keys {
			if !f.Key(k) {
				t.Errorf("%q does nothing", k)
			}
		}
		if f.Text() != c.want {
			t.Errorf("%q after %q: got %q, want %q", c.start, c.keys, f.Text(), c.want)
		}
	}
	f := NewField("")
	if f.Key("f5") {
		t.Error("got a key that edits, want none")
	}
}

func TestFirstKeyReplacesTheTextAndArrowsKeepIt(t *testing.T) {
	for _, c := range []struct {
		key, typed, want string
	}{
		{"", "50", "50"},
		{"left", "0", "105"},
		{"end", "0", "150"},
		{"backspace", "7", "7"},
	} {
		f := NewField("15")
		f.Fresh = true
		if c.key != "" {
			f.Key(c.key)
		}
		f.Insert(c.typed)
		if f.Text() != c.want {
			t.Errorf("%q and %q typed: got %q, want %q", c.key, c.typed, f.Text(), c.want)
		}
	}
}

func TestFieldTakesOneLineOfWhatFits(t *testing.T) {
	f := NewField("12\n34")
	if f.Text() != "12" {
		t.Errorf("got %q, want the first line", f.Text())
	}
	f.Insert(strings.Repeat("x", fieldMost-2))
	if f.Full || len(f.Text()) != fieldMost {
		t.Errorf("got %d characters, full %v; want %d that fit", len(f.Text()), f.Full, fieldMost)
	}
	f.Insert("y")
	if !f.Full {
		t.Error("got a character too many without a word")
	}
}

func TestFieldAlwaysShowsItsCursor(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	keys := []string{"left", "right", "home", "end", "backspace", "delete"}
	for range 500 {
		f, w := NewField(strings.Repeat("a\x1b\u4e2d", rng.IntN(60))), 3+rng.IntN(30)
		for range rng.IntN(50) {
			f.Key(keys[rng.IntN(len(keys))])
		}
		c := draw.NewCanvas(w, 1)
		f.Draw(c, 0, 0, w)
		shown := 0
		for x := range w {
			if c.At(x, 0).Role == draw.Cursor {
				shown++
			}
		}
		if shown != 1 {
			t.Fatalf("got %d cursors in %q of width %d, want 1", shown, c.Plain()[0], w)
		}
	}
}
