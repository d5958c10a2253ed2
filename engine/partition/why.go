package partition

import (
	"fmt"

	"kdyno/engine/setting"
)

// Why says in a sentence why a record went to a partition. Pinned says that it
// named the partition itself; partitions is how many the topic had as it was
// sent. Any goroutine may call it.
func (p *Partitioner) Why(topic string, pinned bool, key []byte, partition, partitions int) string {
	o := &p.options
	switch {
	case pinned:
		return "the record names it"
	case o.Class == setting.RoundRobin:
		return "round robin: the next in turn, whatever the key"
	case o.Class != setting.BuiltIn:
		return "partitioner.class=" + o.Class + " chose it"
	case key == nil || o.IgnoreKeys:
		why := "it has no key"
		if key != nil {
			why = "partitioner.ignore.keys=true"
		}
		return fmt.Sprintf("sticky: %s, and the partition is kept until batch.size (%d bytes) went there", why, o.BatchBytes)
	}
	if now := len(p.Accepted(topic)); now > 0 && Hash(key, now) == partition {
		partitions = now
	}
	return fmt.Sprintf("hash: murmur2 of the key is 0x%08x, without its sign modulo %d partitions that is %d", murmur2(key), partitions, partition)
}
