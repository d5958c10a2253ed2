package engine_test

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

// mostMemory bounds what a lie may cost: a few frames and what they claim to
// hold.
const mostMemory = 256 << 20

// What is no broker, or a broken one, is told in one sentence and in time. It
// costs little memory, and nothing stays behind: the bubble would not end.
func TestFirstContactWithALiarEndsInASentence(t *testing.T) {
	for key, within := range map[kmsg.Key]time.Duration{
		kmsg.ApiVersions: 5 * time.Second, kmsg.Metadata: 5 * time.Second, kmsg.InitProducerID: 15 * time.Second,
	} {
		for name, how := range lies {
			if key == kmsg.InitProducerID && name == promises {
				continue // there is no count in that answer, so it would be the truth
			}
			t.Run(key.Name()+", "+name, func(t *testing.T) {
				amongLiars(t, func(t *testing.T, b *bed, l *turncoat) {
					l.turn(key, how)
					began := time.Now()
					cost := allocated(func() { refusedByLiars(t, b) })
					if took := time.Since(began); took > within {
						t.Errorf("it took %v to say so, want at most %v", took, within)
					}
					if l.told.Load() == 0 {
						t.Error("nobody was lied to")
					}
					if cost > mostMemory {
						t.Errorf("it took %d MiB", cost>>20)
					}
				})
			})
		}
	}
}

// allocated is what a function allocates, in bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// refusedByLiars opens a session that must end before it begins.
func refusedByLiars(t *testing.T, b *bed) {
	t.Helper()
	s, err := engine.Open(b.config(t))
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	var e *engine.Error
	if !errors.As(s.Err(), &e) || e.Kind != engine.Unreachable || !strings.Contains(e.Say, "127.0.0.1:9092") || e.Hint == "" || strings.Contains(e.Say, "\n") {
		t.Errorf("got %#v, want an unreachable cluster, where, and what to do", s.Err())
	}
	if sent := s.Report().Records.Sent; sent != 0 {
		t.Errorf("sent %d records, want none", sent)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// lied is what the report must say of a lie that is told under load: one of these
// kinds, or nothing where the answer was the truth all the same.
func lied(name string) (how lie, kinds []string) {
	how, ok := lies[name]
	if !ok {
		how = produceLies[name]
	}
	switch name {
	case promises: // it is told hundreds of times
		return promising(32 << 10), []string{"GARBLED_ANSWER"}
	case "the same fifty times", "a negative throttle":
		return how, nil
	case "an error that nobody knows":
		return how, []string{"UNKNOWN_SERVER_ERROR"}
	case "a leader that is not there":
		return how, []string{"NOT_LEADER_OR_FOLLOWER"}
	default:
		return how, []string{"GARBLED_ANSWER", "CONNECTION_LOST"}
	}
}

func eachLie() []string {
	return slices.Concat(slices.Sorted(maps.Keys(lies)), slices.Sorted(maps.Keys(produceLies)))
}

// assertCounted asserts that failures of these kinds are told, by where and why.
func assertCounted(t *testing.T, r report.Report, kinds ...string) {
	t.Helper()
	count := int64(0)
	for _, f := range r.Failures {
		if f.Class == "" || f.Where == "" || strings.Contains(f.Say, "does not know it yet") {
			t.Errorf("failure %+v says too little", f)
		}
		if slices.Contains(kinds, f.Kind) {
			count += f.Count
		}
	}
	if (count > 0) != (len(kinds) > 0) {
		t.Errorf("got failures %+v, want %q", r.Failures, kinds)
	}
}

// Brokers that turn to lying under load and come to their senses again: it is
// counted, and in the end nothing is lost, repeated or out of order.
func TestBrokersThatTurnHostileLoseNothing(t *testing.T) {
	t.Parallel()
	for _, name := range eachLie() {
		how, kinds := lied(name)
		t.Run(name, func(t *testing.T) {
			amongLiars(t, func(t *testing.T, b *bed, l *turncoat) {
				w := open(t, b.config(t, "load.rate", "200", "load.record.bytes", "60", "linger.ms", "50", "request.timeout.ms", "1000"))
				time.Sleep(300 * time.Millisecond)
				l.turn(kmsg.Produce, how)
				time.Sleep(1500 * time.Millisecond)
				l.repent()
				w.Stop(patience(t, 20*time.Second))
				r := w.close()
				assertCounted(t, r, kinds...)
				judgeLog(t, b, r)
				if final := name == "an error that nobody knows"; l.told.Load() == 0 || r.Records.Acked != r.Records.Due && !final {
					t.Errorf("%d lies, records %+v; want all acknowledged in the end", l.told.Load(), r.Records)
				}
			})
		})
	}
}

// Brokers that never come to their senses: records end with delivery.timeout.ms,
// the session with its patience, and each record is told as what it is. Those
// that were written are in the log, and the report says that nobody knows.
func TestBrokersThatStayHostileAreGivenUp(t *testing.T) {
	t.Parallel()
	for _, name := range eachLie() {
		how, kinds := lied(name)
		if len(kinds) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			amongLiars(t, func(t *testing.T, b *bed, l *turncoat) {
				w := open(t, b.config(t, "load.rate", "200", "load.record.bytes", "60", "linger.ms", "50", "request.timeout.ms", "1000", "delivery.timeout.ms", "2000"))
				time.Sleep(300 * time.Millisecond)
				l.turn(kmsg.Produce, how)
				time.Sleep(4 * time.Second)
				w.Stop(patience(t, time.Second))
				r := w.close()
				l.repent()
				assertCounted(t, r, kinds...)
				if r.Records.Unknown == 0 {
					t.Errorf("records %+v, want some of which nobody knows", r.Records)
				}
				// What was told as not written is not there; what is there twice is so
				// by the client's new epoch (see delivery.timeout.ms).
				got := readBack(t, b.network, int(r.Records.Acked+r.Records.Unknown)+1)
				if least, most := int(r.Records.Acked), int(r.Records.Acked+r.Records.Unknown); got.found < least || got.found > most || got.foreign > 0 {
					t.Errorf("the log holds %+v, want between %d acknowledged and %d with the unknown", got, least, most)
				}
			})
		})
	}
}

// The client asks for metadata again and again, and so does the session. Nonsense
// there may cost records that had to wait for it, which are told of as what they
// are; the session lives, and what it says is in the log is there.
func TestMetadataThatMakesNoSenseEndsNothing(t *testing.T) {
	t.Parallel()
	all := maps.Clone(lies)
	maps.Copy(all, metadataLies)
	all[promises] = promising(32 << 10)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			amongLiars(t, func(t *testing.T, b *bed, l *turncoat) {
				w := open(t, b.config(t, "load.rate", "200", "load.record.bytes", "60", "linger.ms", "50", "request.timeout.ms", "1000", "metadata.max.age.ms", "500"))
				time.Sleep(300 * time.Millisecond)
				l.turn(kmsg.Metadata, all[name])
				time.Sleep(6 * time.Second)
				l.repent()
				recovers(t, w)
				w.Stop(patience(t, 20*time.Second))
				r := w.close()
				if l.told.Load() == 0 {
					t.Error("nobody was lied to")
				}
				if r.Records.Failed+r.Records.Unknown > 0 {
					assertCounted(t, r, "GARBLED_ANSWER", "UNREACHABLE")
				}
				judgeLog(t, b, r)
			})
		})
	}
}

// recovers waits until records are acknowledged again.
func recovers(t *testing.T, w *watched) {
	t.Helper()
	before := w.Report().Records.Acked
	for range 30 {
		time.Sleep(time.Second)
		if w.Report().Records.Acked > before {
			return
		}
	}
	t.Error("nothing is acknowledged any more")
}
