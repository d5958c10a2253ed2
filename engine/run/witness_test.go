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
	sent   []workload.Sending
	acked  []int64 // offsets
	tries  []int32
	copies uint32
	full   bool
}

func (h *heard) Sent(s workload.Sending, _ int64, _ uint8) { h.sent = append(h.sent, s) }

func (h *heard) Again() (copied uint32, ok bool) {
	h.copies++
	return h.copies, !h.full
}

func (h *heard) Acked(_ workload.Sending, _ int32, offset int64, tries, _ int32) {
	h.acked, h.tries = append(h.acked, offset), append(h.tries, tries)
}

func (*heard) Failed(workload.Sending, bool) {}

// identityOn is what the record says of itself, and where.
func identityOn(rec *Record) (id workload.Identity, apart bool, err error) {
	if n := len(rec.Headers); n > 0 && rec.Headers[n-1].Key == workload.IdentityHeader {
		id, err = workload.ReadApart(rec.Headers[n-1].Value, rec.Value, rec.Key)
		return id, true, err
	}
	id, err = workload.ReadIdentity(rec.Value, rec.Key)
	return id, false, err
}

// What a record says of itself stands in the value where there is room, else in
// a header, and is written anew when another run takes the record over.
func TestRecordsCarryTheirIdentity(t *testing.T) {
	for name, c := range map[string]struct {
		value []byte
		stays bool
		apart bool
	}{
		"room in the value": {make([]byte, 60), false, false},
		"value stays":       {make([]byte, 60), true, true},
		"too short":         {[]byte("short"), false, true},
		"null":              {nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			h, rec := &heard{}, &Record{}
			rec.Key, rec.Value = []byte("k"), c.value
			rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: "trace"})
			want := workload.Identity{Test: 1, Worker: 2, Run: 1, Seq: 7, Due: time.Second}
			rec.Audit(want, c.stays)
			if got, apart, err := identityOn(rec); err != nil || got != want || apart != c.apart {
				t.Errorf("got %+v, %v, apart %v, want %+v", got, err, apart, want)
			}
			r := &Run{o: Options{Number: 2, Witness: h}}
			r.takesOver(rec)
			want.Run = 2
			if got, _, err := identityOn(rec); err != nil || got != want {
				t.Errorf("taken over: got %+v, %v, want %+v", got, err, want)
			}
			if diff := cmp.Diff([]workload.Sending{{Seq: 7}}, h.sent); diff != "" {
				t.Errorf("heard (-want +got):\n%s", diff)
			}
		})
	}
}

// What the application hands over again is a copy of its own, and says so.
func TestCopiesOfTheApplicationAreTold(t *testing.T) {
	h, rec := &heard{}, &Record{}
	r := &Run{o: Options{Number: 3, Witness: h}}
	rec.Value = make([]byte, 60)
	rec.Audit(workload.Identity{Run: 1, Seq: 7}, false)
	r.sends(rec)
	again := &Record{}
	again.Value = rec.Value
	again.copies(rec)
	r.sends(again)
	got, _, err := identityOn(again)
	if want := (workload.Identity{Run: 3, Seq: 7, Copy: 1}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	r.takesOver(again) // a swap: still the same copy
	if diff := cmp.Diff([]workload.Sending{{Seq: 7}, {Seq: 7, Copy: 1}, {Seq: 7, Copy: 1}}, h.sent); diff != "" || h.copies != 1 {
		t.Errorf("%d copies, heard (-want +got):\n%s", h.copies, diff)
	}
	h.full = true
	more := &Record{}
	more.copies(again)
	r.sends(more)
	if len(h.sent) != 3 || more.watch != unwatched {
		t.Errorf("heard of %d, want the one without room not under audit", len(h.sent))
	}
	more.copies(&Record{})
	if more.watch != unwatched {
		t.Error("a copy of what was not under audit is")
	}
}

// A record whose bytes were changed is left as it is.
func TestSpoiltIdentitiesAreNotMended(t *testing.T) {
	rec, r := &Record{}, &Run{o: Options{Number: 3}}
	rec.Value = make([]byte, 60)
	rec.Audit(workload.Identity{Run: 1, Seq: 7}, false)
	rec.Value[50]++
	r.stamp(rec)
	if _, _, err := identityOn(rec); err == nil {
		t.Error("it was sealed anew")
	}
	rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: workload.IdentityHeader, Value: make([]byte, workload.IdentityBytes)})
	r.stamp(rec)
	if _, _, err := identityOn(rec); err == nil {
		t.Error("it was sealed anew in the header")
	}
}

// An offset that no broker told is not passed on.
func TestWitnessesHearOfOffsets(t *testing.T) {
	h, rec := &heard{}, &Record{}
	rec.Offset = 41
	r := &Run{o: Options{Witness: h}, batch: current{trip: trip{tries: 3}}}
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

// A record that is used again finds the memory of its header.
func TestRecordsUnderAuditCostNoAllocations(t *testing.T) {
	h, rec := &heard{}, &Record{}
	r := &Run{o: Options{Witness: h}}
	value := make([]byte, 100)
	for _, stays := range []bool{true, false} {
		use := func() {
			rec.Record = kgo.Record{Headers: append(rec.Headers[:0], kgo.RecordHeader{Key: "trace"}), Value: value}
			rec.Audit(workload.Identity{Seq: 1}, stays)
			h.sent, h.acked, h.tries = h.sent[:0], h.acked[:0], h.tries[:0]
			r.sends(rec)
			r.tells(rec)
		}
		use()
		if allocs := testing.AllocsPerRun(100, use); allocs > 0 {
			t.Errorf("%v allocations a record, want none", allocs)
		}
		if got, apart, err := identityOn(rec); err != nil || got.Seq != 1 || apart != stays {
			t.Errorf("got %+v, %v, apart %v", got, err, apart)
		}
	}
}

// How often a batch was written, and how often after it had been accepted.
func TestTrackCountsTries(t *testing.T) {
	tr := begun(0, 10, 20)
	tr.wrote(written(0, 10, 0), 100, -1, 1)
	tr.wrote(written(10, 10, 1), 110, -1, 1)
	tr.answered(written(0, 10, 0), 200, rejected)
	tr.answered(written(10, 10, 1), 210, stored)
	tr.wrote(written(0, 10, 0), 300, -1, 1)
	tr.wrote(written(10, 10, 1), 310, -1, 1)
	tr.answered(written(0, 10, 0), 400, stored)
	tr.answered(written(10, 10, 1), 410, stored)
	if got, _, ok := tr.take(0); !ok || got.tries != 2 || got.over != 0 {
		t.Errorf("the refused one: %d tries, %d over, want 2 and 0", got.tries, got.over)
	}
	if got, _, ok := tr.take(10); !ok || got.tries != 2 || got.over != 1 {
		t.Errorf("the accepted one: %d tries, %d over, want 2 and 1", got.tries, got.over)
	}
}
