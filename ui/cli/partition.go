package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"kdyno/engine"
	"kdyno/engine/setting"
)

const partitionLong = `Where these keys would go, by the partitioner of --set and --preset, and what moves
when partitions are added. It sends nothing. A - in place of the keys reads them
from stdin, one a line. A record without a key has no fixed place.`

const partitionExample = `kdyno partition user-1 user-2
kdyno partition KR-17 US-3 --set partitioner.class=prefix:KR=0-3,US=4-5,*=hash
cut -d, -f1 orders.csv | kdyno partition - --partitions 12 --then 16
kdyno partition user-1 --brokers 127.0.0.1:9092 --topic orders`

// partitionFlags are the flags of `kdyno partition`, as they were typed.
type partitionFlags struct {
	load             loadFlags
	partitions, then string
}

func (a *app) partitionCommand() *cobra.Command {
	f := &partitionFlags{}
	cmd := &cobra.Command{
		Use:   "partition KEY...",
		Short: "Tell which partitions keys go to, and what moves when some are added",
		Long:  partitionLong, Example: partitionExample,
		Args: cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) == 0 {
				return usage("partition needs keys", "name some, such as kdyno partition user-1, or give - and one a line on stdin")
			}
			return a.partition(cmd.OutOrStdout(), args, f)
		}),
	}
	flags := cmd.Flags()
	set := func(name, shows, help string) {
		flags.Var(setFlag{f: &f.load, name: name, shows: shows}, name, help)
	}
	set("set", "KEY=VALUE", "set one setting, such as partitioner.class; may be repeated, and wins over the preset")
	flags.StringVar(&f.load.preset, "preset", "", "start from a saved preset, by name or path")
	flags.StringVar(&f.partitions, "partitions", "", "how many the topic has; without it as many as stand.partitions, or as the topic of --topic")
	flags.StringVar(&f.then, "then", "", "how many it has once some are added")
	set("brokers", "HOST:PORT,...", "a cluster to ask how many partitions its topic has")
	flags.StringVar(&f.load.topic, "topic", "", "that topic")
	flags.Bool("json", false, "print the places as a JSON array")
	return cmd
}

func (a *app) partition(w io.Writer, args []string, f *partitionFlags) *failure {
	values, fail := a.asked(&f.load)
	if fail != nil {
		return fail
	}
	n, fail := a.partitionsOf(f, values)
	if fail != nil {
		return fail
	}
	then := 0
	if f.then != "" {
		if then, fail = partitionCount("then", f.then); fail != nil {
			return fail
		}
		if then < n {
			return usagef(fmt.Sprintf("give --then %d or more", n), "--then %d: a topic with %d partitions cannot have fewer later", then, n)
		}
	}
	for _, p := range setting.Check(values, setting.Facts{FewestInTopic: n}) {
		if p.Severity == setting.Error && firstKey(p) == string(setting.PartitionerClass) {
			hint := fmt.Sprintf("name others; for these the topic needs %d partitions", values.Partitioner().Needs())
			fail := usage(strings.TrimSuffix(p.Say, "."), hint)
			fail.Key = firstKey(p)
			return fail
		}
	}
	keys, fail := a.keys(args)
	if fail != nil {
		return fail
	}
	return failed(newPlaces(values, n, then).write(w, keys, a.json))
}

// asked are the values below a command that makes no session: the preset, the
// environment, --set.
func (a *app) asked(f *loadFlags) (setting.Values, *failure) {
	values := setting.Defaults()
	if f.preset != "" {
		store, err := a.Presets()
		if err != nil {
			return values, badPreset(err)
		}
		p, err := store.Load(f.preset)
		if err != nil {
			return values, badPreset(err)
		}
		values = p.All()
	}
	values, fail := a.environment(values)
	if fail != nil {
		return values, fail
	}
	return f.values(a, values)
}

// partitionsOf is how many partitions the topic has: as was said, as the real
// one, or as the embedded one would.
func (a *app) partitionsOf(f *partitionFlags, v setting.Values) (int, *failure) {
	brokers := v.Addresses()
	named := slices.ContainsFunc(f.load.assigned, func(given assignment) bool { return given.flag == "brokers" }) || f.load.topic != ""
	switch {
	case f.partitions != "" && named:
		return 0, usage("--partitions and --topic both say how many partitions there are", "leave one of them out")
	case f.partitions != "":
		return partitionCount("partitions", f.partitions)
	case len(brokers) == 0 && named:
		return 0, usage("--topic needs --brokers", "name the cluster that has the topic, or give --partitions")
	case len(brokers) == 0:
		return int(v.Int(setting.StandPartitions)), nil
	}
	c := engine.Config{Values: v, Brokers: brokers}
	if fail := f.load.topics(&c); fail != nil {
		fail.Hint = "name one topic with --topic, or give --partitions"
		return 0, fail
	}
	if len(c.Topics) > 1 {
		return 0, usage("--topic: partition looks at one topic", "name one of them")
	}
	facts, err := a.Facts(context.Background(), c)
	if err != nil {
		return 0, failed(err)
	}
	return facts.FewestInTopic, nil
}

// mostPartitions is beyond what any topic has.
const mostPartitions = 1_000_000

func partitionCount(flag, text string) (int, *failure) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostPartitions {
		return 0, usagef(fmt.Sprintf("a whole number from 1 to %d, such as 12", mostPartitions), "--%s: %q is not a number of partitions", flag, text)
	}
	return n, nil
}

// longestKey bounds a line of stdin.
const longestKey = 1 << 20

// keys are those of the command line, with stdin's in place of -.
func (a *app) keys(args []string) ([]string, *failure) {
	var keys []string
	read := false
	for _, arg := range args {
		if arg != "-" {
			keys = append(keys, arg)
			continue
		}
		if read || a.In == nil {
			return nil, usage("- stands there twice, or there is no stdin", "give it once")
		}
		read = true
		lines := bufio.NewScanner(a.In)
		lines.Buffer(nil, longestKey)
		for lines.Scan() {
			keys = append(keys, lines.Text())
		}
		if err := lines.Err(); err != nil {
			return nil, usagef("one key a line, of at most 1 MiB", "cannot read line %d of stdin: %v", len(keys)+1, err)
		}
	}
	if a.json {
		for _, k := range keys {
			if !utf8.ValidString(k) {
				return nil, usagef("leave --json out", "the key %q is not UTF-8, and JSON can hold nothing else", k)
			}
		}
	}
	return keys, nil
}
