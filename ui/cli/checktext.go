package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kdyno/engine/setting"
	"kdyno/telemetry/report"
)

// text writes a verdict for people: the problems, what is behind them, and the
// guarantee.
func (c checked) text(v verdict) string {
	var b strings.Builder
	for _, p := range v.Problems {
		b.WriteString(c.problemText(p) + "\n")
	}
	if len(v.Differences) > 0 {
		b.WriteString("quietly changed:\n")
		for _, d := range v.Differences {
			b.WriteString(wrap(fmt.Sprintf("%s %s > %s: %s", d.Key, shownValue(d.Key, d.Asked), shownValue(d.Key, d.Effective), d.Why), "  "))
		}
		b.WriteString("\n")
	}
	if len(v.NotJudged) > 0 {
		b.WriteString("not judged:\n")
		for _, n := range v.NotJudged {
			b.WriteString(wrap(place(c.path, n.Line, 0)+n.Say, "  "))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "guarantee: %s\n", v.Guarantee.Name)
	for _, because := range v.Guarantee.Because {
		b.WriteString(wrap("+ "+because, "  "))
	}
	for _, broken := range v.Guarantee.BrokenBy {
		b.WriteString(wrap("- "+broken, "  "))
	}
	what := c.im.Dialect
	if c.ours {
		what = "preset"
	}
	errs, warnings := v.count()
	fmt.Fprintf(&b, "\n%s (%s, %d set): %s, %s\n", cmp.Or(c.path, c.name), what, c.inFile(), counted(errs, "error"), counted(warnings, "warning"))
	return harmless(b.String())
}

// harmless takes from each line what a terminal would obey.
func harmless(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		b.WriteString(report.Harmless(strings.TrimSuffix(l, "\n")) + "\n")
	}
	return b.String()
}

// inFile counts the values that the file itself sets.
func (c checked) inFile() int {
	n := 0
	for _, k := range c.im.Values.Set() {
		if !c.im.Origins[k].Client {
			n++
		}
	}
	return n
}

// problemText is one problem, its first line as compilers and editors have it.
func (c checked) problemText(p finding) string {
	var b strings.Builder
	b.WriteString(wrap(fmt.Sprintf("%s%s: %s", place(cmp.Or(c.path, c.name), p.Line, 0), p.Severity, p.Say), ""))
	if p.Why != "" {
		b.WriteString(wrap(p.Why, "  "))
	}
	if len(p.Fix) > 0 {
		var pairs []string
		for _, k := range slices.Sorted(maps.Keys(p.Fix)) {
			pairs = append(pairs, fmt.Sprintf("%s=%s", k, p.Fix[k]))
		}
		b.WriteString("  fix: " + strings.Join(pairs, " ") + "\n")
	}
	if rest := c.elsewhere(p); rest != "" {
		b.WriteString("  with " + rest + "\n")
	}
	if p.Source != "" {
		b.WriteString(wrap("see "+p.Source, "  "))
	}
	return b.String()
}

// elsewhere names the lines of the other settings that have a part in it.
func (checked) elsewhere(p finding) string {
	var parts []string
	for _, k := range slices.SortedFunc(maps.Keys(p.Lines), func(a, b setting.Key) int { return p.Lines[a] - p.Lines[b] }) {
		if line := p.Lines[k]; line != p.Line {
			parts = append(parts, fmt.Sprintf("%s on line %d", k, line))
		}
	}
	return strings.Join(parts, ", ")
}
