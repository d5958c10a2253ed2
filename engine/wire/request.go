// Package wire is the connection under a producer: Tap reads the produce
// requests and their answers as they pass and tells a Sink; Slots bound how
// many of them are unanswered; Link is the emulated network below the tap, with
// its distance, its bandwidth and what is broken on it. The client's dialer
// calls them; a proxy can.
//
// It refuses to decode or copy records, to change a byte of what passes, and
// to judge: it knows no settings and no client, only the Kafka protocol. What
// it does not understand passes untouched (Conn.Blind says why). Nothing is
// dropped but by a fault, which then ends the connection.
//
// A Conn may be read by one goroutine and written by another, and closed or
// given deadlines by any. Slots and a Link are safe for any goroutine. While a
// link holds bytes back each connection has one goroutine, which Close waits
// for.
package wire

import "time"

// Codec is how the records of a batch are compressed.
type Codec uint8

// String is the codec's name as in compression.type.
func (c Codec) String() string {
	switch c {
	case 0:
		return "none"
	case 1:
		return "gzip"
	case 2:
		return "snappy"
	case 3:
		return "lz4"
	case 4:
		return "zstd"
	default:
		return "unknown"
	}
}

// Batch is one record batch inside a produce request and, once the request is
// answered, what the broker said of it. Before Produce v3 it is a message set:
// without a producer, its CRC is that of all its messages combined, and a
// compressed one counts as many records as its last offset tells (Kafka 0.10
// on), else one.
type Batch struct {
	Topic          string   // empty from Produce v13 on
	TopicID        [16]byte // zero before Produce v13
	Partition      int32
	ProducerID     int64 // -1 without idempotence
	Epoch          int16
	Sequence       int32 // of the first record; -1 without idempotence
	Records        int32
	Bytes          int32 // the whole batch on the wire, its header included
	Codec          Codec
	CRC            uint32
	FirstTimestamp int64 // milliseconds since 1970, of the first record; -1 before Kafka 0.10
	MaxTimestamp   int64 // milliseconds since 1970; -1 before Kafka 0.10
	Transactional  bool
	Told           bool  // the answer came and is about this batch, too
	Code           int16 // Kafka's error code; -1 until then
	BaseOffset     int64 // -1 until acknowledged
	AppendTime     int64 // milliseconds since 1970 that the broker gave the records; -1: they keep their own
}

// BatchID tells a batch from another of its partition: the producer's sequence,
// or without idempotence the content (serializing is repeatable). A batch that is
// written again has the same.
type BatchID struct {
	Producer int64 // -1 without idempotence; then Epoch and Sequence are 0, else Bytes and CRC
	Epoch    int16
	Sequence int32
	Records  int32
	Bytes    int32
	CRC      uint32
}

// ID is the batch's own.
func (b *Batch) ID() BatchID {
	if b.ProducerID < 0 {
		return BatchID{Producer: -1, Records: b.Records, Bytes: b.Bytes, CRC: b.CRC}
	}
	return BatchID{Producer: b.ProducerID, Epoch: b.Epoch, Sequence: b.Sequence, Records: b.Records}
}

// Request is one produce request. A Conn uses it again: it and its batches are
// valid only during the call of the Sink that hands it over.
type Request struct {
	Conn        *Conn
	Broker      int32 // -1: not known
	Correlation int32
	Version     int16
	Acks        int16
	TimeoutMs   int32
	ClientID    string
	// TransactionalID is empty without transactions.
	TransactionalID string
	Bytes           int       // the whole frame on the wire, its length included
	Written         time.Time // just before its last byte went to the connection
	Answered        time.Time // when the last byte of its answer was read
	ThrottleMs      int32
	Batches         []Batch

	gate *gate // where it counts until it is answered or lost
}

// Sink is told of produce requests. For one request the calls never overlap:
// Wrote, then either Answered or Lost; Held comes when it comes. For different requests of one
// connection they can: Wrote comes from the writing goroutine, Answered from
// the reading one, Lost from whoever saw the connection end. No call may block
// or call back into the connection's Read, Write or Close.
type Sink interface {
	// Wrote is called just before the frame goes out, so that no answer can be
	// seen earlier. With Acks 0 it is the only call: no answer will come.
	Wrote(*Request)
	// Answered is called when the whole answer was read, before the reader gets
	// its bytes.
	Answered(*Request)
	// Lost is called, oldest first, for each request that can no longer be
	// answered or no longer be followed: the connection ended (the error says
	// how; it is os.ErrDeadlineExceeded after a timeout), or the tap went blind
	// (the error is ErrBlind). The broker may have stored the batches.
	Lost(*Request, error)
	// Held is called after a write that the connection did not take at once: it
	// waited so long because the other side did not read, or the link was full.
	Held(broker int32, took time.Duration)
}

// reset makes a used request ready for the next frame.
func (r *Request) reset(c *Conn) {
	batches := r.Batches[:0]
	*r = Request{Conn: c, Batches: batches}
}
