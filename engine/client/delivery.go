package client

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// franz-go's bounds of waiting, where Kafka sets wider ones.
const (
	minTimeout     = 100 * time.Millisecond
	maxOverhead    = 15 * time.Minute
	minDelivery    = time.Second
	minMetadataAge = 10 * time.Millisecond
	maxMetadataAge = time.Hour
)

// delivery is what decides how often a record is written.
func (o *options) delivery() {
	v := o.values
	switch v.Text(setting.Acks) {
	case "0":
		o.add(kgo.RequiredAcks(kgo.NoAck()))
	case "1":
		o.add(kgo.RequiredAcks(kgo.LeaderAck()))
	default:
		o.add(kgo.RequiredAcks(kgo.AllISRAcks()))
	}
	inFlight := v.Int(setting.MaxInFlight)
	if v.Bool(setting.EnableIdempotence) {
		// An outcome that nobody knows must end too: Java's delivery.timeout.ms
		// does not wait for it. Safe since franz-go 1.22.2 (its issue 1484).
		o.add(kgo.AllowIdempotentProduceCancellation())
	} else {
		o.add(kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(int(inFlight)))
	}
	o.add(
		kgo.RecordRetries(int(v.Int(setting.Retries))),
		// Java retries an unknown topic until the delivery timeout.
		kgo.UnknownTopicRetries(-1),
		kgo.AlwaysRetryEOF(),
	)
}

// RequestTimeout is request.timeout.ms as far as franz-go can keep to it.
func RequestTimeout(v setting.Values) time.Duration {
	return max(v.Duration(setting.RequestTimeoutMs), minTimeout)
}

// waiting is what bounds waiting.
func (o *options) waiting() {
	v := o.values
	o.within(setting.RequestTimeoutMs, minTimeout.Milliseconds(), math.MaxInt32, "franz-go's shortest request timeout is 100 ms")
	request := RequestTimeout(v)
	delivery := o.within(setting.DeliveryTimeoutMs, minDelivery.Milliseconds(), math.MaxInt32, "franz-go's shortest delivery timeout is 1 s")
	pause := o.pause()
	age := o.within(setting.MetadataMaxAgeMs, pause, maxMetadataAge.Milliseconds(),
		"franz-go refreshes metadata every hour at least, and no more often than retry.backoff.ms allows")
	o.add(
		kgo.ProduceRequestTimeout(request),
		// The overhead is the deadline of nearly every other request too: a
		// short one leaves slow links without a single answer. The tap cuts a
		// produce request at request.timeout.ms itself.
		kgo.RequestTimeoutOverhead(min(request, maxOverhead)),
		kgo.RecordDeliveryTimeout(time.Duration(delivery)*time.Millisecond),
		kgo.RetryBackoffFn(Backoff(v.Duration(setting.RetryBackoffMs), v.Duration(setting.RetryBackoffMaxMs))),
		// A retriable error of a partition waits for the next metadata, not for
		// the backoff.
		kgo.MetadataMinAge(time.Duration(pause)*time.Millisecond),
		kgo.MetadataMaxAge(time.Duration(age)*time.Millisecond),
	)
}

// pause is the time in milliseconds between two tries after an error that a
// broker answers with: the first backoff, again and again. That the pause does
// not grow is told to whoever set one of the two; to all others the row's note
// does, else it would stand in every report.
func (o *options) pause() int64 {
	first, most := o.values.Int(setting.RetryBackoffMs), o.values.Int(setting.RetryBackoffMaxMs)
	pause := min(max(min(first, most), minMetadataAge.Milliseconds()), maxMetadataAge.Milliseconds())
	if pause != first {
		why := "retry.backoff.max.ms is below it and bounds it, as in Java"
		if pause != most {
			why = "after an error that a broker answers with, franz-go waits for fresh metadata, 10 ms at least and an hour at most; only after connection errors the pause is as asked"
		}
		o.differ(setting.RetryBackoffMs, strconv.FormatInt(pause, 10), why)
	}
	if pause != most && (o.values.IsSet(setting.RetryBackoffMs) || o.values.IsSet(setting.RetryBackoffMaxMs)) {
		o.differ(setting.RetryBackoffMaxMs, strconv.FormatInt(pause, 10),
			"after an error that a broker answers with, franz-go's pause does not grow; only after connection errors it grows to what was asked")
	}
	return pause
}

// Backoff is Kafka's: it doubles from first to ceiling, with a fifth of jitter
// either way that does not lead beyond the ceiling. A ceiling at or below
// first is a constant pause without jitter. The first retry is number 1. The
// function is safe for any goroutine.
func Backoff(first, ceiling time.Duration) func(tries int) time.Duration {
	if ceiling <= first || ceiling <= 0 {
		return func(int) time.Duration { return max(ceiling, 0) }
	}
	return func(tries int) time.Duration {
		// 2^63 times the least pause is beyond every ceiling; more would make
		// infinity, and infinity times a pause of 0 is not a number.
		d := float64(first) * math.Exp2(float64(min(max(tries-1, 0), 63)))
		d = min(d, float64(ceiling)) * (0.8 + 0.4*rand.Float64())
		if d >= float64(ceiling) {
			return ceiling
		}
		return time.Duration(d)
	}
}
