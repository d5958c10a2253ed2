package door

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// stand is a door on a network in memory, and what its broker was asked.
type stand struct {
	t       *testing.T
	network kfake.VirtualNetwork
	door    *Door

	mu     sync.Mutex
	frames [][]byte
}

// newStand starts a broker that answers each produce request with its own
// partitions, and metadata with one of each kind; it must be closed.
func newStand(t *testing.T) *stand {
	t.Helper()
	s := &stand{t: t}
	d, err := New(func(address string) (net.Listener, error) { return s.network.Listen("tcp", address) }, "127.0.0.1:9092")
	if err != nil {
		t.Fatal(err)
	}
	s.door = d
	go func() {
		for {
			c, err := d.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

// serve reads ahead by one request, as kfake does.
func (s *stand) serve(c net.Conn) {
	defer c.Close()
	requests := make(chan []byte)
	go func() {
		defer close(requests)
		for {
			var size [4]byte
			if _, err := io.ReadFull(c, size[:]); err != nil {
				return
			}
			frame := append(size[:], make([]byte, binary.BigEndian.Uint32(size[:]))...)
			if _, err := io.ReadFull(c, frame[4:]); err != nil {
				return
			}
			requests <- frame
		}
	}()
	for frame := range requests {
		s.mu.Lock()
		s.frames = append(s.frames, frame)
		s.mu.Unlock()
		if answer := reply(frame); answer != nil {
			_, _ = c.Write(answer) // the reading side learns of the end
		}
	}
}

func (s *stand) asked() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frames
}

func (s *stand) dial() net.Conn {
	s.t.Helper()
	c, err := s.network.DialContext(s.t.Context(), "tcp", "127.0.0.1:9092")
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// framed is a request as a client writes it.
func framed(correlation int32, req kmsg.Request) []byte {
	return kmsg.NewRequestFormatter(kmsg.FormatterClientID("orders")).AppendRequest(nil, req, correlation)
}

// reply is what a broker that knows of no trouble answers.
func reply(frame []byte) []byte {
	version := int16(binary.BigEndian.Uint16(frame[6:]))
	var resp kmsg.Response
	switch kmsg.Key(binary.BigEndian.Uint16(frame[4:])) {
	case kmsg.Produce:
		req, _, ok := readProduce(frame)
		if !ok || req.Acks == 0 {
			return nil
		}
		resp = stored(req)
	case kmsg.Metadata:
		m := kmsg.NewPtrMetadataResponse()
		m.Brokers = append(m.Brokers, kmsg.NewMetadataResponseBroker(), kmsg.NewMetadataResponseBroker())
		m.Brokers[1].NodeID = 1
		resp = m
	default:
		return nil
	}
	resp.SetVersion(version)
	out := append(make([]byte, 4), frame[8:12]...)
	if resp.IsFlexible() {
		out = append(out, 0)
	}
	out = resp.AppendTo(out)
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out
}

func stored(req *kmsg.ProduceRequest) kmsg.Response {
	resp := kmsg.NewPtrProduceResponse()
	for _, t := range req.Topics {
		rt := kmsg.NewProduceResponseTopic()
		rt.Topic, rt.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			rp := kmsg.NewProduceResponseTopicPartition()
			rp.Partition, rp.BaseOffset = p.Partition, 100+int64(p.Partition)
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp
}

// produce is a request for partitions of two topics; each batch has 10 times
// its partition's number of bytes.
func produce(version, acks int16, partitions ...int32) *kmsg.ProduceRequest {
	req := kmsg.NewPtrProduceRequest()
	req.SetVersion(version)
	req.Acks, req.TimeoutMillis = acks, 30_000
	for i, name := range []string{"orders", "bills"} {
		t := kmsg.NewProduceRequestTopic()
		if version >= 13 {
			t.TopicID = [16]byte{byte(i + 1)}
		} else {
			t.Topic = name
		}
		for _, p := range partitions {
			rp := kmsg.NewProduceRequestTopicPartition()
			rp.Partition, rp.Records = p, bytes.Repeat([]byte{byte(p)}, 10*int(p))
			t.Partitions = append(t.Partitions, rp)
		}
		req.Topics = append(req.Topics, t)
	}
	return req
}

// answer reads the next answer to a produce request.
func answer(t *testing.T, c net.Conn, version int16) *kmsg.ProduceResponse {
	t.Helper()
	resp := kmsg.NewPtrProduceResponse()
	read(t, c, version, resp)
	return resp
}

func read(t *testing.T, c net.Conn, version int16, resp kmsg.Response) {
	t.Helper()
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, binary.BigEndian.Uint32(head))
	if _, err := io.ReadFull(c, body); err != nil {
		t.Fatal(err)
	}
	resp.SetVersion(version)
	skip := 4
	if resp.IsFlexible() {
		skip++
	}
	if err := resp.ReadFrom(body[skip:]); err != nil {
		t.Fatal(err)
	}
}

// codes are an answer's error codes by topic (1 or 2) and partition.
func codes(resp *kmsg.ProduceResponse) map[[2]int32]int16 {
	all := map[[2]int32]int16{}
	for _, t := range resp.Topics {
		topic := int32(1)
		if t.Topic == "bills" || t.TopicID[0] == 2 {
			topic = 2
		}
		for _, p := range t.Partitions {
			all[[2]int32{topic, p.Partition}] = p.ErrorCode
			if stored := p.BaseOffset == 100+int64(p.Partition); stored != (p.ErrorCode == 0) {
				all[[2]int32{topic, p.Partition}] = -2 // the offset contradicts the code
			}
		}
	}
	return all
}

func TestRefusedBatchesDoNotReachTheBroker(t *testing.T) {
	timedOut, tooFew, tooLarge := kerr.RequestTimedOut.Code, kerr.NotEnoughReplicas.Code, kerr.MessageTooLarge.Code
	tests := map[string]struct {
		refuse []*Refusal
		want   map[[2]int32]int16
		reach  []int32 // partitions of the first topic that the broker stores
	}{
		"one partition": {
			[]*Refusal{{Code: tooFew, Partition: 2}},
			map[[2]int32]int16{{1, 1}: 0, {1, 2}: tooFew, {1, 3}: 0, {2, 1}: 0, {2, 2}: tooFew, {2, 3}: 0},
			[]int32{1, 3},
		},
		"all": {
			[]*Refusal{{Code: tooFew, Partition: AnyPartition}},
			map[[2]int32]int16{{1, 1}: tooFew, {1, 2}: tooFew, {1, 3}: tooFew, {2, 1}: tooFew, {2, 2}: tooFew, {2, 3}: tooFew},
			nil,
		},
		"after the append": {
			[]*Refusal{{Code: timedOut, Partition: 1}},
			map[[2]int32]int16{{1, 1}: timedOut, {1, 2}: 0, {1, 3}: 0, {2, 1}: timedOut, {2, 2}: 0, {2, 3}: 0},
			[]int32{1, 2, 3},
		},
		"large ones": {
			[]*Refusal{{Code: tooLarge, Partition: AnyPartition, Over: 20}},
			map[[2]int32]int16{{1, 1}: 0, {1, 2}: 0, {1, 3}: tooLarge, {2, 1}: 0, {2, 2}: 0, {2, 3}: tooLarge},
			[]int32{1, 2},
		},
		"the first that matches": {
			[]*Refusal{{Code: tooLarge, Partition: 3}, {Code: tooFew, Partition: AnyPartition}},
			map[[2]int32]int16{{1, 1}: tooFew, {1, 2}: tooFew, {1, 3}: tooLarge, {2, 1}: tooFew, {2, 2}: tooFew, {2, 3}: tooLarge},
			nil,
		},
		"none that matches": {
			[]*Refusal{{Code: tooFew, Partition: 7}, {Code: tooFew, Partition: AnyPartition, Use: func() bool { return false }}},
			map[[2]int32]int16{{1, 1}: 0, {1, 2}: 0, {1, 3}: 0, {2, 1}: 0, {2, 2}: 0, {2, 3}: 0},
			[]int32{1, 2, 3},
		},
	}
	for name, tt := range tests {
		for version := int16(3); version <= 13; version++ {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t)
				defer s.door.Close()
				s.door.Put(Rules{Refuse: tt.refuse})
				c := s.dial()
				defer c.Close()
				go c.Write(framed(7, produce(version, -1, 1, 2, 3)))
				if d := cmp.Diff(tt.want, codes(answer(t, c, version))); d != "" {
					t.Errorf("%s, v%d: codes (-want +got):\n%s", name, version, d)
				}
				var reached []int32
				req, _, ok := readProduce(s.asked()[0])
				if ok && len(req.Topics) > 0 {
					for _, p := range req.Topics[0].Partitions {
						reached = append(reached, p.Partition)
						if len(p.Records) != 10*int(p.Partition) {
							t.Errorf("%s, v%d: partition %d reached the broker with %d bytes", name, version, p.Partition, len(p.Records))
						}
					}
				}
				if d := cmp.Diff(tt.reach, reached); d != "" || !ok || req.Acks != -1 || req.TimeoutMillis != 30_000 {
					t.Errorf("%s, v%d: read %v, acks %d; partitions that reached the broker (-want +got):\n%s", name, version, ok, req.Acks, d)
				}
			})
		}
	}
}

// A use is of one request, however many of its batches match.
func TestRefusalIsUsedOncePerRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		defer s.door.Close()
		left := 2
		s.door.Put(Rules{Refuse: []*Refusal{{Code: kerr.NotEnoughReplicas.Code, Partition: AnyPartition, Use: func() bool { left--; return left >= 0 }}}})
		c := s.dial()
		defer c.Close()
		refused := 0
		for i := range int32(4) {
			go c.Write(framed(i, produce(9, -1, 1, 2)))
			for _, code := range codes(answer(t, c, 9)) {
				if code != 0 {
					refused++
				}
			}
		}
		if refused != 2*4 {
			t.Errorf("%d batches were refused, want the 8 of two requests", refused)
		}
	})
}

// Nobody hears of a refusal with acks=0; Kafka closes the connection, so that
// the producer asks for the metadata.
func TestRefusalWithAcks0EndsTheConnection(t *testing.T) {
	for _, tt := range []struct{ partition, reaches int32 }{{AnyPartition, 0}, {1, 1}} {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t)
			defer s.door.Close()
			s.door.Put(Rules{Refuse: []*Refusal{{Code: kerr.NotLeaderForPartition.Code, Partition: tt.partition}}})
			c := s.dial()
			defer c.Close()
			if _, err := c.Write(framed(1, produce(9, 0, 1, 2))); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("got %v, want the end of the connection", err)
			}
			synctest.Wait()
			if got := int32(len(s.asked())); got != tt.reaches || s.door.Connections() != 0 {
				t.Errorf("%d requests reached the broker and %d connections are open, want %d and 0", got, s.door.Connections(), tt.reaches)
			}
		})
	}
}

// took is how long after a moment each of n answers came, in milliseconds.
func took(t *testing.T, c net.Conn, n int) (ms []int64, throttled []int32) {
	t.Helper()
	from := time.Now()
	for range n {
		resp := answer(t, c, 9)
		ms = append(ms, time.Since(from).Milliseconds())
		throttled = append(throttled, resp.ThrottleMillis)
	}
	return ms, throttled
}

// pipelined writes n requests at once.
func pipelined(c net.Conn, acks int16, n int) {
	var all []byte
	for i := range n {
		all = append(all, framed(int32(i), produce(9, acks, 1))...)
	}
	go c.Write(all)
}

func TestSlowBrokerTakesRequestsOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		defer s.door.Close()
		s.door.Put(Rules{Hold: 100 * time.Millisecond})
		c, other := s.dial(), s.dial()
		defer c.Close()
		defer other.Close()
		pipelined(c, -1, 3)
		pipelined(other, -1, 1)
		if ms, _ := took(t, c, 3); !cmp.Equal(ms, []int64{100, 200, 300}) {
			t.Errorf("answers came after %v ms, want one each 100 ms", ms)
		}
		if ms, _ := took(t, other, 1); ms[0] != 0 {
			t.Errorf("the other connection's came %v ms later still, want it done by now", ms)
		}
		pipelined(c, -1, 2)
		go func() {
			time.Sleep(30 * time.Millisecond)
			s.door.Put(Rules{})
		}()
		if ms, _ := took(t, c, 2); !cmp.Equal(ms, []int64{30, 30}) {
			t.Errorf("answers came after %v ms, want 30 as it was healed", ms)
		}
	})
}

// KIP-219: the answer comes at once and tells for how long the connection is
// left alone; then it is.
func TestThrottledRequestIsAnsweredFirstAndMutedAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		defer s.door.Close()
		size := int64(len(framed(1, produce(9, -1, 1))))
		s.door.Put(Rules{Quota: size}) // one request a second, and one at once
		c := s.dial()
		defer c.Close()
		pipelined(c, -1, 4)
		ms, throttled := took(t, c, 4)
		if !cmp.Equal(ms, []int64{0, 0, 1000, 2000}) || !cmp.Equal(throttled, []int32{0, 1000, 1000, 1000}) {
			t.Errorf("answers after %v ms, throttled %v ms; want the first two at once, then one a second", ms, throttled)
		}
		pipelined(c, -1, 1)
		go func() {
			time.Sleep(300 * time.Millisecond)
			s.door.Put(Rules{})
		}()
		if ms, _ := took(t, c, 1); ms[0] != 300 {
			t.Errorf("the next came after %v ms, want 300: the quota was lifted", ms)
		}
	})
}

// With acks=0 there is no answer that could tell; the connection is left alone
// all the same.
func TestUnansweredRequestsAreThrottledToo(t *testing.T) {
	for name, rules := range map[string]Rules{
		"quota": {Quota: int64(len(framed(1, produce(9, 0, 1))))}, "slow": {Hold: time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t)
			defer s.door.Close()
			s.door.Put(rules)
			c := s.dial()
			defer c.Close()
			pipelined(c, 0, 100)
			time.Sleep(10*time.Second + 500*time.Millisecond)
			defer s.door.Shut()
			if got := len(s.asked()); got < 10 || got > 12 {
				t.Errorf("%s: %d requests reached the broker in 10 s, want one a second", name, got)
			}
		})
	}
}

// The quota is of what is produced: other answers are not held back by it.
func TestMetadataIsNotThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		defer s.door.Close()
		s.door.Put(Rules{Quota: 1, Metadata: func(*kmsg.MetadataResponse) {}})
		c, other := s.dial(), s.dial()
		defer c.Close()
		pipelined(c, -1, 1)
		answer(t, c, 9)
		defer s.door.Shut()
		req := kmsg.NewPtrMetadataRequest()
		req.SetVersion(9)
		from := time.Now()
		for range 2 {
			go other.Write(framed(1, req))
			read(t, other, 9, kmsg.NewPtrMetadataResponse())
		}
		if took := time.Since(from); took != 0 {
			t.Errorf("metadata took %v beside a quota that is used up, want no time", took)
		}
	})
}

func TestQuotaHoldsInTheLongRun(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		rate := 1 + r.Int64N(1<<20)
		now := time.Unix(0, 0)
		b := newBucket(rate, now)
		spent := int64(0)
		for range 500 {
			n := r.Int64N(2 * rate)
			spent += n
			wait := b.take(n, now)
			if wait%time.Millisecond != 0 {
				t.Fatalf("told to wait %v, want whole milliseconds", wait)
			}
			now = now.Add(wait + time.Duration(r.Int64N(int64(10*time.Millisecond))))
		}
		// One second's worth at once, and each wait rounded up.
		allowed := float64(rate) * (now.Sub(time.Unix(0, 0)).Seconds() + 1)
		if float64(spent) > allowed*1.000001+1 {
			t.Fatalf("%d bytes in %v at %d bytes/s, want at most %.0f", spent, now.Sub(time.Unix(0, 0)), rate, allowed)
		}
		if float64(spent) < 0.9*allowed-2*float64(rate) {
			t.Fatalf("%d bytes in %v at %d bytes/s, want nearly %.0f", spent, now.Sub(time.Unix(0, 0)), rate, allowed)
		}
	}
}

func TestMetadataIsRewritten(t *testing.T) {
	for version := int16(0); version <= 13; version++ {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t)
			defer s.door.Close()
			c := s.dial()
			defer c.Close()
			brokers := func() int {
				req := kmsg.NewPtrMetadataRequest()
				req.SetVersion(version)
				go c.Write(framed(1, req))
				resp := kmsg.NewPtrMetadataResponse()
				read(t, c, version, resp)
				return len(resp.Brokers)
			}
			before := brokers()
			s.door.Put(Rules{Metadata: func(m *kmsg.MetadataResponse) { m.Brokers = m.Brokers[:1] }})
			during := brokers()
			s.door.Put(Rules{})
			if after := brokers(); before != 2 || during != 1 || after != 2 {
				t.Errorf("v%d: %d, %d, %d brokers, want 2, 1 while they are told so, and 2", version, before, during, after)
			}
		})
	}
}

// The rules act on the first request that comes after they were put in force,
// also where the broker was reading already.
func TestRulesActAtOnceOnAnIdleConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		defer s.door.Close()
		c := s.dial()
		defer c.Close()
		pipelined(c, -1, 1)
		answer(t, c, 9)
		time.Sleep(time.Second) // it waits for the next one now
		s.door.Put(Rules{Refuse: []*Refusal{{Code: 19, Partition: AnyPartition}}})
		pipelined(c, -1, 1)
		if got := codes(answer(t, c, 9))[[2]int32{1, 1}]; got != 19 {
			t.Errorf("code %d, want 19", got)
		}
	})
}

func TestShutDoorIsADeadBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		defer s.door.Close()
		s.door.Put(Rules{Hold: time.Hour})
		c, idle := s.dial(), s.dial()
		pipelined(c, -1, 3)
		synctest.Wait()
		if got := s.door.Connections(); got != 2 {
			t.Errorf("%d connections, want 2", got)
		}
		s.door.Shut()
		s.door.Shut()
		for _, c := range []net.Conn{c, idle} {
			if _, err := c.Read(make([]byte, 1)); err == nil {
				t.Error("got bytes from a broker that is down")
			}
		}
		if _, err := s.network.DialContext(t.Context(), "tcp", "127.0.0.1:9092"); err == nil || s.door.IsOpen() || s.door.Connections() != 0 {
			t.Errorf("dialled with %v, open %v, %d connections; want nobody there", err, s.door.IsOpen(), s.door.Connections())
		}
		time.Sleep(time.Minute)
		s.door.Put(Rules{})
		if err := s.door.Open(); err != nil {
			t.Fatal(err)
		}
		again := s.dial()
		defer again.Close()
		pipelined(again, -1, 1)
		answer(t, again, 9)
	})
}

// On real sockets the port is the same one, and nobody listens meanwhile.
func TestDoorOpensAgainAtItsPort(t *testing.T) {
	d, err := New(func(address string) (net.Listener, error) { return net.Listen("tcp", address) }, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error, 1)
	go func() {
		for {
			if _, err := d.Accept(); err != nil {
				accepted <- err
				return
			}
		}
	}()
	at := d.Addr().String()
	for range 20 {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		d.Shut()
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("got bytes from a broker that is down")
		}
		_ = c.Close()
		if c, err := net.Dial("tcp", at); err == nil {
			t.Error("got a connection to a broker that is down")
			_ = c.Close()
		}
		if err := d.Open(); err != nil {
			t.Fatal(err)
		}
	}
	// Somebody else took the port.
	d.Shut()
	thief, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Open(); err == nil || d.IsOpen() {
		t.Errorf("got %v, open %v; want an error, and shut", err, d.IsOpen())
	}
	_ = thief.Close()
	if err := d.Open(); err != nil {
		t.Errorf("got %v once the port was free", err)
	}
	_ = d.Close()
	if err := <-accepted; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept ended with %v, want net.ErrClosed", err)
	}
	if err := d.Open(); err != nil || d.IsOpen() {
		t.Errorf("got %v, open %v after Close; want it shut for good", err, d.IsOpen())
	}
}

// FuzzRequests: without rules every byte passes as it came, in whatever parts;
// with rules no byte makes the door panic, and what it lets pass are whole
// frames.
func FuzzRequests(f *testing.F) {
	f.Add(framed(1, produce(13, -1, 1, 2)), byte(3), true)
	f.Add(framed(1, produce(3, 0, 1)), byte(1), true)
	f.Add(append(framed(1, kmsg.NewPtrMetadataRequest()), framed(2, produce(9, 1, 5))...), byte(200), false)
	f.Add([]byte{0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 1}, byte(5), true)
	f.Add([]byte{255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0}, byte(5), true)
	f.Fuzz(func(t *testing.T, sent []byte, part byte, ruled bool) {
		client, broker := net.Pipe()
		d := &Door{conns: map[*conn]struct{}{}}
		d.now.Store(&inForce{over: make(chan struct{})})
		if ruled {
			d.Put(Rules{
				Refuse: []*Refusal{{Code: 19, Partition: 1}, {Code: 7, Partition: AnyPartition, Over: 3}}, Quota: 1 << 50,
				Metadata: func(*kmsg.MetadataResponse) {},
			})
		}
		c := &conn{Conn: broker, door: d, gone: make(chan struct{})}
		go func() {
			_, _ = client.Write(sent)
			_ = client.Close()
		}()
		got := readParts(c, int(part)+1)
		_ = c.Close()
		if ruled {
			wholeFrames(t, got, len(sent))
			return
		}
		// What is cut off at the end, or is no request at all, ends the connection.
		if !bytes.HasPrefix(sent, got) {
			t.Fatalf("sent %x, got %x", sent, got)
		}
	})
}

func readParts(c net.Conn, part int) []byte {
	var got []byte
	p := make([]byte, part)
	for {
		n, err := c.Read(p)
		got = append(got, p[:n]...)
		if err != nil {
			return got
		}
	}
}

// wholeFrames walks what passed: each frame but the last is whole.
func wholeFrames(t *testing.T, got []byte, sent int) {
	t.Helper()
	if len(got) > sent+64 {
		t.Fatalf("%d bytes passed of %d", len(got), sent)
	}
	for len(got) >= headBytes {
		size := int(binary.BigEndian.Uint32(got)) + sizeBytes
		if size < headBytes {
			t.Fatalf("a frame of %d bytes passed", size)
		}
		got = got[min(size, len(got)):]
	}
}
