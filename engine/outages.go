package engine

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"kdyno/engine/fault"
	"kdyno/engine/setting"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// outages are the faults so far and what each did to the load. The sampler
// looks at those that are not settled, when it closes an interval.
type outages struct {
	felt felt

	mu   sync.Mutex
	list []*outage
	at   int64 // the last close
	// usual are the backlogs of the last closes at which no fault was at work.
	usual [usualCloses]int64
	next  int
}

// felt is where faults are felt: how acknowledgements and backlogs of the load are
// looked at, and who is told.
type felt struct {
	watch   func(parts []int32, from int64) *telemetry.Watch
	unwatch func(*telemetry.Watch)
	backlog func() (records, due int64)
	queued  func() map[int32]int64      // records that wait, by partition; nil: not known
	touched func(*fault.Active) []int32 // partitions that a fault acts on; nil: all
	tell    func(format string, args ...any)
}

const (
	// usualCloses is how many intervals say what backlog is usual.
	usualCloses = 10
	// maxUnsettled bounds how many faults are looked at.
	maxUnsettled = 64
	// calm is for how long a backlog must stay away to be gone.
	calm = int64(time.Second)
	// ackAwaited is how long after a fault its first acknowledgement is waited
	// for where there is no backlog: the load may be paused.
	ackAwaited = int64(10 * time.Second)
)

// outage is one fault. Its fields are guarded by outages.mu.
type outage struct {
	name  string
	step  string
	began int64
	ended int64   // 0: it is in force
	parts []int32 // those that it touched, by number; nil: all
	watch *telemetry.Watch

	usual   int64 // records of backlog before it
	longest int64 // ns without an acknowledgement
	drained int64 // instant at which the backlog was gone; 0: not yet
	peak    int64 // bytes
	settled bool
}

// suffer notes a fault that began at an instant, and looks at what it touches from
// then on.
func (all *outages) suffer(a *fault.Active, began int64) *outage {
	o := &outage{name: a.Step.Name, step: a.Step.String(), began: began, parts: all.felt.touched(a)}
	o.watch = all.felt.watch(o.parts, began)
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, b := range all.usual {
		o.usual = max(o.usual, b)
	}
	if len(all.list) >= maxEvents {
		all.list = append(all.list[:0], all.list[len(all.list)-maxEvents/2:]...)
	}
	all.list = append(all.list, o)
	return o
}

// recovered notes that a fault is over.
func (all *outages) recovered(o *outage, at int64) {
	o.watch.After(at)
	all.mu.Lock()
	defer all.mu.Unlock()
	o.ended = at
}

// look looks at what the interval that ended at an instant tells of the faults;
// most is what the buffer held in it.
func (all *outages) look(at, most int64) {
	backlog, due := all.felt.backlog()
	var queued map[int32]int64
	if all.isScoped() {
		queued = all.felt.queued()
	}
	all.mu.Lock()
	all.at = at
	var settled []*outage
	open := 0
	for _, o := range all.list {
		if o.settled {
			continue
		}
		open++
		o.look(at, backlog, queued)
		o.peak = max(o.peak, most)
		if o.settles(at, backlog, o.usual+due) || open > maxUnsettled {
			settled = append(settled, o)
			o.settled = true
		}
	}
	if open == 0 {
		all.usual[all.next] = backlog
		all.next = (all.next + 1) % usualCloses
	}
	all.mu.Unlock()
	for _, o := range settled {
		all.tell(o)
	}
}

// look takes over how long acknowledgements have stayed away; where nothing
// waits for one, none does.
func (o *outage) look(at, backlog int64, queued map[int32]int64) {
	waiting := backlog
	if o.parts != nil {
		waiting = 0
		for _, p := range o.parts {
			waiting += queued[p]
		}
	}
	if waiting == 0 {
		o.watch.Rest(at)
	}
	o.longest = max(o.longest, o.watch.Longest(at))
}

// settles tells whether the fault is over, and what it did known: something was
// acknowledged since, and for a while no more waits than usual. What happens
// once, such as a leader's move, is felt only after it is over.
func (o *outage) settles(at, backlog, usual int64) bool {
	if o.ended == 0 {
		return false
	}
	acked := o.watch.First() > 0
	switch gone := backlog <= usual && (acked || backlog == 0); {
	case !gone:
		o.drained = 0
	case o.drained == 0:
		o.drained = at
	}
	return o.drained > 0 && at-o.drained >= calm && (acked || at-o.ended > ackAwaited)
}

// isScoped tells whether a fault that is looked at touches some partitions only.
func (all *outages) isScoped() bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, o := range all.list {
		if !o.settled && o.parts != nil {
			return true
		}
	}
	return false
}

// tell says what a fault did, and looks at it no more.
func (all *outages) tell(o *outage) {
	all.felt.unwatch(o.watch)
	all.mu.Lock()
	say := o.say()
	all.mu.Unlock()
	all.felt.tell("%s: %s", o.name, say)
}

// conclude tells of the faults that have not settled by the end.
func (all *outages) conclude() {
	all.mu.Lock()
	var left []*outage
	for _, o := range all.list {
		if !o.settled {
			o.settled = true
			left = append(left, o)
		}
	}
	all.mu.Unlock()
	for _, o := range left {
		all.tell(o)
	}
}

// say is what is known of an outage in a sentence.
func (o *outage) say() string {
	f := o.report(0)
	parts := []string{}
	add := func(ms *float64, format string) {
		if ms != nil {
			parts = append(parts, fmt.Sprintf(format, *ms))
		}
	}
	add(f.OutageMs, "at most %.1f ms without an acknowledgement")
	add(f.FirstAckAfterMs, "the first %.1f ms after its end")
	add(f.BacklogMs, "the backlog gone %.1f ms after it")
	if o.ended == 0 {
		parts = append(parts, "it is still in force")
	} else if f.BacklogMs == nil {
		parts = append(parts, "the backlog not gone by the end")
	}
	if f.BufferPeakBytes != nil {
		row, _ := setting.Find(setting.BufferMemory)
		parts = append(parts, fmt.Sprintf("up to %s in the buffer", row.Kind.Show(fmt.Sprint(*f.BufferPeakBytes))))
	}
	return strings.Join(parts, ", ")
}

// report is the outage in the report's words; one that is in force is so until
// an instant.
func (o *outage) report(until int64) report.Fault {
	f := report.Fault{Name: o.name, Step: o.step, AtS: float64(o.began) / 1e9}
	if o.ended > 0 {
		until = o.ended
	}
	f.ForS = float64(max(until-o.began, 0)) / 1e9
	if o.parts == nil || len(o.parts) > 0 {
		f.OutageMs = report.Ns(o.longest)
	}
	if first := o.watch.First(); first > 0 {
		f.FirstAckAfterMs = report.Ns(first - o.ended)
	}
	if o.drained > 0 {
		f.BacklogMs = report.Ns(o.drained - o.ended)
	}
	if o.peak > 0 {
		f.BufferPeakBytes = &o.peak
	}
	return f
}

// report are all so far, as of the last close.
func (all *outages) report() []report.Fault {
	all.mu.Lock()
	defer all.mu.Unlock()
	var list []report.Fault
	for _, o := range all.list {
		f := o.report(all.at)
		if f.BufferPeakBytes != nil {
			peak := o.peak
			f.BufferPeakBytes = &peak // the outage's own still grows
		}
		list = append(list, f)
	}
	return list
}
