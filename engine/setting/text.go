package setting

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

func parseText(text string) (string, *ValueError) {
	if strings.ContainsFunc(text, unprintable) {
		return "", &ValueError{Say: quote(text) + " holds characters that cannot be printed", Hint: "one line of printable text"}
	}
	return text, nil
}

// secretWays are the ways in which a secret may be given.
const secretWays = "KEY=file:PATH, the environment (KDYNO_ and the key in capitals with underscores), or KEY=ask to be asked for it"

// parseNoSecret takes nothing but the absence of a secret: a text that comes
// this way may already be in a shell's history or on the screen. Neither the
// error nor its Text may repeat it.
func parseNoSecret(text string) (string, *ValueError) {
	if text == "" {
		return "", nil
	}
	return "", &ValueError{Say: "a secret must not be written where others can read it", Hint: secretWays}
}

// parseList reads items that commas part. Empty items are dropped, as Kafka
// does; so are repeated ones.
func (k Kind) parseList(text string) (string, *ValueError) {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" || slices.Contains(items, item) {
			continue
		}
		if k.form == choiceList && !slices.Contains(k.words, item) {
			return "", &ValueError{Say: quote(item) + " is not one of its values", Hint: "some of " + strings.Join(k.words, ", ") + ", parted by commas"}
		}
		if _, bad := parseText(item); bad != nil {
			return "", bad
		}
		items = append(items, item)
	}
	return strings.Join(items, ","), nil
}

// parseFraction reads a decimal number.
func (k Kind) parseFraction(text string) (string, *ValueError) {
	hint := "a decimal number such as 0.8"
	least, most := k.Bounds()
	if least != "" {
		hint = "a decimal number from " + least + " to " + most
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return "", &ValueError{Say: quote(text) + " is not a decimal number", Hint: hint}
	}
	if least != "" && (f < float64(k.least)/100 || f > float64(k.most)/100) {
		return "", &ValueError{Say: quote(text) + " is out of range", Hint: hint}
	}
	if f == 0 {
		f = 0 // not minus zero
	}
	return strconv.FormatFloat(f, 'f', -1, 64), nil
}

// hundredths shows the bound of a fraction.
func hundredths(n int64) string { return strconv.FormatFloat(float64(n)/100, 'f', -1, 64) }
