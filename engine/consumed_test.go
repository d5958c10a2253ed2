package engine_test

import (
	"slices"
	"testing"

	"kdyno/engine"
	"kdyno/engine/client"
	"kdyno/engine/partition"
	"kdyno/engine/setting"
)

// A row that says that it is honoured is honoured by exactly one room, and one
// that says that it is not by none.
func TestEveryProducerSettingIsConsumedExactlyOnce(t *testing.T) {
	consumed := slices.Concat(client.Consumed, partition.Consumed, engine.Consumed)
	times := map[setting.Key]int{}
	for _, k := range consumed {
		times[k]++
		if row, known := setting.Find(k); !known || row.Scope != setting.Producer {
			t.Errorf("%s is consumed and is no setting of the producer", k)
		}
	}
	for _, row := range setting.Rows() {
		if row.Scope != setting.Producer {
			continue
		}
		want := 0
		switch row.How {
		case setting.Exact, setting.Emulated, setting.Different:
			want = 1
		case setting.Meaningless, setting.Impossible, setting.Later:
		}
		if got := times[row.Key]; got != want {
			t.Errorf("%s (%s) is consumed %d times, want %d", row.Key, row.How, got, want)
		}
	}
}
