package client

import (
	"math"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// franz-go's bounds of batches and requests, where Kafka sets wider ones.
const (
	maxLinger       = time.Minute
	minBatchBytes   = 512
	maxBatchBytes   = 1 << 30
	minRequestBytes = 1 << 10
	maxRequestBytes = 1 << 30
	// recordSlack is what a record's batch needs beyond key and value: the
	// batch's header and the record's own lengths.
	recordSlack = 200
	// requestSlack is what a request needs beyond one batch; topic and client
	// id take up to 249 and 256 bytes of it. Without it franz-go would shrink
	// the batches of topics with long names.
	requestSlack = 1 << 10
)

// BatchBytes is the size in bytes at which a batch is full, for records whose
// key and value take so many bytes at most. It is batch.size wherever franz-go
// can keep to it.
func BatchBytes(v setting.Values, recordBytes int) int {
	asked := v.Int(setting.BatchSize)
	// What max.request.size refuses never reaches a batch.
	largest := min(int64(recordBytes), v.Int(setting.MaxRequestSize))
	return int(min(max(asked, minBatchBytes, largest+recordSlack), maxBatchBytes))
}

// batching is what shapes batches and requests.
func (o *options) batching(recordBytes int) {
	linger := o.within(setting.LingerMs, 0, maxLinger.Milliseconds(), "franz-go lingers one minute at most")
	batch := o.batch(recordBytes)
	request := o.request(batch)
	o.add(
		kgo.ProducerLinger(time.Duration(linger)*time.Millisecond),
		kgo.ProducerBatchMaxBytes(int32(batch)),
		kgo.BrokerMaxWriteBytes(int32(request)),
		// Admission bounds the buffer; franz-go's own bounds stay out of its way.
		kgo.MaxBufferedRecords(math.MaxInt32),
		kgo.ProducerBatchCompression(o.codec()),
	)
}

// batch is the largest batch in bytes, with what differs from batch.size.
func (o *options) batch(recordBytes int) int64 {
	asked := o.values.Int(setting.BatchSize)
	batch := int64(BatchBytes(o.values, recordBytes))
	var why string
	switch batch {
	case asked:
		return batch
	case minBatchBytes:
		why = "franz-go's smallest batch is 512 bytes"
	case maxBatchBytes:
		why = "franz-go's largest batch is 1 GiB"
	default:
		why = "franz-go refuses a record that is larger than a batch, so the batch is made as large as the largest record"
	}
	o.differ(setting.BatchSize, strconv.FormatInt(batch, 10), why)
	return batch
}

// request is the largest request in bytes, with what differs from
// max.request.size. As the bound of one record that is kept to all the same,
// in front of the client.
func (o *options) request(batch int64) int64 {
	asked := o.values.Int(setting.MaxRequestSize)
	request := min(max(asked, minRequestBytes, batch+requestSlack), maxRequestBytes)
	var why string
	switch request {
	case asked:
		return request
	case maxRequestBytes:
		why = "franz-go's largest request is 1 GiB"
	default:
		why = "a request of franz-go has room for one full batch; a single record is still bound by what was asked"
	}
	o.differ(setting.MaxRequestSize, strconv.FormatInt(request, 10), why)
	return request
}
