package engine

import (
	"runtime"
	"time"

	"kdyno/telemetry"
)

// startSampling closes an interval every 100 ms until stopSampling.
func (s *Session) startSampling() {
	s.sampler.stop, s.sampler.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(s.sampler.done)
		tick := time.NewTicker(closeEach)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.closeInterval()
			case <-s.sampler.stop:
				return
			}
		}
	}()
}

// cpu is what this process took since it was last asked; 0 where the session's
// time is not the machine's.
func (s *sampler) cpu(fake bool) int64 {
	if fake {
		return 0
	}
	seconds, _ := usage()
	took := seconds - s.took
	s.took = seconds
	return int64(took * 1e9)
}

// stopSampling closes the last interval.
func (s *Session) stopSampling() {
	close(s.sampler.stop)
	<-s.sampler.done
	s.closeInterval()
}

func (s *Session) closeInterval() {
	at := s.now()
	ended := s.load.ended.Load()
	due := time.Duration(at)
	if ended > 0 {
		due = time.Duration(ended)
	}
	used, most, limit := s.fleet().usage()
	state, _ := s.state()
	s.meter.Close(telemetry.Close{
		At: at, Due: s.due(due), LinkWaited: int64(s.link.Waited()), LinkRTT: int64(s.link.RTT()),
		CPU: s.sampler.cpu(s.config.Network != nil), Cores: runtime.GOMAXPROCS(0), Sync: s.load.waits.Load(),
		BufferUsed: used, BufferMax: most, BufferLimit: limit,
		WarmUp: s.warming(at), ClosedLoop: s.closedLoop(), Draining: ended > 0, Dead: state == telemetry.Crashed,
	})
	s.clocks.read(s.fleet(), at)
	s.measureGaps()
	s.grounds.breaking.outages.look(at, most)
	s.judgeState(at)
}

// warming tells whether the interval that ends now belongs to a warm-up. The
// first one ends early once every leader has answered: what a cold connection
// costs is behind then, but for one round trip and the batches that it held.
func (s *Session) warming(at int64) bool {
	until := s.status.warm.Load()
	if s.status.answered.Load() {
		return at <= until
	}
	if at >= until || s.allAnswered() {
		s.status.answered.Store(true)
		if at < until && s.status.warm.CompareAndSwap(until, min(until, at+s.settling(s.Values()))) {
			until = s.status.warm.Load()
		}
		s.status.warmed.Store(until)
		return at <= until
	}
	return true
}

// allAnswered tells whether each broker that leads a partition has answered.
func (s *Session) allAnswered() bool {
	answered := map[int32]bool{}
	for _, b := range s.meter.PerBroker(nil) {
		answered[b.ID] = b.RTTP50Ms != nil || b.Requests > b.InFlight
	}
	for _, leader := range s.leaders() {
		if leader >= 0 && !answered[leader] {
			return false
		}
	}
	return true
}

// leaders are those of all partitions that are known.
func (s *Session) leaders() map[place]int32 {
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	if stand == nil {
		return nil
	}
	all := map[place]int32{}
	for _, t := range stand.Topics() {
		for p, leader := range t.Leaders {
			all[place{t.Name, int32(p)}] = leader
		}
	}
	return all
}

// judgeState keeps the screen's word for what goes on true.
func (s *Session) judgeState(at int64) {
	state, say := s.going(at)
	s.status.mu.Lock()
	defer s.status.mu.Unlock()
	switch s.status.state {
	case telemetry.WarmingUp, telemetry.Running, telemetry.Degraded:
		s.status.state, s.status.say = state, say
	default: // others say when these are over
	}
}

// going is the state of a load that goes on.
func (s *Session) going(at int64) (telemetry.State, string) {
	switch trouble := s.trouble(); {
	case trouble != "":
		return telemetry.Degraded, trouble
	case at <= s.status.warm.Load():
		return telemetry.WarmingUp, "figures count once this is over"
	default:
		return telemetry.Running, ""
	}
}

const sayPaused = "the load is paused; what is in the buffer drains. r starts it again"

// sayRunning is the state after a change of producers, in which the load may
// have been paused or resumed.
func (s *Session) sayRunning() {
	if s.isPaused() {
		s.say(telemetry.Paused, sayPaused)
		return
	}
	s.say(s.going(s.now()))
}

// trouble says what is wrong with the brokers now, "" when nothing is.
func (s *Session) trouble() string {
	leads := map[int32]bool{}
	for _, l := range s.leaders() {
		leads[l] = true
	}
	for _, b := range s.meter.PerBroker(nil) {
		if leads[b.ID] && b.Requests > 0 && b.ConnectedS == nil {
			return "a broker that leads partitions is not connected; its records wait and are tried again"
		}
	}
	return ""
}
