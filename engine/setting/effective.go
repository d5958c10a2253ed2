package setting

import (
	"math"
	"slices"
	"strings"
)

// Effective returns what the Java client makes of the values: the changes that
// it makes without a word. Values that it refuses are left as they are; see
// Check.
func (v Values) Effective() Values {
	w := v
	for _, c := range quietChanges {
		if to, changes := c.to(v); changes {
			w = w.with(c.key, to)
		}
	}
	return w
}

// Changed lists what Effective changes, and why.
func (v Values) Changed() []Difference {
	differences := []Difference{}
	for _, c := range quietChanges {
		if to, changes := c.to(v); changes {
			differences = append(differences, Difference{Key: c.key, Asked: v.Text(c.key), Effective: to, Why: c.why})
		}
	}
	return differences
}

// quietChange is one thing that the Java client changes by itself and only logs,
// if it does that. None looks at what another one changes.
type quietChange struct {
	key Key
	to  func(Values) (canonical string, changes bool)
	why string
}

var quietChanges = []quietChange{
	{BootstrapServers, once, "An address that stands twice counts once."},
	{EnableIdempotence, plainly, "It needs acks=all and retries above 0. It was not asked for, only on by default, so it is left off."},
	{RetryBackoffMs, capped(RetryBackoffMs, RetryBackoffMaxMs), "It is above retry.backoff.max.ms, which is then the pause from the first retry on."},
	{DeliveryTimeoutMs, atLeastOneRequest, "It was not set, and its default is below linger.ms + request.timeout.ms, so it is raised to that."},
	{SocketSetupTimeoutMs, capped(SocketSetupTimeoutMs, SocketSetupTimeoutMaxMs), "It is above socket.connection.setup.timeout.max.ms, which then counts from the first try on."},
	{ReconnectBackoffMs, capped(ReconnectBackoffMs, ReconnectBackoffMaxMs), "It is above reconnect.backoff.max.ms, which is then the pause from the first failure on."},
	{ReconnectBackoffMaxMs, following, "It was not set and reconnect.backoff.ms was, so it is the same: the pause does not grow."},
}

// once drops addresses that stand there again (KIP-1161).
func once(v Values) (string, bool) {
	var kept []string
	all := v.Addresses()
	for _, a := range all {
		if !slices.Contains(kept, a) {
			kept = append(kept, a)
		}
	}
	return strings.Join(kept, ","), len(kept) < len(all)
}

func plainly(v Values) (string, bool) {
	return "false", !v.IsSet(EnableIdempotence) && quietlyPlain(v)
}

// quietlyPlain says that idempotence cannot hold, for reasons that the client
// forgives if nobody asked for it.
func quietlyPlain(v Values) bool { return v.Text(Acks) != "all" || v.Int(Retries) == 0 }

func atLeastOneRequest(v Values) (string, bool) {
	least := leastDeliveryMs(v)
	return decimal(least), !v.IsSet(DeliveryTimeoutMs) && v.Int(DeliveryTimeoutMs) < least
}

// leastDeliveryMs is linger and request timeout together, in 32 bits as the
// Java client adds them.
func leastDeliveryMs(v Values) int64 {
	linger := min(v.Int(LingerMs), math.MaxInt32)
	return min(linger+v.Int(RequestTimeoutMs), math.MaxInt32)
}

// capped is what ExponentialBackoff makes of a first pause beyond the longest.
func capped(first, longest Key) func(Values) (string, bool) {
	return func(v Values) (string, bool) {
		if longest == ReconnectBackoffMaxMs && follows(v) {
			return "", false
		}
		return v.Text(longest), v.Int(first) > v.Int(longest)
	}
}

// follows says that reconnect.backoff.max.ms is what reconnect.backoff.ms is
// (CommonClientConfigs.postProcessReconnectBackoffConfigs).
func follows(v Values) bool { return v.IsSet(ReconnectBackoffMs) && !v.IsSet(ReconnectBackoffMaxMs) }

func following(v Values) (string, bool) {
	is := v.Text(ReconnectBackoffMs)
	return is, follows(v) && is != v.Text(ReconnectBackoffMaxMs)
}
