package engine_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

// Nobody watches: a cluster that is not there ends the session, within seconds
// and with what to do.
func TestUnreachableClusterEndsAnUnattendedSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := engine.Open(engine.Config{
			Values: values(t), Brokers: []string{"127.0.0.1:9092"}, Topics: []string{"kdyno"}, Network: &kfake.VirtualNetwork{},
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		<-s.Done()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %v to say so, want at most 5 s", took)
		}
		var e *engine.Error
		if !errors.As(s.Err(), &e) || e.Kind != engine.Unreachable || !strings.Contains(e.Say, "127.0.0.1:9092") || e.Hint == "" {
			t.Errorf("got %#v, want an unreachable cluster, where, and a hint", s.Err())
		}
		if snap := s.Snapshot(); snap.State != telemetry.Done || snap.Say != e.Say {
			t.Errorf("the screen says %s: %s, want done: %s", snap.State, snap.Say, e.Say)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A person watches: it is tried again until the cluster appears.
func TestAttendedSessionWaitsForTheCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bed{network: &kfake.VirtualNetwork{}}
		c := b.config(t, "load.rate", "100", "load.record.bytes", "60")
		c.Attended = true
		w := open(t, c)
		w.settled(telemetry.Unreachable)
		if say := w.Snapshot().Say; !strings.Contains(say, "127.0.0.1:9092") || !strings.Contains(say, "again") {
			t.Errorf("the screen says %q, want where and that it is tried again", say)
		}
		w.do("set load.rate=50")
		time.Sleep(30 * time.Second)
		b.open(t)
		defer func() { b.fake.Close() }()
		w.settled(telemetry.Running)
		r := w.Report()
		if r.Records.Acked == 0 || r.Rate.OfferedPerS > 60 {
			t.Errorf("acked %d, offered %v/s, want the rate of 50 set while it was away", r.Records.Acked, r.Rate.OfferedPerS)
		}
		w.close()
	})
}

// A session that is stopped while it still looks for the cluster ends well.
func TestStopWhileUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bed{network: &kfake.VirtualNetwork{}}
		c := b.config(t)
		c.Attended = true
		w := open(t, c)
		w.settled(telemetry.Unreachable)
		w.Stop(patience(t, time.Second))
		r := w.close()
		if r.Records.Due != 0 {
			t.Errorf("records %+v, want none", r.Records)
		}
	})
}

// Brokers that answer metadata and nothing else: which address to look at.
func TestBrokersThatDoNotGetReadyAreNamed(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.fake.ControlKey(int16(kmsg.InitProducerID), func(kmsg.Request) (kmsg.Response, error, bool) {
			b.fake.KeepControl()
			return nil, nil, true
		})
		s, err := engine.Open(b.config(t))
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		var e *engine.Error
		if !errors.As(s.Err(), &e) || e.Kind != engine.Unreachable || !strings.Contains(e.Say, "producer id") || e.Hint == "" {
			t.Errorf("got %v, want an unreachable cluster, what was missing, and a hint", s.Err())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// What can be refused before anything is started is refused by Open.
func TestOpenRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		config engine.Config
		kind   engine.Kind
		say    string
	}{
		"no topic":       {engine.Config{Brokers: []string{"127.0.0.1:9092"}}, engine.Usage, "topic"},
		"empty broker":   {engine.Config{Brokers: []string{" "}, Topics: []string{"t"}}, engine.Usage, "empty broker"},
		"internal topic": {engine.Config{Brokers: []string{"127.0.0.1:9092"}, Topics: []string{"__consumer_offsets"}}, engine.Rail, "__consumer_offsets"},
		"contradiction":  {engine.Config{Values: values(t, "enable.idempotence", "true", "acks", "0")}, engine.Usage, "idempotence"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engine.Open(tt.config)
			var e *engine.Error
			if !errors.As(err, &e) || e.Kind != tt.kind || !strings.Contains(e.Say, tt.say) || e.Hint == "" {
				t.Errorf("got %#v, want kind %s and a sentence with %q", err, tt.kind, tt.say)
			}
		})
	}
}

// An answer to a question that nobody asked does nothing.
func TestAllowAndResumeOutOfTurn(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "100", "load.record.bytes", "60"))
		w.settled(telemetry.Running)
		for range 3 {
			if err := w.Do(step.Step{Verb: step.Allow}); err != nil {
				t.Error(err)
			}
		}
		w.do("resume")
		if got := w.Snapshot().State; got != telemetry.Running {
			t.Errorf("state %s, want running", got)
		}
		w.close()
	})
}
