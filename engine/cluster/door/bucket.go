package door

import (
	"math"
	"time"
)

// bucket holds a quota: one second of it may be spent at once, and what is
// overdrawn has to be waited for. Kafka looks at the last eleven windows of a
// second (quota.window.num) instead, so that a producer that begins may spend
// ten seconds' worth first; from then on both give the same rate.
type bucket struct {
	rate  int64   // bytes per second; 0: no bound
	bytes float64 // that may be spent; below 0: overdrawn
	at    time.Time
}

func newBucket(rate int64, now time.Time) bucket {
	return bucket{rate: rate, bytes: float64(rate), at: now}
}

// take spends bytes and tells how long it takes until nothing is overdrawn, in
// whole milliseconds as throttle_time_ms says it.
func (b *bucket) take(bytes int64, now time.Time) time.Duration {
	if b.rate == 0 {
		return 0
	}
	rate := float64(b.rate)
	b.bytes = min(b.bytes+now.Sub(b.at).Seconds()*rate, rate) - float64(bytes)
	b.at = now
	if b.bytes >= 0 {
		return 0
	}
	ms := min(math.Ceil(-b.bytes/rate*1000), math.MaxInt32)
	return time.Duration(ms) * time.Millisecond
}
