package workload

import (
	"fmt"
	"testing"
	"time"
)

func BenchmarkAppend(b *testing.B) {
	for _, payload := range payloads {
		for _, size := range []int{100, 512, 1024, 10240} {
			b.Run(fmt.Sprintf("%s/%d", payload, size), func(b *testing.B) {
				s := newSource(b, Load{Sizes: fixed(size), Payload: payload, Keys: Keys{Kind: NoKeys}, Seed: 1})
				var value []byte
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for n := uint64(0); b.Loop(); n++ {
					_, value = s.Append(n, nil, value)
				}
			})
		}
	}
}

func BenchmarkAppendKey(b *testing.B) {
	for _, keys := range []Keys{{Kind: Sequence}, {Kind: Uniform, Count: 1000}, {Kind: Zipf, Count: 1_000_000, Exponent: 1}, {Kind: Hot, Share: 0.3}} {
		b.Run(string(keys.Kind), func(b *testing.B) {
			s := newSource(b, Load{Payload: Zeros, Keys: keys, Seed: 1})
			var key, value []byte
			b.ReportAllocs()
			for n := uint64(0); b.Loop(); n++ {
				key, value = s.Append(n, key, value)
			}
		})
	}
}

func BenchmarkAppendVarying(b *testing.B) {
	for _, payload := range payloads {
		b.Run(string(payload), func(b *testing.B) {
			s := newSource(b, Load{Sizes: spread(100, 924), Payload: payload, Keys: Keys{Kind: NoKeys}, Seed: 1})
			var value []byte
			b.SetBytes(512)
			b.ReportAllocs()
			for n := uint64(0); b.Loop(); n++ {
				_, value = s.Append(n, nil, value)
			}
		})
	}
}

func BenchmarkNewSource(b *testing.B) {
	for _, size := range []int{100, 1024, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				newSource(b, Load{Sizes: fixed(size), Payload: JSON, Seed: 1})
			}
		})
	}
}

func BenchmarkPace(b *testing.B) {
	p := NewPace(1_234_567, time.Second, 1)
	b.Run("Due", func(b *testing.B) {
		for n := uint64(0); b.Loop(); n++ {
			p.Due(n)
		}
	})
	b.Run("DueBy", func(b *testing.B) {
		for at := time.Duration(0); b.Loop(); at += 1000 {
			p.DueBy(at)
		}
	})
}

func BenchmarkShape(b *testing.B) {
	for name, shape := range map[string]Shape{
		"ramp": Ramp(0, 1e6, time.Minute), "sine": Sine(0, 1e6, time.Minute), "burst": Burst(1000, time.Second),
	} {
		p := shape.Pace(0, 0)
		b.Run("Due/"+name, func(b *testing.B) {
			for n := uint64(0); b.Loop(); n++ {
				p.Due(n)
			}
		})
	}
}

func BenchmarkIdentityPut(b *testing.B) {
	for _, size := range []int{100, 1024} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			value := make([]byte, size)
			for n := uint64(0); b.Loop(); n++ {
				Identity{Test: 1, Seq: n}.Put(value, nil)
			}
		})
	}
}
