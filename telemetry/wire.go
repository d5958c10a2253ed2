package telemetry

import (
	"maps"
	"slices"
	"sync"

	"kdyno/telemetry/report"
)

// maxKinds bounds the kinds of failure that are told apart; Kafka has fewer
// codes than this, and what comes beyond is counted as otherKind.
const (
	maxKinds  = 200
	otherKind = "OTHER"
)

// wireSums is what the wire did in one stretch, over all brokers.
type wireSums struct {
	requests    int64
	bytes       int64
	records     int64 // in the requests, those that were written again included
	retries     int64 // batches
	retried     int64 // records in them
	answered    int64 // ns, of
	answers     int64 // so many
	throttled   int64 // ns
	inFlight    int64 // now
	inFlightMax int64
	inFlightNs  int64 // sum over time of the requests in flight
	errors      map[string]int64
}

func (w *wireSums) add(o wireSums) {
	w.requests += o.requests
	w.bytes += o.bytes
	w.records += o.records
	w.retries += o.retries
	w.retried += o.retried
	w.answered += o.answered
	w.answers += o.answers
	w.throttled += o.throttled
	w.inFlight = o.inFlight
	w.inFlightMax = max(w.inFlightMax, o.inFlightMax)
	w.inFlightNs += o.inFlightNs
	if w.errors == nil && o.errors != nil {
		w.errors = make(map[string]int64, len(o.errors))
	}
	for name, n := range o.errors {
		w.errors[name] += n
	}
}

// brokerSums is one broker's share of the session.
type brokerSums struct {
	requests    int64
	bytes       int64
	errors      int64
	throttled   int64 // ns
	inFlight    int64
	inFlightMax int64
	conns       int
	connected   int64 // instant of the oldest connection that still lives
	rtt         Hist
	trips       trips
	near        int64 // ns, of the quickest handshake of TCP; 0: not known
	since       int64 // spell.full is summed up to here
	heard       int64 // instant of its last answer, or from which it owes one
	spell       spell
}

// spell is what a broker did since the last close.
type spell struct {
	throttled int64 // ns
	full      int64 // ns for which all its slots were taken, or a write waited
	answered  int64 // ns, of
	answers   int64 // so many
}

// failureKey tells failures apart.
type failureKey struct {
	kind   string
	broker int32
}

type failureSums struct{ count, first, last int64 }

// wire is what the taps of all runs tell. A request costs a few calls, so a
// mutex is cheap enough here; it is never held while anything is awaited.
type wire struct {
	mu       sync.Mutex
	sums     wireSums // since the last close
	since    int64    // inFlightNs is summed up to here
	slots    int64    // of each broker; 0: not known
	dropped  int64    // repeats, by brokers
	brokers  map[int32]*brokerSums
	failures map[failureKey]*failureSums
}

func (w *wire) broker(id int32) *brokerSums {
	b := w.brokers[id]
	if b == nil {
		b = new(brokerSums)
		w.brokers[id] = b
	}
	return b
}

// fly changes the number in flight of one broker, and of all.
func (w *wire) fly(b *brokerSums, change, now int64) {
	w.advance(now)
	w.settle(b, now)
	if b.inFlight == 0 {
		b.heard = now
	}
	b.inFlight += change
	b.inFlightMax = max(b.inFlightMax, b.inFlight)
	w.sums.inFlight += change
	w.sums.inFlightMax = max(w.sums.inFlightMax, w.sums.inFlight)
}

func (w *wire) advance(now int64) {
	if now <= w.since {
		return
	}
	w.sums.inFlightNs += w.sums.inFlight * (now - w.since)
	w.since = now
}

// settle counts how long all slots were taken, up to now.
func (w *wire) settle(b *brokerSums, now int64) {
	if w.slots > 0 && b.inFlight >= w.slots && now > b.since {
		b.spell.full += now - b.since
	}
	b.since = max(b.since, now)
}

// take closes the interval that ends at now, over an emulated link of so many
// nanoseconds.
func (w *wire) take(now, linkRTT int64) (wireSums, holds) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance(now)
	sums := w.sums
	w.sums = wireSums{inFlight: sums.inFlight, inFlightMax: sums.inFlight}
	var held holds
	for _, b := range w.brokers {
		w.settle(b, now)
		held.throttled = max(held.throttled, b.spell.throttled)
		if b.spell.answers == 0 && b.inFlight > 0 { // the answer that it owes takes that long at least
			b.spell.answered, b.spell.answers = now-b.heard, 1
		}
		if b.spell.full >= held.full && b.spell.answers > 0 {
			held.full, held.answered, held.answers = b.spell.full, b.spell.answered, b.spell.answers
			held.near = (b.near + linkRTT) * b.spell.answers
		}
		b.spell = spell{}
	}
	return sums, held
}

// Slots tells how many requests each broker may have in flight, over all
// producers.
func (m *Meter) Slots(n int) {
	m.wire.mu.Lock()
	defer m.wire.mu.Unlock()
	now := m.now()
	for _, b := range m.wire.brokers {
		m.wire.settle(b, now)
	}
	m.wire.slots = int64(n)
}

// Reached tells how long the network took to set a connection to a broker up,
// the emulated link's part left out.
func (r *Recorder) Reached(broker int32, ns int64) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	if b := w.broker(broker); b.near == 0 || ns < b.near {
		b.near = ns
	}
}

func (w *wire) fail(kind string, broker int32, n, now int64) {
	key := failureKey{kind, broker}
	f := w.failures[key]
	if f == nil {
		if len(w.failures) >= maxKinds {
			key = failureKey{otherKind, -1}
		}
		if f = w.failures[key]; f == nil {
			f = &failureSums{first: now}
			w.failures[key] = f
		}
	}
	f.count += n
	f.last = max(f.last, now)
}

// Wrote tells that a produce request of so many bytes and records was written to
// a broker and now awaits its answer. With acks=0, where none comes, Lost of one
// follows at once.
func (r *Recorder) Wrote(broker int32, bytes, records int, now int64) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.broker(broker)
	b.requests++
	b.bytes += int64(bytes)
	w.sums.requests++
	w.sums.bytes += int64(bytes)
	w.sums.records += int64(records)
	w.fly(b, 1, now)
}

// Answered tells that a request was answered, rtt nanoseconds after it was written.
func (r *Recorder) Answered(broker int32, rtt, now int64) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.broker(broker)
	b.rtt.Record(rtt)
	b.trips.put(rtt, now)
	b.spell.answered += rtt
	b.spell.answers++
	b.heard = now
	w.sums.answered += rtt
	w.sums.answers++
	w.fly(b, -1, now)
}

// Lost tells that so many requests will never be answered.
func (r *Recorder) Lost(broker int32, n int, now int64) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fly(w.broker(broker), -int64(n), now)
}

// Held counts time for which a write to a broker was not taken: the next request
// waits for it as it would for a slot.
func (r *Recorder) Held(broker int32, ns int64) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broker(broker).spell.full += ns
}

// Retried counts batches that were written again, and the records in them.
func (r *Recorder) Retried(batches, records int) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sums.retries += int64(batches)
	w.sums.retried += int64(records)
}

// Dropped counts batches that a broker had already and dropped as repeats.
func (r *Recorder) Dropped(batches int) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dropped += int64(batches)
}

// Dropped is how many repeats brokers dropped for certain, since the session's
// start.
func (m *Meter) Dropped() int64 {
	m.wire.mu.Lock()
	defer m.wire.mu.Unlock()
	return m.wire.dropped
}

// Code counts an error that a broker answered for one partition, by Kafka's
// name; partition is the caller's dense index, -1 where it concerns none.
func (r *Recorder) Code(name string, broker, partition int32, now int64) {
	r.meter.code(name, broker, now)
	if partition >= 0 {
		r.meter.lastError(int(partition), name)
	}
}

func (m *Meter) code(name string, broker int32, now int64) {
	w := &m.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broker(broker).errors++
	if w.sums.errors == nil {
		w.sums.errors = make(map[string]int64)
	}
	if _, known := w.sums.errors[name]; !known && len(w.sums.errors) >= maxKinds {
		name = otherKind
	}
	w.sums.errors[name]++
	w.fail(name, broker, 1, now)
}

// Throttled counts time for which a broker asked not to be written to.
func (r *Recorder) Throttled(broker int32, ms int) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	ns := int64(ms) * 1e6
	b := w.broker(broker)
	b.throttled += ns
	b.spell.throttled += ns
	w.sums.throttled += ns
}

// Connected tells of a new connection to a broker.
func (r *Recorder) Connected(broker int32, now int64) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.broker(broker)
	if b.conns == 0 {
		b.connected = now
	}
	b.conns++
}

// Disconnected tells that a connection told by Connected ended.
func (r *Recorder) Disconnected(broker int32) {
	w := &r.meter.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	if b := w.broker(broker); b.conns > 0 {
		b.conns--
	}
}

// Failure counts n failures of one kind that no broker told, such as the
// client-side kinds of report.Explain; broker is whom they have to do with, -1
// where that is none or not known. Any goroutine may call it.
func (m *Meter) Failure(kind string, broker int32, n int, now int64) {
	m.wire.mu.Lock()
	defer m.wire.mu.Unlock()
	m.wire.fail(kind, broker, int64(n), now)
}

// Failures are all kinds of failure so far, each told once, oldest first.
func (m *Meter) Failures() []report.Failure {
	w := &m.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]report.Failure, 0, len(w.failures))
	for key, f := range w.failures {
		class, where, say := report.Explain(key.kind)
		row := report.Failure{
			Kind: key.kind, Class: class, Where: where, Say: say,
			Count: f.count, FirstS: seconds(f.first), LastS: seconds(f.last),
		}
		if key.broker >= 0 {
			row.Broker = &key.broker
		}
		list = append(list, row)
	}
	slices.SortFunc(list, func(a, b report.Failure) int {
		return compareFailures(&a, &b)
	})
	return list
}

// PerBroker fills in what was measured of the brokers in rows, which have ID
// and Slots, and adds those that rows do not have; by ID.
func (m *Meter) PerBroker(rows []report.Broker) []report.Broker {
	w := &m.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	now := m.now()
	rows = slices.Clone(rows)
	for _, id := range slices.Sorted(maps.Keys(w.brokers)) {
		if !slices.ContainsFunc(rows, func(b report.Broker) bool { return b.ID == id }) {
			rows = append(rows, report.Broker{ID: id})
		}
	}
	for i := range rows {
		if b := w.brokers[rows[i].ID]; b != nil {
			b.fill(&rows[i], now)
		}
	}
	slices.SortFunc(rows, func(a, b report.Broker) int { return int(a.ID) - int(b.ID) })
	return rows
}

func (b *brokerSums) fill(row *report.Broker, now int64) {
	row.Requests, row.Bytes, row.Errors = b.requests, b.bytes, b.errors
	row.InFlight, row.InFlightMax = b.inFlight, b.inFlightMax
	row.ThrottleMs = *report.Ns(b.throttled)
	row.RTTP50Ms, row.RTTP99Ms = quantile(&b.rtt, p50), quantile(&b.rtt, p99)
	row.ConnectedS = nil
	if b.conns > 0 {
		s := seconds(now - b.connected)
		row.ConnectedS = &s
	}
}
