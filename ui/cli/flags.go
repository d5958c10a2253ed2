package cli

import (
	"strings"

	"github.com/spf13/pflag"

	"kdyno/engine/setting"
)

// loadFlags are the flags that `kdyno` and `kdyno run` share, as they were
// typed; config.go judges them.
type loadFlags struct {
	topic, preset string
	config        string
	dialect       string // of config; empty: recognised
	print         bool   // --print-config
	length, count string // --for and --records
	every         string
	at, expect    []string
	yes, create   bool
	audit         bool
	quiet         bool
	save          bool         // --save-measurement
	assigned      []assignment // --set and its short forms, in the order typed
}

// assignment is one value that was asked for, and the flag that did it.
type assignment struct {
	flag string
	text string
}

// shortForms are the flags that set a row of the table.
var shortForms = map[string]setting.Key{
	"brokers": setting.BootstrapServers,
	"rate":    setting.LoadRate,
	"size":    setting.LoadRecordBytes,
	"acks":    setting.Acks,
	"seed":    setting.LoadSeed,
}

func (f *loadFlags) register(fs *pflag.FlagSet) {
	set := func(name, shows, help string) {
		fs.Var(setFlag{f: f, name: name, shows: shows}, name, help)
	}
	set("brokers", "HOST:PORT,...", "brokers to start from; none: the embedded cluster")
	fs.StringVar(&f.topic, "topic", "", "topic to produce to, or several parted by commas")
	fs.BoolVar(&f.create, "create", false, "create a topic that is missing")
	fs.BoolVar(&f.yes, "yes", false, "yes, load a cluster beyond this machine")
	fs.StringVar(&f.preset, "preset", "", "start with a saved preset, by name or path")
	fs.StringVar(&f.config, "config", "", "take the producer's settings from a file, in any dialect")
	fs.StringVar(&f.dialect, "dialect", "", "what the file of --config is, where it is not recognised")
	fs.BoolVar(&f.print, "print-config", false, "print each value with its source, and do nothing else")
	set("set", "KEY=VALUE", "set one setting; may be repeated, and wins over the preset")
	set("rate", "RECORDS/S", "short for --set load.rate=...; 0: as fast as it goes")
	set("size", "BYTES", "short for --set load.record.bytes=...")
	set("acks", "0|1|all", "short for --set acks=...")
	set("seed", "N", "short for --set load.seed=...: the same load again")
	fs.StringVar(&f.length, "for", "", "end the load after this time, such as 10s")
	fs.StringVar(&f.count, "records", "", "end the load after so many records")
	fs.StringArrayVar(&f.at, "at", nil, "do a step at a time, such as '3s=set linger.ms=20'; may be repeated")
	fs.BoolVar(&f.audit, "audit", false, "read the log back and judge what was promised: kept, violated or inconclusive")
	fs.StringVar(&f.every, "every", "", "print an interval each time this is over, such as 1s; with --json one object a line")
	fs.StringArrayVar(&f.expect, "expect", nil, "judge the report at the end, such as 'latency.p99_ms<20'; may be repeated")
	fs.Bool("json", false, "print the report as one JSON object")
	fs.BoolVar(&f.save, "save-measurement", false, "write the figures of this run into the preset of --preset")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on stderr")
}

// setFlag puts what --set and its short forms are given into one list, so
// that the last one on the line wins whatever it is called.
type setFlag struct {
	f     *loadFlags
	name  string
	shows string
}

func (s setFlag) Set(text string) error {
	s.f.assigned = append(s.f.assigned, assignment{flag: s.name, text: text})
	return nil
}

func (setFlag) String() string { return "" }

func (s setFlag) Type() string { return s.shows }

// values adds what was assigned to the values that stand below.
func (f *loadFlags) values(a *app, v setting.Values) (setting.Values, *failure) {
	for _, given := range f.assigned {
		key, text := shortForms[given.flag], given.text
		if key == "" {
			k, t, ok := strings.Cut(given.text, "=")
			if !ok || k == "" {
				return v, usagef("write it as --set linger.ms=20", "--set %s: KEY=VALUE is wanted", given.text)
			}
			key, text = setting.Key(strings.TrimSpace(k)), t
		}
		if key == setting.BootstrapServers && strings.Trim(text, ", \t") == "" {
			f := usage("the list of brokers is empty", "write --brokers host:port, or leave it out for the embedded cluster")
			f.Key = string(key)
			return v, f
		}
		if row, _ := setting.Find(key); row.Secret {
			var fail *failure
			if v, fail = a.secret(v, key, text); fail != nil {
				return v, fail
			}
			continue
		}
		next, err := v.With(key, text)
		if err != nil {
			from := ""
			if given.flag != "set" {
				from = "--" + given.flag
			}
			return v, badValue(err, from)
		}
		v = next
	}
	return v, nil
}
