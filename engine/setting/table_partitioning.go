package setting

import "math"

// partitioningRows say where records go.
func partitioningRows() []Row {
	return []Row{
		{
			Key: PartitionerClass, Group: "partitioning", Default: BuiltIn, How: Emulated,
			Kind: Kind{form: class, words: partitionerWords, alias: partitionerAliases, takes: partitionerTakes, read: canonicalPartitioner},
			Doc: "Chooses a record's partition. The built-in one hashes the key with murmur2; records without a key fill one partition's batch and move on. " +
				"Round robin takes the next partition for each record. hash:crc32 and hash:fnv1a put keys where librdkafka's consistent_random and fnv1a_random do. " +
				"prefix: hashes the keys that begin with a prefix over its own partitions (the longest that fits counts) and all others over the whole topic. " +
				"vip: gives a key that is exactly the VIP's its own partitions, to which nothing else goes, and hashes all others over those that remain. " +
				"In both * stands for all other keys and may name their partitions instead of hash.",
			Cost: "Round robin spreads evenly and ignores keys, at the price of thin batches and so of more requests. Whatever hashes keys moves some when partitions are added (kdyno partition tells which), and a hot key makes a hot partition. " +
				"Partitions set apart for some are idle while those are, and bound what they can have.",
			Note: "All are our own: the built-in one follows KIP-794, because the client library's leaves batches half full. Records without a key go as with the built-in one, with prefix: and vip: over the partitions of *; hash:crc32 takes an empty key for none, as librdkafka does. " +
				"prefix: and vip: hash with murmur2, and are refused where the topic lacks a partition that they name.",
		},
		{
			Key: PartitionerIgnoreKeys, Group: "partitioning", Kind: Kind{form: boolean}, Default: "false", How: Emulated,
			Doc:  "Makes the built-in partitioner treat every record as if it had no key.",
			Cost: "Batches get fuller and a hot key no longer makes a hot partition, but records of one key lose their order. It does not concern other partitioners.",
		},
		{
			Key: PartitionerAdaptive, Group: "partitioning", Kind: Kind{form: boolean}, Default: "true", How: Emulated,
			Doc:  "Draws the next partition for records without a key the more often the fewer batches wait for it (KIP-794); off, or while as many wait for each, all are drawn alike.",
			Cost: "A slow broker gets fewer records instead of holding up the others; its partitions are then shorter than the rest. Off, the slowest broker sets the pace of all.",
			Note: "Weighed as in the Java client, at most once a millisecond. The partition that was just left is drawn again only if it outweighs all others together: its next batch would leave half empty. It holds for the records without a key of prefix:, vip: and hash: too.",
		},
		{
			Key: PartitionerTimeoutMs, Group: "partitioning", Kind: long(millis, 0, math.MaxInt64), Default: "0", How: Emulated,
			Doc:  "Leaves the partitions out for records without a key whose broker has batches ready and has taken none for this long (KIP-794); 0 never does. It needs adaptive partitioning.",
			Cost: "A broker that hangs no longer fills the buffer for all. Below the time that a broker takes when it is busy, partitions come and go for no reason. Keyed records go to their partition all the same.",
			Note: "As in the Java client a partition for which nothing waits is not left out, and with one request in flight only batches count whose partition has none under way. Time in which a broker had nothing to take does not count; in the Java client it does, once its connection is down.",
		},
	}
}
