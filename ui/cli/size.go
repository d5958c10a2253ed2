package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kdyno/engine/setting"
	"kdyno/engine/sizing"
)

const sizeLong = `Reckon what a setting should be, with the arithmetic shown. Rate, record size,
linger and the like are those of --preset and --set, else Kafka's defaults; what
else it takes comes by flags.`

const sizeExample = `kdyno settings size buffer.memory --rate 10k --size 1KiB --stall 30s
kdyno settings size batch.size --rate 50k --size 500 --set linger.ms=20
kdyno settings size max.in.flight.requests.per.connection --rate 20k --size 1kB --rtt 80ms
kdyno settings size delivery.timeout.ms --restart 45s --preset orders-balanced`

// sizeFlags are the flags of `kdyno settings size`, as they were typed.
type sizeFlags struct {
	load                           loadFlags
	stall, restart, rtt, tail, lag string
	bandwidth, partitions, nodes   string
}

func (a *app) sizeCommand() *cobra.Command {
	f := &sizeFlags{}
	cmd := &cobra.Command{
		Use: "size KEY", Short: "Reckon what a setting should be", Long: sizeLong, Example: sizeExample,
		Args: cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) > 1 {
				return usage("settings size takes one setting", seeHelp(cmd))
			}
			if len(args) == 0 {
				return failed(listSizes(cmd.OutOrStdout()))
			}
			return a.size(cmd.OutOrStdout(), setting.Key(args[0]), f)
		}),
	}
	flags := cmd.Flags()
	set := func(name, shows, help string) {
		flags.Var(setFlag{f: &f.load, name: name, shows: shows}, name, help)
	}
	set("rate", "RECORDS/S", "records a second")
	set("size", "BYTES", "of a record")
	set("set", "KEY=VALUE", "another setting's value; may be repeated")
	flags.StringVar(&f.load.preset, "preset", "", "take the load and the other settings from a preset")
	flags.StringVar(&f.stall, "stall", "", "how long the brokers are away that is to be ridden out, such as 30s")
	flags.StringVar(&f.restart, "restart", "", "how long a broker's restart takes, such as 45s")
	flags.StringVar(&f.rtt, "rtt", "", "round trip to the brokers, such as 80ms")
	flags.StringVar(&f.bandwidth, "bandwidth", "", "of one connection, such as 100Mbit; without it what the load needs")
	flags.StringVar(&f.tail, "tail", "", "p99.9 of a request's answer, such as 800ms")
	flags.StringVar(&f.lag, "lag", "", "the brokers' replica.lag.time.max.ms; 30s is their default")
	flags.StringVar(&f.partitions, "partitions", "", "that are written at a time; 1 without keys")
	flags.StringVar(&f.nodes, "nodes", "", "how many brokers share the load")
	flags.Bool("json", false, "print it as one JSON object")
	return cmd
}

func listSizes(w io.Writer) error {
	keys, rules := sizing.Keys()
	var b strings.Builder
	for i, k := range keys {
		fmt.Fprintf(&b, "%s\t%s\n", k, rules[i])
	}
	return columns(w, b.String())
}

func (a *app) size(w io.Writer, k setting.Key, f *sizeFlags) *failure {
	if _, there := setting.Find(k); !there {
		return badValue(setting.Unknown(string(k)), "")
	}
	if !sizing.Can(k) {
		keys, _ := sizing.Keys()
		fail := usagef("there are helpers for "+keyList(keys), "there is no helper that sizes %s", k)
		fail.Key = string(k)
		return fail
	}
	values, fail := a.asked(&f.load)
	if fail != nil {
		return fail
	}
	in, fail := f.inputs(values)
	if fail != nil {
		return fail
	}
	sized, err := sizing.Size(k, in)
	var missing *sizing.MissingError
	if errors.As(err, &missing) {
		return usagef("add "+missing.Names[0]+"; "+"kdyno settings size --help says what each is", "%v", err)
	}
	if err != nil {
		return failed(err)
	}
	if a.json {
		text, err := line(sized)
		if err == nil {
			_, err = w.Write(text)
		}
		return failed(err)
	}
	_, err = io.WriteString(w, sizedText(sized))
	return failed(err)
}

// The figures that are taken where nothing is given.
const (
	usualStall   = 30 * time.Second
	usualRestart = 30 * time.Second
	usualLag     = 30 * time.Second // replica.lag.time.max.ms of Kafka's brokers
)

// inputs reads the flags on top of the values.
func (f *sizeFlags) inputs(v setting.Values) (sizing.Inputs, *failure) {
	in := sizing.Inputs{Values: v, Memory: sizing.Figure{Value: float64(hostMemory()), From: "this host"}}
	in.Rate = sizing.Figure{Value: v.Pacing().Mean(v.Int(setting.LoadRate)), From: f.from(v, setting.LoadRate)}
	in.Record = sizing.Figure{Value: v.RecordSizes().Mean(), From: f.from(v, setting.LoadRecordBytes)}
	if v.KeyShape().Kind != "none" {
		in.Partitions = sizing.Figure{Value: float64(v.Int(setting.StandPartitions)), From: f.from(v, setting.StandPartitions)}
	}
	if rtt := v.Duration(setting.StandLinkRTT); rtt > 0 {
		in.RTT = sizing.Figure{Value: ms(rtt), From: string(setting.StandLinkRTT)}
	}
	in.Bandwidth = sizing.Figure{Value: float64(v.LinkBandwidth()), From: string(setting.StandLinkBandwidth)}
	in.Nodes = sizing.Figure{Value: float64(v.Int(setting.StandBrokers)), From: f.from(v, setting.StandBrokers)}
	in.Stall = sizing.Figure{Value: ms(usualStall), From: "assumed"}
	in.Restart = sizing.Figure{Value: ms(usualRestart), From: "assumed"}
	in.Lag = sizing.Figure{Value: ms(usualLag), From: "Kafka's default"}
	return in, f.given(&in)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// from says where a value of the load comes from.
func (f *sizeFlags) from(v setting.Values, k setting.Key) string {
	switch {
	case f.load.assigns(k):
		return f.load.flagOf(k)
	case !v.IsSet(k):
		return "default of " + string(k)
	case f.load.preset != "":
		return "preset " + f.load.preset
	}
	return string(k)
}

// given puts the flags' figures in.
func (f *sizeFlags) given(in *sizing.Inputs) *failure {
	for _, t := range []struct {
		flag, text string
		into       *sizing.Figure
	}{
		{"stall", f.stall, &in.Stall}, {"restart", f.restart, &in.Restart}, {"rtt", f.rtt, &in.RTT}, {"tail", f.tail, &in.Tail}, {"lag", f.lag, &in.Lag},
	} {
		if t.text == "" {
			continue
		}
		d, err := time.ParseDuration(t.text)
		if err != nil || d < time.Microsecond || d > 1000*time.Hour {
			return usagef("a time with its unit, such as 30s or 80ms", "--%s: %q is not a length of time from 1us to 1000h", t.flag, t.text)
		}
		*t.into = sizing.Figure{Value: ms(d), From: "--" + t.flag}
	}
	for _, n := range []struct {
		flag, what, text string
		into             *sizing.Figure
	}{{"partitions", "partitions", f.partitions, &in.Partitions}, {"nodes", "brokers", f.nodes, &in.Nodes}} {
		if n.text == "" {
			continue
		}
		count, err := strconv.Atoi(n.text)
		if err != nil || count < 1 || count > 1_000_000 {
			return usagef("a whole number from 1 to 1000000, such as 12", "--%s: %q is not a number of %s", n.flag, n.text, n.what)
		}
		*n.into = sizing.Figure{Value: float64(count), From: "--" + n.flag}
	}
	if f.bandwidth != "" {
		perSec, ok := setting.ParseBandwidth(f.bandwidth)
		if !ok || perSec <= 0 {
			return usagef("a bandwidth such as 100Mbit, 2.5Gbit or 10MB", "--bandwidth: %q is not a bandwidth", f.bandwidth)
		}
		in.Bandwidth = sizing.Figure{Value: float64(perSec), From: "--bandwidth"}
	}
	return nil
}

func sizedText(s sizing.Sized) string {
	var b strings.Builder
	row, _ := setting.Find(s.Key)
	fmt.Fprintf(&b, "%s=%s", s.Key, s.Value)
	if shown := row.Kind.Show(s.Value); shown != s.Value {
		fmt.Fprintf(&b, " (%s)", shown)
	}
	b.WriteString("\n\n")
	for _, in := range s.Inputs {
		fmt.Fprintf(&b, "  %-26s %-20s %s\n", in.Name, in.Value, in.From)
	}
	b.WriteString("\n")
	for _, step := range s.Steps {
		b.WriteString(wrap(step, "  "))
	}
	for _, note := range s.Notes {
		b.WriteString("\n" + wrap(note, "  "))
	}
	return b.String()
}
