// Package xray puts somebody else's producers on the stand: it knows the guests
// by the connections that a relay hands it, measures each as the session measures
// its own producer, and works out what its settings must be. It reads no record:
// what it keeps are headers of batches and sums.
//
// A guest is all connections of one client.id and software from one host. Guests
// and its Guest are safe for any goroutine; Close is called by the session's
// sampler. Neither starts a goroutine.
package xray

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"kdyno/engine/cluster/signpost"
	"kdyno/engine/xray/relay"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// Options are what guests are measured with.
type Options struct {
	Start time.Time // all instants are counted from here, by its monotonic clock
	// Index is the session's number of a partition, -1 where it has no more.
	Index func(topic string, partition int32) int32
	// Want is called with topics whose metadata a guest asks for, before it does.
	Want func(topics []string, mayCreate bool)
	// Refuse tells that who is not here yet may not come; nil: everybody may.
	Refuse func() bool
	// Tell says in a sentence what a person should know.
	Tell func(say string)
}

// Guests are all clients of the stand so far.
type Guests struct {
	o Options

	mu      sync.Mutex
	guests  map[identityOfGuest]*Guest
	order   []*Guest // as they came
	topics  map[string]*Topic
	ids     map[[16]byte]string
	passed  map[string]int64
	left    int64 // guests that were forgotten
	came    int   // and all that ever came
	watches []*telemetry.Watch
	near    map[int32]int64 // ns that the quickest connection to a broker took
}

// identityOfGuest is what makes connections those of one guest.
type identityOfGuest struct{ client, software, release, host string }

// Topic is what a cluster said of a topic in an answer to a guest.
type Topic struct {
	Name    string
	Number  int
	Leaders []int32 // by partition; -1 without
}

// The bounds of what is kept, far beyond what a person's applications have.
const (
	mostGuests = 128
	mostTopics = 10_000
	// mostPartitions is of one topic; Kafka's own tools stop well before.
	mostPartitions = 1 << 16
	mostPassed     = 256
	// manyGuests is from how many on each keeps its charts for a quarter of an hour
	// only.
	manyGuests = 16
)

// New returns guests of whom none has come yet.
func New(o Options) *Guests {
	return &Guests{
		o: o, guests: map[identityOfGuest]*Guest{}, topics: map[string]*Topic{}, ids: map[[16]byte]string{}, passed: map[string]int64{},
	}
}

func (g *Guests) now() int64 { return int64(time.Since(g.o.Start)) }

// Meet is a relay's: a connection has said something.
func (g *Guests) Meet(c *relay.Conn) relay.Guest {
	return &visit{guests: g, conn: c, host: hostOf(c.From)}
}

// Learned is a relay's: a cluster has told of its topics.
func (g *Guests) Learned(t signpost.Told) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, topic := range t.Topics {
		known := g.topics[topic.Name]
		if known == nil {
			if len(g.topics) >= mostTopics {
				return
			}
			known = &Topic{Name: topic.Name, Number: len(g.topics)}
			g.topics[topic.Name] = known
		}
		// Readers keep what they were given.
		known.Leaders = topic.Leaders
		if topic.ID != [16]byte{} {
			g.ids[topic.ID] = topic.Name
		}
	}
}

// Reached notes how long a connection to a broker took: what the network between
// here and there takes.
func (g *Guests) Reached(broker int32, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.near == nil {
		g.near = map[int32]int64{}
	}
	if near, known := g.near[broker]; (!known || int64(took) < near) && len(g.near) < mostPassed {
		g.near[broker] = int64(took)
	}
}

func (g *Guests) nearness(broker int32) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.near[broker]
}

// Topics are those that were told of, by name.
func (g *Guests) Topics() []Topic {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]Topic, 0, len(g.topics))
	for _, name := range slices.Sorted(maps.Keys(g.topics)) {
		all = append(all, *g.topics[name])
	}
	return all
}

// topic finds the topic of a batch. One that no answer has told of has its id
// for a name.
func (g *Guests) topic(name string, id [16]byte) Topic {
	g.mu.Lock()
	defer g.mu.Unlock()
	if name == "" {
		if name = g.ids[id]; name == "" {
			name = hex.EncodeToString(id[:])
		}
	}
	if t := g.topics[name]; t != nil {
		return *t
	}
	t := &Topic{Name: name, Number: len(g.topics)}
	if len(g.topics) < mostTopics {
		g.topics[name] = t
	}
	return *t
}

// List are the guests that are known, as they came. The slice is the caller's.
func (g *Guests) List() []*Guest {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.order)
}

// Forgotten is how many guests were given up to make room for others.
func (g *Guests) Forgotten() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.left
}

// Passed counts the requests that are newer than what is known here, by name.
func (g *Guests) Passed() map[string]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.passed)
}

func (g *Guests) pass(h signpost.Head, who string) {
	g.mu.Lock()
	name := h.String()
	if _, known := g.passed[name]; !known && len(g.passed) >= mostPassed {
		name = "others"
	}
	g.passed[name]++
	first := g.passed[name] == 1
	g.mu.Unlock()
	if first {
		g.o.Tell(fmt.Sprintf("%s asks %s, which is newer than what kdyno knows: it passes unread", who, h))
	}
}

// find is the guest of an identity, made if it is new. Nil: nobody new may come.
func (g *Guests) find(id identityOfGuest) *Guest {
	g.mu.Lock()
	known := g.guests[id]
	g.mu.Unlock()
	if known != nil && (known.isHere() || g.o.Refuse == nil || !g.o.Refuse()) {
		return known
	}
	if g.o.Refuse != nil && g.o.Refuse() {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if known = g.guests[id]; known != nil {
		return known
	}
	if len(g.order) >= mostGuests {
		g.forget()
	}
	guest := newGuest(g, id, len(g.order) < manyGuests)
	g.came++
	guest.Number = g.came
	for _, w := range g.watches {
		guest.meter.Attach(w)
	}
	g.guests[id] = guest
	g.order = append(g.order, guest)
	return guest
}

// forget gives up the guest that has been gone for longest, under mu.
func (g *Guests) forget() {
	oldest := -1
	var since int64
	for i, guest := range g.order {
		if gone := guest.goneSince(); gone > 0 && (oldest < 0 || gone < since) {
			oldest, since = i, gone
		}
	}
	oldest = max(oldest, 0) // all are here: the first one's figures start anew
	delete(g.guests, g.order[oldest].id)
	g.order = slices.Delete(g.order, oldest, oldest+1)
	g.left++
}

// Watch measures for how long acknowledgements of partitions stay away from all
// guests together, nil for all of them, as of an instant.
func (g *Guests) Watch(parts []int32, from int64) *telemetry.Watch {
	w := telemetry.NewWatch(parts, from)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watches = append(g.watches, w)
	for _, guest := range g.order {
		guest.meter.Attach(w)
	}
	return w
}

// Unwatch looks no more. What the watch has seen stays.
func (g *Guests) Unwatch(w *telemetry.Watch) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watches = slices.DeleteFunc(g.watches, func(other *telemetry.Watch) bool { return w == other })
	for _, guest := range g.order {
		guest.meter.Unwatch(w)
	}
}

// Backlog is how many records of all guests have come and are not settled, and
// how many came in their last interval.
func (g *Guests) Backlog() (records, came int64) {
	for _, guest := range g.List() {
		left, due := guest.meter.Backlog()
		records, came = records+left, came+due
	}
	return records, came
}

// Report fills in what is known of guests.
func (g *Guests) Report(x *report.Xray) {
	x.Clients, x.Others = []report.Client{}, []report.Other{}
	producers := slices.DeleteFunc(g.List(), func(guest *Guest) bool {
		if !guest.Produces() {
			x.Others = append(x.Others, guest.other())
			return true
		}
		return false
	})
	slices.SortStableFunc(producers, func(a, b *Guest) int { return int(a.Since() - b.Since()) })
	for _, guest := range producers {
		x.Clients = append(x.Clients, guest.Row())
	}
	x.Passed = g.Passed()
}
