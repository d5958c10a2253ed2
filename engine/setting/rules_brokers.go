package setting

import (
	"fmt"
	"strings"
)

// isReal tells whether the values name a cluster of their own.
func (j judged) isReal() bool { return len(j.asked.Addresses()) > 0 }

// mostMessageBytes is the largest batch that the brokers take, 0 where that is
// not known.
func (j judged) mostMessageBytes() int64 {
	if j.asked.IsSet(StandMessageMaxBytes) && !j.isReal() {
		return j.asked.Int(StandMessageMaxBytes)
	}
	return j.facts.MaxMessageBytes
}

// limitOfARealCluster lets the defaults pass: a preset may hold them.
func limitOfARealCluster(j judged) (Problem, bool) {
	if !j.isReal() {
		return Problem{}, false
	}
	var keys []Key
	fix := map[Key]string{}
	for _, k := range embeddedOnly {
		if j.asked.Text(k) != defaultOf(k) {
			keys, fix[k] = append(keys, k), defaultOf(k)
		}
	}
	if len(keys) == 0 {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: keys,
		Say: fmt.Sprintf("%s counts for the embedded brokers only, and bootstrap.servers names others.", joined(keys)),
		Why: "A real cluster has limits of its own, which are not changed from here.",
		Fix: fix,
	}, true
}

func joined(keys []Key) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

// quotaBelowLoad compares what is offered with what the brokers take together.
func quotaBelowLoad(j judged) (Problem, bool) {
	v := j.asked
	quota, brokers := v.Int(StandQuotaBytes), v.Int(StandBrokers)
	if j.facts.Brokers > 0 {
		brokers = int64(j.facts.Brokers)
	}
	offered := int64(v.Pacing().Mean(v.Int(LoadRate)) * v.RecordSizes().Mean())
	if quota == 0 || j.isReal() || v.Text(CompressionType) != "none" || offered <= quota*brokers {
		return Problem{}, false
	}
	enough := offered/brokers + 1
	if enough > maxQuota {
		enough = 0
	}
	return Problem{
		Severity: Warning, Keys: []Key{StandQuotaBytes, LoadRate},
		Say: fmt.Sprintf("The load of %s a second is above what %d brokers of stand.quota.bytes (%s) take.",
			bytesUnit.show(offered), brokers, v.show(StandQuotaBytes)),
		Why: "The brokers throttle: records wait in the buffer, and once that is full send() blocks.",
		Fix: map[Key]string{StandQuotaBytes: decimal(enough)},
	}, true
}

// retentionBeyondMemory adds up the logs of all partitions.
func retentionBeyondMemory(j judged) (Problem, bool) {
	v := j.asked
	partitions := v.Int(StandPartitions)
	if j.facts.Partitions > 0 {
		partitions = int64(j.facts.Partitions)
	}
	most := max(comfortableMemory/partitions, leastRetention)
	if !v.IsSet(StandRetentionBytes) || j.isReal() || v.Int(StandRetentionBytes) <= most {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{StandRetentionBytes, StandPartitions},
		Say: fmt.Sprintf("stand.retention.bytes (%s) of %d partitions is %s of memory.",
			v.show(StandRetentionBytes), partitions, bytesUnit.show(v.Int(StandRetentionBytes)*partitions)),
		Why: "The embedded brokers keep their logs in this process: it grows as the partitions fill, and its garbage collector with it.",
		Fix: map[Key]string{StandRetentionBytes: decimal(most)},
	}, true
}
