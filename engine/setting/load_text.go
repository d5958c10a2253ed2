package setting

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bounds of the load's own texts.
const (
	maxKeys        = 1_000_000_000
	maxSteps       = 64
	maxPartition   = 1_000_000
	maxWaitMs      = 3_600_000
	maxCallbackMs  = 10_000
	maxSigma       = 3
	maxExponent    = 5
	maxHeaders     = 16
	maxHeaderBytes = 64 << 10
	leastEvery     = time.Millisecond
	mostEvery      = 24 * time.Hour
	mostShift      = 10 * 365 * 24 * time.Hour
)

// worded is a kind whose texts begin with one of several words, some followed
// by figures; takes lists them for people.
func worded(takes string, read func(text string) (string, *ValueError)) Kind {
	return Kind{form: wordForm, takes: takes, read: read}
}

// Pacing is a view of load.shape. Rates are in records a second: from and to of
// a ramp, each of the steps, low and high of a sine; of bursts it is the number
// of records in one.
type Pacing struct {
	Kind  string // constant, ramp, step, burst or sine
	Rates []int64
	Every time.Duration
}

const shapeTakes = "constant, ramp:FROM..TO/30s, step:A,B,C/10s, burst:N/1s or sine:LOW..HIGH/60s"

func parsePacing(text string) (Pacing, *ValueError) {
	if text == "constant" {
		return Pacing{Kind: text}, nil
	}
	p, say := readPacing(text)
	if say == "" {
		say = p.check()
	}
	if say != "" {
		return Pacing{}, &ValueError{
			Say:  quote(text) + " " + say,
			Hint: shapeTakes + "; rates are records/s from 0 to " + grouped(maxRate) + ", times from 1ms to 24h",
		}
	}
	return p, nil
}

// readPacing reads a shape with figures; say is what is wrong with it.
func readPacing(text string) (p Pacing, say string) {
	kind, rest, _ := strings.Cut(text, ":")
	separator, known := map[string]string{"ramp": "..", "sine": "..", "step": ",", "burst": ""}[kind]
	if !known {
		return p, "is not a shape of the load"
	}
	// A rate may end in /s itself: the time stands behind the last stroke.
	cut := strings.LastIndex(rest, "/")
	if cut < 0 {
		return p, "does not say how long: a stroke and a time are missing"
	}
	p.Kind = kind
	var ok bool
	if p.Every, ok = parseTime(rest[cut+1:], leastEvery, mostEvery); !ok {
		return p, "has no time that a shape can take"
	}
	figures := []string{rest[:cut]}
	if separator != "" {
		figures = strings.Split(rest[:cut], separator)
	}
	for _, figure := range figures {
		n, ok := parseCount(recordsSec, figure, 0, maxRate)
		if !ok {
			return p, "has " + quote(strings.TrimSpace(figure)) + " where a number of records belongs"
		}
		p.Rates = append(p.Rates, n)
	}
	return p, ""
}

// check says what does not go together; empty: all does.
func (p Pacing) check() string {
	two := p.Kind == "ramp" || p.Kind == "sine"
	switch {
	case two && len(p.Rates) != 2:
		return "needs two rates with .. between them"
	case len(p.Rates) > maxSteps:
		return "has more than " + strconv.Itoa(maxSteps) + " steps"
	case slices.Max(p.Rates) == 0:
		return "never sends a record"
	case p.Kind == "sine" && p.Rates[0] > p.Rates[1]:
		return "names the higher rate first"
	default:
		return ""
	}
}

// String is the canonical text of load.shape.
func (p Pacing) String() string {
	rates := make([]string, len(p.Rates))
	for i, r := range p.Rates {
		rates[i] = decimal(r)
	}
	switch p.Kind {
	case "ramp", "sine":
		return p.Kind + ":" + strings.Join(rates, "..") + "/" + timeText(p.Every)
	case "step", "burst":
		return p.Kind + ":" + strings.Join(rates, ",") + "/" + timeText(p.Every)
	default:
		return "constant"
	}
}

// Mean is the rate that the shape comes to in the long run, in records/s; rate
// is load.rate, which a constant load has.
func (p Pacing) Mean(rate int64) float64 {
	switch p.Kind {
	case "ramp", "step":
		return float64(p.Rates[len(p.Rates)-1])
	case "sine":
		return float64(p.Rates[0]+p.Rates[1]) / 2
	case "burst":
		return float64(p.Rates[0]) / p.Every.Seconds()
	default:
		return float64(rate)
	}
}

// parseCount reads a whole number of a unit within bounds.
func parseCount(u unit, text string, least, most int64) (int64, bool) {
	n, bad := u.parse(strings.TrimSpace(text))
	if bad != nil || !within(n, least, most) {
		return 0, false
	}
	return n.Int64(), true
}

func within(n *big.Int, least, most int64) bool {
	return n.IsInt64() && n.Int64() >= least && n.Int64() <= most
}

// parseDecimal reads a decimal number within bounds, in thousandths.
func parseDecimal(text string, least, most float64) (float64, bool) {
	text = strings.TrimSpace(text)
	if number, suffix := split(text); number == "" || suffix != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < least || f > most {
		return 0, false
	}
	return math.Abs(f), true // not minus zero
}

func fractionText(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func parseTime(text string, least, most time.Duration) (time.Duration, bool) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	return d, err == nil && d >= least && d <= most
}

// timeText is the shortest text of a time in one unit where there is one: 90s,
// 1h, 250ms.
func timeText(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "us"}} {
		if d%u.size == 0 {
			return decimal(int64(d/u.size)) + u.name
		}
	}
	return decimal(int64(d)) + "ns"
}
