package step

import (
	"math"
	"strconv"
	"strings"
	"time"

	"kdyno/engine/setting"
)

// Record is what a step of the verb send sends. What the line leaves out is
// null, or the producer's to choose.
type Record struct {
	Key, Value *string // nil: null
	Topic      string  // "": the session's first
	Partition  *int32  // nil: the partitioner chooses
	Headers    []Header
	Shift      time.Duration // its timestamp is so long after it is sent,
	At         time.Time     // unless it is this one
}

// Header is one header of it; a name may come more than once.
type Header struct{ Name, Value string }

// headerPrefix stands before a header's name.
const headerPrefix = "header."

// sends are the parameters of send but for its headers.
var sends = []string{"key", "value", "topic", "partition", "timestamp"}

const sendHint = `write K=V with key, value, topic, partition, timestamp or header.NAME, and a value with spaces as K="a b"`

// send reads [key=K] [value=V] [topic=T] [partition=P] [header.NAME=V]
// [timestamp=T].
func (r *reader) send() (Step, error) {
	s := Step{Verb: Send}
	for r.skipSpace(); r.at < len(r.line); r.skipSpace() {
		start := r.at
		p, at, bad := r.sent()
		if bad != nil {
			return Step{}, bad
		}
		for _, q := range s.With {
			if p.Name == q.Name && !strings.HasPrefix(p.Name, headerPrefix) {
				return Step{}, r.wrong(start, p.Name+" is given twice", "keep one of them")
			}
		}
		if say, hint := new(Record).take(p); say != "" {
			return Step{}, r.wrong(at, say, hint)
		}
		s.With = append(s.With, p)
	}
	return s, nil
}

// sent reads one parameter of send; at is where its value begins.
func (r *reader) sent() (p Parameter, at int, bad *Error) {
	start := r.at
	for r.at < len(r.line) && r.line[r.at] != '=' && !isSpace(rune(r.line[r.at])) {
		r.at++
	}
	p.Name = r.line[start:r.at]
	if !sendTakes(p.Name) {
		return p, 0, r.wrong(start, strconv.Quote(p.Name)+" is nothing that a record has", sendHint)
	}
	if r.at == len(r.line) || r.line[r.at] != '=' {
		return p, 0, r.wrong(r.at, "K=V is expected here", "write it without spaces around the =, such as "+p.Name+"=1")
	}
	r.at++
	at = r.at
	p.Text, bad = r.value()
	return p, at, bad
}

func sendTakes(name string) bool {
	for _, known := range sends {
		if name == known {
			return true
		}
	}
	return strings.HasPrefix(name, headerPrefix) && len(name) > len(headerPrefix)
}

// Record reads the parameters of a step of the verb send. The error is an
// *Error only for steps that Parse did not make.
func (s Step) Record() (Record, error) {
	var rec Record
	for _, p := range s.With {
		if say, hint := rec.take(p); say != "" {
			return rec, &Error{Line: s.String(), Column: 1, Say: say, Hint: hint}
		}
	}
	return rec, nil
}

// take reads one parameter; say is what is wrong with it.
func (rec *Record) take(p Parameter) (say, hint string) {
	switch p.Name {
	case "key":
		rec.Key = &p.Text
	case "value":
		rec.Value = &p.Text
	case "topic":
		if p.Text == "" || strings.ContainsFunc(p.Text, unprintable) {
			return strconv.Quote(p.Text) + " is not the name of a topic", "leave topic out for the session's own"
		}
		rec.Topic = p.Text
	case "partition":
		n, err := strconv.ParseInt(p.Text, 10, 32)
		if err != nil || n < 0 {
			return strconv.Quote(p.Text) + " is not a partition", "a whole number, 0 or more"
		}
		partition := int32(n)
		rec.Partition = &partition
	case "timestamp":
		var ok bool
		if rec.Shift, rec.At, ok = parseTimestamp(p.Text); !ok {
			return strconv.Quote(p.Text) + " is not a timestamp", "now, -1h, +30m, milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z"
		}
	default:
		name := strings.TrimPrefix(p.Name, headerPrefix)
		if !sendTakes(p.Name) || strings.ContainsFunc(p.Name, unprintable) {
			return strconv.Quote(p.Name) + " is nothing that a record has", sendHint
		}
		rec.Headers = append(rec.Headers, Header{Name: name, Value: p.Text})
	}
	return "", ""
}

// mostMillis is the last instant of the year 9999, in milliseconds since 1970.
const mostMillis = 253402300799999

// parseTimestamp reads a distance from now, as load.timestamp takes it, or an
// instant.
func parseTimestamp(text string) (shift time.Duration, at time.Time, ok bool) {
	if shift, ok = setting.ParseShift(text); ok && text != "0" {
		return shift, at, true
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return 0, time.UnixMilli(ms), ms >= 0 && ms <= mostMillis && text[0] != '+'
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return 0, at, err == nil && at.UnixMilli() >= 0 && at.UnixMilli() <= mostMillis
}

// MaxPartitions is the most that a topic may be given by a step. Kafka has no
// bound of its own; a typing error should not become a million of them.
const MaxPartitions = 10_000

// partitions reads N.
func (r *reader) partitions() (Step, error) {
	r.skipSpace()
	start := r.at
	text := r.word()
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text == "":
		return Step{}, r.wrong(start, "partitions has no number", "write partitions N, such as partitions 12: how many there are to be")
	case err != nil || n > math.MaxInt32:
		return Step{}, r.wrong(start, strconv.Quote(text)+" is not a whole number", "write how many partitions there are to be, such as partitions 12")
	case n < 1 || n > MaxPartitions:
		return Step{}, r.wrong(start, strconv.Quote(text)+" is out of range", "from 1 to "+strconv.Itoa(MaxPartitions))
	}
	if r.skipSpace(); r.at < len(r.line) {
		return Step{}, r.wrong(r.at, "partitions takes one number", "each topic of the session is given as many")
	}
	return Step{Verb: Partitions, Count: int(n)}, nil
}
