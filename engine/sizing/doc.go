// Package sizing reckons what a setting should be from what the load is and the
// cluster takes, and shows the arithmetic. The commands give it figures from
// flags, the workbench what it measures. It measures nothing and changes
// nothing; all of it is safe for any goroutine.
package sizing

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kdyno/engine/setting"
)

// Figure is one thing that is known, and where from: given, measured, assumed, or
// the name of a setting. A Value of 0 is not known.
type Figure struct {
	Value float64
	From  string
}

// Inputs are what is known. Times are in milliseconds, sizes in bytes, rates a
// second.
type Inputs struct {
	Rate       Figure // records
	Record     Figure // of one record: key and value, before compression
	Partitions Figure // that records are spread over at a time: 1 without keys
	Nodes      Figure // brokers
	Stall      Figure // to be ridden out
	Restart    Figure // of a broker
	RTT        Figure
	Bandwidth  Figure // of one connection; not known: what the load needs
	Tail       Figure // p99.9 of a request's answer
	Lag        Figure // replica.lag.time.max.ms
	Memory     Figure // of this host
	Values     setting.Values
}

// Sized is what a setting should be.
type Sized struct {
	Key    setting.Key `json:"key"`
	Value  string      `json:"value"` // canonical
	Inputs []Input     `json:"inputs"`
	Steps  []string    `json:"steps"` // the arithmetic, a line each
	Notes  []string    `json:"notes"` // what else is to be known
	// MemoryShare is the value's share of this host's memory; nil where it is no
	// memory, or that is not known.
	MemoryShare *float64 `json:"memory_share,omitempty"`
}

// Input is one figure that was used.
type Input struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"`
}

// MissingError says which figures a helper cannot do without.
type MissingError struct {
	Key   setting.Key
	Names []string // as flags are called
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s cannot be sized without %s", e.Key, strings.Join(e.Names, " and "))
}

// helper reckons one setting.
type helper struct {
	key    setting.Key
	what   string // the rule in half a line
	reckon func(*desk)
}

// helpers are the settings that can be sized.
var helpers = []helper{
	{setting.BufferMemory, "rate x record x stall x 2", bufferMemory},
	{setting.BatchSize, "rate x record x linger.ms by partitions", batchSize},
	{setting.MaxInFlight, "bytes under way on a connection by the bytes of a request", inFlight},
	{setting.SendBufferBytes, "bandwidth x round trip", sendBuffer},
	{setting.RequestTimeoutMs, "3 x the p99.9 of the answers, and not below replica.lag.time.max.ms", requestTimeout},
	{setting.DeliveryTimeoutMs, "4 x a broker's restart, and not below linger.ms + request.timeout.ms", deliveryTimeout},
}

// Keys lists the settings that can be sized, with the rule of each.
func Keys() (keys []setting.Key, rules []string) {
	for _, h := range helpers {
		keys, rules = append(keys, h.key), append(rules, h.what)
	}
	return keys, rules
}

// Can says whether a setting can be sized.
func Can(k setting.Key) bool {
	return slices.ContainsFunc(helpers, func(h helper) bool { return h.key == k })
}

// Size reckons a setting. The error is a *MissingError, or says that the setting
// cannot be sized.
func Size(k setting.Key, in Inputs) (Sized, error) {
	for _, h := range helpers {
		if h.key != k {
			continue
		}
		d := &desk{in: in, out: Sized{Key: k, Steps: []string{}, Notes: []string{}, Inputs: []Input{}}}
		h.reckon(d)
		if len(d.missing) > 0 {
			return Sized{}, &MissingError{Key: k, Names: d.missing}
		}
		return d.out, nil
	}
	return Sized{}, fmt.Errorf("there is no helper that sizes %s", k)
}

// desk is one piece of reckoning under way.
type desk struct {
	in      Inputs
	out     Sized
	missing []string
}

// need takes a figure that there must be.
func (d *desk) need(flag, name string, f Figure, show func(float64) string) float64 {
	if f.Value <= 0 {
		d.missing = append(d.missing, "--"+flag)
		return 0
	}
	d.note(name, f, show)
	return f.Value
}

// note takes a figure that there may be.
func (d *desk) note(name string, f Figure, show func(float64) string) float64 {
	known := slices.ContainsFunc(d.out.Inputs, func(in Input) bool { return in.Name == name })
	if f.Value > 0 && !known {
		d.out.Inputs = append(d.out.Inputs, Input{Name: name, Value: show(f.Value), From: f.From})
	}
	return f.Value
}

// own takes the value of a setting.
func (d *desk) own(k setting.Key) float64 {
	n := float64(d.in.Values.Int(k))
	row, _ := setting.Find(k)
	from := "default"
	if d.in.Values.IsSet(k) {
		from = "set"
	}
	d.out.Inputs = append(d.out.Inputs, Input{Name: string(k), Value: row.Kind.Show(d.in.Values.Text(k)), From: from})
	return n
}

func (d *desk) step(format string, args ...any) {
	d.out.Steps = append(d.out.Steps, fmt.Sprintf(format, args...))
}

func (d *desk) say(format string, args ...any) {
	d.out.Notes = append(d.out.Notes, fmt.Sprintf(format, args...))
}

// is settles the value, within what the setting takes.
func (d *desk) is(n float64) {
	row, _ := setting.Find(d.out.Key)
	most := math.MaxInt32
	if row.Kind.Type() == "long" {
		most = math.MaxInt64 / 2
	}
	if n > float64(most) {
		d.step("%s takes at most %s", d.out.Key, grouped(float64(most)))
	}
	d.out.Value = fmt.Sprintf("%d", int64(math.Ceil(min(n, float64(most)))))
}

// grouped is a whole number with commas between thousands.
func grouped(n float64) string {
	text := fmt.Sprintf("%.0f", n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func records(f float64) string { return grouped(f) + " records/s" }
func bytes(f float64) string   { return grouped(f) + " B" }
func count(f float64) string   { return fmt.Sprintf("%.0f", f) }
func perSec(f float64) string  { return grouped(f) + " B/s" }

// span is a time in milliseconds as people say it.
func span(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond))
	switch {
	case d >= 10*time.Second:
		return d.Round(time.Second / 10).String()
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond / 10).String()
	default:
		return fmt.Sprintf("%.3gms", ms)
	}
}

// upTo rounds up to a multiple.
func upTo(n, multiple float64) float64 { return math.Ceil(n/multiple) * multiple }
