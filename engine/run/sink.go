package run

import (
	"errors"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/wire"
)

// sink is the run as the tap on its connections sees it: it translates what
// passes for the tracks and the recorder.
type sink Run

func (s *sink) at(t time.Time) int64 { return int64(t.Sub(s.o.Start)) }

func (s *sink) track(b *wire.Batch) *track {
	name := b.Topic
	if name == "" {
		name = s.ids[b.TopicID]
	}
	if name == "" || b.Partition < 0 {
		return nil
	}
	return (*Run)(s).track(name, b.Partition)
}

// Wrote implements wire.Sink.
func (s *sink) Wrote(req *wire.Request) {
	at := s.at(req.Written)
	records, again, repeated := 0, 0, 0
	for i := range req.Batches {
		b := &req.Batches[i]
		records += int(b.Records)
		if t := s.track(b); t != nil && t.wrote(b, at, req.Acks, req.Broker) {
			again++
			repeated += int(b.Records)
		}
	}
	if len(req.Batches) > 0 {
		(*Run)(s).incarnate(&req.Batches[0])
	}
	s.o.Recorder.Wrote(req.Broker, req.Bytes, records, at)
	s.weigher.took(req.Broker, at)
	if again > 0 {
		s.o.Recorder.Retried(again, repeated)
	}
	if req.Acks == 0 {
		s.o.Recorder.Lost(req.Broker, 1, at)
	}
}

// Answered implements wire.Sink.
func (s *sink) Answered(req *wire.Request) {
	at, dropped, untold := s.at(req.Answered), 0, false
	for i := range req.Batches {
		b := &req.Batches[i]
		t := s.track(b)
		if t == nil {
			continue
		}
		if !b.Told {
			t.answered(b, at, uncertain)
			untold = true
			continue
		}
		o, name := outcomeOf(b.Code)
		if t.answered(b, at, o) {
			dropped++
		}
		if name != "" {
			s.o.Recorder.Code(name, req.Broker, t.index, at)
		}
	}
	if dropped > 0 {
		s.o.Recorder.Dropped(dropped)
	}
	if untold {
		s.o.Fail(garbled, req.Broker)
	}
	s.o.Recorder.Answered(req.Broker, int64(req.Answered.Sub(req.Written)), at)
	s.weigher.wake()
	if req.ThrottleMs > 0 {
		s.o.Recorder.Throttled(req.Broker, int(req.ThrottleMs))
	}
}

// Lost implements wire.Sink.
func (s *sink) Lost(req *wire.Request, err error) {
	at, dropped := (*Run)(s).now(), 0
	for i := range req.Batches {
		if t := s.track(&req.Batches[i]); t != nil && t.lost(&req.Batches[i], at) {
			dropped++
		}
	}
	if dropped > 0 {
		s.o.Recorder.Dropped(dropped)
	}
	s.o.Recorder.Lost(req.Broker, 1, at)
	s.weigher.wake()
	if !s.closing.Load() && !errors.Is(err, wire.ErrBlind) {
		s.o.Fail("CONNECTION_LOST", req.Broker)
	}
}

// Held implements wire.Sink.
func (s *sink) Held(broker int32, took time.Duration) {
	if broker >= 0 { // else the connection does not know yet whom it reaches
		s.o.Recorder.Held(broker, int64(took))
	}
}

// blinded notes that not all that is written to a broker is seen any more.
func (s *sink) blinded(broker int32, why error) {
	s.wires.blind.Store(true)
	if errors.Is(why, wire.ErrGarbled) {
		s.o.Fail(garbled, broker)
	}
}

// garbled is the failure of an answer that makes no sense, for report.Explain.
const garbled = "GARBLED_ANSWER"

// hooks is the run as the client sees it: connections, since the tap sees the
// rest better, and timestamps.
type hooks Run

// OnBrokerConnect tells a tapped connection whom it reaches.
func (h *hooks) OnBrokerConnect(meta kgo.BrokerMetadata, _ time.Duration, c net.Conn, err error) {
	if tapped, ok := c.(*wire.Conn); ok && err == nil {
		tapped.SetBroker(meta.NodeID)
		if meta.NodeID >= 0 {
			h.o.Recorder.Connected(meta.NodeID, (*Run)(h).now())
			h.o.Recorder.Reached(meta.NodeID, h.wires.took(c.RemoteAddr()))
		}
	}
}

// OnProduceRecordPartitioned takes back the shift of a record's timestamp once
// its batch has noted that: the client measures delivery.timeout.ms from the
// record's own timestamp, and an old one would end at once. It is called under
// the client's lock of the partition, before anything reads it again.
func (*hooks) OnProduceRecordPartitioned(kr *kgo.Record, _ int32) {
	if rec := recordOf(kr); rec.shift != 0 {
		kr.Timestamp = kr.Timestamp.Add(-rec.shift)
	}
}

// OnBrokerDisconnect notes that a connection ended. With acks=0 nothing else
// tells that a leader moved, so the client asks for the metadata again.
func (h *hooks) OnBrokerDisconnect(meta kgo.BrokerMetadata, _ net.Conn) {
	if meta.NodeID >= 0 {
		h.o.Recorder.Disconnected(meta.NodeID)
	}
	if h.limits.acks0 && !h.closing.Load() {
		h.client.ForceMetadataRefresh()
	}
}
