package workload

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

var rates = []float64{
	1, 2, 3, 7, 10, 60, 999, 1000, 5000, 9999.5, 12345.678, 65536, 100_000, 999_999, 1e6, 3e6, 5e6, 1e9,
	1.0 / 3, 0.1, 0.001, 1e-9, math.Pi,
}

// exact is (n/rate) seconds in nanoseconds, to the nearest, by another road.
func exact(rate float64, n uint64) time.Duration {
	ns := new(big.Int).Mul(new(big.Int).SetUint64(n), big.NewInt(1e18))
	scaled := big.NewInt(int64(math.Round(rate * 1e9)))
	half := new(big.Int).Rsh(scaled, 1)
	ns.Add(ns, half).Quo(ns, scaled)
	return time.Duration(ns.Int64())
}

func TestDueIsExactToTheTrillionthRecord(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, rate := range rates {
		p := NewPace(rate, 0, 0)
		most := uint64(min(1e12, 1e8*rate))
		for range 2000 {
			n := rng.Uint64N(most + 1)
			if got, want := p.Due(n), exact(rate, n); got != want {
				t.Fatalf("rate %v: record %d due at %d ns, want %d", rate, n, got, want)
			}
		}
	}
}

func TestDueOfWholeRatesFallsOnWholeSeconds(t *testing.T) {
	for _, rate := range []uint64{1, 3, 7, 999, 5000, 999_983, 5_000_000} {
		p := NewPace(float64(rate), 2*time.Second, 10)
		for _, second := range []uint64{0, 1, 59, 3600, 200_000} {
			want := time.Duration(second+2) * time.Second
			if got := p.Due(10 + second*rate); got != want {
				t.Errorf("rate %d, second %d: got %v, want %v", rate, second, got, want)
			}
		}
	}
}

func TestDueByIsTheInverseOfDue(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, rate := range rates {
		first := rng.Uint64N(1000)
		p := NewPace(rate, time.Duration(rng.Int64N(1e9)), first)
		most := uint64(min(1e12, 1e8*rate))
		for range 2000 {
			n := first + rng.Uint64N(most+1)
			due := p.Due(n)
			if got := p.DueBy(due); got <= n {
				t.Fatalf("rate %v: DueBy(Due(%d)) = %d, want more than %d", rate, n, got, n)
			}
			if got := p.DueBy(due - 1); got > n {
				t.Fatalf("rate %v: DueBy(Due(%d)-1) = %d, want at most %d", rate, n, got, n)
			}
			checkInstant(t, p, time.Duration(rng.Int64N(int64(due)+2)))
		}
	}
}

// checkInstant asserts that exactly the records below DueBy(at) are due.
func checkInstant(t *testing.T, p Pace, at time.Duration) {
	t.Helper()
	n := p.DueBy(at)
	if due := p.Due(n); due <= at {
		t.Fatalf("DueBy(%d) = %d, and record %d is due at %d", at, n, n, due)
	}
	if n == 0 || n <= p.first && len(p.earlier) == 0 {
		return
	}
	if due := p.Due(n - 1); due > at {
		t.Fatalf("DueBy(%d) = %d, and record %d is due at %d only", at, n, n-1, due)
	}
}

func TestDueIsMonotone(t *testing.T) {
	for _, rate := range rates {
		p := NewPace(rate, 5, 3)
		last := time.Duration(-1)
		for n := range uint64(5000) {
			due := p.Due(n)
			if due < last || n > 3 && due == last && due < math.MaxInt64 {
				t.Fatalf("rate %v: record %d due at %d, the one before at %d", rate, n, due, last)
			}
			last = due
		}
	}
}

func TestPaceSaturates(t *testing.T) {
	slow := NewPace(1e-12, time.Hour, 0)
	if got, want := slow.Due(2), time.Hour+2e18; got != want {
		t.Errorf("slowest rate: got %v, want %v", got, want)
	}
	if got := slow.Due(math.MaxUint64); got != math.MaxInt64 {
		t.Errorf("slowest rate, last record: got %d, want the largest duration", got)
	}
	fast := NewPace(math.Inf(1), 0, 0)
	if got := fast.Due(math.MaxUint64); got != math.MaxInt64 {
		t.Errorf("fastest rate, last record: got %d, want the largest duration", got)
	}
	if got, want := fast.DueBy(math.MaxInt64), uint64(math.MaxInt64)+1; got != want {
		t.Errorf("fastest rate, last instant: got %d, want %d", got, want)
	}
	if got := NewPace(1e9, 0, math.MaxUint64-5).DueBy(time.Second); got != math.MaxUint64 {
		t.Errorf("past the last number: got %d, want %d", got, uint64(math.MaxUint64))
	}
}

func TestClosedLoopHasNoDueTimes(t *testing.T) {
	for _, rate := range []float64{0, -1, math.NaN(), math.Inf(-1)} {
		p := NewPace(rate, time.Second, 7)
		if p.Open() {
			t.Errorf("rate %v: got an open loop, want a closed one", rate)
		}
		if got := p.Due(1000); got != time.Second {
			t.Errorf("rate %v: due at %v, want the pace's start, 1s", rate, got)
		}
		if got := p.DueBy(time.Second); got != math.MaxUint64 {
			t.Errorf("rate %v: %d due, want all", rate, got)
		}
	}
}

func TestNothingIsDueBeforeThePace(t *testing.T) {
	p := NewPace(1000, time.Second, 7)
	if got := p.DueBy(time.Second - 1); got != 7 {
		t.Errorf("before the start: got %d due, want 7", got)
	}
	if got := p.DueBy(time.Second); got != 8 {
		t.Errorf("at the start: got %d due, want 8", got)
	}
}

func TestRebaseKeepsWhatIsDueAndChangesTheRest(t *testing.T) {
	p := NewPace(10, 0, 0).Rebase(1000, 250*time.Millisecond, 0)
	want := []time.Duration{0, 100e6, 200e6, 250e6 + 500e3, 251e6 + 500e3}
	for n, due := range want {
		if got := p.Due(uint64(n)); got != due {
			t.Errorf("record %d due at %v, want %v", n, got, due)
		}
	}
	for at, due := range map[time.Duration]uint64{0: 1, 99e6: 1, 200e6: 3, 250e6: 3, 250_500e3: 4, 1250_500e3: 1004} {
		if got := p.DueBy(at); got != due {
			t.Errorf("by %v: %d due, want %d", at, got, due)
		}
	}
}

// Holding a key that nudges the rate must neither stop the load nor add to it,
// as it would if each change began a new interval.
func TestRebaseOftenKeepsTheRate(t *testing.T) {
	p := NewPace(2, 0, 0)
	for ms := range 10_001 {
		p = p.Rebase(2+float64(ms%2), time.Duration(ms)*time.Millisecond, 0)
	}
	// Ten seconds at 2 and 3 records a second in turn, and record 0; the last
	// of them falls on the end, give or take what was rounded.
	if got := p.DueBy(10*time.Second + time.Millisecond); got != 26 {
		t.Errorf("got %d due after 10 s, want 26", got)
	}
}

func TestRebaseForgetsWhatWasTaken(t *testing.T) {
	p := NewPace(1000, 0, 0)
	for i := range 1000 {
		at := time.Duration(i) * 10 * time.Millisecond
		p = p.Rebase(1000+float64(i%7), at, p.DueBy(at))
	}
	if len(p.earlier) != 0 {
		t.Errorf("got %d stretches kept though no record waits, want 0", len(p.earlier))
	}
}

func TestRebaseOutOfAClosedLoop(t *testing.T) {
	p := NewPace(0, 0, 0).Rebase(100, time.Second, 5000)
	if got := p.Due(5000); got != time.Second {
		t.Errorf("first record due at %v, want 1s", got)
	}
	if got := p.DueBy(2 * time.Second); got != 5101 {
		t.Errorf("after a second %d due, want 5101", got)
	}
	closed := p.Rebase(0, 2*time.Second, 5090)
	if got, want := closed.Due(5095), p.Due(5095); got != want {
		t.Errorf("waiting record due at %v in the closed loop, want %v as before", got, want)
	}
	again := closed.Rebase(1000, 3*time.Second, 5092)
	if got, want := again.Due(5095), p.Due(5095); got != want {
		t.Errorf("record that waited through the closed loop due at %v, want %v as before", got, want)
	}
	if got := again.Due(5101); got != 3*time.Second {
		t.Errorf("first record after the closed loop due at %v, want 3s", got)
	}
	if got := closed.Due(5200); got != 2*time.Second {
		t.Errorf("closed loop: due at %v, want its start, 2s", got)
	}
}

// Random walks over rates and instants, some of them backwards: order holds,
// DueBy stays the inverse, and no waiting record's due time moves.
func TestRebaseKeepsOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		p := NewPace(rates[rng.IntN(len(rates)-4)], time.Duration(rng.IntN(1e6)), 0)
		at := p.since
		taken := uint64(0)
		for range 20 {
			at += time.Duration(rng.IntN(5e6)) - 1e5
			taken += rng.Uint64N(p.DueBy(max(at, p.since)) - taken + 1)
			due := p.DueBy(max(at, p.since))
			was := p
			p = p.Rebase(rates[rng.IntN(len(rates)-4)], at, taken)
			for n := taken; n < min(due, taken+300); n++ {
				if p.Due(n) != was.Due(n) {
					t.Fatalf("record %d moved from %d to %d", n, was.Due(n), p.Due(n))
				}
			}
			last := p.Due(taken)
			for n := taken; n < min(due+3, taken+300); n++ {
				if p.Due(n) < last {
					t.Fatalf("record %d due at %d, before its elder at %d", n, p.Due(n), last)
				}
				last = p.Due(n)
				checkInstant(t, p, last)
			}
			if got := p.DueBy(p.since); got != due {
				t.Fatalf("%d due at the change, want %d as before it", got, due)
			}
		}
	}
}
