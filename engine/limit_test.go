package engine_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/step"
)

// What limits is brought about on the stand, and named. The CPU, the generator
// and the load have tests of their own.
func TestWhatLimitsIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		set  []string
		bed  func(*bed)
		at   string // a step after half a second
		want string
	}{
		"buffer":    {set: []string{"buffer.memory", "65536", "stand.link.rtt", "20ms"}, want: "buffer"},
		"in_flight": {set: []string{"max.in.flight.requests.per.connection", "1", "stand.link.rtt", "50ms"}, want: "in_flight"},
		"link":      {set: []string{"stand.link.bandwidth", "10Mbit", "buffer.memory", "2000000"}, want: "link"},
		"send.buffer by round trip": {
			set:  []string{"send.buffer.bytes", "8192", "stand.link.rtt", "40ms", "buffer.memory", "2000000"},
			want: "link",
		},
		"broker":                   {bed: func(b *bed) { b.slow.Store(int64(20 * time.Millisecond)) }, want: "broker"},
		"broker without an answer": {set: []string{"buffer.memory", "2000000", "load.keys", "uniform:1000", "stand.link.rtt", "5ms", "send.buffer.bytes", "-1"}, at: "fault stall broker=1 for=7s", want: "broker"},
		"quota":                    {bed: func(b *bed) { throttle(b, 400) }, want: "quota"},
	} {
		for _, rate := range []string{"20000", "0"} {
			t.Run(name+" at load.rate="+rate, func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bed) {
					if c.bed != nil {
						c.bed(b)
					}
					config := b.config(t, append([]string{"load.rate", rate, "load.record.bytes", "1000"}, c.set...)...)
					config.For = 8 * time.Second
					if c.at != "" {
						config.At = []step.Timed{{At: 500 * time.Millisecond, Step: mustStep(t, c.at)}}
					}
					w := open(t, config)
					<-w.Done()
					if r := w.close(); r.Rate.LimitedBy != c.want {
						t.Errorf("limited by %s (%v), want %s", r.Rate.LimitedBy, r.Rate.Evidence, c.want)
					}
				})
			})
		}
	}
}

// throttle makes the brokers ask for silence, as a quota does.
func throttle(b *bed, ms int32) {
	b.fake.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.fake.KeepControl()
		produce, resp := req.(*kmsg.ProduceRequest), req.ResponseKind().(*kmsg.ProduceResponse)
		resp.ThrottleMillis = ms
		for _, t := range produce.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition = p.Partition
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
}

// In real time: the cores.
func TestBusyCoresAreNamed(t *testing.T) {
	s, err := engine.Open(engine.Config{
		Values: values(t, "load.rate", "0", "load.senders", "8", "compression.type", "gzip", "compression.gzip.level", "9", "load.record.bytes", "4000"),
		For:    3 * time.Second, Blackhole: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	r := s.Report()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	// A busy machine gives this process less than all of its cores; then it says
	// so, and who else holds the rate is its neighbours' doing.
	share, measured := r.Rate.Evidence["cpu_share"]
	if !measured || share <= 0 {
		t.Errorf("the evidence lacks cpu_share: %v", r.Rate.Evidence)
	}
	if share >= 0.9 != (r.Rate.LimitedBy == "cpu") {
		t.Errorf("limited by %s (%v), want cpu from a share of 0.9 on", r.Rate.LimitedBy, r.Rate.Evidence)
	}
}
