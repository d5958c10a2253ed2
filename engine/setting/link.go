package setting

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The bounds of a bandwidth, in bytes a second.
const (
	leastBandwidth = 125            // 1kbit
	mostBandwidth  = 12_500_000_000 // 100Gbit
)

const bandwidthTakes = "0 (none), or a bandwidth such as 100Mbit, 2.5Mbit or 10MB, from 1kbit to 100Gbit"

// linkRows are the emulated network but for its round trip.
func linkRows() []Row {
	return []Row{
		{
			Key: StandLinkJitter, Kind: Kind{form: span, most: int64(maxLinkRTT)}, Default: "0",
			Doc:  "How far a round trip may be off stand.link.rtt, to either side: 0, 5ms.",
			Cost: "A link that varies: the percentiles part from the median, and the order on a connection still holds.",
			Note: "Emulated in the client's connections, at once, evenly spread; the same seed gives the same delays.",
		},
		{
			Key: StandLinkBandwidth, Kind: worded(bandwidthTakes, readBandwidth), Default: "0",
			Doc:  "What each connection carries at most: 0 for no limit, 100Mbit, 10MB.",
			Cost: "A thin link makes bytes cost time: compression begins to pay, and send.buffer.bytes must hold bandwidth times round trip.",
			Note: "Emulated in the client's connections, at once, for each of them.",
		},
	}
}

// bandwidths are the units of a bandwidth in bits a second. None is the end of
// another.
var bandwidths = []struct {
	suffix string
	bits   float64
}{
	{"kbit", 1e3}, {"Mbit", 1e6}, {"Gbit", 1e9}, {"kB", 8e3}, {"MB", 8e6}, {"GB", 8e9},
}

// ParseBandwidth reads 100Mbit, also 100Mbit/s, into whole bytes a second.
func ParseBandwidth(text string) (bytesPerSec int64, ok bool) {
	text = strings.TrimSuffix(text, "/s")
	for _, r := range bandwidths {
		number, found := strings.CutSuffix(text, r.suffix)
		number = strings.TrimSpace(number)
		if !found || strings.Trim(number, "0123456789.") != "" {
			continue
		}
		x, err := strconv.ParseFloat(number, 64)
		if err != nil || x > math.MaxInt32 {
			return 0, false
		}
		return int64(math.Round(x * r.bits / 8)), true
	}
	return 0, false
}

// readBandwidth keeps what was written: 100Mbit is what people say.
func readBandwidth(text string) (string, *ValueError) {
	text = strings.TrimSuffix(strings.ReplaceAll(text, " ", ""), "/s")
	if text == "0" {
		return text, nil
	}
	n, ok := ParseBandwidth(text)
	if !ok || n < leastBandwidth || n > mostBandwidth {
		return "", &ValueError{Say: fmt.Sprintf("%s is no bandwidth that a link can have", quote(text)), Hint: bandwidthTakes}
	}
	return text, nil
}

// LinkBandwidth is stand.link.bandwidth in bytes a second, 0 for no limit.
func (v Values) LinkBandwidth() int64 {
	n, _ := ParseBandwidth(v.Text(StandLinkBandwidth)) // 0 is none
	return n
}
