package presets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
	"kdyno/telemetry/report"
)

func loaded(t *testing.T, s *Store, name string) Preset {
	t.Helper()
	p, err := s.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// asConflict is the refusal of whoever saves second.
func asConflict(t *testing.T, err error) *ConflictError {
	t.Helper()
	var c *ConflictError
	if !errors.As(err, &c) || c.Hint() == "" {
		t.Fatalf("got %v, want a conflict with a hint", err)
	}
	return c
}

// Two workbenches read the same preset and save it one after the other.
func TestSecondOfTwoSavesIsToldWhatTheFirstDid(t *testing.T) {
	s := open(t)
	save(t, s, "a", Preset{Values: values(t, "linger.ms=5")})
	one, two := loaded(t, s, "a"), loaded(t, s, "a")
	one.Values, two.Values = values(t, "linger.ms=20"), values(t, "linger.ms=50 acks=1")
	if _, err := s.Save("a", one); err != nil {
		t.Fatal(err)
	}
	_, err := s.Save("a", two)
	c := asConflict(t, err)
	want := []setting.Change{{Key: "acks", Old: "all", New: "1"}, {Key: "linger.ms", Old: "20", New: "50"}}
	if diff := cmp.Diff(want, c.Changes); diff != "" || !c.Known || !strings.Contains(c.Error(), "changed since it was read") {
		t.Errorf("got %q, known %v, changes (-want +got):\n%s", c, c.Known, diff)
	}
	if got := loaded(t, s, "a").Values.Text("linger.ms"); got != "20" {
		t.Errorf("the first save was lost: linger.ms is %s", got)
	}
	saved, err := s.Save("a", two.Over(c.Theirs))
	if err != nil || !saved.Replaced || !cmp.Equal(saved.Changes, want) {
		t.Errorf("knowingly: got %+v, %v", saved, err)
	}
}

func TestNewPresetDoesNotReplaceOneThatNobodyRead(t *testing.T) {
	s := open(t)
	save(t, s, "a", Preset{Values: values(t, "linger.ms=5"), Note: "first"})
	_, err := s.Save("a", Preset{Values: values(t, "linger.ms=9")})
	if c := asConflict(t, err); c.Known || c.Theirs.Note != "first" {
		t.Errorf("got %+v, want one that was not known", c)
	}
	if _, err := s.Save("a", loaded(t, s, "a")); err != nil {
		t.Errorf("as it was read: %v", err)
	}
}

// A removed preset comes back with all that stood in its file, unless its name
// is taken by now.
func TestRemovedPresetComesBackWhole(t *testing.T) {
	s := open(t)
	text := "# ours\nschema: kdyno.preset/1\nname: a\nproducer:\n  linger.ms: 5 # why\nlabels: [x]\n"
	path := put(t, s, "a", text)
	p := loaded(t, s, "a")
	if err := s.Remove("a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save("a", p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, read(t, path)); diff != "" {
		t.Errorf("file differs (-want +got):\n%s", diff)
	}
	if err := s.Remove("a"); err != nil {
		t.Fatal(err)
	}
	save(t, s, "a", Preset{Note: "another"})
	_, err := s.Save("a", p)
	asConflict(t, err)
}

func TestEveryFieldIsWrittenAndReadBack(t *testing.T) {
	s := open(t)
	p99 := 9.25
	want := Preset{
		Name: "team", Note: "agreed in May", For: "orders", Base: "kafka2", Values: values(t, "linger.ms=20 load.rate=10k stand.link.rtt=30ms"),
		Expect: []string{"latency.p99_ms<50", "records.failed==0"},
		Measured: &Measured{
			At: "2026-11-25T09:21:00Z", Kdyno: "v1.2.3", Cluster: Cluster{Kind: "real", Version: "v4.0", Brokers: 3, Partitions: 6, Replication: 3},
			ForS: 30, RecordsPerS: 10000.1, P99Ms: &p99, Guarantee: "at least once", Audit: "kept",
			Load: map[string]string{"load.rate": "10000"}, Stand: map[string]string{"stand.link.rtt": "30ms"},
		},
		Reasons: Reasons{Because: []string{"It is so."}, Sources: []string{"KIP-98"}, Claims: []string{"requests.count < 0.5 x kafka4"}},
	}
	want.Measured.Of = Fingerprint(want.All())
	path := save(t, s, "team", want)
	text := `schema: kdyno.preset/1
name: team
note: agreed in May
for: orders
base: kafka2
producer:
  linger.ms: 20
load:
  load.rate: 10000
stand:
  stand.link.rtt: 30ms
expect:
- latency.p99_ms<50
- records.failed==0
because:
- It is so.
sources:
- KIP-98
claims:
- requests.count < 0.5 x kafka4
measured:
  at: 2026-11-25T09:21:00Z
  kdyno: v1.2.3
  cluster:
    kind: real
    version: v4.0
    brokers: 3
    partitions: 6
    replication: 3
  for_s: 30
  records_per_s: 10000.1
  p99_ms: 9.25
  guarantee: at least once
  audit: kept
  load:
    load.rate: 10000
  stand:
    stand.link.rtt: 30ms
  of: ` + want.Measured.Of + "\n"
	if diff := cmp.Diff(text, read(t, path)); diff != "" {
		t.Errorf("file differs (-want +got):\n%s", diff)
	}
	got := loaded(t, s, "team")
	if diff := cmp.Diff(want.Measured, got.Measured); diff != "" || got.For != want.For || got.Base != want.Base || !cmp.Equal(got.Expect, want.Expect) || !cmp.Equal(got.Reasons, want.Reasons) {
		t.Errorf("got %+v, measured (-want +got):\n%s", got, diff)
	}
	if got.All().Text("acks") != "1" || got.All().Text("linger.ms") != "20" || got.Values.IsSet("acks") {
		t.Errorf("all: got %v, set %v, want linger.ms on top of Kafka 2", got.All().SetMap(), got.Values.SetMap())
	}
	if line := got.Measured.Line(); line != "2026-11-25 on 3 brokers, Kafka v4.0, 10000 records/s, p99 9.2 ms, audit kept" {
		t.Errorf("line: got %q", line)
	}
}

// What was measured is of the settings that were measured.
func TestMeasurementGoesWithItsSettings(t *testing.T) {
	s := open(t)
	p := Preset{Values: values(t, "linger.ms=20 load.rate=5"), Measured: &Measured{At: "2026-11-25T09:21:00Z", Cluster: Cluster{Kind: "embedded", Brokers: 3}}}
	p.Measured.Of = Fingerprint(p.Values)
	save(t, s, "a", p)
	save(t, s, "a", Preset{Values: values(t, "linger.ms=20 load.rate=9 client.id=x bootstrap.servers=a:1")})
	if got := loaded(t, s, "a"); got.Measured == nil || got.Stale() {
		t.Errorf("another load and name: got %+v, want the measurement kept", got.Measured)
	}
	save(t, s, "a", Preset{Values: values(t, "linger.ms=21")})
	if got := loaded(t, s, "a"); got.Measured != nil {
		t.Errorf("another linger.ms: got %+v, want it gone", got.Measured)
	}
	edited := p
	edited.Values = values(t, "linger.ms=22")
	if !edited.Stale() || !strings.HasSuffix(edited.MeasuredLines()[0], "before its settings were changed") {
		t.Errorf("edited by hand: got stale %v, %q", edited.Stale(), edited.MeasuredLines())
	}
}

func TestWhatALaterKdynoPutIntoAMeasurementStays(t *testing.T) {
	s := open(t)
	path := put(t, s, "a", "schema: kdyno.preset/1\nname: a\nmeasured:\n  at: 2026-11-25T09:21:00Z # by night\n  cluster:\n    kind: embedded\n  for_s: 10\n  records_per_s: 5000\n  phase_of_the_moon: full\n")
	save(t, s, "a", Preset{Note: "x"})
	if text := read(t, path); !strings.Contains(text, "phase_of_the_moon: full") || !strings.Contains(text, "# by night") {
		t.Errorf("got\n%s", text)
	}
}

func TestMeasuredByTakesTheReportsWords(t *testing.T) {
	p99 := 9.24964
	r := report.Report{
		Started: "2026-11-25T09:21:00Z", Version: "v1", ElapsedS: 30.00004, Cluster: report.Cluster{Kind: "embedded", Brokers: 3, Version: "kfake"},
		Topics: []report.Topic{{Partitions: 6}, {Partitions: 2, Replication: 3}},
	}
	r.Rate.RecordsPerS, r.Latency.P99Ms, r.Guarantee.Name = 5000.12345, &p99, setting.ExactlyOnce
	got := MeasuredBy(r, values(t, "load.rate=5000 load.keys=sequence stand.link.rtt=30ms linger.ms=7"))
	rounded := 9.25
	want := Measured{
		At: "2026-11-25T09:21:00Z", Kdyno: "v1", Cluster: Cluster{Kind: "embedded", Version: "kfake", Brokers: 3, Partitions: 8, Replication: 3},
		ForS: 30, RecordsPerS: 5000.123, P99Ms: &rounded, Guarantee: setting.ExactlyOnce,
		Load: map[string]string{"load.keys": "sequence"}, Stand: map[string]string{"stand.link.rtt": "30ms"}, Of: Fingerprint(values(t, "linger.ms=7")),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNothingIsSavedWhereTheFolderWentAway(t *testing.T) {
	s := open(t)
	save(t, s, "a", Preset{Note: "old"})
	if err := os.RemoveAll(s.Dir()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put("a", Preset{Note: "new"}); err != nil {
		t.Errorf("the folder is made anew: %v", err)
	}
	if err := os.RemoveAll(filepath.Dir(s.Dir())); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(s.Dir()), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		func() error { _, err := s.Put("a", Preset{}); return err }(), s.Remove("a"), func() error { _, err := s.Rename("a", "b"); return err }(),
	} {
		if bad := asError(t, err); bad.Hint() == "" {
			t.Errorf("got %v without a hint", bad)
		}
	}
}
