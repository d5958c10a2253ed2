package fault

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/setting"
)

// Kind is how a parameter's value is written.
type Kind uint8

// The kinds of values.
const (
	BrokerID    Kind = iota // a node id
	RoundTrip               // a length of time
	Time                    // a length of time
	Rate                    // bits per second
	Number                  // how many
	PartitionID             // of any topic
	Delay                   // a length of time
	Period                  // a length of time
	BatchBytes              // bytes
	QuotaBytes              // bytes per second
	Code                    // Kafka's name of an error
)

// limits are the bounds of a kind, in what parse returns.
type limits struct {
	least, most int64
	bounds      string
	example     string
}

var kinds = map[Kind]limits{
	BrokerID:    {0, math.MaxInt32, "a broker's number, 0 or more", "2"},
	RoundTrip:   {int64(time.Microsecond), int64(10 * time.Second), "a length of time from 1us to 10s, such as 80ms", "80ms"},
	Time:        {int64(time.Millisecond), int64(24 * time.Hour), "a length of time from 1ms to 24h, such as 5s", "5s"},
	Rate:        {125, 125e8, "bits or bytes per second from 1kbit to 100Gbit, such as 10Mbit or 2MB", "10Mbit"},
	Number:      {1, 1e6, "a whole number from 1 to 1000000", "3"},
	PartitionID: {0, math.MaxInt32, "a partition's number, 0 or more", "0"},
	Delay:       {int64(time.Millisecond), int64(time.Minute), "a length of time from 1ms to 1m, such as 200ms", "200ms"},
	Period:      {int64(100 * time.Millisecond), int64(time.Hour), "a length of time from 100ms to 1h, such as 2s", "2s"},
	BatchBytes:  {1, 100 << 20, "a number of bytes from 1 to 100MiB, such as 10000 or 16KiB", "10000"},
	QuotaBytes:  {1 << 10, 100 << 30, "bytes per second from 1KiB to 100GiB, such as 500kB or 1MiB", "1MiB"},
	Code:        {math.MinInt16, math.MaxInt16, "one of Kafka's names of its errors, such as NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS"},
}

func (k Kind) bounds() string { return kinds[k].bounds }

func (k Kind) example() string { return kinds[k].example }

// parse reads a value: nanoseconds, bytes, bytes per second, an error's code or
// a plain number. Say is why it can not be, and hint what can.
func (k Kind) parse(text string) (n int64, say, hint string) {
	var ok bool
	switch k {
	case RoundTrip, Time, Delay, Period:
		d, err := time.ParseDuration(text)
		n, ok = int64(d), err == nil
	case Rate:
		n, ok = setting.ParseBandwidth(text)
	case BatchBytes:
		return k.sized(setting.StandMessageMaxBytes, text)
	case QuotaBytes:
		return k.sized(setting.StandQuotaBytes, strings.TrimSuffix(text, "/s"))
	case Code:
		return k.named(text)
	case BrokerID, Number, PartitionID:
		var err error
		n, err = strconv.ParseInt(text, 10, 64)
		ok = err == nil
	}
	if !ok {
		return 0, quote(text) + " is not " + k.what(), "use " + k.bounds()
	}
	return k.within(n, text)
}

func (k Kind) within(n int64, text string) (int64, string, string) {
	if l := kinds[k]; n < l.least || n > l.most {
		return 0, quote(text) + " is out of range", "use " + k.bounds()
	}
	return n, "", ""
}

// sized reads a number of bytes as the setting of the same thing does.
func (k Kind) sized(as setting.Key, text string) (int64, string, string) {
	row, _ := setting.Find(as)
	canonical, err := row.Kind.Parse(text)
	var bad *setting.ValueError
	if errors.As(err, &bad) {
		return 0, bad.Say, "use " + k.bounds()
	}
	n, _ := strconv.ParseInt(canonical, 10, 64) // the table has read it
	return k.within(n, text)
}

// named reads the name of an error.
func (k Kind) named(text string) (int64, string, string) {
	if code, ok := cluster.ErrorCode(text); ok {
		return int64(code), "", ""
	}
	hint := "use " + k.bounds()
	if near := setting.Closest(text, cluster.ErrorNames()); len(near) > 0 {
		hint = "near: " + strings.Join(near, ", ")
	}
	return 0, quote(text) + " is not the name of an error of Kafka's", hint
}

func (k Kind) what() string {
	switch k {
	case RoundTrip, Time, Delay, Period:
		return "a length of time"
	case Rate:
		return "a bandwidth"
	case BrokerID, Number, PartitionID:
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
