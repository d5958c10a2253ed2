package cluster

import (
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/cluster/door"
)

// The embedded brokers keep their logs in memory: small segments, since only
// whole ones are dropped. A segment's memory doubles as it grows, so that one of
// full batches of 16 KiB ends before it needs 2 MiB for the last of them.
const (
	segmentBytes = "983040"
	cleanEveryMs = "200"
	// memoryLimit makes the collector work harder before the process grows;
	// measured: the same rate at 295 MB instead of 398 MB, flat out.
	memoryLimit = 300 << 20
)

// embedded are the brokers in this process, each behind a door, and what is
// broken on them.
type embedded struct {
	fake  *kfake.Cluster
	doors []*door.Door // by node id
	each  int          // partitions of a topic
	entry entry
	told  func(say string) // nil: nobody is

	mu     sync.Mutex // never held while told is called
	topics []string
	limits Limits
	closed bool
	words  []string       // for told
	active []*ActiveFault // oldest first
	quota  int64          // stand.quota.bytes; 0: none
	keep   keeping
	homes  map[seat]int32 // preferred leaders of partitions that another broker leads
	back   *time.Timer    // gives partitions back; nil: none is to be given
	again  *time.Timer    // tries a door again that could not be opened
}

// keeping says that the logs are held for who reads them, and what
// retention.bytes was asked for meanwhile; "" for nothing.
type keeping struct {
	held   bool
	wanted string
}

// embed starts brokers in this process, their leaders spread evenly.
func embed(o Options) (*Stand, error) {
	names := o.Topics
	if len(names) == 0 && !o.Bare {
		names = []string{EmbeddedTopic}
	}
	opts := []kfake.Opt{
		kfake.ClusterID("kdyno-embedded"), kfake.DefaultNumPartitions(o.Partitions),
		kfake.BrokerConfigs(map[string]string{
			"log.segment.bytes":          segmentBytes,
			"log.cleaner.backoff.ms":     cleanEveryMs,
			"message.timestamp.type":     "CreateTime",
			"default.replication.factor": fmt.Sprint(min(o.Nodes, 3)),
		}),
	}
	s := &Stand{Embedded: true, names: names, dial: atHome((&net.Dialer{}).DialContext)}
	e := &embedded{each: o.Partitions, limits: o.Limits, told: o.Told, quota: o.Limits.QuotaBytes, homes: map[seat]int32{}}
	listen := func(address string) (net.Listener, error) { return net.Listen("tcp", address) } //nolint:noctx // ends at once
	if o.Blackhole {
		opts = append(opts, kfake.BlackholeProduce())
	}
	if o.Network != nil {
		ports := make([]int, o.Nodes)
		for i := range ports {
			ports[i] = 9092 + i
		}
		opts = append(opts, kfake.Ports(ports...))
		listen = func(address string) (net.Listener, error) { return o.Network.Listen("tcp", address) }
		s.dial = atHome(overNetwork(o.Network))
	} else {
		opts = append(opts, kfake.NumBrokers(o.Nodes))
		debug.SetMemoryLimit(memoryLimit)
	}
	opts = append(opts, kfake.ListenFn(func(_, address string) (net.Listener, error) { return e.add(listen, address) }))
	fake, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, fmt.Errorf("start %d embedded brokers: %w", o.Nodes, err)
	}
	e.fake, s.own = fake, e
	fake.ControlKey(int16(kmsg.OffsetForLeaderEpoch), e.answerEpochs)
	for _, d := range e.doors {
		_, port, _ := net.SplitHostPort(d.Addr().String())
		s.Seeds = append(s.Seeds, net.JoinHostPort(entryHost, port))
	}
	for _, name := range names {
		if err := e.makeTopic(name); err != nil {
			fake.Close()
			return nil, err
		}
	}
	if err := s.connect(); err != nil {
		fake.Close()
		return nil, err
	}
	e.do(e.turn)
	return s, nil
}

// add makes the door of the next broker; kfake numbers them in this order.
func (e *embedded) add(listen func(address string) (net.Listener, error), address string) (net.Listener, error) {
	d, err := door.New(listen, address)
	if err != nil {
		return nil, err
	}
	e.doors = append(e.doors, d)
	return d, nil
}

// do changes what is broken and then tells what happened.
func (e *embedded) do(change func()) {
	e.mu.Lock()
	change()
	words := e.words
	e.words = nil
	e.mu.Unlock()
	if e.told == nil {
		return
	}
	for _, w := range words {
		e.told(w)
	}
}

// turn makes the stand what the faults in force say, under mu.
func (e *embedded) turn() {
	if e.closed {
		return
	}
	for id, d := range e.doors {
		switch {
		case e.isAway(int32(id)):
			d.Shut()
		case !d.IsOpen():
			e.open(int32(id))
		}
	}
	e.elect()
	shut := false
	for _, a := range e.active {
		shut = shut || a.fault.Kind == BootstrapDown
	}
	e.entry.turn(shut)
	for id, d := range e.doors {
		d.Put(e.rules(int32(id)))
	}
}

// openAgain is how long a port is waited for that somebody else has taken.
const openAgain = 50 * time.Millisecond

func (e *embedded) open(id int32) {
	if e.doors[id].Open() == nil || e.again != nil {
		return
	}
	e.say("broker %d cannot come back: its port %v is taken; it is tried again", id, e.doors[id].Addr())
	e.again = time.AfterFunc(openAgain, func() {
		e.do(func() {
			e.again = nil
			e.turn()
		})
	})
}

// rules are those of one broker's door.
func (e *embedded) rules(id int32) door.Rules {
	r := door.Rules{Quota: e.quota, Metadata: e.tale()}
	for _, a := range e.active {
		f := &a.fault
		if !f.concerns(id) {
			continue
		}
		switch f.Kind {
		case SlowBroker:
			r.Hold = max(r.Hold, f.Delay)
		case Quota:
			if r.Quota == 0 || f.Bytes < r.Quota {
				r.Quota = f.Bytes
			}
		default:
			if a.refusal != nil {
				r.Refuse = append(r.Refuse, a.refusal)
			}
		}
	}
	return r
}

// close ends the faults and then the brokers.
func (e *embedded) close() {
	e.do(func() {
		e.closed = true
		for len(e.active) > 0 {
			e.end(e.active[0])
		}
		for _, t := range []*time.Timer{e.back, e.again} {
			if t != nil {
				t.Stop()
			}
		}
	})
	e.fake.Close()
}
