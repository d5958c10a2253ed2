package setting

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sizes is a view of load.record.bytes: all sizes lie within Least and Most.
// Median and Sigma are a lognormal's; it ends at 3.5 sigma on either side, so
// that there is a largest record.
type Sizes struct {
	Kind        string // fixed, range or lognormal
	Least, Most int64
	Median      int64
	Sigma       float64
}

const sizesTake = "512, 100..2000 or lognormal:MEDIAN:SIGMA"

// sigmas is how far from its median a lognormal size may lie.
const sigmas = 3.5

func parseSizes(text string) (Sizes, *ValueError) {
	hint := "a whole number of bytes from 1 to " + decimal(maxRecordBytes) + " (65536, 64KiB; 64kB is 64000), a range such as 100..2000, or lognormal:500:0.6 (median and sigma)"
	bad := func(what string) (Sizes, *ValueError) { return Sizes{}, &ValueError{Say: what, Hint: hint} }
	if rest, ok := strings.CutPrefix(text, "lognormal:"); ok {
		median, sigma, _ := strings.Cut(rest, ":")
		m, ok := parseCount(bytesUnit, median, 1, maxRecordBytes)
		s, good := parseDecimal(sigma, 0.001, maxSigma)
		if !ok || !good {
			return bad(quote(text) + " needs a median in bytes and a sigma above 0 and up to " + strconv.Itoa(maxSigma))
		}
		return lognormal(m, s), nil
	}
	if least, most, ok := strings.Cut(text, ".."); ok {
		from, ok := parseCount(bytesUnit, least, 1, maxRecordBytes)
		to, good := parseCount(bytesUnit, most, 1, maxRecordBytes)
		if !ok || !good || from > to {
			return bad(quote(text) + " is not a range of sizes, the smaller first")
		}
		if from < to {
			return Sizes{Kind: "range", Least: from, Most: to}, nil
		}
		text = least
	}
	n, err := bytesUnit.parse(strings.TrimSpace(text))
	if err != nil {
		return bad(err.Say)
	}
	if !within(n, 1, maxRecordBytes) {
		return bad(quote(text) + " is out of range")
	}
	return Sizes{Kind: "fixed", Least: n.Int64(), Most: n.Int64()}, nil
}

func lognormal(median int64, sigma float64) Sizes {
	reach := math.Exp(sigmas * sigma)
	bounded := func(f float64) int64 { return int64(math.Round(min(max(f, 1), maxRecordBytes))) }
	return Sizes{
		Kind: "lognormal", Median: median, Sigma: sigma,
		Least: bounded(float64(median) / reach), Most: bounded(float64(median) * reach),
	}
}

// String is the canonical text of load.record.bytes.
func (s Sizes) String() string {
	switch s.Kind {
	case "range":
		return decimal(s.Least) + ".." + decimal(s.Most)
	case "lognormal":
		return "lognormal:" + decimal(s.Median) + ":" + fractionText(s.Sigma)
	default:
		return decimal(s.Most)
	}
}

// Mean is the mean size in bytes.
func (s Sizes) Mean() float64 {
	if s.Kind == "lognormal" {
		return min(float64(s.Median)*math.Exp(s.Sigma*s.Sigma/2), float64(s.Most))
	}
	return float64(s.Least+s.Most) / 2
}

// KeyShape is a view of load.keys. Count is the number of keys of uniform and
// zipf, Exponent is zipf's, Share is how many of all records hot's one key has.
type KeyShape struct {
	Kind     string // none, sequence, uniform, zipf or hot
	Count    int64
	Exponent float64
	Share    float64
}

const keysTake = "none, sequence, uniform:N, zipf:N:S or hot:SHARE"

func parseKeyShape(text string) (KeyShape, *ValueError) {
	k, say := readKeyShape(text)
	if say == "" {
		return k, nil
	}
	return KeyShape{}, &ValueError{
		Say: say,
		Hint: "one of " + keysTake + "; N from 1 to " + strconv.Itoa(maxKeys) + " (1000, 1M), S from 0.01 to " +
			strconv.Itoa(maxExponent) + ", SHARE from 0 to 1",
	}
}

// readKeyShape reads a way to make keys; say is what is wrong with it.
func readKeyShape(text string) (k KeyShape, say string) {
	kind, figures, _ := strings.Cut(text, ":")
	k.Kind = kind
	var ok bool
	switch {
	case text == "none" || text == "sequence":
	case kind == "uniform":
		k.Count, say = parseKeys(figures)
	case kind == "zipf":
		count, exponent, _ := strings.Cut(figures, ":")
		k.Count, say = parseKeys(count)
		if k.Exponent, ok = parseDecimal(exponent, 0.01, maxExponent); !ok && say == "" {
			say = quote(exponent) + " is not an exponent of zipf"
		}
	case kind == "hot":
		if k.Share, ok = parseDecimal(figures, 0, 1); !ok {
			say = quote(figures) + " is not a share of the records"
		}
	default:
		say = quote(text) + " is not a way to make keys"
	}
	return k, say
}

// parseKeys reads a number of keys.
func parseKeys(text string) (n int64, say string) {
	count, bad := recordsSec.parse(text)
	switch {
	case bad != nil || strings.HasSuffix(text, "/s"):
		return 0, quote(text) + " is not a number of keys"
	case !within(count, 1, maxKeys):
		return 0, quote(text) + " keys is out of range"
	default:
		return count.Int64(), ""
	}
}

// String is the canonical text of load.keys.
func (k KeyShape) String() string {
	switch k.Kind {
	case "uniform":
		return "uniform:" + decimal(k.Count)
	case "zipf":
		return "zipf:" + decimal(k.Count) + ":" + fractionText(k.Exponent)
	case "hot":
		return "hot:" + fractionText(k.Share)
	default:
		return k.Kind
	}
}

// payloadWords are the payloads without a file, in menu order.
var payloadWords = []string{"json", "text", "random", "zeros"}

func parsePayload(text string) (string, *ValueError) {
	if path, ok := strings.CutPrefix(text, "file:"); ok && strings.TrimSpace(path) != "" {
		return parseText("file:" + strings.TrimSpace(path))
	}
	if slices.Contains(payloadWords, text) {
		return text, nil
	}
	return "", &ValueError{
		Say:  quote(text) + " is not one of its values",
		Hint: "one of " + strings.Join(payloadWords, ", ") + ", or file:PATH",
	}
}

// Header is one header of every record: its value has so many bytes.
type Header struct {
	Name  string
	Bytes int
}

func parseHeaders(text string) ([]Header, *ValueError) {
	hint := "name=bytes, several parted by commas, such as trace-id=16,tenant=8; up to " + strconv.Itoa(maxHeaders) +
		" of up to " + decimal(maxHeaderBytes) + " bytes each, or nothing for none"
	bad := func(what string) *ValueError { return &ValueError{Say: what, Hint: hint} }
	if text == "" {
		return nil, nil
	}
	var headers []Header
	for part := range strings.SplitSeq(text, ",") {
		name, size, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.ContainsFunc(name, unprintable) {
			return nil, bad(quote(part) + " is not a header")
		}
		n, ok := parseCount(bytesUnit, size, 0, maxHeaderBytes)
		if !ok {
			return nil, bad(quote(part) + " does not say how many bytes the header's value has")
		}
		headers = append(headers, Header{Name: name, Bytes: int(n)})
	}
	if len(headers) > maxHeaders {
		return nil, bad(quote(text) + " has too many headers")
	}
	return headers, nil
}

func headersText(headers []Header) string {
	parts := make([]string, len(headers))
	for i, h := range headers {
		parts[i] = h.Name + "=" + strconv.Itoa(h.Bytes)
	}
	return strings.Join(parts, ",")
}

// ParseShift reads how far a timestamp lies after now, as load.timestamp takes
// it: now, -1h, +30m.
func ParseShift(text string) (d time.Duration, ok bool) {
	d, bad := parseShift(text)
	return d, bad == nil
}

// parseShift reads how far a record's timestamp lies from the instant at which
// it is sent.
func parseShift(text string) (time.Duration, *ValueError) {
	if text == "now" {
		return 0, nil
	}
	d, ok := parseTime(text, -mostShift, mostShift)
	if !ok || text[0] != '-' && text[0] != '+' && d != 0 {
		return 0, &ValueError{
			Say:  quote(text) + " is not a timestamp",
			Hint: "now, or how far from it with a sign and a unit, such as -1h or +30m, up to 10 years",
		}
	}
	return d, nil
}

func shiftText(d time.Duration) string {
	switch {
	case d == 0:
		return "now"
	case d > 0:
		return "+" + timeText(d)
	default:
		return timeText(d)
	}
}
