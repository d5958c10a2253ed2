package workload

import (
	"fmt"
	"strconv"

	"kdyno/engine/setting"
)

// Payload is what values are made of.
type Payload string

// The payloads.
const (
	JSON   Payload = "json"   // documents as services write them
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
)

// Keys says which key a record gets. Count is 0 except for Uniform.
type Keys struct {
	Kind  KeyKind
	Count uint64
}

// Load is what the load settings say, parsed once. It is immutable.
type Load struct {
	Rate        float64 // records a second of all senders together; 0: as fast as it goes
	Senders     int
	RecordBytes int // of the value, at least 1; the key comes on top
	Payload     Payload
	Keys        Keys
	Seed        uint64
}

// FromValues reads the load settings. The error names the setting and what it
// takes; the table refuses such values before they come here.
func FromValues(v setting.Values) (Load, error) {
	kind, count := v.LoadKeys()
	l := Load{
		Rate:        float64(v.Int(setting.LoadRate)),
		Senders:     int(v.Int(setting.LoadSenders)),
		RecordBytes: int(v.Int(setting.LoadRecordBytes)),
		Payload:     Payload(v.Text(setting.LoadPayload)),
		Keys:        Keys{Kind: KeyKind(kind), Count: uint64(max(count, 0))},
		Seed:        uint64(v.Int(setting.LoadSeed)),
	}
	return l, l.check()
}

// check refuses words that the table may have and this package does not make.
func (l Load) check() error {
	switch l.Payload {
	case JSON, Random, Zeros:
	default:
		return fmt.Errorf("%s is %q: set json, random or zeros", setting.LoadPayload, l.Payload)
	}
	switch l.Keys.Kind {
	case NoKeys, Sequence:
		return nil
	case Uniform:
		if l.Keys.Count > 0 {
			return nil
		}
	}
	return fmt.Errorf("%s is %q: set none, sequence or uniform over one key or more, as in uniform:1000", setting.LoadKeys, l.Keys)
}

// String is the text of load.keys that makes these keys.
func (k Keys) String() string {
	if k.Kind == Uniform {
		return string(Uniform) + ":" + strconv.FormatUint(k.Count, 10)
	}
	return string(k.Kind)
}
