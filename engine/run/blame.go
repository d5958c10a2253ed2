package run

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// failing is a partition's last failure, on the goroutine of the promises.
// franz-go fails the whole buffer of a partition with its first batch, so that
// no gap is left; that batch is the one to blame.
type failing struct {
	err     error // nil: what ended since was delivered
	end     int64 // number of the record behind the batch that is to blame
	written bool  // that batch was written
}

// neighbour tells whether a record that fails does so only since another batch
// of its partition did: its own was not refused, and its own time is not up.
func (r *Run) neighbour(rec *Record, err error) bool {
	if rec.number < 0 {
		return false // it never came to a partition
	}
	t := r.track(rec.Topic, rec.Partition)
	trip, written := t.look(rec.number)
	first := t.failing.err == nil || !errors.Is(err, t.failing.err)
	if first {
		t.failing = failing{err: err, end: rec.number + 1, written: written}
		if written {
			t.failing.end = trip.first + int64(trip.records)
		}
	}
	var broker *kerr.Error
	switch {
	case first || rec.number < t.failing.end:
		return false
	case errors.Is(err, kgo.ErrRecordTimeout):
		return r.now()-rec.Called < r.limits.delivery-r.limits.linger
	case errors.As(err, &broker):
		// Where nothing was written no batch was refused: what is wrong is the
		// topic's, and so everybody's.
		return t.failing.written && (!written || trip.code != broker.Code)
	default:
		return !written || int64(trip.tries) <= r.limits.retries
	}
}
