package pane

import (
	"strings"
	"testing"
	"time"

	"kdyno/telemetry"
)

// flightAt is a moment at which brokers have so many of five slots in use.
func flightAt(at time.Duration, used ...int) *telemetry.Snapshot {
	t := &telemetry.Snapshot{At: at}
	for id, n := range used {
		t.Now.InFlight = append(t.Now.InFlight, telemetry.BrokerNow{ID: int32(id), InFlight: n, Slots: 5, Connected: true})
	}
	return t
}

func TestBrokerWithoutAFreeSlotIsNamedAfterAWhile(t *testing.T) {
	var f fullBrokers
	for _, c := range []struct {
		at   time.Duration
		used []int
		want string // the shortest way
	}{
		{0, []int{1, 5, 0}, ""},
		{fullFor / 2, []int{1, 5, 0}, ""},
		{fullFor, []int{1, 5, 0}, "b1: no free slot for 2 s"},
		{6500 * time.Millisecond, []int{5, 5, 0}, "b1: no free slot for 6 s"},
		{9 * time.Second, []int{5, 5, 0}, "b0 b1: no free slot for 9 s"},
		{12 * time.Second, []int{5, 5, 5}, "b0 b1: no free slot for 12 s"},
		{14 * time.Second, []int{5, 5, 5}, ""}, // all of them: that is no broker's fault
		{15 * time.Second, []int{5, 4, 0}, "b0: no free slot for 8 s"},
		{16 * time.Second, []int{0, 5, 0}, ""},
		{3 * time.Second, []int{0, 5, 0}, ""}, // a look back
		{4 * time.Second, []int{0, 5, 0}, ""},
	} {
		snap := flightAt(c.at, c.used...)
		f.watch(snap)
		got := ""
		if ways := f.words(sceneOf(snap)); ways != nil {
			got = ways[len(ways)-1]
		}
		if got != c.want {
			t.Errorf("at %v: got %q, want %q", c.at, got, c.want)
		}
	}
}

func TestManyFullBrokersAreCounted(t *testing.T) {
	used := make([]int, 50)
	for i := range 9 {
		used[i] = 5
	}
	var f fullBrokers
	f.watch(flightAt(0, used...))
	snap := flightAt(time.Minute, used...)
	f.watch(snap)
	if got := f.words(sceneOf(snap))[0]; !strings.HasPrefix(got, "b0 b1 7 more: no free slot for 60 s") {
		t.Errorf("got %q, want the rest counted", got)
	}
}
