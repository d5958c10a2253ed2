package fault

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"kdyno/engine/setting"
)

// Kind is how a parameter's value is written.
type Kind uint8

// The kinds of values.
const (
	BrokerID  Kind = iota // a node id
	RoundTrip             // a length of time
	Time                  // a length of time
	Rate                  // bits per second
	Number                // how many
)

// limits are the bounds of a kind, in what parse returns.
type limits struct {
	least, most int64
	bounds      string
	example     string
}

var kinds = map[Kind]limits{
	BrokerID:  {0, math.MaxInt32, "a broker's number, 0 or more", "2"},
	RoundTrip: {int64(time.Microsecond), int64(10 * time.Second), "a length of time from 1us to 10s, such as 80ms", "80ms"},
	Time:      {int64(time.Millisecond), int64(24 * time.Hour), "a length of time from 1ms to 24h, such as 5s", "5s"},
	Rate:      {125, 125e8, "bits or bytes per second from 1kbit to 100Gbit, such as 10Mbit or 2MB", "10Mbit"},
	Number:    {1, 1e6, "a whole number from 1 to 1000000", "3"},
}

func (k Kind) bounds() string { return kinds[k].bounds }

func (k Kind) example() string { return kinds[k].example }

// parse reads a value: nanoseconds, bytes per second, or a plain number. Say
// is why it can not be.
func (k Kind) parse(text string) (n int64, say string) {
	var ok bool
	switch k {
	case RoundTrip, Time:
		d, err := time.ParseDuration(text)
		n, ok = int64(d), err == nil
	case Rate:
		n, ok = setting.ParseBandwidth(text)
	case BrokerID, Number:
		var err error
		n, err = strconv.ParseInt(text, 10, 64)
		ok = err == nil
	}
	if !ok {
		return 0, quote(text) + " is not " + k.what()
	}
	if l := kinds[k]; n < l.least || n > l.most {
		return 0, quote(text) + " is out of range"
	}
	return n, ""
}

func (k Kind) what() string {
	switch k {
	case RoundTrip, Time:
		return "a length of time"
	case Rate:
		return "a bandwidth"
	case BrokerID, Number:
		return "a whole number"
	default:
		return "a value"
	}
}

// quote shows what was written, on one line and not at any length.
func quote(text string) string {
	const most = 40
	if len(text) > most {
		return fmt.Sprintf("%.*q...", most, text)
	}
	return strconv.Quote(text)
}
