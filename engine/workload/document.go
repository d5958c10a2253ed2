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

// Documents makes JSON of one exact size.
type documents struct {
	bytes  int
	shift  int    // there are 1 << shift bodies
	bodies []byte // whole documents, end to end
	base   stream
}

// newDocuments builds a table of as many bodies as the budget of bytes holds, a
// power of two and at least two.
func newDocuments(size, budget int, base stream) documents {
	d := documents{bytes: size, base: base}
	if size < shortest {
		return d
	}
	d.shift = bits.Len(uint(min(max(budget/size, 2), maxBodies))) - 1
	d.bodies = make([]byte, 0, size<<d.shift)
	for i := range 1 << d.shift {
		w := writer{b: d.bodies, draws: stream(base.at(^uint64(i)))}
		w.document(size)
		d.bodies = w.b
	}
	return d
}

// put writes document n over the whole of b, whose length is d.bytes.
func (d *documents) put(b []byte, n uint64, draws stream) {
	if d.bodies == nil {
		putSmall(b, n, d.base)
		return
	}
	// Within a round of the table the order of its bodies is a permutation: a
	// batch is never asked to compress the same body twice before it must.
	round := d.base.at(n >> d.shift)
	body := int((n ^ round) & (1<<d.shift - 1))
	copy(b, d.bodies[body*d.bytes:])

	putHex(b[idAt:], uint64(draws))
	draw := draws.next()
	if len(b) >= orderEnd+len(closing) {
		putDigits(b[orderAt:orderEnd], 1_000_000_000+n%9_000_000_000)
	}
	if len(b) >= clockEnd+len(closing) {
		putClock(b[clockAt:clockEnd], (n+draw>>56)%86_400_000)
	}
	if len(b) >= headEnd+len(closing) {
		cents := 10_000 + (draw&(1<<32-1))*90_000>>32
		putDigits(b[amountAt:amountAt+3], cents/100)
		putDigits(b[amountAt+4:headEnd], cents%100)
	}
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
