package run

import "github.com/twmb/franz-go/pkg/kgo"

// observer is the run as its partitioner sees it.
type observer Run

// Pin implements partition.Observer.
func (*observer) Pin(kr *kgo.Record) (partition int, decided bool) {
	rec := recordOf(kr)
	switch rec.pin {
	case refused:
		return -1, true
	case pinned, placed:
		return int(kr.Partition), true
	case free:
	}
	return 0, false
}

// Picked implements partition.Observer. Java takes the whole batch.size from
// buffer.memory as a batch opens; so the record that opens one carries the
// charge, and gives it back when it ends, which is when its batch does.
func (o *observer) Picked(kr *kgo.Record, partition int, number int64, opens bool) {
	rec := recordOf(kr)
	rec.number = number
	if !opens {
		return
	}
	(*Run)(o).track(kr.Topic, int32(partition)).opened(number, kr.Timestamp.UnixMilli(), rec.admitted)
	o.weigher.wake()
	if rec.charge == 0 {
		// Neither batch.size nor a record that max.request.size lets pass has more bits.
		rec.charge = int32(max(o.limits.batchSize, rec.wireBytes(0, 0)+batchHeader))
		o.o.Buffer.Charge(int64(rec.charge))
	}
}

// Full implements partition.Observer.
func (o *observer) Full(kr *kgo.Record, partition int, number int64, leaves bool) {
	t := (*Run)(o).track(kr.Topic, int32(partition))
	t.filled(number, recordOf(kr).admitted)
	if leaves && o.o.Paced.Load() {
		o.kicks.kick(t)
	}
}
