package fault

import (
	"errors"
	"slices"
	"sync"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/step"
	"kdyno/engine/wire"
)

// Board is the faults of one session. It outlives the runs, as the link and the
// stand do.
type Board struct {
	link *wire.Link

	mu     sync.Mutex
	active []*Active // oldest first
}

// Active is a fault that was started.
type Active struct {
	Step    step.Step     // as it was asked for
	Started time.Time     // by the session's clock
	For     time.Duration // 0: until healed or used up
	// Broker and Partition are what it acts on; -1: all of them.
	Broker    int32
	Partition int32

	force force
	timer *time.Timer // ends it; nil without For
}

// force is a fault as link or stand have it in force.
type force interface {
	Heal()
	Done() <-chan struct{}
	Hits() int64
}

// NewBoard returns a board without faults.
func NewBoard(l *wire.Link) *Board { return &Board{link: l} }

// Start breaks what a step of the verb fault says, at once and on open
// connections too. Without a stand only the link can be broken. The error is an
// *Error; nothing has changed then.
func (b *Board) Start(s step.Step, on *cluster.Stand) (*Active, error) {
	o, err := read(s, GroundOf(on))
	if err != nil {
		return nil, err
	}
	a := &Active{Step: s, Started: time.Now(), For: o.last, Broker: o.link.Broker, Partition: o.stand.Partition}
	if a.force, err = b.put(&o, on); err != nil {
		return nil, err
	}
	if down, ok := a.force.(*cluster.ActiveFault); ok {
		a.Broker = down.Broker()
	}
	if o.isOver() {
		a.force.Heal()
	}
	if a.For > 0 {
		a.timer = time.AfterFunc(a.For, a.force.Heal)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.active = append(slices.DeleteFunc(b.active, (*Active).over), a)
	return a, nil
}

// put starts the order where it acts.
func (b *Board) put(o *order, on *cluster.Stand) (force, error) {
	if o.row.Where == Link {
		return b.link.Start(o.link), nil
	}
	if on == nil {
		return nil, &Error{Fault: o.row.Name, Say: "the brokers are not there yet", Hint: "try again once the load runs"}
	}
	a, err := on.Start(o.stand)
	if err == nil {
		return a, nil
	}
	bad := &Error{Fault: o.row.Name, Say: err.Error()}
	var refusal *cluster.Refusal
	if errors.As(err, &refusal) {
		bad.Say, bad.Hint = refusal.Say, refusal.Hint
	}
	return nil, bad
}

// isOver tells whether all that was asked for happens at the start: those
// connections are reset that are open then, and the leaders move once.
func (o *order) isOver() bool {
	switch {
	case o.given["for"]:
		return false
	case o.row.Where == Link:
		return o.row.kind == wire.Reset && !o.given["count"]
	default:
		return o.row.on == cluster.LeaderMove && !o.given["every"]
	}
}

// Heal ends all faults of a name, with an empty one all there are, and returns
// those that were still in force. The error is an *Error about the name.
func (b *Board) Heal(name string) ([]*Active, error) {
	if err := checkHeal(name); err != nil {
		return nil, err
	}
	var healed []*Active
	for _, a := range b.Active() {
		if name == "" || a.Step.Name == name {
			a.heal()
			healed = append(healed, a)
		}
	}
	return healed, nil
}

// Active lists the faults in force, oldest first.
func (b *Board) Active() []*Active {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.active = slices.DeleteFunc(b.active, (*Active).over)
	return slices.Clone(b.active)
}

// Done is closed when the fault is over: healed, used up or after its time.
func (a *Active) Done() <-chan struct{} { return a.force.Done() }

// Hits is how many connections were reset, requests or answers lost, requests
// refused or partitions moved; 0 for faults that hold back or keep away.
func (a *Active) Hits() int64 { return a.force.Hits() }

func (a *Active) heal() {
	if a.timer != nil {
		a.timer.Stop()
	}
	a.force.Heal()
}

// over tells whether the fault has ended, and then leaves no timer behind.
func (a *Active) over() bool {
	select {
	case <-a.force.Done():
		if a.timer != nil {
			a.timer.Stop()
		}
		return true
	default:
		return false
	}
}
