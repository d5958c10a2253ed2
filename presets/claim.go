package presets

import (
	"fmt"
	"regexp"
	"strconv"

	"kdyno/telemetry/report"
)

// Claim is what a preset says of one figure of the report, against another
// preset's producer under the same load on the same stand:
// "requests.count < 0.5 x kafka4".
type Claim struct {
	Path     string
	Operator string
	Factor   float64
	Of       string // the other preset's name
}

var claimForm = regexp.MustCompile(`^(\S+) (<|<=|>|>=) ([0-9]+(?:\.[0-9]+)?) x (\S+)$`)

// ParseClaim reads a claim. The error says what is wanted.
func ParseClaim(text string) (Claim, error) {
	m := claimForm.FindStringSubmatch(text)
	if m == nil {
		return Claim{}, fmt.Errorf("a claim reads PATH < FACTOR x PRESET, such as requests.count < 0.5 x kafka4")
	}
	if _, err := report.ParseExpect(m[1] + m[2] + "0"); err != nil {
		return Claim{}, err
	}
	factor, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		return Claim{}, err
	}
	return Claim{Path: m[1], Operator: m[2], Factor: factor, Of: m[4]}, nil
}

// Holds judges the claim on a report of the preset and one of the other. Say
// tells both figures; one that a report does not have holds nothing.
func (c Claim) Holds(mine, theirs report.Report) (holds bool, say string) {
	of, ok := figure(theirs, c.Path)
	if !ok {
		return false, fmt.Sprintf("%s is not in the report of %s", c.Path, c.Of)
	}
	is, ok := figure(mine, c.Path)
	if !ok {
		return false, c.Path + " is not in the report"
	}
	bound := c.Factor * of
	holds = map[string]bool{"<": is < bound, "<=": is <= bound, ">": is > bound, ">=": is >= bound}[c.Operator]
	return holds, fmt.Sprintf("%s is %.4g, of %s %.4g", c.Path, is, c.Of, of)
}

// figure finds a number in a report.
func figure(r report.Report, path string) (float64, bool) {
	e, err := report.ParseExpect(path + ">=0")
	if err != nil {
		return 0, false
	}
	found, err := report.Judge(r, []report.Expect{e})
	if err != nil || len(found) != 1 {
		return 0, false
	}
	f, ok := found[0].Got.(float64)
	return f, ok
}
