package infer

import (
	"cmp"
	"strconv"

	"kdyno/telemetry/report"
)

// headerBytes are those of a batch before its first record.
const headerBytes = 61

// usual are values of batch.size that people and clients choose, in order.
var usual = []int{
	1000, 1 << 10, 2000, 2 << 10, 4000, 4 << 10, 5000, 8000, 8 << 10, 10_000, 16_000, 16_384, 20_000, 32_000, 32 << 10, 48 << 10, 50_000,
	64_000, 64 << 10, 100_000, 100 << 10, 128_000, 128 << 10, 200_000, 200 << 10, 250_000, 256_000, 256 << 10, 400_000, 500_000, 512_000,
	512 << 10, 1_000_000, 1_000_012, 1 << 20, 2_000_000, 2 << 20, 4 << 20,
}

// size is what was seen of the sizes of batches.
type size struct {
	largest int32 // bytes of a batch of several records: one that is too large alone goes alone
	record  int32 // bytes of a record in it
	near    int64 // batches that another record would have made larger than it
}

func (z *size) add(b *Batch) {
	if b.Records < 2 {
		return
	}
	record := (b.Bytes - headerBytes) / b.Records
	if b.Bytes > z.largest {
		if b.Bytes > z.largest+record {
			z.near = 0
		}
		z.largest, z.record = b.Bytes, max(record, 1)
	}
	if b.Bytes+record > z.largest {
		z.near++
	}
}

// enoughNear is how many batches must be as large as the largest to be full.
const enoughNear = 3

// likely is the batch.size that people choose which the largest batches are just
// below, a power of two before others; 0 where there is none.
func (z *size) likely() int {
	if z.near < enoughNear {
		return 0
	}
	found := 0
	for _, u := range usual {
		if u < int(z.largest) || u >= int(z.largest+z.record) {
			continue
		}
		if u&(u-1) == 0 {
			return u
		}
		found = cmp.Or(found, u)
	}
	return found
}

// isFull tells that one more record would not have fit.
func (z *size) isFull(b *Batch) bool {
	if b.Records < 2 {
		return false
	}
	at := z.likely()
	return at > 0 && int(b.Bytes+(b.Bytes-headerBytes)/b.Records) > at
}

// mayBeFull tells that a compressed batch is about as large as any, and that these
// end where Java's do that are full: it counts records as they compressed before,
// and a twentieth more. What others put into one before it is compressed does not
// show.
func (z *size) mayBeFull(b *Batch) bool {
	if b.Records < 2 || b.Codec == "none" || b.Bytes < z.largest-z.largest/20 {
		return false
	}
	limit := int32(1)
	for limit <= z.largest {
		limit *= 2
	}
	return z.largest >= limit-limit/12
}

func (z *size) say(codec string) report.Inferred {
	if z.largest == 0 {
		return report.Inferred{}
	}
	said := bound(strconv.Itoa(int(z.largest)), "at least: the largest batch of several records has so many bytes on the wire")
	if at := z.likely(); at > 0 {
		said.Likely = strconv.Itoa(at)
		said.Because += "; " + count(z.near, "batch") + " end there, and one more record would have made them larger than " + said.Likely
	} else if codec != "none" && codec != "" {
		said.Because += ", compressed: before that it was larger"
	}
	return said
}
