package dialect

import (
	"fmt"
	"strings"
	"sync"

	"kdyno/engine/setting"
)

// Default is what another client than Kafka's own does for a setting where
// nothing is said.
type Default struct {
	Client string `json:"client"`
	Name   string `json:"name,omitempty"`    // what it calls the setting
	Value  string `json:"default,omitempty"` // in Kafka's words; empty for Kafka's null, and with Cannot
	Cannot string `json:"cannot,omitempty"`  // why it has no such setting
}

// others are dialects of the clients that are not Kafka's own, one of each.
var others = []string{"librdkafka", "franz-go", "sarama", "kafka-python"}

// untold is what each of them does where nothing is said at all.
var untold = sync.OnceValue(func() []setting.Values {
	all := make([]setting.Values, len(others))
	for n, name := range others {
		d, bad := byName(name)
		if bad != nil {
			panic("dialect: " + bad.Error())
		}
		all[n] = newImporter(d, &source{}).finish().Values
	}
	return all
})

// Defaults tells what each of the other clients does for a setting of the
// producer; nil for any other.
func Defaults(k setting.Key) []Default {
	row, known := setting.Find(k)
	if !known || row.Scope != setting.Producer || row.Secret {
		return nil
	}
	var all []Default
	for n, name := range others {
		d, bad := byName(name)
		if bad != nil {
			panic("dialect: " + bad.Error())
		}
		is := Default{Client: d.client.name, Value: untold()[n].Text(k)}
		if w, ok := d.client.says(k); ok {
			is.Name = w.name
		} else if is.Value == row.Default {
			is.Value, is.Cannot = "", d.client.reason(row)
		}
		if is.Value == unbounded {
			is.Value = "no limit"
		}
		all = append(all, is)
	}
	return all
}

// DefaultsLine says in one line which of the other clients do otherwise than
// Kafka's own; empty where none does.
func DefaultsLine(k setting.Key) string {
	row, _ := setting.Find(k)
	var parts []string
	for _, d := range Defaults(k) {
		if d.Cannot != "" || d.Value == row.Default {
			continue
		}
		shown := row.Kind.Show(d.Value)
		if shown == "" {
			shown = "none"
		}
		parts = append(parts, fmt.Sprintf("%s %s", d.Client, shown))
	}
	return strings.Join(parts, ", ")
}
