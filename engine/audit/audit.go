// Package audit is the proof: it notes of each record what the producer
// promised, reads the log back with a client of its own while the load runs, and
// compares the two. An Audit is made for a session, begins and ends as often as
// it is asked to, and has one verdict over all that was under audit.
//
// Senders and promises write the ledger from any goroutine; nothing in it locks
// or, but for a page in 4,096 records, allocates. Begin, End and Close are for
// one goroutine at a time. The reader is a goroutine between Begin and End.
package audit

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/workload"
	"kdyno/telemetry/report"
)

// Options say what an audit is of. Topics, Client, Index and Now are needed.
type Options struct {
	Topics []string
	Client []kgo.Opt                                 // addresses, dialer, login: those of a client that reads
	Index  func(topic string, partition int32) int32 // the number by which acknowledgements name a partition
	Now    func() time.Duration                      // since the session's start
	Hold   Retention                                 // of a cluster that can hold its logs; nil: it cannot
	Fault  func(from, to time.Duration) string       // what was broken between two instants; nil: nobody knows
	Seen   func(due, at time.Duration, behind bool)  // a record's first copy was read; behind: an answer before could have held it
	Note   func(format string, args ...any)          // something that a person must know
	Total  func() int64                              // records acknowledged in the session, under audit or not
}

// Retention lets a cluster's logs grow while they are read.
type Retention interface {
	Hold(ctx context.Context) error
	// Drop lets go of what stands before the given offsets.
	Drop(ctx context.Context, before map[string]map[int32]int64) error
	Release(ctx context.Context) error
}

// Audit compares what was promised with what the log holds.
type Audit struct {
	*ledger
	o       Options
	test    uint64
	reading *reading
	topics  map[string]*topic
	sitting *sitting // nil: nothing is read
}

// New makes an audit with a name of its own.
func New(o Options) *Audit { return newAudit(o, newLedger(firstPages, againPages, slotPages)) }

func newAudit(o Options, l *ledger) *Audit {
	a := &Audit{ledger: l, o: o, test: rand.Uint64(), topics: map[string]*topic{}}
	a.reading = newReading(l, a.test, &book{ledger: l, now: o.Now, fault: o.Fault})
	return a
}

// Identity names a record that sender worker sends under a run. Without ok the
// ledger has no room for it, and it is not audited. The caller says Sent if it
// hands the record over.
func (a *Audit) Identity(seq uint64, worker uint16, run uint32, due time.Duration) (id workload.Identity, ok bool) {
	copied, ok := a.number(seq)
	return workload.Identity{Test: a.test, Worker: worker, Run: run, Copy: copied, Seq: seq, Due: due}, ok
}

// Lone is Identity for a record that stands in no sender's row, such as one that
// a person sends by hand. It has a number beyond all others, and no place in the
// order.
func (a *Audit) Lone(worker uint16, run uint32, due time.Duration) (id workload.Identity, ok bool) {
	copied, ok := a.Again()
	return workload.Identity{Test: a.test, Worker: worker, Run: run, Copy: copied, Seq: a.first.size() + uint64(copied), Due: due}, ok
}

// Live is how an audit stands while it goes on.
type Live struct {
	Promised  int64 // acknowledged
	Found     int64 // records of which a copy was read
	Missing   int64 // promised and not found so far
	Twice     int64 // copies more than one
	Reordered int64
}

// Live may be called from any goroutine.
func (a *Audit) Live() Live {
	found, promised := a.reading.live.found.Load(), a.promised.Load()
	return Live{
		Promised: promised, Found: found, Missing: max(promised-found, 0),
		Twice: a.reading.live.twice.Load(), Reordered: a.reading.live.behind.Load(),
	}
}

// ErrOn says that an audit was begun twice.
var ErrOn = errors.New("the audit has begun already")

// Begin notes where the logs end and begins to read from there. What is sent
// before it returns is not under audit. The error is an *Error.
func (a *Audit) Begin(ctx context.Context) error {
	if a.sitting != nil {
		return ErrOn
	}
	s, err := a.sit(ctx)
	if err != nil {
		return err
	}
	a.sitting = s
	go s.read() //nolint:contextcheck // it reads on until End
	return nil
}

// Unread tells whether something that was promised was not looked for as far as it
// could be: it ended after the last End. Only between End and Begin.
func (a *Audit) Unread() bool { return a.unread() > 0 }

// End reads to the end of what was promised, until ctx ends at the longest, and
// judges. What was handed over should have ended before.
func (a *Audit) End(ctx context.Context, claimed string) report.Audit {
	e := end{why: []string{"it never began"}}
	if s := a.sitting; s != nil {
		e = s.stop(ctx)
		a.sitting = nil
	}
	v := a.reading.judge(e)
	v.Claimed = claimed
	if total := a.o.Total(); total > 0 {
		v.Coverage = float64(v.Found+v.Lost+v.NotDelivered) / float64(total)
	}
	return v
}
