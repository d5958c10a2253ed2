package presets

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
	"kdyno/presets/dialect"
	"kdyno/telemetry/report"
)

func TestBuiltInPresetsSayWhatTheyAreFor(t *testing.T) {
	if n := len(BuiltIns()); n != 15 {
		t.Errorf("got %d, want 15", n)
	}
	for _, p := range BuiltIns() {
		if CheckName(p.Name) != nil || p.Note == "" || p.For == "" || !p.BuiltIn {
			t.Errorf("%s: got %q, %q, built in %v", p.Name, p.Note, p.For, p.BuiltIn)
		}
		if len(p.Reasons.Because) == 0 || len(p.Reasons.Sources) == 0 || len(p.Reasons.Claims) == 0 {
			t.Errorf("%s: got %+v, want reasons, sources and claims", p.Name, p.Reasons)
		}
		for _, because := range p.Reasons.Because {
			if !strings.HasSuffix(because, ".") {
				t.Errorf("%s: %q is no sentence", p.Name, because)
			}
		}
		if !slices.ContainsFunc(p.Values.Set(), func(k setting.Key) bool { return strings.HasPrefix(string(k), "load.") }) {
			t.Errorf("%s has no load of its own", p.Name)
		}
		for _, problem := range setting.Check(p.All(), setting.Facts{Brokers: 3, Partitions: 6, MaxMessageBytes: 1048588}) {
			if problem.Severity == setting.Error {
				t.Errorf("%s: %s", p.Name, problem.Say)
			}
		}
	}
}

// Nothing that the Java client would change by itself is left to it.
func TestBuiltInPresetsSayWhatTheyMean(t *testing.T) {
	for _, p := range BuiltIns() {
		for _, d := range p.All().Changed() {
			t.Errorf("%s: %s quietly becomes %s", p.Name, d.Key, d.Effective)
		}
	}
}

func TestBuiltInPresetsAreReadAndNotWritten(t *testing.T) {
	s := open(t)
	p := loaded(t, s, "alerts")
	if !p.BuiltIn || p.Values.Text("linger.ms") != "0" {
		t.Errorf("got %+v", p)
	}
	if err := s.Remove("alerts"); err == nil || !strings.Contains(err.Error(), "comes with kdyno") {
		t.Errorf("remove: got %v", err)
	}
	if _, err := s.Rename("alerts", "mine"); err == nil || !strings.Contains(err.Error(), "comes with kdyno") {
		t.Errorf("rename: got %v", err)
	}
	// A preset of one's own goes before it, and can be saved from it.
	p.Values = values(t, "linger.ms=1")
	if _, err := s.Save("alerts", p); err != nil {
		t.Fatal(err)
	}
	if got := loaded(t, s, "alerts"); got.BuiltIn || got.Values.Text("linger.ms") != "1" {
		t.Errorf("got %+v, want the one of the folder", got)
	}
	list, err := s.List()
	if err != nil || len(list) != len(BuiltIns()) || list[0].BuiltIn || slices.ContainsFunc(list[1:], func(e Entry) bool { return e.Name == "alerts" || !e.BuiltIn || e.Path != "" }) {
		t.Errorf("got %+v, %v, want one alerts", list, err)
	}
}

// The named defaults are those by which files of these clients are read.
func TestDefaultsOfOtherClientsAreThoseOfTheDialects(t *testing.T) {
	for name, text := range map[string]string{"librdkafka": "bootstrap.servers=a:1\n", "franz-go": `kgo.NewClient(kgo.SeedBrokers("a:1"))`} {
		im, err := dialect.Read(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := BuiltIn(name)
		if diff := cmp.Diff(im.Values.Without(setting.BootstrapServers).SetMap(), p.producer().SetMap()); diff != "" {
			t.Errorf("%s (-dialect +preset):\n%s", name, diff)
		}
	}
}

func TestClaimsCompareTwoReports(t *testing.T) {
	var mine, theirs report.Report
	mine.Requests.Count, theirs.Requests.Count = 40, 100
	for text, want := range map[string]bool{
		"requests.count < 0.5 x kafka4": true, "requests.count < 0.4 x kafka4": false, "requests.count <= 0.4 x kafka4": true,
		"requests.count > 0.3 x kafka4": true, "requests.count >= 1 x kafka4": false, "latency.p99_ms < 5 x kafka4": false,
	} {
		c, err := ParseClaim(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, say := c.Holds(mine, theirs); got != want || say == "" || c.Of != "kafka4" {
			t.Errorf("%s: got %v (%s), want %v", text, got, say, want)
		}
	}
	for _, text := range []string{"", "fast", "requests.count < 0.5", "requests.count < x kafka4", "requests.count == 1 x kafka4", "a..b < 1 x kafka4", "requests.count < 0.5 x kafka4 "} {
		if _, err := ParseClaim(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
