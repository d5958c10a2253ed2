package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// memConn keeps what is written and reads what it was given, in parts of any
// size that next tells.
type memConn struct {
	net.Conn
	wrote bytes.Buffer
	reads bytes.Buffer
	next  func() int
	werr  error
}

func (m *memConn) Write(p []byte) (int, error) {
	if m.werr != nil {
		return 0, m.werr
	}
	return m.wrote.Write(p)
}

func (m *memConn) Read(p []byte) (int, error) {
	if m.next != nil {
		p = p[:min(len(p), m.next())]
	}
	return m.reads.Read(p)
}

func (*memConn) Close() error                     { return nil }
func (*memConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*memConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*memConn) SetReadDeadline(time.Time) error  { return nil }
func (*memConn) SetWriteDeadline(time.Time) error { return nil }

// ledger is a Sink that keeps a copy of all it is told.
type ledger struct {
	mu       sync.Mutex
	wrote    []Request
	answered []Request
	lost     []Request
	errs     []error
	lostAt   []time.Time
	most     int // in flight at once
	now      int
}

func copied(r *Request) Request {
	c := *r
	c.Batches = append([]Batch(nil), r.Batches...)
	return c
}

func (l *ledger) Wrote(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrote = append(l.wrote, copied(r))
	if r.Acks != 0 {
		l.now++
		l.most = max(l.most, l.now)
	}
}

func (l *ledger) Answered(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered = append(l.answered, copied(r))
	l.now--
}

func (*ledger) Held(int32, time.Duration) {}

func (l *ledger) Lost(r *Request, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = append(l.lost, copied(r))
	l.errs = append(l.errs, err)
	l.lostAt = append(l.lostAt, time.Now())
	l.now--
}

var sameRequest = cmp.Options{
	cmpopts.IgnoreFields(Request{}, "Conn", "Written", "Answered"),
	cmpopts.IgnoreUnexported(Request{}),
	cmpopts.EquateEmpty(),
}

// randomBatch is one encoded record batch and what the tap must say of it.
func randomBatch(r *rand.Rand) ([]byte, Batch) {
	rb := kmsg.RecordBatch{
		PartitionLeaderEpoch: -1,
		Magic:                2,
		CRC:                  int32(r.Uint32()),
		Attributes:           int16(r.IntN(5) | r.IntN(2)<<4),
		FirstTimestamp:       r.Int64(),
		MaxTimestamp:         r.Int64(),
		ProducerID:           r.Int64N(1<<40) - 1,
		ProducerEpoch:        int16(r.IntN(100) - 1),
		FirstSequence:        int32(r.IntN(1<<30) - 1),
		NumRecords:           int32(r.IntN(1 << 16)),
		Records:              bytes.Repeat([]byte{byte(r.Uint32())}, r.IntN(300)),
	}
	rb.Length = int32(batchHeader - batchPrefix + len(rb.Records))
	return rb.AppendTo(nil), Batch{
		ProducerID: rb.ProducerID, Epoch: rb.ProducerEpoch, Sequence: rb.FirstSequence,
		Records: rb.NumRecords, Bytes: rb.Length + batchPrefix, Codec: Codec(rb.Attributes & 7),
		CRC: uint32(rb.CRC), FirstTimestamp: rb.FirstTimestamp, MaxTimestamp: rb.MaxTimestamp,
		Transactional: rb.Attributes&0x10 != 0, Code: -1, BaseOffset: -1, AppendTime: -1,
	}
}

// randomMessages is one encoded message set of magic 0 or 1, and what the tap
// must say of it.
func randomMessages(r *rand.Rand) ([]byte, Batch) {
	want := Batch{ProducerID: -1, Epoch: -1, Sequence: -1, FirstTimestamp: -1, MaxTimestamp: -1, Code: -1, BaseOffset: -1, AppendTime: -1}
	magic := int8(r.IntN(2))
	var set []byte
	for i := range 1 + r.IntN(5) {
		m := kmsg.MessageV1{
			CRC: int32(r.Uint32()), Magic: magic, Attributes: int8(r.IntN(4)),
			Timestamp: 1<<40 + int64(i)*r.Int64N(1000), Offset: r.Int64N(50), Value: bytes.Repeat([]byte{9}, r.IntN(300)),
		}
		records := int32(1)
		if m.Attributes != 0 && magic == 1 {
			records += int32(m.Offset)
		}
		encoded := m.AppendTo(nil)
		if magic == 0 {
			encoded = slices.Delete(encoded, messageHead, messageHead+messageTime)
		} else {
			if i == 0 {
				want.FirstTimestamp = m.Timestamp
			}
			want.MaxTimestamp = max(want.MaxTimestamp, m.Timestamp)
		}
		binary.BigEndian.PutUint32(encoded[8:], uint32(len(encoded)-messageOverhead))
		want.Records += records
		want.Codec = max(want.Codec, Codec(m.Attributes))
		want.CRC ^= uint32(m.CRC)
		set = append(set, encoded...)
	}
	want.Bytes = int32(len(set))
	return set, want
}

func randomTags(r *rand.Rand) kmsg.Tags {
	var t kmsg.Tags
	for range r.IntN(3) {
		t.Set(100+r.Uint32N(1000), bytes.Repeat([]byte{7}, r.IntN(200)))
	}
	return t
}

// randomRequest is a frame and what the tap must say of it.
func randomRequest(r *rand.Rand, version int16, correlation int32) ([]byte, Request) {
	req := kmsg.NewPtrProduceRequest()
	req.Version = version
	req.Acks = int16(r.IntN(3) - 1)
	req.TimeoutMillis = int32(r.IntN(1 << 20))
	req.UnknownTags = randomTags(r)
	if r.IntN(2) == 0 {
		req.TransactionID = kmsg.StringPtr("transaction")
	}
	want := Request{
		Broker: -1, Correlation: correlation, Version: version,
		Acks: req.Acks, TimeoutMs: req.TimeoutMillis, ClientID: []string{"", "kdyno"}[r.IntN(2)],
	}
	content := randomMessages
	if version >= batchProduce {
		content = randomBatch
		if req.TransactionID != nil {
			want.TransactionalID = *req.TransactionID
		}
	}
	for t := range r.IntN(4) {
		topic := kmsg.NewProduceRequestTopic()
		topic.UnknownTags = randomTags(r)
		topic.Topic = string(bytes.Repeat([]byte{byte('a' + t)}, 1+r.IntN(249)))
		topic.TopicID[0] = byte(t + 1)
		for p := range r.IntN(4) {
			part := kmsg.NewProduceRequestTopicPartition()
			part.UnknownTags = randomTags(r)
			part.Partition = int32(p)
			var b Batch
			part.Records, b = content(r)
			b.Partition = part.Partition
			if version >= 13 {
				b.TopicID = topic.TopicID
			} else {
				b.Topic = topic.Topic
			}
			topic.Partitions = append(topic.Partitions, part)
			want.Batches = append(want.Batches, b)
		}
		req.Topics = append(req.Topics, topic)
	}
	var opts []kmsg.RequestFormatterOpt
	if want.ClientID != "" {
		opts = append(opts, kmsg.FormatterClientID(want.ClientID))
	}
	frame := kmsg.NewRequestFormatter(opts...).AppendRequest(nil, req, correlation)
	want.Bytes = len(frame)
	return frame, want
}

// answerFrame puts the header and the length around an encoded answer.
func answerFrame(correlation int32, flexibleHeader bool, body []byte) []byte {
	head := []byte{0, 0, 0, 0, byte(correlation >> 24), byte(correlation >> 16), byte(correlation >> 8), byte(correlation)}
	if flexibleHeader {
		head = append(head, 0)
	}
	n := len(head) - 4 + len(body)
	head[0], head[1], head[2], head[3] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return append(head, body...)
}

// randomAnswer answers want's batches in random order, leaving out none, and
// fills in what the tap must say after it.
func randomAnswer(r *rand.Rand, want *Request) []byte {
	resp := kmsg.NewPtrProduceResponse()
	resp.Version = want.Version
	resp.ThrottleMillis = int32(r.IntN(1000))
	resp.UnknownTags = randomTags(r)
	if r.IntN(2) == 0 {
		broker := kmsg.NewProduceResponseBroker()
		broker.Host = "somewhere"
		resp.Brokers = append(resp.Brokers, broker)
	}
	if want.Version > 0 {
		want.ThrottleMs = resp.ThrottleMillis
	}
	for _, i := range r.Perm(len(want.Batches)) {
		b := &want.Batches[i]
		b.Told, b.Code, b.BaseOffset, b.AppendTime = true, int16(r.IntN(90)), r.Int64N(1<<40), r.Int64N(1<<40)
		part := kmsg.NewProduceResponseTopicPartition()
		part.UnknownTags = randomTags(r)
		part.Partition, part.ErrorCode, part.BaseOffset, part.LogAppendTime = b.Partition, b.Code, b.BaseOffset, b.AppendTime
		if want.Version < 2 {
			b.AppendTime = -1
		}
		part.CurrentLeader.LeaderID = int32(r.IntN(3))
		for range r.IntN(3) {
			e := kmsg.NewProduceResponseTopicPartitionErrorRecord()
			e.UnknownTags = randomTags(r)
			if r.IntN(2) == 0 {
				e.ErrorMessage = kmsg.StringPtr("this one record")
			}
			part.ErrorRecords = append(part.ErrorRecords, e)
		}
		if r.IntN(2) == 0 {
			part.ErrorMessage = kmsg.StringPtr("why")
		}
		topic := kmsg.NewProduceResponseTopic()
		topic.UnknownTags = randomTags(r)
		topic.Topic, topic.TopicID = b.Topic, b.TopicID
		topic.Partitions = append(topic.Partitions, part)
		resp.Topics = append(resp.Topics, topic)
	}
	return answerFrame(want.Correlation, want.Version >= flexibleProduce, resp.AppendTo(nil))
}

// otherRequest is a request that the tap has nothing to say of.
func otherRequest(correlation int32) ([]byte, []byte) {
	req := kmsg.NewPtrApiVersionsRequest()
	req.Version = 3
	resp := kmsg.NewPtrApiVersionsResponse()
	resp.Version = 3
	return kmsg.NewRequestFormatter().AppendRequest(nil, req, correlation),
		answerFrame(correlation, false, resp.AppendTo(nil))
}

// writeInParts writes p in parts of random size, whole if r is nil.
func writeInParts(t *testing.T, w io.Writer, p []byte, r *rand.Rand) {
	t.Helper()
	for len(p) > 0 {
		n := len(p)
		if r != nil {
			n = min(n, 1+r.IntN(1<<r.IntN(12)))
		}
		if _, err := w.Write(p[:n]); err != nil {
			t.Fatal(err)
		}
		p = p[n:]
	}
}

// TestTapReadsAllVersions sends random requests of every version through the
// tap, whole and cut anywhere, and compares with what kmsg encoded.
func TestTapReadsAllVersions(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		var parts *rand.Rand
		mem := &memConn{}
		if seed%2 == 1 {
			parts = r
			mem.next = func() int { return 1 + r.IntN(1<<r.IntN(12)) }
		}
		var sink ledger
		c := Tap(mem, &sink, Options{})
		var sent, replies []byte
		var wrote, answered []Request
		for id := range int32(8) {
			frame, want := randomRequest(r, int16(r.IntN(maxProduce+1)), id)
			if r.IntN(4) == 0 {
				var reply []byte
				frame, reply = otherRequest(id)
				replies = append(replies, reply...)
			} else {
				wrote = append(wrote, want)
				wrote[len(wrote)-1].Batches = append([]Batch(nil), want.Batches...)
				if want.Acks != 0 {
					replies = append(replies, randomAnswer(r, &want)...)
					answered = append(answered, want)
				}
			}
			sent = append(sent, frame...)
			writeInParts(t, c, frame, parts)
		}
		if got, want := c.InFlight(), len(answered); got != want {
			t.Fatalf("seed %d: got %d in flight, want %d", seed, got, want)
		}
		mem.reads.Write(replies)
		read, err := io.ReadAll(c)
		if err != nil || c.Blind() != nil {
			t.Fatalf("seed %d: read %v, blind %v", seed, err, c.Blind())
		}
		if !bytes.Equal(read, replies) || !bytes.Equal(mem.wrote.Bytes(), sent) {
			t.Fatalf("seed %d: the tap changed what passes", seed)
		}
		if d := cmp.Diff(wrote, sink.wrote, sameRequest); d != "" {
			t.Fatalf("seed %d: wrote (-want +got):\n%s", seed, d)
		}
		if d := cmp.Diff(answered, sink.answered, sameRequest); d != "" {
			t.Fatalf("seed %d: answered (-want +got):\n%s", seed, d)
		}
		if len(sink.lost) > 0 || c.InFlight() != 0 {
			t.Fatalf("seed %d: got %d lost, %d in flight, want none", seed, len(sink.lost), c.InFlight())
		}
	}
}

// TestTapKeepsUnansweredBatchUnknown leaves one batch out of the answer: it
// must not look acknowledged.
func TestTapKeepsUnansweredBatchUnknown(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var frame []byte
	var want Request
	for len(want.Batches) < 2 || want.Acks == 0 {
		frame, want = randomRequest(r, 9, 1)
	}
	mem := &memConn{}
	var sink ledger
	c := Tap(mem, &sink, Options{})
	writeInParts(t, c, frame, nil)
	short := want
	short.Batches = want.Batches[:len(want.Batches)-1]
	mem.reads.Write(randomAnswer(r, &short))
	if _, err := io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	if len(sink.answered) != 1 {
		t.Fatalf("got %d answers, want 1 (blind: %v)", len(sink.answered), c.Blind())
	}
	b := sink.answered[0].Batches[len(want.Batches)-1]
	if b.Told || b.Code != -1 || b.BaseOffset != -1 {
		t.Errorf("got %v, code %d, offset %d for a batch without an answer, want none, -1, -1", b.Told, b.Code, b.BaseOffset)
	}
}

// bend changes an answer anywhere behind its head, and lies with counts that no
// frame can hold; where the frame ends stays true.
func bend(r *rand.Rand, answer []byte) []byte {
	bent := bytes.Clone(answer)
	for range 1 + r.IntN(8) {
		at := 8 + r.IntN(len(bent)-8)
		switch r.IntN(4) {
		case 0:
			bent[at] = byte(r.Uint32())
		case 1:
			bent[at] ^= 1 << r.IntN(8)
		case 2:
			copy(bent[at:], []byte{0xff, 0xff, 0xff, 0xff, 0x07})
		case 3:
			bent = append(bent[:at], bent[min(at+1+r.IntN(8), len(bent)):]...)
			if len(bent) <= 8 {
				bent = append(bent, 0)
			}
		}
	}
	binary.BigEndian.PutUint32(bent, uint32(len(bent)-4))
	return bent
}

// A broker may say anything of a batch. As long as it says where that ends, what
// comes behind it is read as ever, and what was not told stays so.
func TestGarbledAnswerHidesOnlyItself(t *testing.T) {
	garbled := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		first, w1 := aRequest(int32(seed) + 1)
		second, w2 := aRequest(int32(seed) + 2)
		w1.Written, w2.Written = time.Time{}, time.Time{}
		bent := bend(r, randomAnswer(r, &w1))
		sent, read := append(first, second...), append(bent, randomAnswer(r, &w2)...)
		for _, parts := range []*rand.Rand{nil, r} {
			sink, sighted := passed(t, sent, read, parts)
			if !sighted || len(sink.answered) != 2 || len(sink.lost) != 0 {
				t.Fatalf("seed %d: sighted %v, %d answered, %d lost; want both answered", seed, sighted, len(sink.answered), len(sink.lost))
			}
			if d := cmp.Diff(w2, sink.answered[1], sameRequest); d != "" {
				t.Fatalf("seed %d: the answer behind (-want +got):\n%s", seed, d)
			}
			if slices.ContainsFunc(sink.answered[0].Batches, func(b Batch) bool { return !b.Told }) {
				garbled++
			}
		}
		agree(t, sent, read)
	}
	if garbled == 0 {
		t.Error("no answer was garbled, so nothing was tried")
	}
}

// Whoever counts on the tap has to know that it sees no more.
func TestBlindnessIsToldOnceAndFirst(t *testing.T) {
	for name, waiting := range map[string]bool{"a request waits": true, "nothing waits": false} {
		t.Run(name, func(t *testing.T) {
			mem := &memConn{}
			var sink ledger
			var told []error
			c := Tap(mem, &sink, Options{Blinded: func(_ int32, why error) {
				told = append(told, why)
				if len(sink.lost) != 0 {
					t.Error("a request was lost before anyone knew why")
				}
			}})
			if frame, _ := aRequest(1); waiting {
				writeInParts(t, c, frame, nil)
			}
			mem.reads.Write(bytes.Repeat([]byte("HTTP/1.1 400 Bad Request\r\n"), 3))
			if _, err := io.ReadAll(c); err != nil {
				t.Fatal(err)
			}
			if len(told) != 1 || !errors.Is(told[0], ErrBlind) || !errors.Is(told[0], ErrGarbled) {
				t.Errorf("got told %v, want once that an answer makes no sense", told)
			}
			if want := map[bool]int{true: 1}[waiting]; len(sink.lost) != want {
				t.Errorf("got %d lost, want %d", len(sink.lost), want)
			}
			_ = c.Close()
		})
	}
}

// aRequest is a produce request that wants an answer and has a batch.
func aRequest(correlation int32) ([]byte, Request) {
	r := rand.New(rand.NewPCG(uint64(correlation), 9))
	for {
		if frame, want := randomRequest(r, 12, correlation); want.Acks != 0 && len(want.Batches) > 0 {
			return frame, want
		}
	}
}

func TestTapGoesBlindAndPassesOn(t *testing.T) {
	good, _ := aRequest(1)
	oddMagic, want := aRequest(2)
	at := bytes.Index(oddMagic, []byte{0xff, 0xff, 0xff, 0xff, 2}) // leader epoch, magic
	oddMagic[at+4] = 1
	sasl := kmsg.NewPtrSASLHandshakeRequest()
	future := kmsg.NewRequestFormatter().AppendRequest(nil, kmsg.NewPtrProduceRequest(), 5)
	future[7] = maxProduce + 1
	beyond, _ := exchange(8, 1)
	binary.BigEndian.PutUint32(beyond, binary.BigEndian.Uint32(beyond)-1)
	between, _ := exchange(8, 1)
	between = between[:4+8+2+len("kdyno")] // after the client id
	binary.BigEndian.PutUint32(between, uint32(len(between)-4))
	for name, tt := range map[string]struct{ write, read []byte }{
		"negative length":          {write: []byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3}},
		"short frame":              {write: []byte{0, 0, 0, 2, 0, 0}},
		"frame ends in the head":   {write: []byte{0, 0, 0, 6, 0, 0, 0, 9, 0, 0}},
		"records beyond the frame": {write: beyond},
		"frame ends between items": {write: between},
		"legacy sasl":              {write: kmsg.NewRequestFormatter().AppendRequest(nil, sasl, 2)},
		"unknown version":          {write: future},
		"old message set":          {write: oddMagic},
		"http answer":              {read: []byte("HTTP/1.1 400 Bad Request\r\n")},
		"answer out of order":      {read: randomAnswer(rand.New(rand.NewPCG(1, 1)), &want)},
	} {
		t.Run(name, func(t *testing.T) {
			mem := &memConn{}
			var sink ledger
			c := Tap(mem, &sink, Options{})
			writeInParts(t, c, good, nil)
			writeInParts(t, c, tt.write, nil)
			mem.reads.Write(tt.read)
			read, err := io.ReadAll(c)
			if err != nil || !bytes.Equal(read, tt.read) {
				t.Errorf("got %q, %v from Read, want %q", read, err, tt.read)
			}
			if got, want := mem.wrote.Bytes(), append(append([]byte(nil), good...), tt.write...); !bytes.Equal(got, want) {
				t.Errorf("got %d bytes passed on, want %d as they were", len(got), len(want))
			}
			if !errors.Is(c.Blind(), ErrBlind) {
				t.Errorf("got blind %v, want ErrBlind", c.Blind())
			}
			if len(sink.lost) != 1 || !errors.Is(sink.errs[0], ErrBlind) || c.InFlight() != 0 {
				t.Errorf("got %d lost %v, %d in flight; want the one request lost to ErrBlind", len(sink.lost), sink.errs, c.InFlight())
			}
		})
	}
}

func TestTapToleratesAnswerToAcksZero(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	frame, want := randomRequest(r, 8, 4)
	for want.Acks != 0 {
		frame, want = randomRequest(r, 8, 4)
	}
	next, wantNext := aRequest(5)
	mem := &memConn{}
	var sink ledger
	c := Tap(mem, &sink, Options{})
	writeInParts(t, c, frame, nil)
	writeInParts(t, c, next, nil)
	mem.reads.Write(randomAnswer(r, &want))
	mem.reads.Write(randomAnswer(r, &wantNext))
	if _, err := io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	if c.Blind() != nil || len(sink.answered) != 1 || sink.answered[0].Correlation != 5 || len(sink.lost) != 0 {
		t.Errorf("got blind %v, answered %v, lost %v; want only request 5 answered", c.Blind(), sink.answered, sink.lost)
	}
}

func TestCloseLosesPendingInOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		finish func(*memConn, *Conn)
		want   error
	}{
		"close":         {func(_ *memConn, c *Conn) { c.Close(); c.Close() }, net.ErrClosed},
		"end of stream": {func(_ *memConn, c *Conn) { c.Read(make([]byte, 9)); c.Close() }, io.EOF},
		"failed write": {func(m *memConn, c *Conn) {
			m.werr = io.ErrShortWrite
			other, _ := otherRequest(77)
			c.Write(other)
			c.Close()
		}, io.ErrShortWrite},
	} {
		t.Run(name, func(t *testing.T) {
			mem := &memConn{}
			var sink ledger
			c := Tap(mem, &sink, Options{})
			for id := range int32(4) {
				frame, _ := aRequest(id)
				writeInParts(t, c, frame, nil)
			}
			tt.finish(mem, c)
			var got []int32
			for i, r := range sink.lost {
				got = append(got, r.Correlation)
				if !errors.Is(sink.errs[i], tt.want) {
					t.Errorf("got %v for request %d, want %v", sink.errs[i], i, tt.want)
				}
			}
			if d := cmp.Diff([]int32{0, 1, 2, 3}, got); d != "" {
				t.Errorf("lost (-want +got):\n%s", d)
			}
			if c.InFlight() != 0 {
				t.Errorf("got %d in flight, want 0", c.InFlight())
			}
		})
	}
}

// TestWriteAfterEndIsLost shows that a request told by Wrote is always told
// once more, also when the connection had ended before.
func TestWriteAfterEndIsLost(t *testing.T) {
	var sink ledger
	c := Tap(&memConn{}, &sink, Options{})
	c.Read(make([]byte, 1))
	frame, _ := aRequest(3)
	writeInParts(t, c, frame, nil)
	if len(sink.wrote) != 1 || len(sink.lost) != 1 || c.InFlight() != 0 {
		t.Errorf("got %d wrote, %d lost, %d in flight; want 1, 1, 0", len(sink.wrote), len(sink.lost), c.InFlight())
	}
}

func TestTapBoundsWhatWaits(t *testing.T) {
	var sink ledger
	c := Tap(&memConn{}, &sink, Options{})
	frame, _ := aRequest(3)
	for range maxWaiting + 1 {
		c.Write(frame)
	}
	if !errors.Is(c.Blind(), ErrBlind) || len(sink.lost) != len(sink.wrote) || c.InFlight() != 0 {
		t.Errorf("got blind %v, %d wrote, %d lost, %d in flight; want blind and all lost",
			c.Blind(), len(sink.wrote), len(sink.lost), c.InFlight())
	}
}

func TestTapSetsTimesAndBroker(t *testing.T) {
	at := time.Unix(100, 0)
	mem := &memConn{}
	var sink ledger
	c := Tap(mem, &sink, Options{Now: func() time.Time { at = at.Add(time.Second); return at }})
	c.SetBroker(7)
	frame, want := aRequest(1)
	writeInParts(t, c, frame, nil)
	mem.reads.Write(randomAnswer(rand.New(rand.NewPCG(1, 1)), &want))
	io.ReadAll(c)
	got := sink.answered[0]
	if !c.Opened.Equal(time.Unix(101, 0)) || !got.Written.Equal(time.Unix(102, 0)) || !got.Answered.Equal(time.Unix(103, 0)) || got.Broker != 7 || got.Conn != c {
		t.Errorf("got opened %v, written %v, answered %v, broker %d; want 101 s, 102 s, 103 s, 7", c.Opened, got.Written, got.Answered, got.Broker)
	}
}

func TestCodecHasItsNameInCompressionType(t *testing.T) {
	for codec, want := range []string{"none", "gzip", "snappy", "lz4", "zstd", "unknown"} {
		if got := Codec(codec).String(); got != want {
			t.Errorf("got %q for codec %d, want %q", got, codec, want)
		}
	}
}

// TestQueuesStaySmall never lets the queues run empty: what was taken off must
// not be kept.
func TestQueuesStaySmall(t *testing.T) {
	var q queue
	var w way
	for i := range int32(10000) {
		q.push(waiting{correlation: i})
		w.push([]byte{byte(i), byte(i >> 8)}, time.Unix(0, int64(i)), course{}, 0, 100)
		if i < 5 {
			continue
		}
		if head, ok := q.head(); !ok || head.correlation != i-5 {
			t.Fatalf("got request %d, %v at the head, want %d", head.correlation, ok, i-5)
		}
		q.pop()
		b, _ := w.ready(time.Unix(0, int64(i-5)))
		if d := cmp.Diff([]byte{byte(i - 5), byte((i - 5) >> 8)}, b); d != "" {
			t.Fatalf("piece %d (-want +got):\n%s", i-5, d)
		}
		w.take(len(b))
	}
	if cap(q.items) > 1000 || cap(w.pieces) > 1000 || cap(w.bytes) > 1000 {
		t.Errorf("got room for %d requests, %d pieces, %d bytes; want few", cap(q.items), cap(w.pieces), cap(w.bytes))
	}
}

// helds notes what waited.
type helds struct {
	ledger
	took []time.Duration
}

func (h *helds) Held(_ int32, took time.Duration) { h.took = append(h.took, took) }

// A broker that does not read makes the write wait, and the tap says for how
// long; a write that is taken at once is not told.
func TestTapTellsOfWritesThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, broker := net.Pipe()
		sink := &helds{}
		c := Tap(client, sink, Options{})
		for _, wait := range []time.Duration{0, 30 * time.Millisecond} {
			go func() {
				time.Sleep(wait)
				_, _ = io.ReadFull(broker, make([]byte, 4))
			}()
			if _, err := c.Write([]byte{0, 0, 0, 9}); err != nil {
				t.Fatal(err)
			}
		}
		if len(sink.took) != 1 || sink.took[0] != 30*time.Millisecond {
			t.Errorf("told of %v, want of one write that waited 30 ms", sink.took)
		}
		_ = c.Close()
		_ = broker.Close()
	})
}
