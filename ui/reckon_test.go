package ui

import (
	"strings"
	"testing"

	"kdyno/engine/setting"
	"kdyno/engine/sizing"
	"kdyno/telemetry"
	"kdyno/ui/pane"
)

func TestSettingsAreReckonedByWhatIsMeasured(t *testing.T) {
	s := pane.Scene{Figures: sample(), Values: values("load.keys", "none")}
	s.Figures.Recent.Batches.RawBytesMean, s.Figures.Recent.Batches.RecordsMean = ms(51_200), ms(100)
	// What is offered has to fit, also while less of it is acknowledged.
	s.Figures.Recent.Rate.OfferedPerS, s.Figures.Recent.Rate.RecordsPerS = 180_000, 9_000
	for k, want := range map[setting.Key]string{
		setting.BufferMemory:      "180,000 records/s x 512 B x 30s x 2",
		setting.BatchSize:         "180,000 records/s x 512 B x 5ms / 1",
		setting.MaxInFlight:       "/ 3 brokers",
		setting.DeliveryTimeoutMs: "4 x 30s",
	} {
		if got := reckoned(k, s); !strings.HasPrefix(got, "Reckoned by what is measured: ") || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", k, got, want)
		}
	}
	if got, want := reckoned(setting.BufferMemory, s), "Assumed: "; !strings.Contains(got, want) || !strings.Contains(got, "30s; kdyno settings size buffer.memory takes yours.") {
		t.Errorf("got %q, want what was assumed in it", got)
	}
	if got, no := reckoned(setting.BatchSize, s), "Assumed"; strings.Contains(got, no) {
		t.Errorf("got %q, where nothing is assumed", got)
	}
	if got := reckoned(setting.Acks, s); got != "" {
		t.Errorf("acks: got %q", got)
	}
	keys, _ := sizing.Keys()
	for _, k := range keys {
		if got := reckoned(k, pane.Scene{Figures: &telemetry.Snapshot{}, Values: s.Values}); got != "" {
			t.Errorf("%s, nothing measured: got %q", k, got)
		}
	}
}
