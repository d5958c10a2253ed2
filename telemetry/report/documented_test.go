package report

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every figure of the report is defined in docs/measurements.md; a new one has
// to say there what it is and where it is measured.
func TestEveryFigureIsDefined(t *testing.T) {
	text, err := os.ReadFile("../../docs/measurements.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(text)
	for _, section := range []struct {
		name  string
		of    any
		skips string // what the whole section explains, or what is no figure
	}{
		{"records", Records{}, ""},
		{"rate", Rate{}, ""},
		{"latency", Latency{}, " mode count mean_ms min_ms p50_ms p90_ms p99_ms p999_ms p9999_ms max_ms "},
		{"batches", Batches{}, ""},
		{"requests", Requests{}, ""},
		{"buffer", Buffer{}, ""},
		{"partitions[]", Partition{}, " topic partition "},
		{"brokers[]", Broker{}, " id "},
		{"clocks", Clocks{}, ""},
		{"idempotence", Idempotence{}, ""},
		{"self", Self{}, ""},
	} {
		kind := reflect.TypeOf(section.of)
		for i := range kind.NumField() {
			name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if strings.Contains(section.skips, " "+name+" ") {
				continue
			}
			if !strings.Contains(doc, "`"+section.name+"."+name+"`") && !alsoIn(doc, section.name, name) {
				t.Errorf("docs/measurements.md does not define %s.%s", section.name, name)
			}
		}
	}
	for _, stage := range StageNames {
		if !strings.Contains(doc, "`stages."+stage+"`") {
			t.Errorf("docs/measurements.md does not define the stage %s", stage)
		}
	}
}

// alsoIn tells whether a row that begins with a figure of the section names
// another one too: | `buffer.used_mean_bytes`, `used_max_bytes` |.
func alsoIn(doc, section, name string) bool {
	for line := range strings.Lines(doc) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), "|")
		if strings.HasPrefix(cell, "`"+section+".") && strings.Contains(cell, "`"+name+"`") {
			return true
		}
	}
	return false
}
