package fault

import (
	"slices"
	"sync"
	"time"

	"kdyno/engine/step"
	"kdyno/engine/wire"
)

// Board is the faults of one session, on its link. It outlives the runs, as the
// link does.
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

	link  *wire.ActiveFault
	timer *time.Timer // ends it; nil without For
}

// NewBoard returns a board without faults.
func NewBoard(l *wire.Link) *Board { return &Board{link: l} }

// Start breaks what a step of the verb fault says, at once and on open
// connections too. Brokers are the nodes that the cluster has, none if that is
// not known yet. The error is an *Error; nothing has changed then.
func (b *Board) Start(s step.Step, brokers []int32) (*Active, error) {
	o, err := read(s)
	if err != nil {
		return nil, err
	}
	if err := o.among(brokers); err != nil {
		return nil, err
	}
	a := &Active{Step: s, Started: time.Now(), For: o.last, link: b.link.Start(o.fault)}
	if o.row.kind == wire.Reset && !o.given["count"] && !o.given["for"] {
		a.link.Heal() // those open now were ended
	}
	if a.For > 0 {
		a.timer = time.AfterFunc(a.For, a.link.Heal)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.active = append(slices.DeleteFunc(b.active, (*Active).over), a)
	return a, nil
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
func (a *Active) Done() <-chan struct{} { return a.link.Done() }

// Hits is how many connections were reset, requests or answers lost; 0 for
// faults that hold bytes back.
func (a *Active) Hits() int64 { return a.link.Hits() }

func (a *Active) heal() {
	if a.timer != nil {
		a.timer.Stop()
	}
	a.link.Heal()
}

func (a *Active) over() bool {
	select {
	case <-a.link.Done():
		return true
	default:
		return false
	}
}
