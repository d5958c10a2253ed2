package report

import "fmt"

// Broken lists the equations that the counts of a session violate, with their
// numbers; none where every record is accounted for. The levels of an Interval
// that is a part of a session are those at its end, so it is not for those.
func (r Records) Broken() []string {
	var broken []string
	check := func(left int64, name string, right int64, parts string) {
		if left != right {
			broken = append(broken, fmt.Sprintf("%s = %d, %s = %d", name, left, parts, right))
		}
	}
	check(r.Due, "due", r.Sent+r.Waiting, "sent + waiting")
	check(r.Sent, "sent", r.Accepted+r.Refused+r.Blocked, "accepted + refused + blocked")
	check(r.Accepted, "accepted", r.Acked+r.Failed+r.Unknown+r.InBuffer, "acked + failed + unknown + in_buffer")
	for _, level := range []struct {
		name string
		n    int64
	}{{"waiting", r.Waiting}, {"blocked", r.Blocked}, {"in_buffer", r.InBuffer}} {
		if level.n < 0 {
			broken = append(broken, fmt.Sprintf("%s = %d, below 0", level.name, level.n))
		}
	}
	return broken
}

// Skew is the records of the busiest partition by the mean of all, 0 where
// there are none.
func Skew(partitions []Partition) float64 {
	var most, all int64
	for i := range partitions {
		most = max(most, partitions[i].Records)
		all += partitions[i].Records
	}
	if all == 0 {
		return 0
	}
	return float64(most) * float64(len(partitions)) / float64(all)
}
