package setting

import "math"

// Effective returns what the Java client makes of the values: the changes that
// it makes without a word. Values that it refuses are left as they are; see
// Check.
func (v Values) Effective() Values {
	w := v
	if !v.IsSet(EnableIdempotence) && quietlyPlain(v) {
		w = w.with(EnableIdempotence, "false")
	}
	if least := leastDeliveryMs(v); !v.IsSet(DeliveryTimeoutMs) && v.Int(DeliveryTimeoutMs) < least {
		w = w.with(DeliveryTimeoutMs, decimal(least))
	}
	if most := v.Int(RetryBackoffMaxMs); v.Int(RetryBackoffMs) > most {
		w = w.with(RetryBackoffMs, decimal(most))
	}
	return w
}

// quietlyPlain says that idempotence cannot hold, for reasons that the client
// forgives if nobody asked for it.
func quietlyPlain(v Values) bool { return v.Text(Acks) != "all" || v.Int(Retries) == 0 }

// leastDeliveryMs is linger and request timeout together, in 32 bits as the
// Java client adds them.
func leastDeliveryMs(v Values) int64 {
	linger := min(v.Int(LingerMs), math.MaxInt32)
	return min(linger+v.Int(RequestTimeoutMs), math.MaxInt32)
}
