package workload

import (
	"encoding/binary"
	"math/bits"
)

// A document is an order as a shop's service would write it, on one line:
//
//	{"id":"9f86d081884c7d65",             \
//	 "order":1000000123,                   | the head: anew for each record
//	 "at":"2026-03-01T12:34:56.789Z",      |
//	 "amount":417.20,                     /
//	 "currency":"EUR","status":"paid",
//	 "customer":{"name":...,"email":...,"city":...,"country":...,"tier":...},
//	 "device":{"ip":...,"os":...,"session":...},
//	 "items":[{"sku":...,"name":...,"qty":2,"price":12.50},...],
//	 "note":"words up to the exact size"}
//
// Fields that do not fit are left out, from the end. Below shortest bytes it
// is {"id":number}, below that a number. Id is unique in the seed, order
// counts, at advances by about a millisecond a record and begins again each
// day; what follows the head comes from a table of bodies, each of which is
// used once before any is used again.
const (
	openID     = `{"id":"`
	openOrder  = `,"order":`
	openAt     = `,"at":"2026-03-01T`
	openAmount = `,"amount":`

	idAt     = len(openID)
	idEnd    = idAt + len(`9f86d081884c7d65"`)
	orderAt  = idEnd + len(openOrder)
	orderEnd = orderAt + len("1000000123")
	clockAt  = orderEnd + len(openAt)
	clockEnd = clockAt + len(`12:34:56.789Z"`)
	amountAt = clockEnd + len(openAmount)
	headEnd  = amountAt + len("417.20")

	closing  = `,"note":""}`
	shortest = idEnd + len(closing)
	smallest = len(`{"id":1}`) // the shortest object

	mostDigits = 18 // of a number that counts, below 2^63

	tableBytes = 2 << 20 // of bodies
	maxBodies  = 1 << 12
)

// documents makes JSON or text of exact sizes.
type documents struct {
	classes []class // by size; none where all are too small for a body
	base    stream
	lines   bool // text
}

// A class is the bodies for sizes from least to most. A body is as long as
// most, and may be cut short at its end.
type class struct {
	least, most int
	shift       int    // there are 1 << shift bodies
	bodies      []byte // whole documents, end to end
}

// wideClass is the least size of the class that has no upper bound of its own:
// larger bodies for each few sizes would fill the memory.
const wideClass = 1 << 20

// newDocuments builds a table of as many bodies as the budget of bytes holds: in
// each class of sizes a power of two, and at least two.
func newDocuments(least, most, budget int, base stream, lines bool) documents {
	d := documents{base: base, lines: lines}
	if !lines {
		least = max(least, shortest)
	}
	for from := least; from <= most; {
		to := most
		if from < wideClass {
			to = min(max(from+from/4, shortest), most)
		}
		d.classes = append(d.classes, class{least: from, most: to})
		from = to + 1
	}
	for i := range d.classes {
		d.fill(&d.classes[i], budget/len(d.classes), uint64(i)*maxBodies)
	}
	return d
}

// fill writes the bodies of a class, from the seeds after so many.
func (d *documents) fill(c *class, budget int, seeds uint64) {
	c.shift = bits.Len(uint(min(max(budget/c.most, 2), maxBodies))) - 1
	c.bodies = make([]byte, 0, c.most<<c.shift)
	for i := range uint64(1) << c.shift {
		w := writer{b: c.bodies, draws: stream(d.base.at(^(seeds + i)))}
		if d.lines {
			w.line(c.most)
		} else {
			w.document(c.least, c.most)
		}
		c.bodies = w.b
	}
}

// class is the one for a size; nil for sizes below all.
func (d *documents) class(size int) *class {
	for low, high := 0, len(d.classes); low < high; {
		middle := (low + high) / 2
		switch c := &d.classes[middle]; {
		case size < c.least:
			high = middle
		case size > c.most:
			low = middle + 1
		default:
			return c
		}
	}
	return nil
}

// put writes document n over the whole of b.
func (d *documents) put(b []byte, n uint64, draws stream) {
	c := d.class(len(b))
	if c == nil {
		putSmall(b, n, d.base)
		return
	}
	// Within a round of the table the order of its bodies is a permutation: a
	// batch is never asked to compress the same body twice before it must.
	round := d.base.at(n >> c.shift)
	body := int((n ^ round) & (1<<c.shift - 1))
	copy(b, c.bodies[body*c.most:])
	if d.lines {
		putLine(b, n, draws)
		return
	}
	if len(b) < c.most {
		copy(b[len(b)-2:], `"}`)
	}
	putHead(b, c.least, n, draws)
}

// putHead writes what differs between two records of one body, as far as a
// document of the class's least size holds it.
func putHead(b []byte, least int, n uint64, draws stream) {
	putHex(b[idAt:], uint64(draws))
	draw := draws.next()
	if least >= orderEnd+len(closing) {
		putDigits(b[orderAt:orderEnd], 1_000_000_000+n%9_000_000_000)
	}
	if least >= clockEnd+len(closing) {
		putClock(b[clockAt:clockEnd], (n+draw>>56)%86_400_000)
	}
	if least >= headEnd+len(closing) {
		cents := 10_000 + (draw&(1<<32-1))*90_000>>32
		putDigits(b[amountAt:amountAt+3], cents/100)
		putDigits(b[amountAt+4:headEnd], cents%100)
	}
}

// lineHead begins a line of text, as a service's log does; words follow.
const (
	lineHead = "12:34:56.789 9f86d081884c7d65 "
	lineID   = len("12:34:56.789 ")
)

// putLine writes a line's head, where there is room for it.
func putLine(b []byte, n uint64, draws stream) {
	if len(b) < len(lineHead) {
		return
	}
	putHex(b[lineID:], uint64(draws))
	putClock(b, (n+draws.next()>>56)%86_400_000)
}

// putSmall writes what there is room for below the shortest document: a number
// that comes again only after all others of its length, alone or as an id.
func putSmall(b []byte, n uint64, base stream) {
	if len(b) >= smallest {
		copy(b, `{"id":`)
		b[len(b)-1] = '}'
		b = b[len(`{"id":`) : len(b)-1]
	}
	if len(b) < 2 {
		putDigits(b, n%10)
		return
	}
	for ; len(b) > mostDigits; b = b[1:] {
		b[0] = '1'
	}
	tens := uint64(1)
	for range len(b) - 1 {
		tens *= 10
	}
	// The factor is a prime other than 2, 3 and 5, and so has no divisor in
	// common with the period 9 * 10^k: no two numbers below it meet.
	period := 9 * tens
	hi, lo := bits.Mul64(n%period, 0x9e3779b185ebca87)
	putDigits(b, tens+(bits.Rem64(hi, lo, period)+uint64(base)%period)%period)
}

const pairs = "00010203040506070809" + "10111213141516171819" +
	"20212223242526272829" + "30313233343536373839" +
	"40414243444546474849" + "50515253545556575859" +
	"60616263646566676869" + "70717273747576777879" +
	"80818283848586878889" + "90919293949596979899"

// putDigits fills b with the last digits of v, with zeros in front.
func putDigits(b []byte, v uint64) {
	for len(b) >= 2 {
		rest := v / 100
		copy(b[len(b)-2:], pairs[(v-rest*100)*2:][:2])
		b, v = b[:len(b)-2], rest
	}
	if len(b) == 1 {
		b[0] = byte('0' + v%10)
	}
}

// putClock writes a millisecond of the day as 12:34:56.789 at the start of b.
func putClock(b []byte, ms uint64) {
	seconds := ms / 1000
	putDigits(b[9:12], ms%1000)
	putDigits(b[6:8], seconds%60)
	putDigits(b[3:5], seconds/60%60)
	putDigits(b[0:2], seconds/3600)
}

// putHex writes v as 16 hexadecimal digits, 8 at a time: first one nibble to a
// byte, then six more than '0' to 'a' where the nibble is above nine.
func putHex(b []byte, v uint64) {
	for i, half := range [2]uint64{v >> 32, v & (1<<32 - 1)} {
		x := half&0xffff | half>>16<<32
		x = (x | x<<8) & 0x00ff00ff00ff00ff
		x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
		above := (x + 0x0606060606060606) >> 4 & 0x0101010101010101
		binary.BigEndian.PutUint64(b[8*i:], x+0x3030303030303030+above*('a'-'9'-1))
	}
}
