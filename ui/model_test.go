package ui

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
	"kdyno/telemetry"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

func has(t *testing.T, m *Model, want string) {
	t.Helper()
	if got := plainFrame(m); !strings.Contains(got, want) {
		t.Errorf("got a screen without %q:\n%s", want, got)
	}
}

func hasNot(t *testing.T, m *Model, not string) {
	t.Helper()
	if got := plainFrame(m); strings.Contains(got, not) {
		t.Errorf("got a screen with %q:\n%s", not, got)
	}
}

func set(pairs ...string) step.Step {
	s := step.Step{Verb: step.Set}
	for i := 0; i < len(pairs); i += 2 {
		s.Set = append(s.Set, step.Assignment{Key: setting.Key(pairs[i]), Text: pairs[i+1]})
	}
	return s
}

func told(t *testing.T, e *fakeEngine, want ...step.Step) {
	t.Helper()
	if diff := cmp.Diff(want, e.steps); diff != "" {
		t.Errorf("the engine was told otherwise (-want +got):\n%s", diff)
	}
}

// stage edits a setting to a value by keys.
func stage(m *Model, key setting.Key, text string) {
	m.config.Find(key)
	press(m, "e", "ctrl+u")
	m.Update(tea.PasteMsg{Content: text})
	press(m, "enter")
}

func TestEveryFrameHasExactlyTheSizeOfTheTerminal(t *testing.T) {
	m, e, clock := workbench(80, 24)
	open := []string{"", "?", "p", "q"}
	for w := 1; w <= 220; w++ {
		for h := 1; h <= 70; h += 5 + (w*7+h)%7 {
			if w%40 == 0 {
				e.snap = states()[(w/40+h)%len(states())]
			}
			m.closeTop()
			press(m, "1")
			if key := open[(w+h)%len(open)]; key != "" {
				press(m, key)
			} else if h%2 == 0 {
				press(m, "2", "down")
			}
			m.Update(tea.WindowSizeMsg{Width: w, Height: h})
			clock.now = clock.now.Add(gaugeEvery)
			m.Update(tickMsg(clock.now))
			lines := strings.Split(plainFrame(m), "\n")
			if len(lines) != h {
				t.Fatalf("%dx%d: got %d lines, want %d", w, h, len(lines), h)
			}
			for _, l := range lines {
				if draw.Width(l) != w {
					t.Fatalf("%dx%d: got %q of %d cells, want %d", w, h, l, draw.Width(l), w)
				}
			}
		}
	}
}

// states are snapshots of every kind, empty and overfull ones among them.
func states() []*telemetry.Snapshot {
	many := sample()
	many.Now.Queues, many.Now.InFlight = nil, nil
	for i := range 1000 {
		many.Now.Queues = append(many.Now.Queues, telemetry.QueueNow{Topic: "orders", Partition: int32(i), Batches: i % 9, Records: int64(i * 3 % 100)})
	}
	for i := range 50 {
		many.Now.InFlight = append(many.Now.InFlight, telemetry.BrokerNow{ID: int32(i), InFlight: i % 6, Slots: 5, Connected: i%7 > 0})
	}
	many.Report.Requests.Errors = map[string]int64{"NOT_LEADER_OR_FOLLOWER": 3, "REQUEST_TIMED_OUT": 9}
	hostile := sample()
	bad := strings.Repeat("\x1b[2J\u202e\u4e2d\u0301\r\n", 500)
	hostile.Say, hostile.State = bad, telemetry.Degraded
	hostile.Report.Topics[0].Name = bad
	hostile.Report.Events[2].Say = bad
	hostile.Report.Rate.LimitedBy = bad
	hostile.Marks[1] = telemetry.Mark{At: 250 * time.Second, Say: bad}
	hostile.Report.Differences = []setting.Difference{{Key: setting.LingerMs, Asked: bad, Effective: bad, Why: bad}}
	out := []*telemetry.Snapshot{sample(), many, hostile, {}, {State: telemetry.Starting, Say: "Starting."}}
	for _, s := range []telemetry.State{telemetry.WarmingUp, telemetry.Swapping, telemetry.Paused, telemetry.Draining, telemetry.Done} {
		snap := sample()
		snap.State, snap.Say = s, "What happens now, and what happens next."
		out = append(out, snap)
	}
	return out
}

func TestNothingFromOutsideReachesTheTerminalRaw(t *testing.T) {
	m, e, _ := workbench(120, 36)
	e.snap = states()[2]
	m.pull(true)
	for _, view := range []string{"1", "2"} {
		press(m, view)
		for _, r := range plainFrame(m) {
			if r != '\n' && (r < 0x20 || r == 0x202e || r == '\u4e2d' || r == 0x301) {
				t.Fatalf("view %s: got %U on the screen", view, r)
			}
		}
	}
}

func TestViewIsOnlyRebuiltWhenSomethingChanged(t *testing.T) {
	m, _, _ := workbench(120, 36)
	_ = m.View()
	if m.screen.dirty {
		t.Fatal("got a frame that is never kept")
	}
	if got := testing.AllocsPerRun(20, func() { _ = m.frame() }); got > 0 {
		t.Errorf("got %v allocations for a frame that is there, want 0", got)
	}
	m.Update(tickMsg(time.Time{}))
	if !m.screen.dirty {
		t.Error("got a frame that ignores the tick")
	}
}

func TestFiguresMoveSlowerThanGauges(t *testing.T) {
	m, e, clock := workbench(80, 24)
	next := sample()
	next.Recent.Rate.RecordsPerS = 90_000
	next.Now.InFlight[0].InFlight = 5
	e.snap = next
	clock.now = clock.now.Add(gaugeEvery)
	m.Update(tickMsg(clock.now))
	has(t, m, "180.0k rec/s")
	has(t, m, "11 of 15")
	clock.now = clock.now.Add(figureEvery)
	m.Update(tickMsg(clock.now))
	has(t, m, "90.0k rec/s")
}

func TestEngineIsLookedAtLessOftenWhereNothingMoves(t *testing.T) {
	m, e, _ := workbench(80, 24)
	for state, want := range map[telemetry.State]time.Duration{
		telemetry.Starting: gaugeEvery, telemetry.Running: gaugeEvery, telemetry.Draining: gaugeEvery, telemetry.Swapping: gaugeEvery,
		telemetry.Paused: figureEvery, telemetry.Done: figureEvery, telemetry.Unreachable: figureEvery,
	} {
		e.snap = &telemetry.Snapshot{State: state}
		m.Update(tickMsg{})
		if got := m.pace(); got != want {
			t.Errorf("%s: got %v between two looks, want %v", state, got, want)
		}
	}
	m.Update(tea.BlurMsg{})
	if got := m.pace(); got != blurredEvery {
		t.Errorf("blurred: got %v between two looks, want %v", got, blurredEvery)
	}
}

func TestFreezeHoldsTheViewWhileMeasuringGoesOn(t *testing.T) {
	m, e, clock := workbench(80, 24)
	press(m, "space")
	next := sample()
	next.At += 12400 * time.Millisecond
	next.Recent.Rate.RecordsPerS = 90_000
	e.snap = next
	clock.now = clock.now.Add(time.Second)
	m.Update(tickMsg(clock.now))
	has(t, m, "FROZEN -12.4s")
	has(t, m, "180.0k rec/s")
	press(m, "space")
	has(t, m, "LIVE")
	has(t, m, "90.0k rec/s")
	press(m, "space", "esc")
	hasNot(t, m, "FROZEN")
}

func TestStagedChangesAreAppliedAsOneStep(t *testing.T) {
	m, e, _ := workbench(120, 36)
	stage(m, "load.rate", "5k")
	stage(m, "linger.ms", "50ms")
	has(t, m, "2 staged")
	has(t, m, "5 ms > 50 ms")
	press(m, "a")
	told(t, e, set("linger.ms", "50", "load.rate", "5000"))
	hasNot(t, m, "staged")
	has(t, m, "applying linger.ms 5 > 50")
}

func TestChangeWaitsInSightUntilItRuns(t *testing.T) {
	m, e, clock := workbench(120, 36)
	e.late = true
	stage(m, "linger.ms", "50")
	press(m, "a")
	has(t, m, "1 waiting")
	has(t, m, "5 ms > 50 ms")
	if m.settled() {
		t.Error("got a change that is done at once, want it to be given time")
	}
	stage(m, "linger.ms", "5") // back to what still runs is a change too
	has(t, m, "1 staged")
	press(m, "d")
	e.values = values("linger.ms", "50")
	m.pull(true)
	hasNot(t, m, "1 waiting")

	stage(m, "linger.ms", "60")
	press(m, "a")
	clock.now = clock.now.Add(changeTakes + time.Second)
	m.pull(true)
	hasNot(t, m, "1 waiting") // the engine runs on as it was: the change came to nothing
	has(t, m, "50 ms")
}

func TestStepOfThePaletteWaitsInSightToo(t *testing.T) {
	m, e, _ := workbench(120, 36)
	e.late = true
	press(m, ":")
	typeIn(m, "set linger.ms=0.05s")
	press(m, "enter")
	has(t, m, "5 ms > 50 ms")
}

func TestDiscardForgetsWhatIsStaged(t *testing.T) {
	m, e, _ := workbench(120, 36)
	stage(m, "linger.ms", "50")
	press(m, "d")
	has(t, m, "1 staged change discarded")
	press(m, "a")
	told(t, e)
	has(t, m, "a: nothing is staged")
}

func TestStagingTheRunningValueIsNoChange(t *testing.T) {
	m, _, _ := workbench(120, 36)
	stage(m, "linger.ms", "50")
	stage(m, "linger.ms", "5")
	hasNot(t, m, "staged")
}

func TestRefusedApplyKeepsWhatIsStaged(t *testing.T) {
	m, e, _ := workbench(120, 36)
	e.refuse = errors.New("the producer could not start: no such host")
	stage(m, "linger.ms", "50")
	press(m, "a")
	has(t, m, "no such host")
	has(t, m, "5 ms > 50 ms")
}

func TestValuesThatContradictAreNotApplied(t *testing.T) {
	m, e, _ := workbench(80, 24)
	press(m, "2")
	stage(m, "linger.ms", "100000")
	has(t, m, "! delivery.timeout.ms must be at least")
	has(t, m, "f: delivery.timeout.ms = 2 min")
	press(m, "a")
	told(t, e)
	has(t, m, "not applied: delivery.timeout.ms must be")
}

func TestFixStagesTheCure(t *testing.T) {
	m, e, _ := workbench(80, 24)
	e.values = values("delivery.timeout.ms", "30000")
	m.refreshValues()
	press(m, "2")
	m.config.Find(setting.DeliveryTimeoutMs)
	press(m, "f", "a")
	told(t, e, set("delivery.timeout.ms", "120000"))
	hasNot(t, m, "! delivery.timeout.ms must be")
}

func TestWrongValueIsExplainedAndKept(t *testing.T) {
	for _, c := range []struct{ key, typed, want string }{
		{"linger.ms", "5x", "is not a number"},
		{"linger.ms", "-1", "out of range"},
		{"batch.size", "99999999999", "out of range"},
		{"load.keys", "uniform:", "uniform"},
	} {
		m, e, _ := workbench(120, 36)
		m.config.Find(setting.Key(c.key))
		press(m, "e", "ctrl+u")
		m.Update(tea.PasteMsg{Content: c.typed})
		press(m, "enter")
		if !m.config.Editing() {
			t.Errorf("%s=%s: got a closed editor, want what was typed to stay", c.key, c.typed)
		}
		has(t, m, "["+c.typed)
		has(t, m, c.want)
		press(m, "esc", "a")
		told(t, e)
	}
}

func TestEditorShowsUnitBoundsAndDefault(t *testing.T) {
	m, _, _ := workbench(80, 24)
	m.config.Find("batch.size")
	press(m, "e")
	has(t, m, "[262144_")
	has(t, m, "bytes 0 to 2147483647; default 16 KiB")
}

func TestChoiceIsMadeWithArrows(t *testing.T) {
	m, e, _ := workbench(120, 36)
	m.config.Find("compression.type")
	press(m, "e", "right", "l", "l", "left", "enter", "a")
	told(t, e, set("compression.type", "snappy"))
}

// Where more than words is taken, typing turns the choice into a field.
func TestChoiceThatTakesMoreBecomesAField(t *testing.T) {
	m, e, _ := workbench(200, 50)
	press(m, "2")
	m.config.Find("partitioner.class")
	press(m, "e", "right", "enter")
	press(m, "e")
	has(t, m, "< round-robin >")
	has(t, m, "or type built-in, round-robin, hash:crc32")
	press(m, "v")
	m.Update(tea.PasteMsg{Content: "ip:gold=1-0,*=hash"})
	has(t, m, "[vip:gold=1-0,*=hash_")
	has(t, m, "! column 10: the range 1-0 is reversed")
	press(m, "ctrl+u")
	m.Update(tea.PasteMsg{Content: "vip:gold=1,*=hash"})
	press(m, "enter", "e")
	has(t, m, "[vip:gold=1,*=hash_")
	press(m, "esc", "a")
	told(t, e, set("partitioner.class", "vip:gold=1,*=hash"))
	m.config.Find("acks")
	press(m, "e", "x")
	if !m.config.Choosing() {
		t.Error("typing at a setting that takes words only opened a field")
	}
}

func TestRowsOfTheStartCannotBeEdited(t *testing.T) {
	m, e, _ := workbench(120, 36)
	m.config.Find("stand.brokers")
	has(t, m, "stand.brokers")
	press(m, "e")
	if m.config.Editing() {
		t.Error("got an editor for a setting that is only read at the start")
	}
	has(t, m, "at start only")
	told(t, e)
}

func TestPastedMegabyteIsCutAndSaidSo(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "e", "ctrl+u")
	m.Update(tea.PasteMsg{Content: strings.Repeat("9", 1<<20)})
	has(t, m, "the field takes 256 characters")
	press(m, "esc", "p", "s")
	m.Update(tea.PasteMsg{Content: strings.Repeat("\x1b", 1<<20)})
	has(t, m, "the name is full")
	press(m, "enter")
	has(t, m, "! ")
}

func TestUndoAndRedoAreSteps(t *testing.T) {
	m, e, _ := workbench(120, 36)
	press(m, "U")
	has(t, m, "U: the last revision")
	e.snap.Redo = 1
	press(m, "u", "U")
	told(t, e, step.Step{Verb: step.Undo}, step.Step{Verb: step.Redo})
}

func TestLoadIsStoppedAndStarted(t *testing.T) {
	m, e, _ := workbench(120, 36)
	press(m, "r")
	has(t, m, "r: it is not stopped")
	press(m, "x")
	paused := sample()
	paused.State, paused.Say = telemetry.Paused, "The load is paused; r starts it again."
	e.snap = paused
	m.pull(true)
	has(t, m, "PAUSED")
	has(t, m, "r starts it again")
	press(m, "x", "r")
	told(t, e, step.Step{Verb: step.Pause}, step.Step{Verb: step.Resume})
}

func quits(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	_, quit := cmd().(tea.QuitMsg)
	return quit
}

func TestQuitAsksWhileTheLoadRuns(t *testing.T) {
	m, e, _ := workbench(80, 24)
	_, cmd := m.Update(keyMsg("q"))
	if quits(cmd) {
		t.Fatal("got an end without a question")
	}
	repeat := tea.KeyPressMsg(tea.Key{Code: 'y', Text: "y", IsRepeat: true})
	if _, cmd = m.Update(repeat); quits(cmd) {
		t.Fatal("got an end by a repeated key")
	}
	if _, cmd = m.Update(keyMsg("enter")); quits(cmd) {
		t.Fatal("got an end by enter")
	}
	press(m, "n")
	hasNot(t, m, "Leave?")
	press(m, "q")
	if _, cmd = m.Update(keyMsg("y")); !quits(cmd) {
		t.Error("got no end by y")
	}
	press(m, "esc")
	s := *e.snap
	s.State = telemetry.Paused
	e.snap = &s
	m.pull(true)
	if _, cmd = m.Update(keyMsg("q")); !quits(cmd) {
		t.Error("got a question while nothing runs")
	}
}

func TestCtrlCLeavesFromEverywhere(t *testing.T) {
	for _, open := range [][]string{nil, {"?"}, {"p"}, {"p", "s"}, {"q"}, {"e"}, {"2"}} {
		m, _, _ := workbench(80, 24)
		press(m, open...)
		if _, cmd := m.Update(keyMsg("ctrl+c")); !quits(cmd) {
			t.Errorf("after %q: got no end by ctrl+c", open)
		}
	}
}

func TestForeignClusterNeedsATypedY(t *testing.T) {
	m, e, _ := workbench(80, 24)
	s := sample()
	s.State, s.Say, s.Report.Cluster.ID = telemetry.Consent, "kafka-1.example.org:9092 is beyond this machine.", "prod-7"
	e.snap = s
	m.pull(true)
	has(t, m, "Load this cluster?")
	has(t, m, "prod-7")
	has(t, m, "kafka-1.example.org:9092")
	press(m, "enter")
	m.Update(tea.KeyPressMsg(tea.Key{Code: 'y', Text: "y", IsRepeat: true}))
	told(t, e)
	press(m, "n")
	m.pull(true)
	hasNot(t, m, "Load this cluster?")
	told(t, e)
	press(m, "r", "y")
	told(t, e, step.Step{Verb: step.Allow})
	hasNot(t, m, "Load this cluster?")
}

func TestConsentNeverOpensUnderTypingFingers(t *testing.T) {
	m, e, _ := workbench(80, 24)
	press(m, "p", "s")
	s := sample()
	s.State = telemetry.Consent
	e.snap = s
	m.pull(true)
	press(m, "y")
	told(t, e)
	hasNot(t, m, "Load this cluster?")
	press(m, "esc", "esc")
	m.pull(true)
	has(t, m, "Load this cluster?")
	e.snap = sample()
	m.pull(true)
	hasNot(t, m, "Load this cluster?")
}

func TestPresetIsRemovedAndBroughtBack(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "p", "u")
	has(t, m, "u: none was removed")
	press(m, "down", "x")
	has(t, m, "preset throughput removed; u brings it back")
	if _, err := m.opt.Presets.Load("throughput"); err == nil {
		t.Error("got a preset that is still there")
	}
	press(m, "esc", "p", "u")
	has(t, m, "preset throughput is back")
	p, err := m.opt.Presets.Load("throughput")
	if err != nil || p.Values.Text("linger.ms") != "50" {
		t.Errorf("got %v, %v, want it as it was", p, err)
	}
	press(m, "up", "up", "up", "up", "down", "down", "x")
	has(t, m, "torn cannot be read, so it could not be brought back")
}

// foreign makes the cluster one that is not kdyno's own.
func foreign(m *Model, e *fakeEngine) {
	s := *e.snap
	s.Report.Cluster.Kind, s.Report.Cluster.Simulated = "real", false
	e.snap = &s
	m.pull(true)
}

func TestUnansweredRecordsOnARealClusterNeedATypedY(t *testing.T) {
	for _, how := range []func(m *Model){
		func(m *Model) {
			stage(m, "linger.ms", "50")
			m.config.Find(setting.Acks)
			press(m, "e", "left", "left", "enter", "a")
		},
		func(m *Model) {
			press(m, ":")
			m.Update(tea.PasteMsg{Content: "set linger.ms=50 acks=0"})
			press(m, "enter")
		},
	} {
		m, e, _ := workbench(120, 36)
		foreign(m, e)
		how(m)
		has(t, m, "acks=0 on a real cluster?")
		press(m, "enter")
		m.Update(tea.KeyPressMsg(tea.Key{Code: 'y', Text: "y", IsRepeat: true}))
		told(t, e)
		press(m, "n")
		hasNot(t, m, "acks=0 on a real cluster?")
		told(t, e)
		press(m, "d")
		how(m)
		press(m, "y")
		if len(e.steps) != 1 || e.values.Text(setting.Acks) != "0" || e.values.Text(setting.LingerMs) != "50" {
			t.Errorf("got %v, want one step with acks=0", e.steps)
		}
		hasNot(t, m, "acks=0 on a real cluster?")
	}
	m, e, _ := workbench(120, 36)
	press(m, ":")
	m.Update(tea.PasteMsg{Content: "set acks=0"})
	press(m, "enter")
	told(t, e, set("acks", "0"))
}

func TestPresetIsStagedAndThenApplied(t *testing.T) {
	m, e, _ := workbench(120, 36)
	press(m, "p", "down", "enter")
	has(t, m, "preset throughput staged: 3 changes")
	has(t, m, "set at start only: stand.partitions")
	told(t, e)
	press(m, "a")
	told(t, e, set("linger.ms", "50", "batch.size", "16384", "compression.type", "lz4")) // batch.size is set now, and not by the preset
}

func TestPresetNameIsStarredWhenTheValuesDiffer(t *testing.T) {
	m, e, _ := workbench(120, 36)
	has(t, m, "low-latency*")
	e.values = values("batch.size", "262144", "linger.ms", "1")
	m.refreshValues()
	has(t, m, "low-latency")
	hasNot(t, m, "low-latency*")
	e.values = values("batch.size", "262144", "linger.ms", "1", "acks", "1")
	m.refreshValues()
	has(t, m, "low-latency*")
}

func TestValuesAreSavedUnderAName(t *testing.T) {
	m, _, _ := workbench(120, 36)
	stage(m, "linger.ms", "50")
	press(m, "p", "s", "m", "i", "n", "e", "enter")
	has(t, m, "note, may be empty")
	press(m, "esc")
	hasNot(t, m, "note, may be empty")
	press(m, "enter", "o", "k", "enter")
	has(t, m, "saved /home/someone/.config/kdyno/presets/mine.yaml without the 1 staged change")
	has(t, m, "preset mine")
	got, err := m.opt.Presets.Load("mine")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"batch.size": "262144", "load.rate": "180000"}, got.Values.SetMap()); diff != "" {
		t.Errorf("saved otherwise than what runs (-want +got):\n%s", diff)
	}
}

func TestStoreSaysWhyANameIsRefused(t *testing.T) {
	for _, c := range []struct {
		typed []string
		want  string
	}{
		{nil, "a preset needs a name"},
		{[]string{".", ".", "/", "x"}, "is a path"},
	} {
		m, _, _ := workbench(120, 36)
		press(m, "p", "s")
		press(m, c.typed...)
		press(m, "enter")
		has(t, m, c.want)
		if !m.top.presets.Naming() {
			t.Error("got a closed field, want what was typed to stay")
		}
	}
}

func TestUnreadablePresetIsListedAndRefused(t *testing.T) {
	m, e, _ := workbench(120, 36)
	press(m, "p", "down", "down", "enter")
	has(t, m, "torn.yaml:3: not YAML")
	told(t, e)
}

func TestScreenWithoutPresetsSaysSo(t *testing.T) {
	e := &fakeEngine{snap: sample()}
	m := New(Options{Engine: e})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	press(m, "p")
	has(t, m, "p: no folder for them")
}

func TestEngineWithoutASnapshotIsStarting(t *testing.T) {
	m := New(Options{Engine: &fakeEngine{}})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	has(t, m, "STARTING")
}

func TestSmallTerminalIsToldWhatIsNeeded(t *testing.T) {
	m, _, _ := workbench(59, 15)
	has(t, m, "needs 60x16, this terminal has 59x15")
	has(t, m, "180.0k rec/s")
	press(m, "q")
	has(t, m, "Leave?")
	if _, cmd := m.Update(keyMsg("y")); !quits(cmd) {
		t.Error("got no end by y")
	}
}

func TestTabLeadsThroughThePanelsAndBack(t *testing.T) {
	m, _, _ := workbench(120, 36)
	var seen []paneID
	for range 6 {
		seen = append(seen, m.focus)
		press(m, "tab")
	}
	if diff := cmp.Diff([]paneID{configPane, pipelinePane, latencyPane, throughputPane, eventsPane, configPane}, seen); diff != "" {
		t.Errorf("tab leads otherwise (-want +got):\n%s", diff)
	}
	press(m, "shift+tab")
	if m.focus != configPane {
		t.Errorf("got pane %d, want the config again", m.focus)
	}
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if m.focus != pipelinePane {
		t.Errorf("got pane %d, want the first one that has keys", m.focus)
	}
}

func TestNoticeGoesAway(t *testing.T) {
	m, _, clock := workbench(80, 24)
	press(m, "a")
	has(t, m, "nothing is staged")
	clock.now = clock.now.Add(noticeFor + time.Second)
	m.Update(tickMsg(clock.now))
	hasNot(t, m, "nothing is staged")
}

func TestDifferenceIsToldAtTheRow(t *testing.T) {
	m, e, _ := workbench(80, 24)
	e.snap.Report.Differences = []setting.Difference{{Key: setting.LingerMs, Asked: "5", Effective: "7", Why: "because of a test"}}
	m.pull(true)
	press(m, "2")
	has(t, m, "= runs as 7: because of a test")
}

func TestAnyKeysInAnyOrderDoNoHarm(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	m, e, _ := workbench(100, 30)
	all := []string{"x", "y", "n", "s", "9", "ctrl+u", "backspace"}
	for _, b := range m.keys {
		all = append(all, b.keys...)
	}
	for range 5000 {
		if rng.IntN(50) == 0 {
			e.snap = states()[rng.IntN(len(states()))]
			m.pull(true)
		}
		press(m, all[rng.IntN(len(all))])
		if rng.IntN(20) == 0 {
			m.Update(tea.WindowSizeMsg{Width: rng.IntN(200), Height: rng.IntN(60)})
			_ = m.View()
			if got := len(m.screen.canvas.Plain()); got != m.screen.h {
				t.Fatalf("got %d lines, want %d", got, m.screen.h)
			}
		}
	}
}

func TestHeadlineHidesAPercentileOfFewSamples(t *testing.T) {
	m, e, _ := workbench(80, 24)
	e.snap.Recent.Latency.Count = pane.FewSamples - 1
	m.pull(true)
	has(t, m, "p99     -     err")
}

func TestPresetSaysWhatItIsForAndWhy(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "p", "down", "down", "down")
	for _, want := range []string{
		"For card payments.", "Nothing lost.", "Measured 2026-11-25 on 3 embedded brokers, 400 records/s, audit kept.", "Objective records.failed==0.", "linger.ms", "5 ms > 0 ms",
	} {
		has(t, m, want)
	}
	press(m, "w")
	for _, want := range []string{"+ The caller waits.", "Claims latency.p50_ms < 0.5 x kafka4", "Source: KIP-98"} {
		has(t, m, want)
	}
	press(m, "x")
	has(t, m, "payments comes with kdyno and cannot be removed")
}

func TestFilterFindsThePresetsThatAreBuiltIn(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "p", "/")
	m.Update(tea.PasteMsg{Content: "built card"})
	press(m, "enter")
	has(t, m, "payments")
	hasNot(t, m, "throughput")
}

// Another workbench saved the same preset in between: the difference is shown,
// and only a second enter replaces it.
func TestSaveIsToldOfAnotherOne(t *testing.T) {
	m, _, _ := workbench(120, 36)
	store := m.opt.Presets.(*fakePresets)
	store.other = map[string]setting.Values{"mine": values("linger.ms", "33")}
	press(m, "p", "s", "m", "i", "n", "e", "enter", "enter")
	has(t, m, "mine.yaml was changed since it was read; enter again replaces it")
	has(t, m, "33 ms > 5 ms")
	if _, there := store.kept["mine"]; there {
		t.Error("replaced without being asked")
	}
	press(m, "esc")
	hasNot(t, m, "33 ms > 5 ms")
	press(m, "enter", "enter")
	has(t, m, "saved ")
	if store.kept["mine"].Text(setting.BatchSize) != "262144" {
		t.Errorf("got %v", store.kept["mine"].SetMap())
	}
}

func TestObjectivesAreJudgedWhileItRuns(t *testing.T) {
	e := &fakeEngine{snap: sample(), values: values("linger.ms", "1")}
	clock := &stopped{now: time.Unix(1_800_000_000, 0)}
	m := New(Options{
		Engine: e, Presets: &fakePresets{}, Clock: clock.Now,
		Preset: presets.Preset{Name: "orders", Values: values("linger.ms", "1"), Expect: []string{"records.failed==0", "latency.p99_ms<1000"}},
	})
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 36})
	m.pull(false)
	has(t, m, "objectives 2 of 2 met")
	s := *e.snap
	s.Report.Records.Failed = 7
	e.snap = &s
	clock.now = clock.now.Add(goalsEvery)
	m.pull(false)
	has(t, m, "objectives 1 of 2: records.failed==0 is 7")
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	has(t, m, "! records.failed==0 is 7")
	press(m, "p")
	has(t, m, "Presets")
}
