package partition

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// silent is an observer that hears nothing.
type silent struct{}

func (silent) Pin(*kgo.Record) (int, bool)          { return 0, false }
func (silent) Picked(*kgo.Record, int, int64, bool) {}
func (silent) Full(*kgo.Record, int, int64, bool)   {}

// BenchmarkPartition is what one record costs: 200 bytes, of which 78 fill a
// batch.
func BenchmarkPartition(b *testing.B) {
	for _, c := range []struct {
		name, class string
		keyed       bool
	}{
		{"sticky", setting.BuiltIn, false},
		{"keyed", setting.BuiltIn, true},
		{"round-robin", setting.RoundRobin, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			o := standard()
			o.Class = c.class
			t := New(o, silent{}).ForTopic("t").(*topic)
			records := make([]*kgo.Record, 1024)
			for i := range records {
				records[i] = unkeyed(200)
				if c.keyed {
					records[i].Key = fmt.Appendf(nil, "key-%06d", i)
				}
			}
			per := fits(200)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				t.Partition(records[i%len(records)], 12)
				if i%per == 0 {
					t.OnNewBatch()
					t.Partition(records[i%len(records)], 12)
				}
			}
		})
	}
}
