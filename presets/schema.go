package presets

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// form is one part of a JSON schema.
type form map[string]any

// JSONSchema writes what a preset's file may hold as a JSON schema, made from the
// table of settings: what editors complete and check by. The error is the
// writer's.
func JSONSchema(w io.Writer) error {
	properties := form{
		"schema": form{"const": Schema},
		"name":   form{"type": "string", "maxLength": 64},
		"note":   form{"type": "string", "description": "A line or more for people."},
		"for":    form{"type": "string", "description": "What it is for."},
		"base":   form{"enum": bases, "description": "The named defaults that the values are set upon; without it those of Kafka 4."},
		"expect": form{
			"type": "array", "items": form{"type": "string"},
			"description": "Objectives, such as latency.p99_ms<20: judged whenever the preset is run, as --expect is.",
		},
		"measured": measuredForm(),
		"because":  listForm("Why the values are so, a sentence each."),
		"sources":  listForm("Where that can be read."),
		"claims":   listForm("What it does against another preset under its own load, such as requests.count < 0.5 x kafka4."),
	}
	for _, name := range sections {
		properties[name] = sectionForm(name)
	}
	text, err := json.MarshalIndent(form{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "kdyno preset", "type": "object",
		"required": []string{"schema"}, "properties": properties,
	}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

func listForm(description string) form {
	return form{"type": "array", "items": form{"type": "string"}, "description": description}
}

// sectionForm is one scope of the table. Secrets are not in it.
func sectionForm(name string) form {
	rows := form{}
	for _, row := range setting.Rows() {
		if string(row.Scope) == name && !row.Secret {
			rows[string(row.Key)] = rowForm(row)
		}
	}
	return form{"type": []string{"object", "null"}, "properties": rows, "additionalProperties": false}
}

// rowForm is what a setting takes. A number may be a text, for its unit.
func rowForm(row setting.Row) form {
	f := form{"description": row.Doc, "default": row.Default}
	kind := row.Kind.Type()
	words := row.Kind.Enum()
	switch {
	case row.Kind.Takes() != "":
		f["type"] = []string{"string", "number"}
	case kind == "int" || kind == "long" || kind == "short":
		number := form{"type": "integer"}
		if least, most := row.Kind.Bounds(); least != "" {
			number["minimum"] = json.Number(least)
			if most != "" {
				number["maximum"] = json.Number(most)
			}
		}
		f["anyOf"] = []form{number, {"type": "string"}}
	case kind == "boolean":
		f["anyOf"] = []form{{"type": "boolean"}, {"type": "string"}}
	case len(words) > 0:
		f["enum"] = spellings(row.Kind, words)
	default:
		f["type"] = []string{"string", "number", "boolean"}
	}
	return f
}

// spellings are the ways in which the words of a choice may be written, a number
// as such too.
func spellings(k setting.Kind, words []string) []any {
	var all []any
	for _, word := range append(slices.Clone(words), "-1", "") {
		for _, as := range []string{word, strings.ToLower(word), strings.ToUpper(word)} {
			if _, err := k.Parse(as); err != nil || slices.Contains(all, any(as)) {
				continue
			}
			all = append(all, as)
			if n, err := strconv.Atoi(as); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}

func measuredForm() form {
	texts := form{"type": "object", "additionalProperties": form{"type": []string{"string", "number", "boolean"}}}
	return form{
		"type": []string{"object", "null"}, "description": "The last measurement, written by kdyno run --preset NAME --save-measurement.",
		"properties": form{
			"at": form{"type": "string"}, "kdyno": form{"type": "string"}, "of": form{"type": []string{"string", "number"}},
			"guarantee": form{"type": "string"}, "audit": form{"enum": []string{"kept", "violated", "inconclusive"}},
			"for_s": form{"type": "number"}, "records_per_s": form{"type": "number"}, "p99_ms": form{"type": "number"},
			"load": texts, "stand": texts, "cluster": texts,
		},
	}
}
