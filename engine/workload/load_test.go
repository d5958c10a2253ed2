package workload

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

func TestFromValuesOfTheDefaults(t *testing.T) {
	want := Load{Rate: 5000, Pacing: setting.Pacing{Kind: "constant"}, Senders: 1, Producers: 1, Manner: Manner{Send: Async}, Sizes: fixed(512), Payload: JSON, Keys: Keys{Kind: NoKeys}, Seed: 1}
	got, err := FromValues(setting.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
}

func TestFromValuesReadsEveryLoadSetting(t *testing.T) {
	values := setting.Defaults()
	for key, text := range map[setting.Key]string{
		setting.LoadRate:        "180000",
		setting.LoadShape:       "sine:100..200/60s",
		setting.LoadSenders:     "4",
		setting.LoadProducers:   "3",
		setting.LoadRecordBytes: "100..200",
		setting.LoadPayload:     "file:a:b.txt",
		setting.LoadKeys:        "uniform:1000",
		setting.LoadHeaders:     "a=5",
		setting.LoadNullValues:  "0.25",
		setting.LoadPartition:   "0",
		setting.LoadTimestamp:   "+5s",
		setting.LoadSeed:        "77",
		setting.LoadSend:        "sync",
		setting.LoadWaitMs:      "200",
		setting.LoadFlushEvery:  "10",
		setting.LoadCallbackMs:  "3",
	} {
		with, err := values.With(key, text)
		if err != nil {
			t.Fatal(err)
		}
		values = with
	}
	want := Load{
		Rate: 180_000, Pacing: setting.Pacing{Kind: "sine", Rates: []int64{100, 200}, Every: time.Minute},
		Senders: 4, Producers: 3, Sizes: setting.Sizes{Kind: "range", Least: 100, Most: 200},
		Payload: File, File: "a:b.txt", Keys: Keys{Kind: Uniform, Count: 1000},
		Headers: Headers{{Name: "a", Bytes: 5}}, Nulls: 0.25, Place: Place{Pinned: true, Shift: 5 * time.Second}, Seed: 77,
		Manner: Manner{Send: Sync, Wait: 200 * time.Millisecond, FlushEvery: 10, Callback: 3 * time.Millisecond},
	}
	got, err := FromValues(values)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
}

// The table and this package must agree on the words: a choice that the editor
// offers is one that can be made.
func TestFromValuesTakesEveryChoiceOfTheTable(t *testing.T) {
	row, ok := setting.Find(setting.LoadPayload)
	if !ok || len(row.Kind.Enum()) < 3 {
		t.Fatalf("got %d payloads in the table, want at least 3", len(row.Kind.Enum()))
	}
	choices := map[setting.Key][]string{
		setting.LoadPayload:     row.Kind.Enum(),
		setting.LoadKeys:        {"none", "sequence", "uniform:1", "uniform:1000000", "zipf:1000:1.1", "hot:0.5"},
		setting.LoadRecordBytes: {"1", "100..2000", "lognormal:500:0.6"},
	}
	for key, texts := range choices {
		for _, text := range texts {
			values, err := setting.Defaults().With(key, text)
			if err != nil {
				t.Errorf("%s=%s: %v", key, text, err)
				continue
			}
			if _, err := FromValues(values); err != nil {
				t.Errorf("%s=%s: got %v, want a load", key, text, err)
			}
		}
	}
}

func TestCheckNamesTheSettingThatCannotBeMade(t *testing.T) {
	cases := map[string]struct {
		load Load
		want setting.Key
	}{
		"payload": {Load{Payload: "prose", Keys: Keys{Kind: NoKeys}}, setting.LoadPayload},
		"keys":    {Load{Payload: JSON, Keys: Keys{Kind: "pareto"}}, setting.LoadKeys},
		"no keys": {Load{Payload: JSON, Keys: Keys{Kind: Zipf}}, setting.LoadKeys},
	}
	for name, c := range cases {
		if err := c.load.check(); err == nil || !strings.HasPrefix(err.Error(), string(c.want)+" is ") {
			t.Errorf("%s: got %v, want an error about %s", name, err, c.want)
		}
	}
}

// Each field must make a load another one: else a change of it would be taken
// for none.
func TestLoadsThatDifferAreNotEqual(t *testing.T) {
	base := withHeaders
	base.Pacing = setting.Pacing{Kind: "step", Rates: []int64{1, 2}, Every: time.Second}
	if !base.Equal(base) {
		t.Fatal("a load is not equal to itself")
	}
	change := map[string]func(*Load){
		"Pacing": func(l *Load) { l.Pacing.Rates = []int64{1, 3} }, "Senders": func(l *Load) { l.Senders++ },
		"Producers": func(l *Load) { l.Producers++ },
		"Sizes":     func(l *Load) { l.Sizes = fixed(7) }, "Payload": func(l *Load) { l.Payload = Random },
		"File": func(l *Load) { l.File = "x" }, "Keys": func(l *Load) { l.Keys.Count++ },
		"Headers": func(l *Load) { l.Headers = nil }, "Nulls": func(l *Load) { l.Nulls = 0.1 },
		"Place": func(l *Load) { l.Place.Shift = 0 }, "Seed": func(l *Load) { l.Seed++ },
		"Manner": func(l *Load) { l.Manner.FlushEvery++ },
		"Rate":   func(l *Load) { l.Pacing, l.Rate = setting.Pacing{}, l.Rate+1 },
	}
	for i := range reflect.TypeFor[Load]().NumField() {
		name := reflect.TypeFor[Load]().Field(i).Name
		other := base
		if change[name] == nil {
			t.Errorf("%s has no case here", name)
			continue
		}
		if change[name](&other); base.Equal(other) {
			t.Errorf("a load with another %s is equal", name)
		}
	}
	other := base
	if other.Rate = 99; !base.Equal(other) {
		t.Error("the rate counts although the shape is not constant")
	}
}

func TestShapesOfTheTableArePaced(t *testing.T) {
	for text, want := range map[string]uint64{
		"constant": 10, "ramp:0..20/1s": 10, "step:5,10/500ms": 8, "burst:4/300ms": 16, "sine:0..21/1s": 11,
	} {
		v, err := setting.Defaults().With(setting.LoadShape, text)
		if err != nil {
			t.Fatal(err)
		}
		if v, err = v.With(setting.LoadRate, "10"); err != nil {
			t.Fatal(err)
		}
		l, err := FromValues(v)
		if err != nil {
			t.Fatal(err)
		}
		got := l.Shape().Pace(0, 0).DueBy(time.Second - 1)
		if !l.Open() || got != want {
			t.Errorf("%s: got %d due within a second, want %d", text, got, want)
		}
	}
}
