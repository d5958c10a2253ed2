package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kdyno/engine/audit"
	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/engine/workload"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// proof is the session's audit: one, however often it is turned on and off.
type proof struct {
	live    atomic.Pointer[audit.Audit] // under which the senders send; nil: under none
	whole   atomic.Pointer[audit.Audit] // from when it first began
	verdict atomic.Pointer[report.Audit]
	faults  faultLog

	mu    sync.Mutex
	state proofState
	audit *audit.Audit  // from when it first began
	since int           // the run that lived then
	idle  chan struct{} // closed when a beginning or an end is through

	_       [64]byte // the reader writes what follows, and the senders read what is above
	visible telemetry.Visible
}

// proofState says what may be asked of the audit.
type proofState uint8

const (
	auditOff    proofState = iota
	auditWanted            // it begins with the load
	auditBegins
	auditOn
	auditEnds
)

// The bounds of an audit that is turned on or off under load.
const (
	beginWithin = 5 * time.Second
	// settleWithin is how long the records under audit may take to end once no
	// more are sent under it.
	settleWithin = 10 * time.Second
	settleEach   = 20 * time.Millisecond
)

// turnAudit carries out `audit on` and `audit off`.
func (s *Session) turnAudit(on bool) error {
	p := &s.grounds.proof
	p.mu.Lock()
	defer p.mu.Unlock()
	begun := s.load.begun.Load() > 0
	switch {
	case on && p.state == auditOff && !begun:
		p.state = auditWanted
	case on && p.state == auditOff:
		p.enter(auditBegins)
		s.life.wg.Go(s.beginAudit)
	case !on && p.state == auditWanted:
		p.state = auditOff
	case !on && p.state == auditOn:
		p.enter(auditEnds)
		s.life.wg.Go(s.stopAudit)
	case p.state == auditBegins, p.state == auditEnds:
		return &Error{Kind: Usage, Say: "the audit is about to begin or to end", Hint: "wait for its event"}
	case on:
		return &Error{Kind: Usage, Say: "the audit is on already"}
	default:
		return &Error{Kind: Usage, Say: "there is no audit to end", Hint: "begin one with audit on"}
	}
	return nil
}

// enter begins a change of state that takes a while, under p.mu.
func (p *proof) enter(state proofState) {
	p.state, p.idle = state, make(chan struct{})
}

// leave ends it.
func (p *proof) leave(state proofState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	close(p.idle)
}

// beginWanted begins the audit that was asked for before the load.
func (s *Session) beginWanted() {
	p := &s.grounds.proof
	p.mu.Lock()
	wanted := p.state == auditWanted || s.config.Audit && p.state == auditOff
	if wanted {
		p.enter(auditBegins)
	}
	p.mu.Unlock()
	if wanted {
		s.beginAudit()
	}
}

// beginAudit begins to read, and lets the senders send under audit.
func (s *Session) beginAudit() {
	p := &s.grounds.proof
	ctx, cancel := s.until(s.life.stop, beginWithin)
	defer cancel()
	a := s.makeAudit()
	if err := a.Begin(ctx); err != nil {
		say, hint := err.Error(), ""
		var refused *audit.Error
		if errors.As(err, &refused) {
			hint = ". " + refused.Hint
		}
		s.journal.note(s.elapsed(), "notice", "the audit did not begin: %s%s", say, hint)
		p.verdict.Store(&report.Audit{
			Verdict: report.AuditInconclusive, Claimed: s.claimed(), Say: "Not decided: the audit did not begin: " + say + ".",
			Examples: []report.AuditExample{},
		})
		p.leave(auditOff)
		return
	}
	p.verdict.Store(nil)
	p.live.Store(a)
	s.journal.note(s.elapsed(), "notice", "audit on: %s", s.whereIdentityIs())
	p.leave(auditOn)
}

// makeAudit is the session's audit, made when it first begins.
func (s *Session) makeAudit() *audit.Audit {
	s.grounds.mu.Lock()
	stand, runs := s.grounds.stand, len(s.grounds.runs)
	s.grounds.mu.Unlock()
	p := &s.grounds.proof
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.audit != nil {
		return p.audit
	}
	o := audit.Options{
		Topics: s.load.topics, Client: stand.Reading(), Index: s.grounds.places.of, Now: s.elapsed,
		Fault: p.faults.between, Seen: s.seen, Total: func() int64 { return s.meter.Total().Records.Acked },
		Note: func(format string, args ...any) { s.journal.note(s.elapsed(), "notice", format, args...) },
	}
	if hold := stand.Retention(); hold != nil {
		o.Hold = hold
	}
	p.audit, p.since = audit.New(o), runs
	p.whole.Store(p.audit)
	return p.audit
}

// Sent implements run.Witness, as what follows does: the session has one audit,
// and its records find it here.
func (p *proof) Sent(s workload.Sending, due int64, claims uint8) {
	p.whole.Load().Sent(s, due, claims)
}

// Again implements run.Witness.
func (p *proof) Again() (copied uint32, ok bool) { return p.whole.Load().Again() }

// Acked implements run.Witness.
func (p *proof) Acked(s workload.Sending, place int32, offset int64, tries, over int32) {
	p.whole.Load().Acked(s, place, offset, tries, over)
}

// Failed implements run.Witness.
func (p *proof) Failed(s workload.Sending, maybeStored bool) { p.whole.Load().Failed(s, maybeStored) }

// seen counts when a record became visible, but for those of a warm-up.
func (s *Session) seen(due, at time.Duration, behind bool) {
	if int64(due) > s.status.warm.Load() {
		s.grounds.proof.visible.Record(int64(at-due), behind)
	}
}

// whereIdentityIs says where the records' identities stand, since a header makes
// them larger.
func (s *Session) whereIdentityIs() string {
	s.load.mu.Lock()
	source := s.load.source
	s.load.mu.Unlock()
	some, all := source.Apart()
	switch {
	case all:
		return fmt.Sprintf("the payload stays as it is, so each record carries its identity in a header and is %d bytes larger", identityRoom)
	case some:
		return fmt.Sprintf("records carry their identity in the first %d bytes of the value; null values and shorter ones in a header, which makes them %d bytes larger",
			workload.IdentityBytes, identityRoom)
	default:
		return fmt.Sprintf("records carry their identity in the first %d bytes of the value; sizes stay as they are", workload.IdentityBytes)
	}
}

// identityRoom is what an identity takes of a record as a header: name, value
// and the lengths of both.
const identityRoom = len(workload.IdentityHeader) + workload.IdentityBytes + 2

// stopAudit ends an audit under load.
func (s *Session) stopAudit() {
	p := &s.grounds.proof
	p.live.Store(nil)
	ctx, cancel := s.until(s.life.stop, settleWithin)
	defer cancel()
	tick := time.NewTicker(settleEach)
	defer tick.Stop()
	for p.audit.Open() > 0 && ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	s.judgeAudit(s.life.ctx)
	p.leave(auditOff)
}

// judgeAudit reads to the end of what was promised and tells the verdict.
func (s *Session) judgeAudit(ctx context.Context) {
	p := &s.grounds.proof
	v := p.audit.End(ctx, s.claimed())
	p.verdict.Store(&v)
	s.journal.note(s.elapsed(), "notice", "audit: %s. %s", v.Verdict, v.Say)
	if why := p.visible.Absent(); why != "" {
		s.journal.note(s.elapsed(), "notice", "audit: send to visible is left out: %s", why)
	}
}

// claimed names the guarantees of the runs under audit.
func (s *Session) claimed() string {
	s.grounds.mu.Lock()
	defer s.grounds.mu.Unlock()
	var names []string
	for _, n := range s.grounds.runs[max(s.grounds.proof.since-1, 0):] {
		if !slices.Contains(names, n.promise) {
			names = append(names, n.promise)
		}
	}
	return strings.Join(names, "; then ")
}

// atRest waits until nothing begins or ends any more, and tells what the audit
// is.
func (p *proof) atRest() proofState {
	p.mu.Lock()
	idle := p.idle
	p.mu.Unlock()
	if idle != nil {
		<-idle
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// finishAudit ends the session's audit once everything has ended.
func (s *Session) finishAudit() {
	p := &s.grounds.proof
	state := p.atRest()
	ctx, cancel := s.until(s.life.hurry, time.Hour)
	defer cancel()
	switch state {
	case auditOn:
		s.say(telemetry.Draining, "the log is read back up to what was acknowledged last")
		p.live.Store(nil)
		s.judgeAudit(ctx)
	case auditOff:
		// What was still under way when it was turned off has ended by now.
		if p.audit != nil && p.audit.Unread() && p.audit.Begin(ctx) == nil {
			s.judgeAudit(ctx)
		}
	default:
	}
}

// auditNow is how the audit stands, nil where there was none.
func (s *Session) auditNow() *telemetry.AuditNow {
	p := &s.grounds.proof
	p.mu.Lock()
	a, on := p.audit, p.state == auditOn
	p.mu.Unlock()
	if a == nil {
		return nil
	}
	l := a.Live()
	return &telemetry.AuditNow{
		On: on, Promised: l.Promised, Found: l.Found, Missing: l.Missing, Twice: l.Twice, Reordered: l.Reordered,
	}
}

// underAudit puts a record under audit where one is on.
func (s *sender) underAudit(rec *run.Record, n uint64, due int64) {
	a := s.s.grounds.proof.live.Load()
	if a == nil {
		return
	}
	if id, ok := a.Identity(n, uint16(s.index), s.producer.run.Load().Number(), time.Duration(due)); ok {
		_, stays := s.errand.plan.source.Apart()
		rec.Audit(id, stays)
	}
}

// underAudit puts the record of a step under audit where one is on. Its value is
// what a person wrote, and stays so.
func (c *courier) underAudit(rec *run.Record) {
	a := c.s.grounds.proof.live.Load()
	if a == nil {
		return
	}
	if id, ok := a.Lone(uint16(c.index), c.producer.run.Load().Number(), time.Duration(rec.Due)); ok {
		rec.Audit(id, true)
	}
}

// claimsOf are the claims of values as an audit notes them.
func claimsOf(v setting.Values) uint8 {
	var bits audit.Claims
	c := v.Claims()
	for _, claim := range []struct {
		made bool
		bit  audit.Claims
	}{{c.Kept, audit.Kept}, {c.Once, audit.Once}, {c.Ordered, audit.Ordered}} {
		if claim.made {
			bits |= claim.bit
		}
	}
	return uint8(bits)
}
