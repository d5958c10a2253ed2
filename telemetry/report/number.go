package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// absent stands for a figure that was not measured or has too few samples.
const absent = "-"

// count writes a whole number with its thousands apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// plural writes a number and the word for it.
func plural(n int64, word string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(word, "ch"):
		word += "es"
	default:
		word += "s"
	}
	return count(n) + " " + word
}

// figure writes three digits that matter, and no fewer than the whole part has;
// below 1, to the thousandth.
func figure(f float64) string {
	switch a := math.Abs(f); {
	case a >= 999.5:
		return count(int64(math.Round(f)))
	case a >= 99.95:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case a >= 9.995:
		return strconv.FormatFloat(f, 'f', 1, 64)
	case a >= 0.9995 || a == 0:
		return strconv.FormatFloat(f, 'f', 2, 64)
	default:
		return strconv.FormatFloat(f, 'f', 3, 64)
	}
}

// decimal is figure without zeros at its end.
func decimal(f float64) string {
	s := figure(f)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func number(f *float64) string {
	if f == nil {
		return absent
	}
	return decimal(*f)
}

func ms(f *float64) string {
	if f == nil {
		return absent
	}
	return figure(*f)
}

func share(f float64) string { return decimal(f*100) + "%" }

func shareOf(f *float64) string {
	if f == nil {
		return absent
	}
	return share(*f)
}

// size writes bytes in the largest binary unit that fits.
func size(bytes float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for ; bytes >= 1024 && i < len(units)-1; i++ {
		bytes /= 1024
	}
	return fmt.Sprintf("%s %s", decimal(bytes), units[i])
}

func sizeOf(f *float64) string {
	if f == nil {
		return absent
	}
	return size(*f)
}
