package partition

import (
	"fmt"
	"hash/crc32"

	"kdyno/engine/setting"
)

// Why says in a sentence why a record went to a partition. Pinned says that it
// named the partition itself; partitions is how many the topic had as it was
// sent. Any goroutine may call it.
func (p *Partitioner) Why(topic string, pinned bool, key []byte, partition, partitions int) string {
	o := &p.options
	placer := NewPlacer(o.Class, o.IgnoreKeys, partitions)
	if at, fixed := placer.Place(key); fixed && at != partition {
		// It was sent when partitions were being added.
		placer = NewPlacer(o.Class, o.IgnoreKeys, len(p.Accepted(topic)))
	}
	_, fixed := placer.Place(key)
	switch {
	case pinned:
		return "the record names it"
	case o.Class == setting.RoundRobin:
		return "round robin: the next in turn, whatever the key"
	case !fixed:
		why := "it has no key"
		if len(key) > 0 {
			why = "partitioner.ignore.keys=true"
		}
		return fmt.Sprintf("sticky: %s, and the partition is kept until batch.size (%d bytes) went there", why, o.BatchBytes)
	case placer.Assigns():
		return placer.assignment(key)
	}
	return "hash: " + placer.arithmetic(key)
}

// arithmetic says how a key is hashed over the whole topic.
func (p *Placer) arithmetic(key []byte) string {
	switch p.rule {
	case byCRC32:
		return fmt.Sprintf("crc32 of the key is 0x%08x, modulo %d partitions that is %d", crc32.ChecksumIEEE(key), p.partitions, hashCRC32(key, p.partitions))
	case byFNV1a:
		return fmt.Sprintf("fnv1a of the key, made positive, modulo %d partitions is %d", p.partitions, hashFNV1a(key, p.partitions))
	default:
		return fmt.Sprintf("murmur2 of the key is 0x%08x, without its sign modulo %d partitions that is %d", murmur2(key), p.partitions, Hash(key, p.partitions))
	}
}

// assignment says which part of partitioner.class a key falls under.
func (p *Placer) assignment(key []byte) string {
	set, named := p.set(key)
	switch {
	case named && set.Least == set.Most:
		return fmt.Sprintf("partitioner.class gives %s partition %d", set.Name, set.Least)
	case named:
		return fmt.Sprintf("partitioner.class gives %s the partitions %d to %d, and murmur2 of the key is 0x%08x", set.Name, set.Least, set.Most, murmur2(key))
	default:
		return fmt.Sprintf("partitioner.class does not name the key: murmur2 of it is 0x%08x, over the %d partitions that are left", murmur2(key), p.Rest())
	}
}
