package presets

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"kdyno/telemetry/report"
)

// base reads the name of the defaults that a preset is set upon.
func (d *decoder) base(k, v *yaml.Node) string {
	name := d.text(k, v)
	if name != "" && !slices.Contains(Bases(), name) {
		d.problem(v, "", fmt.Sprintf("base: there are no named defaults %q", name), "one of "+strings.Join(Bases(), ", "))
		return ""
	}
	return name
}

// expressions reads objectives.
func (d *decoder) expressions(k, v *yaml.Node) []string {
	return d.list(k, v, func(text string) error {
		_, err := report.ParseExpect(text)
		return err
	})
}

// list reads a list of texts; judge, where it is given, refuses some.
func (d *decoder) list(k, v *yaml.Node, judge func(string) error) []string {
	if v.Kind == yaml.ScalarNode && v.ShortTag() == "!!null" {
		return nil
	}
	if v.Kind != yaml.SequenceNode || v.Anchor != "" {
		d.problem(v, "", fmt.Sprintf("%s: a list is wanted, found %s", k.Value, kindName(v)), "write one a line, each behind a dash")
		return nil
	}
	var texts []string
	for _, item := range v.Content {
		before := len(d.problems)
		text := d.text(k, item)
		if len(d.problems) > before {
			continue
		}
		if judge != nil {
			if err := judge(text); err != nil {
				d.problem(item, "", fmt.Sprintf("%s: %s: %v", k.Value, clip(text), err), "mend it, or take the line out")
				continue
			}
		}
		texts = append(texts, text)
	}
	return texts
}

// clip keeps a text from a file short enough for a message.
func clip(text string) string {
	const most = 60
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return fmt.Sprintf("%+q", text)
}

// measured reads the last measurement. What is not known there stays in the file.
func (d *decoder) measured(v *yaml.Node) *Measured {
	if v.Kind != yaml.MappingNode {
		if v.ShortTag() != "!!null" {
			d.problem(v, "", fmt.Sprintf("measured: a map is wanted, found %s", kindName(v)), "take it out; kdyno run --preset NAME --save-measurement writes it")
		}
		return nil
	}
	m := &Measured{}
	d.pairs(v, func(k, v *yaml.Node) {
		if read, known := measuredFields[k.Value]; known {
			read(d, m, k, v)
			return
		}
		d.plain(v)
	})
	return m
}

// measuredFields read the fields of a measurement.
var measuredFields = map[string]func(d *decoder, m *Measured, k, v *yaml.Node){
	"at":            func(d *decoder, m *Measured, k, v *yaml.Node) { m.At = d.text(k, v) },
	"kdyno":         func(d *decoder, m *Measured, k, v *yaml.Node) { m.Kdyno = d.text(k, v) },
	"of":            func(d *decoder, m *Measured, k, v *yaml.Node) { m.Of = d.text(k, v) },
	"guarantee":     func(d *decoder, m *Measured, k, v *yaml.Node) { m.Guarantee = d.text(k, v) },
	"audit":         func(d *decoder, m *Measured, k, v *yaml.Node) { m.Audit = d.text(k, v) },
	"for_s":         func(d *decoder, m *Measured, k, v *yaml.Node) { m.ForS = d.number(k, v) },
	"records_per_s": func(d *decoder, m *Measured, k, v *yaml.Node) { m.RecordsPerS = d.number(k, v) },
	"p99_ms": func(d *decoder, m *Measured, k, v *yaml.Node) {
		p99 := d.number(k, v)
		m.P99Ms = &p99
	},
	"load":  func(d *decoder, m *Measured, k, v *yaml.Node) { m.Load = d.texts(k, v) },
	"stand": func(d *decoder, m *Measured, k, v *yaml.Node) { m.Stand = d.texts(k, v) },
	"cluster": func(d *decoder, m *Measured, k, v *yaml.Node) {
		c := d.texts(k, v)
		m.Cluster.Kind, m.Cluster.Version = c["kind"], c["version"]
		m.Cluster.Brokers, _ = strconv.Atoi(c["brokers"]) // what is no number is as good as unknown
		m.Cluster.Partitions, _ = strconv.Atoi(c["partitions"])
		m.Cluster.Replication, _ = strconv.Atoi(c["replication"])
	},
}

func (d *decoder) number(k, v *yaml.Node) float64 {
	before := len(d.problems)
	text := d.text(k, v)
	if len(d.problems) > before {
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.problem(v, "", fmt.Sprintf("measured: %s: %s is not a number", k.Value, clip(text)), "take the line out, or measure anew with --save-measurement")
	}
	return f
}

// texts reads a map of plain texts.
func (d *decoder) texts(k, v *yaml.Node) map[string]string {
	if v.Kind != yaml.MappingNode {
		d.problem(v, "", fmt.Sprintf("measured: %s: a map is wanted, found %s", k.Value, kindName(v)), "take it out")
		return nil
	}
	m := map[string]string{}
	d.pairs(v, func(k, v *yaml.Node) { m[k.Value] = d.text(k, v) })
	return m
}
