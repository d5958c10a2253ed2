package run

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/workload"
)

// heard is a witness that remembers.
type heard struct {
	sent   []uint32 // runs
	acked  []int64  // offsets
	tries  []int32
	failed []bool // maybe stored
	copies uint32
	full   bool
}

func (h *heard) Sent(id *workload.Identity, _ uint8) { h.sent = append(h.sent, id.Run) }

func (h *heard) Again(id *workload.Identity) bool {
	h.copies++
	id.Copy = h.copies
	return !h.full
}

func (h *heard) Acked(_ *workload.Identity, _ int32, offset int64, tries, _ int32) {
	h.acked, h.tries = append(h.acked, offset), append(h.tries, tries)
}

func (h *heard) Failed(_ *workload.Identity, maybeStored bool) {
	h.failed = append(h.failed, maybeStored)
}

// What a record says of itself stands in the value where there is room, else in
// a header, and is written anew when another run takes the record over.
func TestRecordsCarryTheirIdentity(t *testing.T) {
	long, short := make([]byte, 60), []byte("short")
	for name, c := range map[string]struct {
		value []byte
		stays bool
		apart bool
	}{
		"room in the value": {long, false, false},
		"value stays":       {long, true, true},
		"too short":         {short, false, true},
		"null":              {nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			h, rec := &heard{}, &Record{}
			rec.Key, rec.Value = []byte("k"), c.value
			rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: "trace"})
			id := workload.Identity{Test: 1, Run: 1, Seq: 7, Due: time.Second}
			rec.Audit(h, id, c.stays)
			read := func() (workload.Identity, error) {
				if !c.apart {
					return workload.ReadIdentity(rec.Value, rec.Key)
				}
				return workload.ReadApart(rec.Headers[len(rec.Headers)-1].Value, rec.Value, rec.Key)
			}
			if got, err := read(); err != nil || got != id || (len(rec.Headers) == 2) != c.apart {
				t.Errorf("got %+v, %v with %d headers, want %+v", got, err, len(rec.Headers), id)
			}
			r := &Run{o: Options{Number: 2}}
			r.takesOver(rec)
			id.Run = 2
			if got, err := read(); err != nil || got != id {
				t.Errorf("taken over: got %+v, %v, want %+v", got, err, id)
			}
			if diff := cmp.Diff([]uint32{2}, h.sent); diff != "" {
				t.Errorf("heard (-want +got):\n%s", diff)
			}
		})
	}
}

// What the application hands over again is a copy of its own, and says so.
func TestCopiesOfTheApplicationAreTold(t *testing.T) {
	h, rec, r := &heard{}, &Record{}, &Run{o: Options{Number: 3}}
	rec.Value = make([]byte, 60)
	rec.Audit(h, workload.Identity{Run: 1, Seq: 7}, false)
	r.sends(rec)
	again := &Record{}
	again.Value = rec.Value
	again.copies(rec)
	r.sends(again)
	got, err := workload.ReadIdentity(again.Value, nil)
	if want := (workload.Identity{Run: 3, Seq: 7, Copy: 1}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	r.sends(again) // a swap takes it over: still the same copy
	if diff := cmp.Diff([]uint32{1, 3, 3}, h.sent); diff != "" || h.copies != 1 {
		t.Errorf("%d copies, heard (-want +got):\n%s", h.copies, diff)
	}
	h.full = true
	more := &Record{}
	more.copies(again)
	(&Record{}).copies(&Record{}) // one that was not under audit
	r.sends(more)
	if len(h.sent) != 3 || more.audited {
		t.Errorf("heard of %d, want the one without room not under audit", len(h.sent))
	}
}

// An offset that no broker told is not passed on.
func TestWitnessesHearOfOffsets(t *testing.T) {
	h, rec := &heard{}, &Record{}
	rec.Offset = 41
	rec.Audit(h, workload.Identity{}, false)
	r := &Run{batch: current{tries: 3}}
	r.tells(rec)
	r.limits.acks0 = true
	r.tells(rec)
	if diff := cmp.Diff([]int64{41, -1}, h.acked); diff != "" {
		t.Errorf("offsets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int32{3, 3}, h.tries); diff != "" {
		t.Errorf("tries (-want +got):\n%s", diff)
	}
}

func TestRecordsUnderAuditCostNoAllocations(t *testing.T) {
	h := &heard{}
	r := &Run{}
	rec := &Record{}
	value := make([]byte, 100)
	run := func() {
		rec.Record = kgo.Record{Headers: rec.Headers[:0], Value: value}
		rec.audited = false
		rec.Audit(h, workload.Identity{Seq: 1}, true)
		h.sent, h.acked, h.tries = h.sent[:0], h.acked[:0], h.tries[:0]
		r.sends(rec)
		r.tells(rec)
	}
	run()
	if allocs := testing.AllocsPerRun(100, run); allocs > 0 {
		t.Errorf("%v allocations a record, want none", allocs)
	}
}

// How often a batch was written, and how often after it had been accepted.
func TestTrackCountsTries(t *testing.T) {
	tr := begun(0, 10, 20)
	tr.wrote(written(0, 10, 0), 100, -1)
	tr.wrote(written(10, 10, 1), 110, -1)
	tr.answered(written(0, 10, 0), 200, rejected)
	tr.answered(written(10, 10, 1), 210, stored)
	tr.wrote(written(0, 10, 0), 300, -1)
	tr.wrote(written(10, 10, 1), 310, -1)
	tr.answered(written(0, 10, 0), 400, stored)
	tr.answered(written(10, 10, 1), 410, stored)
	if got, _, ok := tr.take(0); !ok || got.tries != 2 || got.over != 0 {
		t.Errorf("the refused one: %d tries, %d over, want 2 and 0", got.tries, got.over)
	}
	if got, _, ok := tr.take(10); !ok || got.tries != 2 || got.over != 1 {
		t.Errorf("the accepted one: %d tries, %d over, want 2 and 1", got.tries, got.over)
	}
}
