package dialect

import (
	"fmt"
	"go/format"
	"strconv"
	"strings"
)

// findConfluentGo reads the literals of kafka.ConfigMap, and what is set later.
func findConfluentGo(s *source) ([]entry, *Error) {
	var entries []entry
	bad := readCode(golang, s.text, func(f fact) {
		e := entry{line: f.line, column: f.column}
		switch {
		case f.kind == paired && f.key.isText():
			e.name, e.value = f.key.text, f.args[0]
		case f.kind == called && strings.HasSuffix(f.path, ".SetKey") && len(f.args) == 2 && f.args[0].isText():
			e.name, e.value = f.args[0].text, f.args[1]
		default:
			return
		}
		if e.value.kind == name {
			e.value.kind = code
		}
		entries = append(entries, e)
	})
	return entries, bad
}

// goText writes a value of Go.
func goText(l line) string {
	switch {
	case l.fill != "":
		return "os.Getenv(" + strconv.Quote(l.fill) + ")"
	case l.form == asNumber || l.form == asTruth || l.form == asSymbol:
		return l.text
	case l.form == asSpan:
		return goSpan(l.text)
	default:
		return strconv.QuoteToASCII(l.text)
	}
}

// goSpan writes milliseconds as people write them in Go.
func goSpan(ms string) string {
	n, err := strconv.ParseInt(ms, 10, 64)
	switch {
	case err != nil || n == 0:
		return ms
	case n%60_000 == 0:
		return fmt.Sprintf("%d * time.Minute", n/60_000)
	case n%1_000 == 0:
		return fmt.Sprintf("%d * time.Second", n/1_000)
	default:
		return fmt.Sprintf("%d * time.Millisecond", n)
	}
}

// goFormatted is a program of Go as gofmt leaves it.
func goFormatted(program string) string {
	done, err := format.Source([]byte(program))
	if err != nil {
		return program // a test compiles every one of them
	}
	return string(done)
}

// goImports lists packages, the standard library's first.
func goImports(std, others []string) string {
	var b strings.Builder
	b.WriteString("import (\n")
	for n, group := range [][]string{std, others} {
		if n > 0 && len(std) > 0 {
			b.WriteString("\n")
		}
		for _, path := range group {
			fmt.Fprintf(&b, "\t%q\n", path)
		}
	}
	b.WriteString(")\n\n")
	return b.String()
}

func putConfluentGo(e *exporter) string {
	var b strings.Builder
	var std []string
	if len(e.fills()) > 0 {
		std = []string{"os"}
	}
	b.WriteString("package producer\n\n" + goImports(std, []string{"github.com/confluentinc/confluent-kafka-go/v2/kafka"}))
	b.WriteString("// Config is what kafka.NewProducer takes.\nfunc Config() *kafka.ConfigMap {\n\treturn &kafka.ConfigMap{\n")
	for _, l := range e.lines {
		if n, err := strconv.ParseInt(l.text, 10, 64); err == nil && l.form == asNumber && n > 1<<31-1 {
			l.form = asText // an int may have 32 bits
		}
		if l.form == asSymbol {
			l.form = asText
		}
		fmt.Fprintf(&b, "\t\t%q: %s,%s\n", l.name, goText(l), behind("//", l.why))
	}
	b.WriteString("\t}\n}\n")
	return goFormatted(b.String())
}
