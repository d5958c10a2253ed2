package setting

import "fmt"

// fewest is how many partitions the smallest topic has; 0: not known.
func (j judged) fewest() int {
	if j.facts.FewestInTopic > 0 || len(j.asked.Addresses()) > 0 {
		return j.facts.FewestInTopic
	}
	return int(j.asked.Int(StandPartitions))
}

// partitionsNotThere refuses a partitioner.class that the topic cannot carry:
// its records would have nowhere to go.
func partitionsNotThere(j judged) (Problem, bool) {
	p, n := j.asked.Partitioner(), j.fewest()
	if need := p.Needs(); n == 0 || n >= need {
		return Problem{}, false
	}
	problem := Problem{
		Severity: Error, Keys: []Key{PartitionerClass},
		Say: fmt.Sprintf("partitioner.class names partition %d, and the topic has %d partitions.", p.Most(), n),
		Why: "Records for a partition that is not there would have nowhere to go; they are counted from 0.",
	}
	if p.Most() < n {
		problem.Say = fmt.Sprintf("partitioner.class gives all %d partitions to VIPs, and none is left for other keys.", n)
		problem.Why = "Records of all other keys would have nowhere to go."
	}
	if j.facts.FewestInTopic == 0 && p.Needs() <= maxPartitions {
		problem.Keys = append(problem.Keys, StandPartitions)
		problem.Fix = map[Key]string{StandPartitions: decimal(int64(p.Needs()))}
	}
	return problem, true
}

// availabilityUnused is the Java client's own rule, which it keeps to itself.
func availabilityUnused(j judged) (Problem, bool) {
	v := j.asked
	roundRobin := v.Text(PartitionerClass) == RoundRobin
	if v.Int(PartitionerTimeoutMs) == 0 || v.Bool(PartitionerAdaptive) && !roundRobin {
		return Problem{}, false
	}
	if roundRobin {
		return Problem{
			Severity: Warning, Keys: []Key{PartitionerTimeoutMs, PartitionerClass},
			Say: "partitioner.availability.timeout.ms does nothing with round-robin.",
			Why: "Round robin takes the partitions in turn, whatever waits for them.",
			Fix: map[Key]string{PartitionerTimeoutMs: "0"},
		}, true
	}
	return Problem{
		Severity: Warning, Keys: []Key{PartitionerTimeoutMs, PartitionerAdaptive},
		Say: "partitioner.availability.timeout.ms does nothing without adaptive partitioning.",
		Why: "It leaves partitions out of what adaptive partitioning draws from; without that nothing is left out.",
		Fix: map[Key]string{PartitionerAdaptive: "true"},
	}, true
}

// keysIgnoredByOthers is the Java client's own rule, too.
func keysIgnoredByOthers(j judged) (Problem, bool) {
	v := j.asked
	if !v.Bool(PartitionerIgnoreKeys) || v.Text(PartitionerClass) == BuiltIn {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{PartitionerIgnoreKeys, PartitionerClass},
		Say: fmt.Sprintf("partitioner.ignore.keys does nothing with partitioner.class=%s.", v.Text(PartitionerClass)),
		Why: "It concerns the built-in partitioner alone.",
		Fix: map[Key]string{PartitionerIgnoreKeys: "false"},
	}, true
}
