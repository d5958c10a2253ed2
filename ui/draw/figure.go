package draw

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Unknown stands where nothing was measured.
const Unknown = "-"

// SI shortens a number to four signs or less and a letter: 950, 5.0k, 180.0k,
// 1.2M. What is not a number is Unknown.
func SI(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Unknown
	}
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	for _, u := range []struct {
		by   float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= u.by*0.99995 {
			return sign + strconv.FormatFloat(v/u.by, 'f', 1, 64) + u.name
		}
	}
	if v == math.Trunc(v) || v >= 100 {
		return sign + strconv.FormatFloat(v, 'f', 0, 64)
	}
	return sign + strconv.FormatFloat(v, 'f', 1, 64)
}

// Bytes shortens a size to KiB, MiB or GiB with one decimal.
func Bytes(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return Unknown
	case math.Abs(v) >= 1<<30:
		return fmt.Sprintf("%.1f GiB", v/(1<<30))
	case math.Abs(v) >= 1<<20:
		return fmt.Sprintf("%.1f MiB", v/(1<<20))
	case math.Abs(v) >= 1<<10:
		return fmt.Sprintf("%.1f KiB", v/(1<<10))
	}
	return fmt.Sprintf("%.0f B", v)
}

// BytesOf is a size against a limit, in the unit of the limit where that shows
// something: 0.6 of 32 MiB, 16.5 KiB of 32 MiB.
func BytesOf(used, limit float64) string {
	if limit <= 0 {
		return Bytes(used) // the limit is not known yet
	}
	by, unit := 1.0, "B"
	switch {
	case limit >= 1<<30:
		by, unit = 1<<30, "GiB"
	case limit >= 1<<20:
		by, unit = 1<<20, "MiB"
	case limit >= 1<<10:
		by, unit = 1<<10, "KiB"
	}
	most := strings.TrimSuffix(strconv.FormatFloat(limit/by, 'f', 1, 64), ".0")
	if used > 0 && used/by < 0.05 {
		return fmt.Sprintf("%s of %s %s", Bytes(used), most, unit)
	}
	return fmt.Sprintf("%.1f of %s %s", used/by, most, unit)
}

// Ms is a time in milliseconds with as many decimals as it deserves; nil is
// Unknown.
func Ms(v *float64) string {
	if v == nil {
		return Unknown
	}
	return MsOf(*v)
}

// MsOf is Ms of a plain number.
func MsOf(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return Unknown
	case math.Abs(v) >= 99.95:
		return Count(int64(math.Round(v)))
	case v != 0 && math.Abs(v) < 0.0995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

// Count is a whole number with commas: 1,204.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	neg := 0
	if n < 0 {
		neg = 1
	}
	for i := len(s) - 3; i > neg; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Percent is a share of one as a whole percentage; nil is Unknown.
func Percent(v *float64) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return Unknown
	}
	return strconv.FormatFloat(*v*100, 'f', 0, 64) + " %"
}

// Clock is a time since the start as minutes and seconds, with hours when
// there are any.
func Clock(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// Plural is a count with its noun: 1 record, 12 records.
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// Bound is a time in milliseconds as a person says a limit: 12 ms, 30 s, 2 min.
func Bound(ms float64) string {
	switch {
	case ms < 1000:
		return strconv.FormatFloat(math.Round(ms), 'f', 0, 64) + " ms"
	case ms < 120_000:
		return strconv.FormatFloat(math.Round(ms/100)/10, 'f', -1, 64) + " s"
	}
	return strconv.FormatFloat(math.Round(ms/6000)/10, 'f', -1, 64) + " min"
}
