package engine

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"kdyno/engine/run"
	"kdyno/engine/setting"
)

// producer is one of those that share the load: its gate, which outlives its
// runs, and the run that is live, nil before the first.
type producer struct {
	admission *admission
	run       atomic.Pointer[run.Run]
}

func newProducer(now func() int64) *producer {
	p := &producer{admission: newAdmission(now)}
	p.admission.press.unlinger = func() { p.run.Load().Unlinger() }
	return p
}

// fleet is the producers of a session, load.producers of them, as pods are:
// alike, and each with a buffer.memory of its own. The list never changes;
// another number of producers is another fleet, whose gates are new.
type fleet []*producer

func newFleet(n int, now func() int64) fleet {
	f := make(fleet, n)
	for i := range f {
		f[i] = newProducer(now)
	}
	return f
}

// fleet is the present one.
func (s *Session) fleet() fleet { return *s.producers.Load() }

// of is the producer that a sender has.
func (f fleet) of(sender int) *producer { return f[sender%len(f)] }

// runs are those that are live; none before the first.
func (f fleet) runs() []*run.Run {
	var live []*run.Run
	for _, p := range f {
		if r := p.run.Load(); r != nil {
			live = append(live, r)
		}
	}
	return live
}

// pause shuts all gates and returns when no sender is between one of them and
// its producer.
func (f fleet) pause() {
	for _, p := range f {
		p.admission.shut()
	}
	for _, p := range f {
		p.admission.clear()
	}
}

func (f fleet) resume() {
	for _, p := range f {
		p.admission.resume()
	}
}

// disband sends those who wait at the gates to the fleet that is the session's
// by now. The gates never open again.
func (f fleet) disband() {
	for _, p := range f {
		p.admission.leave()
	}
}

// usage is what the gates hold of all buffers together; most is what each held
// at most since it was last asked, added up.
func (f fleet) usage() (used, most, limit int64) {
	for _, p := range f {
		used += p.admission.used.Load()
		most += p.admission.takeMost()
		limit += p.admission.limit.Load()
	}
	return used, most, limit
}

// held is how much the gates hold now, and how many senders wait for space.
func (f fleet) held() (used int64, waiters int) {
	for _, p := range f {
		used += p.admission.used.Load()
		waiters += p.admission.waiting()
	}
	return used, waiters
}

// crew is the runs that are to take over, each with the producer that will
// have it: those of the present fleet where there are as many.
type crew struct {
	fleet fleet
	runs  []*run.Run
}

// take makes the crew the session's fleet.
func (s *Session) take(c crew, v setting.Values) {
	for i, p := range c.fleet {
		p.admission.set(v.Int(setting.BufferMemory), v.Int(setting.BatchSize))
		p.run.Store(c.runs[i])
	}
	s.meter.Slots(int(v.Effective().Int(setting.MaxInFlight)) * len(c.fleet))
	s.producers.Store(&c.fleet)
}

// together does something for each of n at once and returns when all is done.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// warm makes all runs ready. The error is that of the first that is not; the
// others are not waited for any longer then. It is a *run.Unreached where all
// are ready but for some of the brokers.
func (c crew) warm(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var why, missing error
	together(len(c.runs), func(i int) {
		err := c.runs[i].Warm(ctx)
		var some *run.Unreached
		mu.Lock()
		defer mu.Unlock()
		switch {
		case errors.As(err, &some):
			missing = err
		case err != nil && why == nil:
			why = err
			cancel()
		}
	})
	if why != nil {
		return why
	}
	return missing
}

// dismiss ends the runs, which delivered nothing.
func (c crew) dismiss() {
	together(len(c.runs), func(i int) {
		c.runs[i].Drop()
		c.runs[i].Retire()
	})
}

// buffered is how many records were handed over to the runs and have not ended.
func buffered(runs []*run.Run) (n int64) {
	for _, r := range runs {
		n += r.Buffered()
	}
	return n
}

// lastAck is the instant of the last acknowledgement to any of the runs, 0
// where there was none.
func lastAck(runs []*run.Run) (at int64) {
	for _, r := range runs {
		at = max(at, r.LastAck())
	}
	return at
}

// firstAck is that of the first one.
func firstAck(runs []*run.Run) (at int64) {
	for _, r := range runs {
		if first := r.FirstAck(); first > 0 && (at == 0 || first < at) {
			at = first
		}
	}
	return at
}
