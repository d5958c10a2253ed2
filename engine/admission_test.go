package engine

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// newGate makes a gate of so many bytes, whose batches take 100, in fake time.
func newGate(limit int64) *admission {
	start := time.Now()
	a := newAdmission(func() int64 { return int64(time.Since(start)) })
	a.set(limit, 100)
	return a
}

// entering is a sender that has come to the gate.
type entering struct {
	gate *admission
	pass *pass
	held chan held
}

func enter(ctx context.Context, a *admission, most time.Duration) entering {
	e := entering{a, new(pass), make(chan held, 1)}
	a.join(e.pass)
	go func() { e.held <- a.enter(ctx, e.pass, most) }()
	synctest.Wait()
	return e
}

// through tells whether the sender has come through, and what it cost. Its
// record joins a batch that is open already.
func (e entering) through() (held, bool) { return e.opens(0) }

// opens is through for a record that opens a batch of so many bytes.
func (e entering) opens(bytes int64) (held, bool) {
	synctest.Wait()
	select {
	case h := <-e.held:
		e.pass.busy.Store(false)
		if h.ok {
			e.gate.Charge(bytes)
		}
		e.gate.through(&h)
		return h, true
	default:
		return held{}, false
	}
}

// Senders pass in the order in which they came, one for each batch that leaves.
func TestGateLetsSendersPassInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newGate(300)
		a.Charge(300)
		var line []entering
		for range 5 {
			line = append(line, enter(t.Context(), a, time.Minute))
		}
		for i, e := range line {
			if _, ok := e.through(); ok {
				t.Fatalf("sender %d passed a full gate", i)
			}
			time.Sleep(time.Second)
			a.Release(100)
			h, ok := e.opens(100)
			if want := time.Duration(i+1) * time.Second; !ok || !h.ok || time.Duration(h.blocked) != want || h.swap != 0 {
				t.Fatalf("sender %d: %+v, through %v, want it after %v of waiting", i, h, ok, want)
			}
		}
		if a.waiting() != 0 || a.queued.Load() != 0 {
			t.Errorf("%d wait, %d are counted, want none", a.waiting(), a.queued.Load())
		}
	})
}

// Nobody overtakes who waits, even when there is room by then.
func TestGateLetsNobodyOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newGate(100)
		a.Charge(100)
		first := enter(t.Context(), a, time.Minute)
		if a.free() {
			t.Error("the gate is free while one waits")
		}
		a.Release(100)
		if h, ok := first.through(); !ok || !h.ok {
			t.Errorf("the first did not pass: %+v", h)
		}
	})
}

// max.block.ms is kept to the nanosecond.
func TestGateGivesUpAfterExactlyMaxBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newGate(100)
		a.Charge(100)
		e := enter(t.Context(), a, 1234*time.Millisecond)
		time.Sleep(1234*time.Millisecond - 1)
		if _, ok := e.through(); ok {
			t.Fatal("gave up too early")
		}
		time.Sleep(time.Nanosecond)
		h, ok := e.through()
		if !ok || h.ok || time.Duration(h.blocked) != 1234*time.Millisecond {
			t.Errorf("%+v, over %v, want it in vain after 1.234 s", h, ok)
		}
		if a.waiting() != 0 {
			t.Error("it is still in line")
		}
	})
}

// The pause of a swap does not count against max.block.ms, neither before the
// wait nor in the middle of it, and the place in the line is kept.
func TestGateStopsTheClockWhileShut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newGate(100)
		a.Charge(100)
		first := enter(t.Context(), a, time.Second)
		time.Sleep(400 * time.Millisecond)
		fleet{{admission: a}}.pause()
		late := enter(t.Context(), a, time.Second)
		time.Sleep(5 * time.Second)
		a.resume()
		time.Sleep(300 * time.Millisecond)
		a.Release(100)
		h, ok := first.opens(100)
		if !ok || !h.ok || time.Duration(h.blocked) != 700*time.Millisecond || time.Duration(h.swap) != 5*time.Second {
			t.Errorf("first: %+v, through %v, want it after 700 ms for space and 5 s for the swap", h, ok)
		}
		time.Sleep(700*time.Millisecond - 1)
		if _, over := late.through(); over {
			t.Error("the second gave up too early, or overtook")
		}
		time.Sleep(time.Nanosecond)
		if h, over := late.through(); !over || h.ok || time.Duration(h.blocked) != time.Second || time.Duration(h.swap) != 5*time.Second {
			t.Errorf("second: %+v, over %v, want it in vain after 1 s for space and 5 s for the swap", h, over)
		}
	})
}

// Space that comes free while the gate is shut is given out when it opens.
func TestGateWakesItsLineWhenItOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newGate(200)
		a.Charge(200)
		first, second := enter(t.Context(), a, time.Minute), enter(t.Context(), a, time.Minute)
		fleet{{admission: a}}.pause()
		a.Release(200)
		if _, ok := first.through(); ok {
			t.Fatal("one passed a shut gate")
		}
		a.resume()
		for i, e := range []entering{first, second} {
			if h, ok := e.through(); !ok || !h.ok {
				t.Errorf("sender %d still waits though there is room", i)
			}
		}
	})
}

// Who gives up at the instant at which its turn comes wakes the next.
func TestGateLosesNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 200 {
			a := newGate(200)
			a.Charge(200)
			ctx, cancel := context.WithCancel(t.Context())
			first, second := enter(ctx, a, time.Minute), enter(t.Context(), a, time.Minute)
			go cancel()
			go a.Release(200)
			if _, over := first.through(); !over {
				t.Fatal("the first neither passed nor gave up")
			}
			if h, ok := second.through(); !ok || !h.ok {
				t.Fatal("the second's turn was lost")
			}
		}
	})
}

// A pause returns only when no sender is between the gate and the producer,
// and nobody passes until it ends.
func TestGatePauseWaitsForWhoIsInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newGate(1000)
		inside := new(pass)
		a.join(inside)
		inside.busy.Store(true)
		paused := make(chan struct{})
		go func() {
			fleet{{admission: a}}.pause()
			close(paused)
		}()
		time.Sleep(time.Second)
		select {
		case <-paused:
			t.Fatal("paused with a sender inside")
		default:
		}
		inside.busy.Store(false)
		<-paused
		e := enter(t.Context(), a, time.Minute)
		if _, ok := e.through(); ok || a.free() {
			t.Fatal("one passed a shut gate")
		}
		time.Sleep(time.Second)
		a.resume()
		if h, ok := e.through(); !ok || !h.ok || h.blocked != 0 || time.Duration(h.swap) != time.Second {
			t.Errorf("%+v, through %v, want it after a second of swap", h, ok)
		}
	})
}

// A sender that the session calls back leaves the line.
func TestGateCallsBack(t *testing.T) {
	for _, shut := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a := newGate(100)
			a.Charge(100)
			ctx, cancel := context.WithCancel(t.Context())
			e := enter(ctx, a, time.Minute)
			if shut {
				fleet{{admission: a}}.pause()
			}
			cancel()
			if h, over := e.through(); !over || h.ok || a.waiting() != 0 {
				t.Errorf("shut %v: %+v, over %v, %d in line, want it given up", shut, h, over, a.waiting())
			}
		})
	}
}

// While senders wait, what is open is sent: at once, when one passes and others
// wait, and every millisecond; not once nobody waits.
func TestGatePressesWhileSendersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newGate(100)
		var presses atomic.Int32
		a.press.unlinger = func() { presses.Add(1) }
		a.Charge(100)
		time.Sleep(time.Second)
		first, second := enter(t.Context(), a, time.Minute), enter(t.Context(), a, time.Minute)
		if pressed := presses.Load(); pressed != 2 {
			t.Errorf("pressed %d times, want once for each that came to wait", pressed)
		}
		time.Sleep(10*relief + 1)
		if pressed := presses.Load(); pressed != 12 {
			t.Errorf("pressed %d times, want 10 more in as many milliseconds", pressed)
		}
		before := presses.Load()
		a.Release(100)
		if h, ok := first.opens(100); !ok || !h.ok {
			t.Error("the first did not pass")
		}
		synctest.Wait()
		if pressed := presses.Load(); pressed != before+1 {
			t.Errorf("pressed %d times more, want once since one passed while another waits", pressed-before)
		}
		a.Release(100)
		second.through()
		before = presses.Load()
		time.Sleep(time.Second)
		if pressed := presses.Load(); pressed != before {
			t.Errorf("pressed %d times though nobody waits", pressed-before)
		}
		a.close()
		for since, want := range map[time.Duration]time.Duration{0: time.Second, time.Second + 1: time.Second + relief, time.Minute: 0} {
			if got := a.Pressed(int64(since)); time.Duration(got) != want {
				t.Errorf("first pressed after %v at %v, want %v", since, time.Duration(got), want)
			}
		}
	})
}

// The most that was used since it was last asked is not forgotten when it is
// given back.
func TestGateRemembersItsMost(t *testing.T) {
	a := newGate(1000)
	a.Charge(500)
	a.Release(400)
	if got := a.takeMost(); got != 500 {
		t.Errorf("got %d, want 500", got)
	}
	if got := a.takeMost(); got != 100 {
		t.Errorf("got %d, want the 100 still used", got)
	}
}
