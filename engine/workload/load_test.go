package workload

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

func TestFromValuesOfTheDefaults(t *testing.T) {
	want := Load{Rate: 5000, Senders: 1, Sizes: fixed(512), Payload: JSON, Keys: Keys{Kind: NoKeys}, Seed: 1}
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
		setting.LoadSenders:     "4",
		setting.LoadRecordBytes: "100",
		setting.LoadPayload:     "random",
		setting.LoadKeys:        "uniform:1000",
		setting.LoadSeed:        "77",
	} {
		with, err := values.With(key, text)
		if err != nil {
			t.Fatal(err)
		}
		values = with
	}
	want := Load{
		Rate: 180_000, Senders: 4, Sizes: fixed(100),
		Payload: Random, Keys: Keys{Kind: Uniform, Count: 1000}, Seed: 77,
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
