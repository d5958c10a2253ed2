package setting

import (
	"fmt"
	"math"
)

func deliveryTimeoutTooShort(j judged) (Problem, bool) {
	v, least := j.asked, leastDeliveryMs(j.asked)
	if !v.IsSet(DeliveryTimeoutMs) || v.Int(DeliveryTimeoutMs) >= least {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{DeliveryTimeoutMs, LingerMs, RequestTimeoutMs},
		Say: fmt.Sprintf("delivery.timeout.ms is %s, below linger.ms + request.timeout.ms, which is %d.", v.Text(DeliveryTimeoutMs), least),
		Why: "A record could expire before its first request had its time; the Java client refuses to start.",
		Fix: map[Key]string{DeliveryTimeoutMs: decimal(least)},
	}, true
}

func deliveryTimeoutQuietlyRaised(j judged) (Problem, bool) {
	was, is := j.asked.Text(DeliveryTimeoutMs), j.effective.Text(DeliveryTimeoutMs)
	if was == is {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{DeliveryTimeoutMs, LingerMs, RequestTimeoutMs},
		Say: fmt.Sprintf("delivery.timeout.ms is quietly raised from %s to %s, which is linger.ms + request.timeout.ms.", was, is),
		Why: "It was not set, so the Java client moves its default and only logs that; set below the sum it would be refused.",
		Fix: map[Key]string{DeliveryTimeoutMs: is},
	}, true
}

func requestTimeoutBelowRTT(j judged) (Problem, bool) {
	v, rtt := j.effective, j.rttMs()
	timeout := float64(v.Int(RequestTimeoutMs))
	if v.Text(Acks) == "0" || rtt <= 0 || timeout > rtt {
		return Problem{}, false
	}
	p := Problem{
		Severity: Warning, Keys: []Key{RequestTimeoutMs},
		Say: fmt.Sprintf("request.timeout.ms is %s, and one round trip takes %.4g ms.", v.Text(RequestTimeoutMs), rtt),
		Why: "No request can be answered in time: connections are closed and batches retried until they expire.",
	}
	if enough := 10 * rtt; enough < math.MaxInt32 {
		p.Fix = map[Key]string{RequestTimeoutMs: decimal(max(int64(enough), defaultInt(RequestTimeoutMs)))}
	}
	return p, true
}

// rttMs is the round trip that is known: measured, or at least the link's.
func (j judged) rttMs() float64 {
	return max(j.facts.RTTMs, j.asked.Duration(StandLinkRTT).Seconds()*1000)
}

// crossed are the waits that grow: the first one and the longest.
var crossed = []struct {
	first, longest Key
	why            string
}{
	{RetryBackoffMs, RetryBackoffMaxMs, "The pause never grows: every retry waits retry.backoff.max.ms."},
	{ReconnectBackoffMs, ReconnectBackoffMaxMs, "The pause never grows: every try to connect again waits reconnect.backoff.max.ms."},
	{SocketSetupTimeoutMs, SocketSetupTimeoutMaxMs, "The time never grows: every try to connect has socket.connection.setup.timeout.max.ms."},
}

func retryBackoffsCross(j judged) (Problem, bool)     { return j.cross(0) }
func reconnectBackoffsCross(j judged) (Problem, bool) { return j.cross(1) }
func setupTimeoutsCross(j judged) (Problem, bool)     { return j.cross(2) }

func (j judged) cross(n int) (Problem, bool) {
	c, v := crossed[n], j.asked
	if _, caps := capped(c.first, c.longest)(v); !caps {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{c.first, c.longest},
		Say: fmt.Sprintf("%s (%s) is above %s (%s).", c.first, v.Text(c.first), c.longest, v.Text(c.longest)),
		Why: c.why,
		Fix: map[Key]string{c.first: v.Text(c.longest)},
	}, true
}

func reconnectBackoffFollows(j judged) (Problem, bool) {
	v := j.asked
	is, changes := following(v)
	if !changes {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{ReconnectBackoffMaxMs, ReconnectBackoffMs},
		Say: fmt.Sprintf("reconnect.backoff.max.ms quietly becomes %s, as reconnect.backoff.ms is.", is),
		Why: "It was not set, so the Java client gives it the same value: the pause does not grow while a broker stays away.",
		Fix: map[Key]string{ReconnectBackoffMaxMs: decimal(max(v.Int(ReconnectBackoffMs), defaultInt(ReconnectBackoffMaxMs)))},
	}, true
}

// requestTimeoutBelowTail is silent where a single round trip takes longer: that
// is told otherwise.
func requestTimeoutBelowTail(j judged) (Problem, bool) {
	v, tail := j.effective, j.facts.TailMs
	timeout := float64(v.Int(RequestTimeoutMs))
	if v.Text(Acks) == "0" || tail <= 0 || timeout > tail || timeout <= j.rttMs() {
		return Problem{}, false
	}
	p := Problem{
		Severity: Warning, Keys: []Key{RequestTimeoutMs},
		Say: fmt.Sprintf("request.timeout.ms is %s, and one request in a thousand takes %.4g ms or more.", v.Text(RequestTimeoutMs), tail),
		Why: "Requests that are merely slow are given up: their connections are closed and their batches sent again.",
	}
	if enough := 3 * tail; enough < math.MaxInt32 {
		p.Fix = map[Key]string{RequestTimeoutMs: decimal(max(int64(math.Ceil(enough)), defaultInt(RequestTimeoutMs)))}
	}
	return p, true
}

func requestTimeoutBelowLag(j judged) (Problem, bool) {
	v, lag := j.effective, j.facts.ReplicaLagMs
	timeout := v.Int(RequestTimeoutMs)
	slower := max(j.rttMs(), j.facts.TailMs)
	if v.Text(Acks) != "all" || timeout >= lag || float64(timeout) <= slower {
		return Problem{}, false
	}
	p := Problem{
		Severity: Warning, Keys: []Key{RequestTimeoutMs},
		Say: fmt.Sprintf("request.timeout.ms (%s) is below the brokers' replica.lag.time.max.ms (%s).", v.show(RequestTimeoutMs), millis.show(lag)),
		Why: "With acks=all the leader waits that long for a follower that hangs before it goes on without it; the request is given up first, and its batches are sent again.",
	}
	if lag <= math.MaxInt32 {
		p.Fix = map[Key]string{RequestTimeoutMs: decimal(lag)}
	}
	return p, true
}
