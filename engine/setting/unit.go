package setting

import (
	"math/big"
	"net"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unit is what a number counts.
type unit string

const (
	plain      unit = ""
	millis     unit = "ms"
	seconds    unit = "s"
	bytesUnit  unit = "bytes"
	recordsSec unit = "records/s"
)

// suffixes are the units that may follow a number, by what it counts.
var suffixes = map[unit]map[string]int64{
	plain:   {},
	seconds: {"s": 1, "m": 60, "min": 60, "h": 3_600},
	millis:  {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000},
	bytesUnit: {
		"B": 1, "k": 1_000, "kB": 1_000, "M": 1_000_000, "MB": 1_000_000, "G": 1_000_000_000, "GB": 1_000_000_000,
		"Ki": 1 << 10, "KiB": 1 << 10, "Mi": 1 << 20, "MiB": 1 << 20, "Gi": 1 << 30, "GiB": 1 << 30,
	},
	recordsSec: {"/s": 1, "k": 1_000, "k/s": 1_000, "M": 1_000_000, "M/s": 1_000_000},
}

// noun names what the unit counts in a sentence.
func (u unit) noun() string {
	switch u {
	case millis:
		return "milliseconds"
	case seconds:
		return "seconds"
	default:
		return string(u)
	}
}

// examples shows how the unit's other spellings look.
func (u unit) examples() string {
	switch u {
	case millis:
		return " (5, 5ms, 2s, 1m)"
	case seconds:
		return " (300, 300s, 5m)"
	case bytesUnit:
		return " (65536, 64KiB; 64kB is 64000)"
	case recordsSec:
		return " (5000, 180k, 1M)"
	default:
		return ""
	}
}

// parse reads a number with or without a suffix, exactly. The number may be of
// any size; what cannot be a whole number of the unit is refused.
func (u unit) parse(text string) (*big.Int, *ValueError) {
	number, suffix := split(text)
	if number == "" {
		return nil, &ValueError{Say: quote(text) + " is not a number"}
	}
	factor, ok := suffixes[u][suffix]
	if suffix == "" {
		factor, ok = 1, true
	}
	if !ok {
		return nil, &ValueError{Say: u.wrongSuffix(text, suffix)}
	}
	whole, fraction, _ := strings.Cut(number, ".")
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return nil, &ValueError{Say: quote(text) + " is not a number"}
	}
	n.Mul(n, big.NewInt(factor))
	n, rest := n.QuoRem(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(fraction))), nil), new(big.Int))
	if rest.Sign() != 0 || (fraction != "" && suffix == "") {
		return nil, &ValueError{Say: quote(text) + " is not a whole number" + u.of()}
	}
	return n, nil
}

func (u unit) of() string {
	if u == plain {
		return ""
	}
	return " of " + u.noun()
}

// wrongSuffix says why a suffix is not taken: unknown, ambiguous, or a unit of
// something else.
func (u unit) wrongSuffix(text, suffix string) string {
	if u == bytesUnit && (suffix == "K" || suffix == "KB") {
		return quote(text) + " can mean 1000 or 1024: write k for 1000 or Ki for 1024"
	}
	if u == plain {
		return quote(text) + " has a unit, and this is a plain number"
	}
	for other, known := range suffixes {
		if _, ok := known[suffix]; ok && other != u {
			return quote(text) + " is not in " + string(u)
		}
	}
	return quote(text) + " is not a number with a unit that is known"
}

// maxDigits keeps the arithmetic small whatever is pasted in.
const maxDigits = 40

// split cuts text into a decimal number and what follows it. The number is
// empty if there is none, or if its form is not plain decimal.
func split(text string) (number, suffix string) {
	end := 0
	if end < len(text) && (text[end] == '-' || text[end] == '+') {
		end++
	}
	digits, points := 0, 0
	for ; end < len(text); end++ {
		switch c := text[end]; {
		case c >= '0' && c <= '9':
			digits++
			continue
		case c == '.' && points == 0 && digits > 0:
			points++
			continue
		}
		break
	}
	number = text[:end]
	if digits == 0 || digits > maxDigits || strings.HasSuffix(number, ".") {
		return "", ""
	}
	return number, strings.TrimSpace(text[end:])
}

// show puts a number into the largest unit that loses nothing.
func (u unit) show(n int64) string {
	switch u {
	case millis:
		return largest(n, " ms", magnitude{60_000, " min"}, magnitude{1_000, " s"})
	case seconds:
		return largest(n, " s", magnitude{60, " min"})
	case bytesUnit:
		return largest(n, " B", magnitude{1 << 30, " GiB"}, magnitude{1 << 20, " MiB"}, magnitude{1 << 10, " KiB"})
	case recordsSec:
		return grouped(n) + "/s"
	default:
		return strconv.FormatInt(n, 10)
	}
}

type magnitude struct {
	size int64
	name string
}

func largest(n int64, smallest string, sizes ...magnitude) string {
	if n > 0 {
		for _, s := range sizes {
			if n%s.size == 0 {
				return grouped(n/s.size) + s.name
			}
		}
	}
	return grouped(n) + smallest
}

// decimal is the canonical text of a number.
func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// grouped sets commas between thousands.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

// parseAddresses reads host:port,host:port; none at all is allowed and means
// the embedded cluster.
func parseAddresses(text string) (string, *ValueError) {
	if text == "" {
		return "", nil
	}
	parts := strings.Split(text, ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
		if !isAddress(parts[i]) {
			return "", &ValueError{
				Say:  quote(parts[i]) + " is not an address",
				Hint: "host:port, several parted by commas, such as kafka1:9092,kafka2:9092",
			}
		}
	}
	return strings.Join(parts, ","), nil
}

func isAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" || strings.ContainsFunc(host, notHost) {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

func notHost(r rune) bool {
	return unprintable(r) || unicode.IsSpace(r) || strings.ContainsRune("/@,\"", r)
}

func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// quote shows what was written, on one line and not at any length.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.Quote(text)
}
