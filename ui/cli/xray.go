package cli

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kdyno/engine"
	"kdyno/engine/fault"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// defaultListen is where every Kafka client looks first.
const defaultListen = "127.0.0.1:9092"

// xrayFlags are those of `kdyno xray`, as they were typed.
type xrayFlags struct {
	loadFlags
	listen    string
	cert, key string
}

const aboutXRay = `Put somebody else's producer on the stand: kdyno listens where a Kafka broker
would, the application connects to it, and every producer that comes is measured
as kdyno's own: batches, requests in flight, retries, errors, partitions, and what
its settings must be. Without --brokers it is an embedded cluster; with it a proxy
before a real one. Faults work as ever.`

func (a *app) xrayCommand() *cobra.Command {
	f, look := &xrayFlags{}, &lookFlags{}
	cmd := &cobra.Command{
		Use:     "xray",
		Short:   "Put your own application's producer on the stand",
		Long:    aboutXRay,
		Example: "kdyno xray\nkdyno xray --for 30s --json\nkdyno xray --brokers kafka:9092 --listen 127.0.0.1:19092",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) > 0 {
				return noArguments(cmd, args)
			}
			return a.xray(f, look)
		}),
	}
	f.register(cmd.Flags())
	look.register(cmd.Flags())
	return cmd
}

func (f *xrayFlags) register(fs *pflag.FlagSet) {
	fs.StringVar(&f.listen, "listen", defaultListen, "where applications connect; each broker takes the next port")
	fs.Var(setFlag{f: &f.loadFlags, name: "brokers", shows: "HOST:PORT,..."}, "brokers", "the cluster to stand before as a proxy; none: the embedded one")
	fs.StringVar(&f.topic, "topic", "", "topic of the embedded cluster, or several parted by commas; others are made when a producer asks")
	fs.BoolVar(&f.yes, "yes", false, "yes, listen beyond this machine, and lead to a cluster beyond it")
	fs.Var(setFlag{f: &f.loadFlags, name: "set", shows: "KEY=VALUE"}, "set", "set one setting of the stand, or of the TLS with --brokers; may be repeated")
	fs.StringVar(&f.cert, "tls-cert", "", "speak TLS with applications: the certificate, a PEM file")
	fs.StringVar(&f.key, "tls-key", "", "and its key")
	fs.StringVar(&f.length, "for", "", "end after this time, such as 30s, without a screen")
	fs.StringArrayVar(&f.at, "at", nil, "do a step at a time, such as '10s=fault stall for=5s'; may be repeated")
	fs.Bool("json", false, "print the report as one JSON object, without a screen")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on stderr")
}

// xray opens a session of guests, on the screen or without one.
func (a *app) xray(f *xrayFlags, l *lookFlags) *failure {
	look, fail := l.options(&a.World)
	if fail != nil {
		return fail
	}
	c, fail := a.xrayConfig(f)
	if fail != nil {
		return fail
	}
	screen := a.Terminal && !a.Dumb && c.For == 0 && !a.json
	if !screen && c.For == 0 && (!a.Terminal || a.json) {
		return usage("xray without a screen needs an end: --for", "add --for 30s, or start it in a terminal for the workbench")
	}
	c.Attended = screen
	guests, err := a.XRay(c)
	if err != nil {
		return failed(err)
	}
	if !screen {
		return a.finishXRay(guests, a.watchXRay(guests, f.quiet))
	}
	look.Faults = faultLines(len(c.Brokers) > 0)
	var store *presets.Store
	if opened, err := a.Presets(); err == nil {
		store = opened
	}
	return a.finishXRay(guests, a.attend(guests, Screen{Engine: guests, Guests: guests, Presets: store, Look: look}))
}

// xrayConfig judges the flags.
func (a *app) xrayConfig(f *xrayFlags) (engine.XRayConfig, *failure) {
	c := engine.XRayConfig{Listen: f.listen, Yes: f.yes, Version: release(a.Build)}
	values, fail := a.xrayValues(f)
	if fail != nil {
		return c, fail
	}
	c.Values, c.Brokers = values, values.Addresses()
	plain := engine.Config{Values: values, Brokers: c.Brokers}
	for _, judge := range []func(*engine.Config) *failure{f.topics, f.ends, contradictions} {
		if fail := judge(&plain); fail != nil {
			return c, fail
		}
	}
	c.Topics, c.For = plain.Topics, plain.For
	if len(c.Brokers) > 0 && len(c.Topics) > 0 {
		return c, usage("--topic is of the embedded cluster; a real one has its own", "leave --topic or --brokers out")
	}
	if c.At, fail = f.xraySteps(c.For, ground(&plain)); fail != nil {
		return c, fail
	}
	if c.TLS, fail = f.tls(); fail != nil {
		return c, fail
	}
	return c, nil
}

// topics reads --topic, which a real cluster does not need here.
func (f *xrayFlags) topics(c *engine.Config) *failure {
	if strings.TrimSpace(f.topic) == "" {
		return nil
	}
	return f.loadFlags.topics(c)
}

// tls reads the certificate that applications are shown.
func (f *xrayFlags) tls() (*tls.Config, *failure) {
	switch {
	case f.cert == "" && f.key == "":
		return nil, nil
	case f.cert == "" || f.key == "":
		return nil, usage("--tls-cert and --tls-key belong together", "give both, as PEM files")
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, usagef("give a certificate and its key as PEM files", "--tls-cert %s, --tls-key %s: %v", f.cert, f.key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// xrayValues are the settings that count here: the stand's, and how a real cluster
// is reached. What else the environment sets is of other commands.
func (a *app) xrayValues(f *xrayFlags) (setting.Values, *failure) {
	given, fail := f.values(a, setting.Defaults())
	if fail != nil {
		return given, fail
	}
	for _, key := range given.Set() {
		if why, hint := notHere(key); why != "" {
			fail := usagef(hint, "%s: %s", key, why)
			fail.Key = string(key)
			return given, fail
		}
	}
	environment, fail := a.environment(setting.Defaults())
	if fail != nil {
		return given, fail
	}
	for _, key := range environment.Set() {
		if why, _ := notHere(key); why != "" || key == setting.BootstrapServers {
			environment = environment.Without(key)
		}
	}
	return environment.Merge(given), nil
}

// notHere says why a setting is none of this command's; empty: it is.
func notHere(k setting.Key) (why, hint string) {
	row, _ := setting.Find(k)
	switch {
	case row.Scope == setting.Stand, k == setting.BootstrapServers, k == setting.SecurityProtocol, strings.HasPrefix(string(k), "ssl."):
		return "", ""
	case strings.HasPrefix(string(k), "sasl."):
		return "a login is the application's own, and passes through", "set it in the application"
	default:
		return "is the application's to set", "kdyno xray takes stand.* and, with --brokers, security.protocol and ssl.*"
	}
}

// xraySteps judges what --at will do.
func (f *xrayFlags) xraySteps(length time.Duration, g fault.Ground) ([]step.Timed, *failure) {
	var timeline []typed
	for _, text := range f.at {
		timed, err := step.ParseTimed(text)
		if err != nil {
			return nil, badStep(text, err)
		}
		if length > 0 && timed.At >= length {
			return nil, usagef("make --for longer, or the step earlier", "--at %s: it has ended by then, after %s", text, f.length)
		}
		switch timed.Step.Verb {
		case step.Fault, step.Heal, step.Mark:
		case step.Set:
			for _, set := range timed.Step.Set {
				if row, known := setting.Find(set.Key); known && row.Scope != setting.Stand {
					return nil, usagef("set it there", "--at %s: %s is the application's to set", text, set.Key)
				}
			}
		default:
			return nil, usagef("the steps here are set stand.*, fault, heal and mark", "--at %s: %s is of a producer of kdyno's own", text, timed.Step.Verb)
		}
		timeline = append(timeline, typed{timed, text})
	}
	slices.SortStableFunc(timeline, func(a, b typed) int { return cmp.Compare(a.At, b.At) })
	var steps []step.Timed
	for _, t := range timeline {
		steps = append(steps, t.Timed)
	}
	return steps, faults(timeline, g)
}

// watchXRay waits for the end without a screen, or brings it about.
func (a *app) watchXRay(guests Guests, quiet bool) ending {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	p := &xrayProgress{w: a.Err, next: time.Second}
	if quiet {
		p = nil
	}
	for {
		select {
		case <-guests.Done():
			p.end()
			return ending{fail: failed(guests.Err())}
		case <-a.Interrupts:
			p.end()
			return ending{interrupted: true, hurried: a.stop(guests)}
		case <-tick.C:
			p.show(guests.Snapshot())
		}
	}
}

// xrayProgress writes one line a second, and what happens as it does. A nil one
// writes nothing.
type xrayProgress struct {
	w    io.Writer
	next time.Duration
	told int // events
}

func (p *xrayProgress) show(s *telemetry.Snapshot) {
	if p == nil {
		return
	}
	events := s.Report.Events
	for _, e := range events[min(p.told, len(events)):] {
		_, _ = fmt.Fprintf(p.w, "%5.1f s   %s\n", e.AtS, report.Harmless(e.Say)) // nobody may be reading
	}
	p.told = len(events)
	if s.At < p.next || s.Guests == nil {
		return
	}
	for p.next <= s.At {
		p.next += time.Second
	}
	rate, here := 0.0, 0
	for _, g := range s.Guests.List {
		rate += g.RecordsPerS
		if g.Connections > 0 {
			here++
		}
	}
	_, _ = fmt.Fprintf(p.w, "%5.0f s   %10.0f records/s   %d producers connected, %d so far\n", s.At.Seconds(), rate, here, len(s.Guests.List))
}

func (p *xrayProgress) end() {
	if p != nil {
		_, _ = fmt.Fprintln(p.w)
	}
}

// xrayOutcome is the report of a session that ended badly, with the error beside
// its words.
type xrayOutcome struct {
	report.Xray
	Error *failure `json:"error,omitempty"`
}

// finishXRay writes the report, whatever the end, and lets the session go.
func (a *app) finishXRay(guests Guests, end ending) *failure {
	if end.interrupted {
		a.code = 130
	}
	r := guests.Report()
	// Of a cluster that was never reached there is nothing to report.
	if end.fail == nil || len(r.Clients) > 0 {
		if fail := a.printXRay(r, end.fail); fail != nil && end.fail == nil {
			end.fail = fail
		}
	}
	a.letGo(guests, &end)
	return end.fail
}

func (a *app) printXRay(r report.Xray, fail *failure) *failure {
	var text []byte
	var err error
	if a.json {
		text, err = line(xrayOutcome{Xray: r, Error: fail})
	} else {
		var b bytes.Buffer
		err = report.XrayText(&b, r)
		text = b.Bytes()
	}
	return a.hand(text, err, fail)
}
