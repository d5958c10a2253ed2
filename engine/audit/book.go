package audit

import (
	"time"

	"kdyno/engine/workload"
	"kdyno/telemetry/report"
)

// The kinds of finding, the gravest first.
const (
	lost = iota
	phantom
	diverged
	corrupt
	duplicated
	reordered
	kinds
)

var kindNames = [kinds]string{"lost", "phantom", "diverged", "corrupt", "duplicated", "reordered"}

// Who wrote a copy more than one.
const (
	byRetry       = "retry"
	bySwap        = "swap"
	byApplication = "application"
)

// mostExamples is how many are told of each kind while they are collected, and
// of all in the end.
const mostExamples = 8

// finding is one record with which something is wrong.
type finding struct {
	kind   int
	by     string // of duplicated
	id     workload.Identity
	part   *partition // nil: not known
	offset int64
	tries  int // 0: not known
}

// book collects the first examples of each kind.
type book struct {
	ledger *ledger
	now    func() time.Duration
	fault  func(from, to time.Duration) string
	of     [kinds][]report.AuditExample
	ids    [kinds][]workload.Identity // whose they are
}

func (b *book) add(f finding) {
	if len(b.of[f.kind]) >= mostExamples {
		return
	}
	due := f.id.Due
	if due == 0 {
		due = b.due(&f.id)
	}
	e := report.AuditExample{
		Kind: kindNames[f.kind], By: f.by, Record: f.id.Seq, Copy: f.id.Copy, Sender: f.id.Worker, Tries: f.tries, DueS: due.Seconds(),
	}
	if f.part != nil && f.part.topic != nil {
		number, offset := f.part.number, f.offset
		e.Topic, e.Partition, e.Offset = f.part.topic.name, &number, &offset
	}
	if b.fault != nil {
		e.Fault = b.fault(due, b.now())
	}
	b.of[f.kind], b.ids[f.kind] = append(b.of[f.kind], e), append(b.ids[f.kind], f.id)
	b.complete()
}

// complete adds how often records were written, which may only be told after they
// were found, and not for ever.
func (b *book) complete() {
	for kind := range b.of {
		for i := range b.of[kind] {
			if e := &b.of[kind][i]; e.Tries == 0 {
				e.Tries = b.tries(&b.ids[kind][i])
			}
		}
	}
}

// forget drops the examples of some kinds.
func (b *book) forget(kinds ...int) {
	for _, kind := range kinds {
		b.of[kind], b.ids[kind] = nil, nil
	}
}

// corrupt tells of a record whose identity cannot be believed.
func (b *book) corrupt(part *partition, offset int64) {
	b.add(finding{kind: corrupt, id: workload.Identity{Due: b.now()}, part: part, offset: offset})
}

// due is about when a record was due that was not read.
func (b *book) due(id *workload.Identity) time.Duration {
	t, n := b.ledger.sheet(id.Sending())
	if p := t.page(n); p != nil {
		return time.Duration(p.due(at(n)))
	}
	return 0
}

// tries is how often a record was written, as far as its slot still tells.
func (b *book) tries(id *workload.Identity) int {
	t, n := b.ledger.sheet(id.Sending())
	p := t.page(n)
	if p == nil {
		return 0
	}
	s := p.slots.Load()
	if s == nil {
		return 0
	}
	_, _, tries := unpack(s[at(n)].Load())
	return tries
}

// first are the first examples, of each kind in turn until there are enough,
// the gravest kinds first.
func (b *book) first() []report.AuditExample {
	picked, left := [kinds]int{}, mostExamples
	for more := true; more && left > 0; {
		more = false
		for kind := range kinds {
			if left > 0 && picked[kind] < len(b.of[kind]) {
				picked[kind]++
				left--
				more = true
			}
		}
	}
	all := []report.AuditExample{}
	for kind, n := range picked {
		all = append(all, b.of[kind][:n]...)
	}
	return all
}

// identity is what is known of a sending that was not read.
func (l *ledger) identity(k sending) workload.Identity {
	if !k.again {
		return workload.Identity{Seq: k.n}
	}
	id := workload.Identity{Copy: uint32(k.n)}
	if p := l.again.page(k.n); p != nil && p.of != nil {
		id.Seq = p.of[at(k.n)].Load()
	}
	return id
}
