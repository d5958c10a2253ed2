package cluster

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"kdyno/engine/cluster/door"
)

// AnyBroker and AnyPartition stand for all of them.
const (
	AnyBroker    int32 = -1
	AnyPartition       = door.AnyPartition
)

// FaultKind is what a fault of the embedded brokers does.
type FaultKind uint8

// The faults of the embedded brokers; the zero value is none.
const (
	// BrokerDown closes a broker's listener and connections; its partitions get
	// other leaders, at once or after Delay. Once it is over the broker comes
	// back at the same port, and later leads its partitions again.
	BrokerDown FaultKind = iota + 1
	// SlowBroker makes each produce request take Delay longer.
	SlowBroker
	// LeaderMove moves partitions to the next broker, once or again after Every.
	LeaderMove
	// Leaderless leaves partitions without a leader.
	Leaderless
	// ErrorAnswer answers produce requests with Code.
	ErrorAnswer
	// TooLarge refuses batches of more than Bytes.
	TooLarge
	// Quota lets each broker take so many Bytes a second (KIP-219).
	Quota
	// BootstrapDown closes the addresses of bootstrap.servers, and leaves the
	// brokers' own.
	BootstrapDown
	// RollingRestart restarts one broker after the other, each Every later.
	RollingRestart
)

// String is the fault's name in a step.
func (k FaultKind) String() string {
	names := [...]string{
		"none", "broker-down", "slow-broker", "leader-move", "leaderless", "error", "too-large", "quota", "bootstrap-down", "rolling-restart",
	}
	if int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// Fault is something to break on the embedded brokers. Which fields count is
// told by its kind.
type Fault struct {
	Kind      FaultKind
	Broker    int32 // AnyBroker: all of them; of BrokerDown the lowest that is up
	Partition int32 // of any topic; AnyPartition: all of them
	Delay     time.Duration
	Every     time.Duration
	Code      int16
	Bytes     int64
	// Count is after how many requests a refusal is over; 0: when it is healed.
	Count int64
}

func (f *Fault) concerns(broker int32) bool { return f.Broker == AnyBroker || f.Broker == broker }

// ActiveFault is a fault of the embedded brokers in force. Its methods are safe
// for any goroutine.
type ActiveFault struct {
	fault Fault
	on    *embedded
	hits  atomic.Int64
	done  chan struct{}

	// Under on.mu:
	over    bool
	timer   *time.Timer // what it does next; nil: nothing by itself
	away    []int32     // brokers that do not answer
	shunned []int32     // brokers that must not lead, and are known not to
	refusal *door.Refusal
}

// Start puts a fault in force, on open connections too. The error is a *Refusal
// of kind Usage: the cluster is a real one, or such a broker is down already.
func (s *Stand) Start(f Fault) (*ActiveFault, error) {
	if s.own == nil {
		return nil, &Refusal{Kind: Usage, Say: "the brokers are real, and not to be broken from here", Hint: "use a fault of the link"}
	}
	a := &ActiveFault{fault: f, on: s.own, done: make(chan struct{})}
	var refused error
	s.own.do(func() { refused = s.own.begin(a) })
	if refused != nil {
		return nil, refused
	}
	return a, nil
}

// Heal ends the fault; a second call does nothing.
func (a *ActiveFault) Heal() { a.on.do(func() { a.on.end(a) }) }

// Done is closed once the fault is over.
func (a *ActiveFault) Done() <-chan struct{} { return a.done }

// Hits is how many requests were refused or partitions moved; 0 for other
// faults.
func (a *ActiveFault) Hits() int64 { return a.hits.Load() }

// Broker is the one that it acts on, AnyBroker if that is all or none.
func (a *ActiveFault) Broker() int32 { return a.fault.Broker }

// begin puts a fault in force, under mu.
func (e *embedded) begin(a *ActiveFault) error {
	f := &a.fault
	if e.closed {
		return &Refusal{Kind: Usage, Say: "the embedded brokers are gone"}
	}
	if f.Kind == BrokerDown {
		if err := e.choose(f); err != nil {
			return err
		}
	}
	e.active = append(e.active, a)
	switch f.Kind {
	case BrokerDown:
		a.away = []int32{f.Broker}
		if f.Delay > 0 {
			a.then(f.Delay, func() { a.shunned = a.away })
		} else {
			a.shunned = a.away
		}
	case LeaderMove:
		e.moveOn(a)
	case Leaderless:
		a.refusal = &door.Refusal{Code: kerr.NotLeaderForPartition.Code, Partition: f.Partition, Use: a.use}
	case ErrorAnswer:
		a.refusal = &door.Refusal{Code: f.Code, Partition: f.Partition, Use: a.use}
	case TooLarge:
		a.refusal = &door.Refusal{Code: kerr.MessageTooLarge.Code, Partition: f.Partition, Over: int(f.Bytes), Use: a.use}
	case RollingRestart:
		a.then(0, func() { e.restart(a, 0) })
	case SlowBroker, Quota, BootstrapDown: // the doors look at them
	}
	e.turn()
	return nil
}

// choose finds the broker that goes down.
func (e *embedded) choose(f *Fault) error {
	if f.Broker == AnyBroker {
		for id := range int32(len(e.doors)) {
			if !e.isAway(id) {
				f.Broker = id
				return nil
			}
		}
		return &Refusal{Kind: Usage, Say: "every broker is down already", Hint: "heal broker-down brings them back"}
	}
	if e.isAway(f.Broker) {
		return &Refusal{Kind: Usage, Say: "this broker is down already", Hint: "heal broker-down brings it back"}
	}
	return nil
}

// then lets something happen to the fault later, unless it is over by then. It
// is called under mu, and so is what it calls.
func (a *ActiveFault) then(after time.Duration, what func()) {
	a.timer = time.AfterFunc(after, func() {
		a.on.do(func() {
			if !a.over && !a.on.closed {
				what()
				a.on.turn()
			}
		})
	})
}

// moveOn moves the fault's partitions, and again later if it says when.
func (e *embedded) moveOn(a *ActiveFault) {
	a.hits.Add(e.move(a.fault.Partition))
	if a.fault.Every > 0 {
		a.then(a.fault.Every, func() { e.moveOn(a) })
	}
}

// restart takes a broker through an orderly restart, as rolling upgrades do:
// its leaders move before it stops, it is away for two fifths of the time, and
// leads again before the next one stops.
func (e *embedded) restart(a *ActiveFault, id int32) {
	if int(id) == len(e.doors) {
		e.end(a)
		return
	}
	tenth := a.fault.Every / 10
	a.shunned = []int32{id}
	e.say("rolling-restart: broker %d hands its partitions over and stops", id)
	a.then(tenth, func() {
		a.away = a.shunned
		a.then(4*tenth, func() {
			a.away, a.shunned = nil, nil
			e.say("rolling-restart: broker %d is up again", id)
			a.then(4*tenth, func() {
				e.giveBack()
				a.then(a.fault.Every-9*tenth, func() { e.restart(a, id+1) })
			})
		})
	})
}

// end ends a fault, under mu.
func (e *embedded) end(a *ActiveFault) {
	if a.over {
		return
	}
	a.over = true
	if a.timer != nil {
		a.timer.Stop()
	}
	e.active = slices.DeleteFunc(e.active, func(b *ActiveFault) bool { return a == b })
	if !e.closed {
		e.turn()
	}
	close(a.done)
}

// use uses a refusal once, if it is not used up. A door asks it.
func (a *ActiveFault) use() bool {
	n := a.hits.Add(1)
	if a.fault.Count == 0 {
		return true
	}
	if n > a.fault.Count {
		a.hits.Add(-1)
		return false
	}
	if n == a.fault.Count {
		a.Heal()
	}
	return true
}
