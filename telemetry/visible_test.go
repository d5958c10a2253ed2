package telemetry

import (
	"strings"
	"testing"
)

func TestVisibleIsLeftOutWhereTheReaderWasBehind(t *testing.T) {
	var v Visible
	if got, why := v.Report(), v.Absent(); got != nil || !strings.Contains(why, "no record") {
		t.Errorf("got %+v and %q of nothing", got, why)
	}
	for i := range int64(2000) {
		v.Record(i*1000, i < 10)
	}
	got := v.Report()
	if got == nil || got.P50Ms == nil || got.P99Ms == nil || *got.P50Ms < 0.99 || *got.P50Ms > 1.01 || *got.P99Ms < 1.95 || *got.P99Ms > 2 {
		t.Errorf("got %+v, want 1 and 1.98 ms", got)
	}
	if why := v.Absent(); why != "" {
		t.Errorf("it says that there is none: %s", why)
	}
	v.Record(0, true)
	if got, why := v.Report(), v.Absent(); got != nil || !strings.Contains(why, "late to 0.5 % of") {
		t.Errorf("got %+v and %q, want nothing: 11 of 2001 were late", got, why)
	}
}

func TestVisibleNeedsSamples(t *testing.T) {
	var v Visible
	for range 100 {
		v.Record(1_000_000, false)
	}
	if got := v.Report(); got == nil || got.P50Ms == nil || got.P99Ms != nil {
		t.Errorf("got %+v, want a median and no p99 of a hundred", got)
	}
}
