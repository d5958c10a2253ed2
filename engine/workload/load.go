package workload

import (
	"fmt"

	"kdyno/engine/setting"
)

// Payload is what values are made of.
type Payload string

// The payloads.
const (
	JSON   Payload = "json"   // documents as services write them
	Text   Payload = "text"   // lines of words, as logs are
	Random Payload = "random" // bytes that no codec makes smaller
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

// Load is what the load settings say, parsed once. It is immutable.
type Load struct {
	Rate    float64 // records a second of all senders together; 0: as fast as it goes
	Senders int
	Sizes   setting.Sizes // of the value; the key comes on top
	Payload Payload
	Keys    Keys
	Seed    uint64
}

// FromValues reads the load settings. The error names the setting and what it
// takes; the table refuses such values before they come here.
func FromValues(v setting.Values) (Load, error) {
	keys := v.KeyShape()
	l := Load{
		Rate:    float64(v.Int(setting.LoadRate)),
		Senders: int(v.Int(setting.LoadSenders)),
		Sizes:   v.RecordSizes(),
		Payload: Payload(v.Text(setting.LoadPayload)),
		Keys:    Keys{Kind: KeyKind(keys.Kind), Count: uint64(keys.Count), Exponent: keys.Exponent, Share: keys.Share},
		Seed:    uint64(v.Int(setting.LoadSeed)),
	}
	return l, l.check()
}

// check refuses words that the table may have and this package does not make.
func (l Load) check() error {
	switch l.Payload {
	case JSON, Text, Random, Zeros:
	default:
		return fmt.Errorf("%s is %q: set json, text, random or zeros", setting.LoadPayload, l.Payload)
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
