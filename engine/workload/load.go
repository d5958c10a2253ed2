package workload

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kdyno/engine/setting"
)

// Payload is what values are made of.
type Payload string

// The payloads.
const (
	JSON   Payload = "json"   // documents as services write them
	Text   Payload = "text"   // lines of words, as logs are
	Random Payload = "random" // bytes that no codec makes smaller
	File   Payload = "file"   // the user's own records, in turn
	Zeros  Payload = "zeros"  // bytes that every codec makes vanish
)

// KeyKind is how keys are chosen.
type KeyKind string

// The kinds of key.
const (
	NoKeys   KeyKind = "none"     // null keys
	Sequence KeyKind = "sequence" // the record's number in decimal: no two alike
	Uniform  KeyKind = "uniform"  // one of Count keys, each as likely as any other
	Zipf     KeyKind = "zipf"     // one of Count keys, the k-th as likely as 1/k to the power of Exponent
	Hot      KeyKind = "hot"      // one key for a Share of the records, the rest evenly over 10,000
)

// Keys says which key a record gets. Count is of Uniform and Zipf, Exponent of
// Zipf and Share, from 0 to 1, of Hot.
type Keys struct {
	Kind     KeyKind
	Count    uint64
	Exponent float64
	Share    float64
}

// Headers are those of every record.
type Headers = []setting.Header

// Load is what the load settings say of the records and their times, parsed
// once. It is immutable.
type Load struct {
	Rate      float64 // of all senders together, in records a second; 0: as fast as it goes. Only of a constant shape
	Pacing    setting.Pacing
	Senders   int // of each producer
	Producers int
	Sizes     setting.Sizes // of the value; the key comes on top
	Payload   Payload
	File      string // path; only of File
	Keys      Keys
	Headers   Headers
	Nulls     float64 // share of the records whose value is null
	Place     Place
	Seed      uint64
	Manner    Manner
}

// Send is how the application sends.
type Send string

// The ways of sending.
const (
	Async  Send = "async"  // goes on at once and has a callback called
	Sync   Send = "sync"   // each sender waits for its record
	Forget Send = "forget" // goes on at once and never looks at the outcome
)

// Manner is how the application goes about sending.
type Manner struct {
	Send       Send
	Wait       time.Duration // Sync: after so long the record is sent again; 0: never
	FlushEvery uint64        // each sender flushes after so many records; 0: never
	Callback   time.Duration // how long each callback of Async takes
}

// FromValues reads the load settings. The error names the setting and what it
// takes; the table refuses such values before they come here.
func FromValues(v setting.Values) (Load, error) {
	keys := v.KeyShape()
	partition, pinned := v.Partition()
	payload, path, _ := strings.Cut(v.Text(setting.LoadPayload), ":")
	l := Load{
		Rate:      float64(v.Int(setting.LoadRate)),
		Pacing:    v.Pacing(),
		Senders:   int(v.Int(setting.LoadSenders)),
		Producers: int(v.Int(setting.LoadProducers)),
		Sizes:     v.RecordSizes(),
		Payload:   Payload(payload),
		File:      path,
		Keys:      Keys{Kind: KeyKind(keys.Kind), Count: uint64(keys.Count), Exponent: keys.Exponent, Share: keys.Share},
		Headers:   v.Headers(),
		Nulls:     v.NullShare(),
		Place:     Place{Partition: partition, Pinned: pinned, Shift: v.TimestampShift()},
		Seed:      uint64(v.Int(setting.LoadSeed)),
	}
	l.Manner = Manner{
		Send: Send(v.Text(setting.LoadSend)), Wait: v.Duration(setting.LoadWaitMs),
		FlushEvery: uint64(v.Int(setting.LoadFlushEvery)), Callback: v.Duration(setting.LoadCallbackMs),
	}
	return l, l.check()
}

// Equal tells whether two loads are the same.
func (l Load) Equal(o Load) bool {
	return l.SameRecords(o) && l.SameTimes(o) && l.Senders == o.Senders && l.Producers == o.Producers && l.Manner == o.Manner
}

// Threads is how many senders there are, those of all producers.
func (l Load) Threads() int { return l.Senders * l.Producers }

// SameRecords tells whether both make the same records, so that one Source
// serves both.
func (l Load) SameRecords(o Load) bool {
	return l.Sizes == o.Sizes && l.Payload == o.Payload && l.File == o.File && l.Keys == o.Keys &&
		slices.Equal(l.Headers, o.Headers) && l.Nulls == o.Nulls &&
		l.Place == o.Place && l.Seed == o.Seed
}

// SameTimes tells whether both have the same due times: the rate counts only
// where the shape is constant.
func (l Load) SameTimes(o Load) bool {
	if l.constant() && o.constant() {
		return l.Rate == o.Rate
	}
	return l.Pacing.Kind == o.Pacing.Kind && l.Pacing.Every == o.Pacing.Every && slices.Equal(l.Pacing.Rates, o.Pacing.Rates)
}

// constant tells whether the shape is; that of the zero Pacing is too.
func (l Load) constant() bool { return len(l.Pacing.Rates) == 0 }

// Open reports whether records have due times.
func (l Load) Open() bool { return !l.constant() || l.Rate > 0 }

// Shape is how the rate goes over time. Building one of a curve takes a tenth
// of a millisecond.
func (l Load) Shape() Shape {
	if l.constant() {
		return Constant(l.Rate)
	}
	rates := make([]float64, len(l.Pacing.Rates))
	for i, r := range l.Pacing.Rates {
		rates[i] = float64(r)
	}
	switch every := l.Pacing.Every; l.Pacing.Kind {
	case "ramp":
		return Ramp(rates[0], rates[1], every)
	case "sine":
		return Sine(rates[0], rates[1], every)
	case "burst":
		return Burst(uint64(l.Pacing.Rates[0]), every)
	default:
		return Steps(rates, every)
	}
}

// check refuses words that the table may have and this package does not make.
func (l Load) check() error {
	switch l.Payload {
	case JSON, Text, Random, Zeros, File:
	default:
		return fmt.Errorf("%s is %q: set json, text, random, zeros or file:PATH", setting.LoadPayload, l.Payload)
	}
	switch l.Keys.Kind {
	case NoKeys, Sequence, Hot:
		return nil
	case Uniform, Zipf:
		if l.Keys.Count > 0 {
			return nil
		}
	}
	return fmt.Errorf("%s is %q: set none, sequence, uniform or zipf over one key or more, or hot", setting.LoadKeys, l.Keys)
}

// String is the text of load.keys that makes these keys.
func (k Keys) String() string {
	return setting.KeyShape{
		Kind: string(k.Kind), Count: int64(k.Count), Exponent: k.Exponent, Share: k.Share,
	}.String()
}
