package run

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/wire"
)

// tried is one batch of ten records: how often it was written, and the last
// answer to it.
type tried struct {
	writes int
	code   int16 // -1: no answer
}

// A partition's records all fail with the first batch that does. Told apart is
// who was refused, or whose own time is up, and who only waited behind it.
func TestNeighboursAreToldFromWhoIsToBlame(t *testing.T) {
	tooLarge := fmt.Errorf("%w (uncompressed_bytes=1)", kerr.MessageTooLarge)
	const timeout = 3 * time.Second
	for name, tt := range map[string]struct {
		batches []tried
		err     error
		ages    []time.Duration // of the batches; nil: all just sent
		want    []bool          // who is a neighbour
	}{
		"refused, and two behind it that were not written": {
			[]tried{{1, kerr.MessageTooLarge.Code}, {}, {}}, tooLarge, nil, []bool{false, true, true},
		},
		"refused, and one in flight": {
			[]tried{{1, kerr.MessageTooLarge.Code}, {1, -1}}, tooLarge, nil, []bool{false, true},
		},
		"refused, and one that was taken": {
			[]tried{{1, kerr.MessageTooLarge.Code}, {1, 0}}, tooLarge, nil, []bool{false, true},
		},
		"refused each": {
			[]tried{{1, kerr.MessageTooLarge.Code}, {1, kerr.MessageTooLarge.Code}}, tooLarge, nil, []bool{false, false},
		},
		"a topic that nobody may write": {
			[]tried{{}, {}, {}}, kerr.TopicAuthorizationFailed, nil, []bool{false, false, false},
		},
		"timed out, and younger ones": {
			[]tried{{3, -1}, {1, -1}, {}}, kgo.ErrRecordTimeout, []time.Duration{timeout, time.Second, 0}, []bool{false, true, true},
		},
		"all timed out": {
			[]tried{{}, {}, {}}, kgo.ErrRecordTimeout, []time.Duration{timeout, timeout, timeout}, []bool{false, false, false},
		},
		"tried too often, and one that was not": {
			[]tried{{4, -1}, {1, -1}, {}}, kgo.ErrRecordRetries, nil, []bool{false, true, true},
		},
		"tried too often each": {
			[]tried{{4, -1}, {4, -1}}, kgo.ErrRecordRetries, nil, []bool{false, false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Run{
				o:      Options{Start: time.Now().Add(-time.Hour), Index: func(string, int32) int32 { return 0 }},
				limits: limits{delivery: int64(timeout), linger: int64(5 * time.Millisecond), retries: 3},
			}
			track := r.track("t", 0)
			for i, b := range tt.batches {
				track.opened(int64(10*i), int64(i), 1)
				batch := &wire.Batch{ProducerID: 1, Sequence: int32(10 * i), Records: 10, FirstTimestamp: int64(i), Code: b.code}
				for range b.writes {
					track.wrote(batch, 1, -1, 1)
				}
				if b.writes > 0 && b.code >= 0 {
					track.answered(batch, 2, rejected)
				}
			}
			now := r.now()
			for n := range 10 * len(tt.batches) {
				rec := &Record{number: int64(n), Called: now}
				rec.Topic = "t"
				if tt.ages != nil {
					rec.Called -= int64(tt.ages[n/10])
				}
				if got := r.neighbour(rec, tt.err); got != tt.want[n/10] {
					t.Fatalf("record %d of batch %d: neighbour %v, want %v", n%10, n/10, got, tt.want[n/10])
				}
				r.fate(rec)
			}
		})
	}
}

// A record that never came to a partition has no neighbours.
func TestRecordWithoutAPartitionIsItsOwn(t *testing.T) {
	if (&Run{}).neighbour(&Record{number: -1}, kgo.ErrRecordTimeout) {
		t.Error("it is told to have failed with a neighbour")
	}
}

// Cutting the connections of a producer that is ended makes errors of all
// sorts; only a verdict on the record itself ends it.
func TestErrorsOfTheEndAreNoVerdicts(t *testing.T) {
	for err, want := range map[error]bool{
		kgo.ErrClientClosed: false, kgo.ErrAborting: false, net.ErrClosed: false, context.Canceled: false, errors.New("unable to dial"): false,
		kgo.ErrRecordTimeout: true, kgo.ErrRecordRetries: true, kerr.MessageTooLarge: true, fmt.Errorf("%w: 3 bytes", kerr.MessageTooLarge): true,
	} {
		if got := verdict(err); got != want {
			t.Errorf("%v: got %v, want %v", err, got, want)
		}
	}
}
