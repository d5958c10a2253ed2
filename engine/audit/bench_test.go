package audit

import (
	"slices"
	"testing"
	"time"

	"kdyno/engine/workload"
	"kdyno/telemetry/report"
)

// all is what an idempotent producer claims.
const all = uint8(Kept | Once | Ordered)

// stand is an audit without a cluster: what a test says was promised, and what it
// says the log holds.
type stand struct {
	*Audit
	log [][]entry // by partition
	now time.Duration
}

func newStand(partitions int) *stand {
	s := &stand{log: make([][]entry, partitions)}
	s.Audit = newAudit(Options{
		Now: func() time.Duration { return s.now }, Total: func() int64 { return s.promised.Load() },
		Fault: func(from, to time.Duration) string {
			if from <= 5*time.Second && to >= 5*time.Second {
				return "stall"
			}
			return ""
		},
	}, newLedger(4, 4, slotPages))
	s.topics["t"] = &topic{name: "t", compacts: isNot}
	for number := range partitions {
		s.topics["t"].has(int32(number), s.places.add(int32(number), 0))
	}
	return s
}

func (s *stand) part(number int) *partition { return s.topics["t"].parts[number] }

// id is the identity of a first sending.
func (s *stand) id(seq uint64) workload.Identity {
	return workload.Identity{Test: s.test, Run: 1, Seq: seq, Due: time.Duration(seq) * time.Millisecond}
}

func (s *stand) send(seqs ...uint64) {
	for _, seq := range seqs {
		id := s.id(seq)
		s.Sent(id.Sending(), int64(id.Due), all)
	}
}

func (s *stand) ack(seq uint64, number int32, offset int64) {
	id := s.id(seq)
	s.Acked(id.Sending(), number, offset, 1, 0)
}

func (s *stand) fail(seq uint64, maybe bool) {
	id := s.id(seq)
	s.Failed(id.Sending(), maybe)
}

// holds puts a record into the log of a partition.
func (s *stand) holds(number int, offset int64, id workload.Identity) {
	s.log[number] = append(s.log[number], entry{offset: offset, id: id})
}

// wrote is what happens to a healthy record: sent, stored and acknowledged at the
// next offset.
func (s *stand) wrote(seq uint64, number int) {
	offset := int64(0)
	if n := len(s.log[number]); n > 0 {
		offset = s.log[number][n-1].offset + 1
	}
	s.send(seq)
	s.holds(number, offset, s.id(seq))
	s.ack(seq, int32(number), offset)
}

// read reads the whole log, one partition after the other.
func (s *stand) read() {
	for number := range s.log {
		slices.SortStableFunc(s.log[number], func(a, b entry) int { return int(a.offset - b.offset) })
		for i := range s.log[number] {
			s.reading.saw(s.part(number), &s.log[number][i])
		}
	}
}

// verdict is what the audit says of a log that was read whole.
func (s *stand) verdict() report.Audit {
	s.read()
	return s.reading.judge(end{complete: true})
}

// counts are the figures of a verdict without its words.
func figures(a report.Audit) report.Audit {
	a.Say, a.Examples = "", nil
	return a
}

func mustHold(t *testing.T, what string, ok bool) {
	t.Helper()
	if !ok {
		t.Error(what)
	}
}
