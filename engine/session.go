package engine

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/fault"
	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/engine/wire"
	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// Session is one engine, from Open to Close. Its methods may be called by any
// goroutine; they return at once, except Stop and Close, which wait.
type Session struct {
	config  Config
	start   time.Time // all instants are counted from here
	meter   *telemetry.Meter
	link    *wire.Link
	journal journal
	history history
	crash   crash
	clocks  clocks

	producers atomic.Pointer[fleet]
	load      load
	life      life
	changing  changing
	status    status
	grounds   grounds
	sampler   sampler
}

// load is the workload's present plan and its senders.
type load struct {
	mu      sync.Mutex
	plan    *plan // nil: the load has not begun
	source  *workload.Source
	values  setting.Values // whose load settings the plan has
	largest int            // bytes of the largest record that the runs were made for
	started int            // senders that were started
	senders sync.WaitGroup
	ctx     context.Context    // of the senders
	stop    context.CancelFunc // ends it
	stock   run.Stock          // records to use again

	loadBounds
	begun   atomic.Int64 // instants; 0: not yet
	ended   atomic.Int64
	drained atomic.Int64
	paced   atomic.Bool
	waits   atomic.Bool // senders wait for each record's outcome
}

// loadBounds are where the load ends by itself.
type loadBounds struct {
	topics     []string      // set before the load begins, as are these two:
	limit      uint64        // of --records; unlimited without
	until      time.Duration // the end of --for; 0: none
	count      atomic.Uint64 // of --records: taken or refused
	calledBack atomic.Int64  // sends that still waited for space at the end
	app        application
	spent      chan struct{} // closed when no record of --records is left
}

// life is how the session's own goroutine is told what to do.
type life struct {
	ctx     context.Context // ends everything at once
	cancel  context.CancelFunc
	stop    chan struct{} // closed by Stop: end the load
	stopped sync.Once
	hurry   chan struct{} // closed when Stop's patience is over
	hurried sync.Once
	change  chan struct{} // a change of producers is asked for
	orders  orders        // what else is
	allow   chan struct{} // a person allowed a foreign cluster
	again   chan struct{} // a person wants a cluster that refused tried again
	done    chan struct{}
	err     atomic.Pointer[Error]
	wg      sync.WaitGroup // the session's own goroutines
}

// changing serializes what people, --at and the session's own goroutine do to
// the values. asked is the change of producers that was asked for last; the
// latest wins.
type changing struct {
	mu     sync.Mutex
	values setting.Values
	number int  // the revision that it goes back or forward to, 0: a new one
	asked  bool // it has not been begun
	busy   bool // another one is under way
}

// status is what the session is doing, for the screen.
type status struct {
	mu    sync.Mutex
	state telemetry.State
	say   string
	// Until warm latencies are those of warming up; the session's first warm-up
	// ended at warmed, once all leaders had answered.
	warm     atomic.Int64
	warmed   atomic.Int64
	answered atomic.Bool
}

// sampler closes the intervals.
type sampler struct {
	stop, done chan struct{}
	took       float64 // seconds of CPU by the last close
}

// grounds are what the session stands on.
type grounds struct {
	mu     sync.Mutex
	stand  *cluster.Stand
	runs   []runNote
	places places
	limits cluster.Limits // as the stand was last told, but for the quota

	breaking breaking // has locks of its own, as has
	proof    proof
}

// on is the stand, nil before the cluster was reached and after the end.
func (g *grounds) on() *cluster.Stand {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stand
}

// Open starts a session. It returns before the cluster is reached; an error is
// an *Error of kind Usage or Rail, told before anything was started.
func Open(c Config) (*Session, error) {
	if err := judge(c); err != nil {
		return nil, err
	}
	l, err := workload.FromValues(c.Values)
	if err != nil {
		return nil, &Error{Kind: Usage, Say: err.Error()}
	}
	source, err := workload.NewSource(l)
	if err != nil {
		return nil, sourceError(err)
	}
	s := &Session{config: c, start: time.Now(), link: wire.NewSeededLink(uint64(c.Values.Int(setting.LoadSeed)))}
	s.meter = telemetry.NewMeter(telemetry.Options{Now: s.now})
	producers := newFleet(l.Producers, s.now)
	s.producers.Store(&producers)
	s.history.begin(c.Values)
	shapeLink(s.link, c.Values)
	s.load.values, s.load.limit = c.Values, unlimited
	if c.Records > 0 {
		s.load.limit = uint64(c.Records)
	}
	s.load.source, s.load.spent = source, make(chan struct{})
	s.load.largest = s.load.source.MaxBytes()
	s.load.paced.Store(l.Open())
	s.load.waits.Store(l.Manner.Send == workload.Sync)
	s.load.app.takes.Store(int64(l.Manner.Callback))
	s.life.ctx, s.life.cancel = context.WithCancel(context.Background()) //nolint:fatcontext // made once a session
	s.grounds.breaking.board, s.grounds.breaking.outages.felt = fault.NewBoard(s.link), s.feel()
	s.grounds.breaking.start, s.grounds.breaking.journal, s.grounds.breaking.look = s.start, &s.journal, s.look
	s.grounds.breaking.ctx, s.grounds.breaking.wg, s.grounds.breaking.witness = s.life.ctx, &s.life.wg, s.grounds.proof.faults.begin
	s.life.stop, s.life.hurry = make(chan struct{}), make(chan struct{})
	s.life.change, s.life.allow = make(chan struct{}, 1), make(chan struct{}, 1)
	s.life.again = make(chan struct{}, 1)
	s.life.orders.some = make(chan struct{}, 1)
	s.life.done = make(chan struct{})
	s.say(telemetry.Starting, "connecting to "+s.where())
	s.life.wg.Go(s.live)
	return s, nil
}

// judge refuses what can be refused before anything is started.
func judge(c Config) error {
	if err := judgeBy(c.Values, setting.Facts{}); err != nil {
		return err
	}
	if len(c.Brokers) == 0 {
		return nil
	}
	for _, b := range c.Brokers {
		if strings.TrimSpace(b) == "" {
			return &Error{Kind: Usage, Say: "an empty broker address", Hint: "give --brokers host:port,host:port", Key: setting.BootstrapServers}
		}
	}
	if len(c.Topics) == 0 {
		return &Error{Kind: Usage, Say: "no topic is named for the cluster at " + strings.Join(c.Brokers, ","), Hint: "name one that may be written to with --topic NAME"}
	}
	for _, t := range c.Topics {
		if strings.HasPrefix(t, "__") {
			return &Error{Kind: Rail, Say: t + " is one of Kafka's own topics; a load would damage it", Hint: "name a topic of your own with --topic"}
		}
	}
	return nil
}

// judgeBy refuses values of which a rule says that they cannot be, as far as is
// known of the cluster.
func judgeBy(v setting.Values, f setting.Facts) error {
	for _, p := range setting.Check(v, f) {
		if p.Severity == setting.Error {
			return problemError(p)
		}
	}
	return nil
}

// problemError makes a refusal of a problem among the values.
func problemError(p setting.Problem) *Error {
	e := &Error{Kind: Usage, Say: p.Say, Hint: fixText(p)}
	if len(p.Keys) > 0 {
		e.Key = p.Keys[0]
	}
	return e
}

func fixText(p setting.Problem) string {
	var parts []string
	for _, row := range setting.Rows() {
		if text, ok := p.Fix[row.Key]; ok {
			parts = append(parts, string(row.Key)+"="+text)
		}
	}
	if len(parts) == 0 {
		return p.Why
	}
	return "set " + strings.Join(parts, " ")
}

// now is the instant, in nanoseconds since the session's start.
func (s *Session) now() int64 { return int64(time.Since(s.start)) }

func (s *Session) elapsed() time.Duration { return time.Since(s.start) }

func (s *Session) maxBlock() time.Duration {
	return s.history.live().values.Duration(setting.MaxBlockMs)
}

// where names the cluster for people.
func (s *Session) where() string {
	if len(s.config.Brokers) == 0 {
		return "the embedded brokers"
	}
	return strings.Join(s.config.Brokers, ",")
}

// say changes the state that the screen shows.
func (s *Session) say(state telemetry.State, text string) {
	s.status.mu.Lock()
	defer s.status.mu.Unlock()
	s.status.state, s.status.say = state, text
}

func (s *Session) state() (telemetry.State, string) {
	s.status.mu.Lock()
	defer s.status.mu.Unlock()
	return s.status.state, s.status.say
}

// refuse counts what no broker told, and of which one it is; -1: of none.
func (s *Session) refuse(kind string, broker int32) { s.meter.Failure(kind, broker, 1, s.now()) }

// topicOf spreads the records over the topics in turn.
func (s *Session) topicOf(n uint64) string {
	if len(s.load.topics) == 1 {
		return s.load.topics[0]
	}
	return s.load.topics[n%uint64(len(s.load.topics))]
}

// Values are those of the live revision.
func (s *Session) Values() setting.Values { return s.history.live().values }

// Check judges values by what is known of the cluster.
func (s *Session) Check(v setting.Values) []setting.Problem {
	return setting.Check(v, s.facts())
}

func (s *Session) facts() setting.Facts {
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	if stand == nil {
		return setting.Facts{}
	}
	f := stand.Facts()
	f.TailMs = s.meter.AnswerTail()
	return f
}

// Done is closed when the load has ended and is drained, or when the session
// cannot go on; Err then says why.
func (s *Session) Done() <-chan struct{} { return s.life.done }

// Err is nil for a good end and before the end.
func (s *Session) Err() error {
	if e := s.life.err.Load(); e != nil {
		return e
	}
	return nil
}

// Stop ends the load and returns when what is in the buffer has drained or,
// once ctx has ended, been given up.
func (s *Session) Stop(ctx context.Context) {
	s.life.stopped.Do(func() { close(s.life.stop) })
	select {
	case <-s.life.done:
	case <-ctx.Done():
		s.giveUp()
		<-s.life.done
	}
}

// Close ends the session at once and returns when nothing of it is left, the
// embedded brokers included: until then what they hold can be read.
func (s *Session) Close() error {
	s.life.stopped.Do(func() { close(s.life.stop) })
	s.giveUp()
	s.life.cancel()
	s.grounds.breaking.healAll()
	s.life.wg.Wait()
	for _, p := range s.fleet() {
		p.admission.close()
	}
	s.closeGrounds()
	return nil
}
