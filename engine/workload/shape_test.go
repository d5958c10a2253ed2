package workload

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// anyShape draws a shape of any kind, slow ones and fast ones.
func anyShape(rng *rand.Rand) Shape {
	rate := func() float64 { return math.Floor(math.Exp(rng.Float64() * math.Log(1e6))) }
	length := time.Duration(1e6 + rng.Int64N(int64(3*time.Second)))
	switch rng.IntN(6) {
	case 0:
		return Constant(rate())
	case 1:
		return Ramp(rate()-1, rate(), length)
	case 2:
		return Ramp(rate(), 0, length)
	case 3:
		return Steps([]float64{rate(), 0, rate(), rate()}, length)
	case 4:
		return Sine(rate()-1, rate(), length)
	default:
		return Burst(1+rng.Uint64N(1000), length)
	}
}

func TestEveryShapesDueByIsTheInverseOfItsDue(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for range 500 {
		p := anyShape(rng).Pace(time.Duration(rng.Int64N(1e9)), rng.Uint64N(1000))
		for range 100 {
			at := p.at + time.Duration(rng.Int64N(int64(20*time.Second)))
			checkInstant(t, p, at)
			n := p.first + rng.Uint64N(p.DueBy(at)-p.first+1)
			due := p.Due(n)
			if due == math.MaxInt64 {
				continue
			}
			if got := p.DueBy(due); got <= n {
				t.Fatalf("DueBy(Due(%d)) = %d, want more", n, got)
			}
			if got := p.DueBy(due - 1); got > n {
				t.Fatalf("DueBy(Due(%d)-1) = %d, want no more", n, got)
			}
		}
	}
}

func TestShapesMakeTheRecordsThatTheirRatesSay(t *testing.T) {
	cases := map[string]struct {
		shape Shape
		want  map[time.Duration]uint64 // besides record 0, which is due at the start
	}{
		"ramp up":      {Ramp(0, 1000, 10*time.Second), map[time.Duration]uint64{5 * time.Second: 1250, 10 * time.Second: 5000, 12 * time.Second: 7000}},
		"ramp down":    {Ramp(1000, 0, 10*time.Second), map[time.Duration]uint64{5 * time.Second: 3750, 10 * time.Second: 5000, time.Hour: 5000}},
		"ramp, level":  {Ramp(300, 300, time.Second), map[time.Duration]uint64{500 * time.Millisecond: 150, 10 * time.Second: 3000}},
		"steps":        {Steps([]float64{100, 0, 1000}, 10*time.Second), map[time.Duration]uint64{time.Second: 100, 10 * time.Second: 1000, 20 * time.Second: 1000, 21 * time.Second: 2000, 40 * time.Second: 21000}},
		"sine":         {Sine(100, 300, 60*time.Second), map[time.Duration]uint64{60 * time.Second: 12000, 600 * time.Second: 120_000, 30 * time.Second: 6000}},
		"sine quarter": {Sine(0, 200, 60*time.Second), map[time.Duration]uint64{15 * time.Second: 545}}, // 1500 - 1000*60/2pi/10
		"constant":     {Constant(50), map[time.Duration]uint64{time.Minute: 3000}},
	}
	for name, c := range cases {
		p := c.shape.Pace(time.Second, 10)
		for after, want := range c.want {
			if got := p.DueBy(time.Second+after) - 11; got != want {
				t.Errorf("%s: got %d records after %v, want %d", name, got, after, want)
			}
		}
		if got := p.Due(10); got != time.Second {
			t.Errorf("%s: first record due at %v, want 1s", name, got)
		}
		if got := p.DueBy(time.Second - 1); got != 10 {
			t.Errorf("%s: got %d due before the start, want 10", name, got)
		}
	}
}

func TestBurstsComeAtOnce(t *testing.T) {
	p := Burst(100, time.Second).Pace(500*time.Millisecond, 0)
	for at, want := range map[time.Duration]uint64{
		0: 0, 500 * time.Millisecond: 100, 1499 * time.Millisecond: 100, 1500 * time.Millisecond: 200, time.Hour: 360_000,
	} {
		if got := p.DueBy(at); got != want {
			t.Errorf("by %v: got %d, want %d", at, got, want)
		}
	}
	for n, want := range map[uint64]time.Duration{0: 500e6, 99: 500e6, 100: 1500e6, 250: 2500e6} {
		if got := p.Due(n); got != want {
			t.Errorf("record %d: got %v, want %v", n, got, want)
		}
	}
}

// A piece of a curve never strays from the true one by a record at the largest
// rise that a person would ask for.
func TestCurvesKeepToTheTrueOnes(t *testing.T) {
	p := Ramp(0, 100_000, 60*time.Second).Pace(0, 0)
	s := Sine(1000, 100_000, 60*time.Second).Pace(0, 0)
	for ms := range 60_000 {
		at := float64(ms) / 1000
		ramp := 100_000 * at * at / 120
		sine := 50_500*at - 49_500*60/(2*math.Pi)*math.Sin(2*math.Pi*at/60)
		for name, off := range map[string]float64{
			"ramp": float64(p.DueBy(time.Duration(ms)*time.Millisecond)) - ramp,
			"sine": float64(s.DueBy(time.Duration(ms)*time.Millisecond)) - sine,
		} {
			if off < -0.5 || off > 1.5 {
				t.Fatalf("%s after %d ms: %v records from the curve, want at most one beside the first", name, ms, off)
			}
		}
	}
}

// Random walks over shapes: no due time of a waiting record moves, order
// holds, and a turn neither makes nor loses a due record.
func TestTurnKeepsWhatIsDue(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	for range 300 {
		p := anyShape(rng).Pace(0, 0)
		at, taken := time.Duration(0), uint64(0)
		for range 12 {
			at += time.Duration(rng.Int64N(3e8))
			due := p.DueBy(at)
			taken += rng.Uint64N(due - taken + 1)
			was := p
			p = p.Turn(anyShape(rng), at, taken)
			last := time.Duration(0)
			for n := taken; n < min(due, taken+200); n++ {
				got := p.Due(n)
				if got != was.Due(n) {
					t.Fatalf("record %d moved from %d to %d", n, was.Due(n), got)
				}
				if got < last {
					t.Fatalf("record %d due at %d, before its elder at %d", n, got, last)
				}
				last = got
			}
			if next := p.Due(due); next < at {
				t.Fatalf("record %d is due at %d, before the turn at %d", due, next, at)
			}
			if p.burst.records == 0 && p.DueBy(at) > due {
				t.Fatalf("%d due at the turn, want %d as before it", p.DueBy(at), due)
			}
		}
	}
}

// Going to and fro between shapes makes no records: what is left of an
// interval is carried over.
func TestTurningOftenKeepsTheRate(t *testing.T) {
	turns := []Shape{Constant(10), Ramp(10, 10, time.Second), Steps([]float64{10}, time.Second), Sine(10, 10, time.Second)}
	p := turns[0].Pace(0, 0)
	for ms := range 10_001 {
		p = p.Turn(turns[ms%len(turns)], time.Duration(ms)*time.Millisecond, 0)
	}
	if got := p.DueBy(10*time.Second + time.Millisecond); got < 100 || got > 102 {
		t.Errorf("got %d due after 10 s at 10/s, want 101", got)
	}
	b := Burst(1000, time.Second).Pace(0, 0)
	for ms := range 1001 {
		b = b.Turn(Burst(1000, time.Second+time.Duration(ms%2)*time.Millisecond), time.Duration(ms)*time.Millisecond, 0)
	}
	if got := b.DueBy(1500 * time.Millisecond); got != 2000 {
		t.Errorf("got %d of bursts after 1.5 s, want 2000", got)
	}
}

func TestShapesSaturate(t *testing.T) {
	shapes := map[string]Shape{
		"ramp":  Ramp(0, 1e8, 24*time.Hour),
		"sine":  Sine(0, 1e8, 24*time.Hour),
		"steps": Steps([]float64{1e8, 1e8}, 24*time.Hour),
		"short": Sine(0, 1, time.Millisecond),
		"burst": Burst(1, 24*time.Hour),
		"none":  Ramp(1, 0, time.Millisecond),
	}
	for name, shape := range shapes {
		p := shape.Pace(0, 0)
		if got := p.Due(math.MaxUint64); got != math.MaxInt64 {
			t.Errorf("%s: last record due at %d, want the largest duration", name, got)
		}
		if n := p.DueBy(math.MaxInt64); p.Due(n-1) == math.MaxInt64 {
			t.Errorf("%s: record %d counts as due and never is", name, n-1)
		}
		if got := p.Due(0); got != 0 {
			t.Errorf("%s: first record due at %v, want 0", name, got)
		}
	}
}

func TestShapesDoNotAllocate(t *testing.T) {
	for name, shape := range map[string]Shape{
		"ramp": Ramp(0, 1000, time.Second), "sine": Sine(1, 1000, time.Second), "burst": Burst(10, time.Second),
	} {
		p, n := shape.Pace(0, 0), uint64(0)
		if got := testing.AllocsPerRun(1000, func() {
			if p.DueBy(p.Due(n)) <= n {
				t.Fatal("not an inverse")
			}
			n++
		}); got != 0 {
			t.Errorf("%s: got %v allocations a record, want 0", name, got)
		}
	}
}

func FuzzCurves(f *testing.F) {
	f.Add(uint32(0), uint32(1000), int64(time.Second), uint64(500), int64(300e6))
	f.Add(uint32(100_000_000), uint32(0), int64(24*time.Hour), uint64(1<<40), int64(time.Hour))
	f.Fuzz(func(t *testing.T, low, high uint32, length int64, n uint64, at int64) {
		if length < int64(time.Millisecond) || length > int64(24*time.Hour) || at < 0 || high == 0 {
			return
		}
		a, b := float64(low%100_000_001), float64(high%100_000_001)
		for _, s := range []Shape{
			Ramp(a, b, time.Duration(length)), Sine(a, b, time.Duration(length)),
			Steps([]float64{a, b}, time.Duration(length)), Burst(uint64(high), time.Duration(length)),
		} {
			if s.curve != nil && s.curve.end().count == 0 {
				continue
			}
			p := s.Pace(0, 0)
			if due := p.Due(n); due < math.MaxInt64 && (p.DueBy(due) <= n || due > 0 && p.DueBy(due-1) > n) {
				t.Fatalf("record %d is due at %d, and %d are by then", n, due, p.DueBy(due))
			}
			if got := p.DueBy(time.Duration(at)); p.Due(got) <= time.Duration(at) && got < math.MaxUint64 {
				t.Fatalf("%d due by %d, and record %d is due at %d", got, at, got, p.Due(got))
			}
		}
	})
}
