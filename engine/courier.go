package engine

import (
	"context"

	"kdyno/engine/run"
	"kdyno/engine/workload"
)

// courier is a sender of records that no plan has: one that a step sends, or
// those that are sent again after a crash. To everything else they are records
// like any other.
type courier struct{ sender }

// newCourier makes the courier of one producer; its lane is to be retired.
func (s *Session) newCourier(producer int) *courier {
	c := &courier{sender{s: s, index: producer, lane: s.meter.Sender(), plan: unplanned}}
	c.errand.plan = unplanned
	c.join()
	return c
}

// unplanned is the plan of records that no plan has: nobody waits for them.
var unplanned = &plan{manner: workload.Manner{Send: workload.Async}, plain: true}

// deliver calls send() for a record whose instants are set. Without ok the
// courier was called back.
func (c *courier) deliver(ctx context.Context, rec *run.Record, admitted int64) (ok bool) {
	c.refusal = ""
	c.lane.Begin()
	c.pass.busy.Store(true)
	c.lane.Sent()
	ok = c.hand(ctx, rec, admitted)
	c.pass.busy.Store(false)
	c.lane.End()
	return ok
}

// first delivers records in their order before the gate opens for others, as
// long as there is room, and returns the rest. Nobody else may deliver
// meanwhile, and nobody may shut the gate or end the run.
func (c *courier) first(due int64, records []*run.Record) (rest []*run.Record) {
	for i, rec := range records {
		if !c.producer.admission.spacious() {
			return records[i:]
		}
		rec.Due, rec.Called = due, c.s.now()
		c.lane.Begin()
		c.lane.Sent()
		if kind := c.producer.run.Load().Refuses(rec); kind != "" {
			c.refused(kind)
		} else {
			c.produce(rec, rec.Called)
		}
		c.lane.End()
	}
	return nil
}

// carry delivers records in their order, all due since an instant, as far as it
// is let.
func (c *courier) carry(ctx context.Context, due int64, records []*run.Record) {
	for _, rec := range records {
		if ctx.Err() != nil {
			return
		}
		rec.Due, rec.Called = due, c.s.now()
		if !c.deliver(ctx, rec, rec.Called) {
			return
		}
	}
}
