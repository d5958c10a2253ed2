package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"kdyno/engine/client"
	"kdyno/engine/cluster"
	"kdyno/engine/fault"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/wire"
	"kdyno/engine/xray"
	"kdyno/engine/xray/relay"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// XRayConfig says what a session of guests starts with: somebody else's producers
// in the place of ours.
type XRayConfig struct {
	Values  setting.Values // of the stand, and how its brokers are reached
	Listen  string         // host:port of the first port; each broker gets one
	Brokers []string       // host:port; none: the embedded cluster
	Topics  []string       // of the embedded cluster, there before anybody asks
	// Yes says that ports may be opened beyond loopback, and that a cluster beyond
	// this machine may be led to; Attended that a person watches who can allow the
	// latter, and that an unreachable cluster is tried again.
	Yes, Attended bool
	TLS           *tls.Config // is spoken with guests; nil: in the clear

	For     time.Duration // it ends by itself; 0: never
	At      []step.Timed
	Version string

	Network *cluster.Network // replaces TCP, for fake time
}

// XRay is one session of guests, from OpenXRay to Close. Its methods may be
// called by any goroutine; they return at once, except Stop and Close, which wait.
type XRay struct {
	config  XRayConfig
	start   time.Time
	link    *wire.Link
	relay   *relay.Relay
	guests  *xray.Guests
	stand   *cluster.Stand // nil: the cluster is a real one
	journal journal
	reach   reach
	values  xrayValues
	life    xrayLife
	status  status
	screen  onScreen

	breaking breaking
	places   places
	own      ownProducer
}

// xrayValues are those of the stand, as they were last set.
type xrayValues struct {
	mu  sync.Mutex
	now setting.Values
}

// xrayLife is how the session's goroutines are told what to do.
type xrayLife struct {
	ctx     context.Context
	cancel  context.CancelFunc
	stop    chan struct{}
	stopped sync.Once
	allow   chan struct{}
	done    chan struct{}
	found   atomic.Bool // the cluster was
	err     atomic.Pointer[Error]
	last    atomic.Pointer[report.Xray] // the report at the end
	wg      sync.WaitGroup
}

// onScreen is what a person looks at.
type onScreen struct {
	mu     sync.Mutex
	number int // of the guest; 0: the first that produces
	list   *telemetry.Guests
	listed time.Time
}

// OpenXRay listens for guests. It returns before a real cluster is reached; an
// error is an *Error of kind Usage or Rail, and nothing is left open then.
func OpenXRay(c XRayConfig) (*XRay, error) {
	if err := c.judge(); err != nil {
		return nil, err
	}
	x := &XRay{config: c, start: time.Now(), link: wire.NewSeededLink(uint64(c.Values.Int(setting.LoadSeed)))}
	x.values.now = c.Values
	x.life.ctx, x.life.cancel = context.WithCancel(context.Background()) //nolint:fatcontext // made once a session
	x.life.stop, x.life.done, x.life.allow = make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)
	x.guests = xray.New(xray.Options{Start: x.start, Index: x.index, Want: x.want, Refuse: x.entryIsShut, Tell: x.tell})
	x.breaking = breaking{
		board: fault.NewBoard(x.link), start: x.start, journal: &x.journal, ctx: x.life.ctx, wg: &x.life.wg, look: func() {},
	}
	x.breaking.outages.felt = x.feel()
	shapeLink(x.link, c.Values)
	if err := x.listen(); err != nil {
		x.life.cancel()
		x.closeAll()
		return nil, err
	}
	x.life.wg.Go(x.live)
	return x, nil
}

// judge refuses what can be refused before anything is opened.
func (c *XRayConfig) judge() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return &Error{Kind: Usage, Say: fmt.Sprintf("%q is not an address to listen at", c.Listen), Hint: "give --listen host:port, such as 127.0.0.1:9092"}
	}
	if !cluster.IsLocal(host) && !c.Yes {
		return &Error{
			Kind: Rail, Say: fmt.Sprintf("%s can be reached from beyond this machine: it would open a cluster to the network", c.Listen),
			Hint: "listen at 127.0.0.1, or say with --yes that you mean it",
		}
	}
	for _, b := range c.Brokers {
		if strings.TrimSpace(b) == "" {
			return &Error{Kind: Usage, Say: "an empty broker address", Hint: "give --brokers host:port,host:port", Key: setting.BootstrapServers}
		}
	}
	if len(c.Brokers) == 0 && c.Values.Text(setting.SecurityProtocol) != "PLAINTEXT" {
		return &Error{
			Kind: Usage, Say: "the embedded brokers speak PLAINTEXT only", Key: setting.SecurityProtocol,
			Hint: "leave security.protocol out, or name a cluster that speaks it with --brokers",
		}
	}
	if foreign := beyond(c.Brokers); len(foreign) > 0 && !c.Yes && !c.Attended {
		return &Error{
			Kind: Rail, Say: strings.Join(foreign, ", ") + " is not on this machine, and applications would load it",
			Hint: "if you mean it, say so with --yes",
		}
	}
	return judgeBy(c.Values, setting.Facts{})
}

// beyond are the addresses that are not on this machine.
func beyond(addresses []string) (out []string) {
	for _, a := range addresses {
		if !cluster.IsLocal(a) {
			out = append(out, a)
		}
	}
	return out
}

// listen opens the ports, and the embedded brokers behind them.
func (x *XRay) listen() error {
	secure, err := x.secure()
	if err != nil {
		return err
	}
	o := relay.Options{
		Address: x.config.Listen, Listen: net.Listen, TLS: x.config.TLS, Link: x.link, Secure: secure,
		Dial: (&net.Dialer{}).DialContext, Careful: len(x.config.Brokers) == 0,
		Hear: relay.Hear{Meet: x.guests.Meet, Tell: x.tell, Learned: x.learned, Reached: x.reached},
	}
	if x.config.Network != nil {
		o.Listen, o.Dial = x.config.Network.Listen, x.config.Network.DialContext
	}
	if len(x.config.Brokers) == 0 {
		if err := x.embed(); err != nil {
			return err
		}
		o.Dial = x.stand.Dial
	} else {
		o.Dial = x.allowed(o.Dial)
	}
	if x.relay, err = relay.New(o); err != nil {
		return &Error{Kind: Usage, Say: "--listen: " + err.Error(), Hint: "give --listen host:port, such as 127.0.0.1:9092"}
	}
	if x.stand == nil {
		return x.open(relay.Bootstrap, x.config.Brokers...)
	}
	for _, b := range x.stand.Brokers() {
		if err := x.open(b.ID, b.Address); err != nil {
			return err
		}
	}
	return nil
}

// open listens for a broker.
func (x *XRay) open(broker int32, behind ...string) error {
	_, err := x.relay.Open(broker, behind...)
	if err == nil {
		return nil
	}
	e := &Error{Kind: Usage, Say: fmt.Sprintf("cannot listen at %s: %v", x.config.Listen, err), Hint: "give another --listen host:port"}
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		e.Say = fmt.Sprintf("cannot listen at %s: %v", op.Addr, op.Err)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		e.Say, e.Hint = fmt.Sprintf("%s is in use: a broker may run there, or another kdyno", op.Addr), "end that, or listen elsewhere with --listen host:port; each broker takes the next port"
	}
	return e
}

// embed starts the embedded brokers.
func (x *XRay) embed() error {
	v := x.config.Values
	ctx, cancel := context.WithTimeout(x.life.ctx, warmWithin)
	defer cancel()
	stand, err := cluster.Open(ctx, cluster.Options{
		Topics: x.config.Topics, Bare: true, Nodes: int(v.Int(setting.StandBrokers)), Partitions: int(v.Int(setting.StandPartitions)),
		Network: x.config.Network, Limits: limitsOf(v), Told: x.tell,
	})
	if err != nil {
		return refusalError(err)
	}
	x.stand = stand
	return nil
}

// secure is the TLS between here and a real cluster; a login is the guests' own,
// and passes through.
func (x *XRay) secure() (func(context.Context, net.Conn, string) (net.Conn, error), error) {
	v := x.config.Values
	switch v.Text(setting.SecurityProtocol) {
	case setting.SSL, setting.SASLSSL:
		v, _ = v.With(setting.SecurityProtocol, setting.SSL) // the table has it
	default:
		return nil, nil
	}
	security, err := client.Secure(v)
	if err != nil {
		return nil, faultError(err)
	}
	return security.Handshake, nil
}

// mostPlaces bounds the partitions that are told apart, over all topics.
const mostPlaces = 1 << 18

// index is the session's number of a partition.
func (x *XRay) index(topic string, partition int32) int32 {
	if len(x.places.all()) >= mostPlaces {
		return -1
	}
	return x.places.of(topic, partition)
}

// want makes topics that guests ask for and that are missing, on the embedded
// brokers.
func (x *XRay) want(topics []string, mayCreate bool) {
	if x.stand == nil {
		return
	}
	ctx, cancel := context.WithTimeout(x.life.ctx, refreshEach)
	defer cancel()
	for _, name := range topics {
		if !mayCreate && !x.stand.Has(name) {
			continue
		}
		made, err := x.stand.MakeTopic(ctx, name)
		switch {
		case made:
			x.tell(fmt.Sprintf("topic %s was missing and is made with %d partitions, as brokers with auto.create.topics.enable do", name, x.config.Values.Int(setting.StandPartitions)))
		case err != nil && ctx.Err() == nil:
			x.tell(fmt.Sprintf("topic %s is not made: %v", report.Harmless(name), err))
		}
	}
}

func (x *XRay) entryIsShut() bool { return x.stand != nil && x.stand.EntryIsShut() }

// feel makes faults felt by all guests together.
func (x *XRay) feel() felt {
	return felt{
		watch: x.guests.Watch, unwatch: x.guests.Unwatch, backlog: x.guests.Backlog, queued: x.guests.Open, touched: x.touched,
		tell: func(format string, args ...any) { x.journal.note(x.elapsed(), "heal", format, args...) },
	}
}

// touched are the partitions that a fault acts on, nil for all.
func (x *XRay) touched(a *fault.Active) []int32 {
	if a.Broker < 0 && a.Partition < 0 {
		return nil
	}
	parts := []int32{}
	for _, t := range x.guests.Topics() {
		for p, leader := range t.Leaders {
			if (a.Partition < 0 || a.Partition == int32(p)) && (a.Broker < 0 || a.Broker == leader) {
				parts = append(parts, x.places.of(t.Name, int32(p)))
			}
		}
	}
	return parts
}

func (x *XRay) elapsed() time.Duration { return time.Since(x.start) }

// tell notes what a person should know.
func (x *XRay) tell(say string) { x.journal.note(x.elapsed(), "notice", "%s", say) }

func (x *XRay) say(state telemetry.State, text string) {
	x.status.mu.Lock()
	defer x.status.mu.Unlock()
	x.status.state, x.status.say = state, text
}
