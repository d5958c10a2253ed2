package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// perfClient is the Java client inside of kafka-producer-perf-test, and the
// tool's own flags for the load.
var perfClient = &client{
	name:  "kafka-producer-perf-test",
	about: "Every setting of the producer is there under Kafka's own name, behind --command-property or --producer-props; the flags say the load. The tool takes neither an empty value nor one with = in it: those, and secrets, are left to a file for --command-config.",
	java:  true,
	jvm:   true,
	words: perfWords(),
	defaults: func(setting.Values) map[setting.Key]string {
		return map[setting.Key]string{setting.LoadPayload: "random"}
	},
	cannot: map[setting.Key]string{
		"key.serializer":    "the tool sends no keys",
		"value.serializer":  "the tool sends bytes as they are",
		setting.LoadPayload: "the tool sends random letters, which shrink to about 60 %",
		setting.LoadShape:   "the tool sends at one rate",
		setting.LoadKeys:    "the tool sends no keys",
		setting.LoadSenders: "the tool sends from one thread",
		setting.LoadSend:    "the tool sends with a callback, and waits for none",
	},
	foreign: map[string]string{
		"--print-metrics": "it prints the client's own metrics", "--reporting-interval": "it says how often progress is printed", "--warmup-records": "it leaves the first records out of the figures",
		"--payload-delimiter": "it parts the records of a file", "--payload-monotonic": "it sends numbers that count up", "--transaction-duration-ms": "it says how long each transaction lasts",
		"--producer.config": "it names another file, which is not opened: read that one by itself", "--command-config": "it names another file, which is not opened: read that one by itself",
		"key.serializer": "the tool brings its own", "value.serializer": "the tool brings its own",
	},
	consumer: javaConsumer,
	more:     morePerf,
}

func perfWords() []word {
	var words []word
	for _, w := range javaWords() {
		switch w.key {
		case "key.serializer", "value.serializer":
			continue
		case setting.BootstrapServers:
			w.also = []string{"--bootstrap-server"}
		case "transactional.id":
			w.also = []string{"--transactional-id"}
		default:
		}
		words = append(words, w)
	}
	return append(words,
		word{key: setting.LoadRate, name: "--throughput", pairs: [][2]string{{"0", "-1"}}, form: asNumber, own: throughput},
		word{key: setting.LoadRecordBytes, name: "--record-size", form: asNumber},
		word{key: setting.LoadPayload, name: "--payload-file", own: func(v value) (string, string, *misheard, bool) { return "file:" + v.text, "", nil, true }},
	)
}

// throughput reads a rate, which the tool takes with a point.
func throughput(v value) (string, string, *misheard, bool) {
	if !decimalNumber.MatchString(v.text) {
		return "", "", nil, false
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil || f < 1 || f > 1e8 {
		return "", "", nil, false
	}
	return strconv.FormatInt(int64(f), 10), "kdyno's rate is a whole number.", nil, true
}

// morePerf writes the flags that the tool does not start without.
func morePerf(e *exporter) {
	for _, k := range []setting.Key{setting.LoadRate, setting.LoadRecordBytes, setting.LoadPayload} {
		e.done[k] = true
	}
	rate := e.values.Text(setting.LoadRate)
	if rate == "0" {
		rate = "-1"
	}
	e.add(line{key: setting.LoadRate, name: "--throughput", text: rate})
	e.perfRecords()
	e.perfFile()
	if len(e.values.Addresses()) == 0 {
		e.done[setting.BootstrapServers] = true
		e.add(line{key: setting.BootstrapServers, name: string(setting.BootstrapServers), text: "localhost:9092"})
		e.losses = append(e.losses, Loss{Key: setting.BootstrapServers, Say: "bootstrap.servers is not set: put your own brokers there.", Nearest: "localhost:9092"})
	}
}

// perfSecrets is a file that a person makes for what the command cannot hold.
const perfSecrets = "secrets.properties"

// perfFile leaves to a file what the tool would refuse: it parts KEY=VALUE at
// every =. Secrets go there too, since everybody sees a command line.
func (e *exporter) perfFile() {
	leave := func(k setting.Key, why string) {
		if !slices.ContainsFunc(e.lines, func(l line) bool { return l.name == perfConfig }) {
			e.add(line{key: k, name: perfConfig, text: perfSecrets})
		}
		e.done[k] = true
		e.lose(k, why, string(k)+" in "+perfSecrets)
	}
	for _, row := range setting.Rows() {
		w, ok := e.client.says(row.Key)
		if !ok || row.Scope != setting.Producer || e.done[row.Key] {
			continue
		}
		if row.Secret && (e.asked.IsSet(row.Key) || e.needs(row.Key)) {
			leave(row.Key, "a secret is never written")
			continue
		}
		text, _, _ := w.speak(e.values.Text(row.Key))
		if _, wanted := e.wanted(row.Key); wanted && (text == "" || strings.ContainsRune(text, '=')) {
			leave(row.Key, "the tool takes neither an empty value nor one with = in it")
		}
	}
}

const perfConfig = "--command-config"

// perfRecords writes what the tool's records are: a file's, or random letters of
// one size.
func (e *exporter) perfRecords() {
	payload := e.values.Text(setting.LoadPayload)
	if path, file := strings.CutPrefix(payload, "file:"); file {
		e.add(line{key: setting.LoadPayload, name: "--payload-file", text: path})
		if e.values.IsSet(setting.LoadRecordBytes) {
			e.lose(setting.LoadRecordBytes, "the file's records have the size that they have", "")
		}
		return
	}
	size := e.values.RecordSizes()
	mean := strconv.FormatInt(max(int64(size.Mean()), 1), 10)
	e.add(line{key: setting.LoadRecordBytes, name: "--record-size", text: mean})
	if size.Kind != "fixed" {
		e.lose(setting.LoadRecordBytes, "the tool's records have one size", mean)
	}
	if payload != "random" || e.values.IsSet(setting.LoadPayload) {
		e.lose(setting.LoadPayload, e.client.cannot[setting.LoadPayload], "random letters")
	}
}

// findPerfTest reads the command line of the tool.
func findPerfTest(s *source) ([]entry, *Error) {
	var entries []entry
	var wrong *Error
	found := false
	bad := readShell(s.text, func(words []shellWord) bool {
		at := slices.IndexFunc(words, func(w shellWord) bool {
			return strings.Contains(w.text, "kafka-producer-perf-test") || strings.HasSuffix(w.text, "ProducerPerformance")
		})
		if found = at >= 0; found {
			entries, wrong = perfEntries(s, words[at+1:])
		}
		return found
	})
	switch {
	case bad != nil:
		return nil, bad
	case !found:
		return nil, &Error{Say: "no kafka-producer-perf-test is called in it", Hint: "give the whole command"}
	}
	return entries, wrong
}

// perfAlone are the flags without a value.
var perfAlone = []string{"--print-metrics", "--payload-monotonic"}

// perfProperties are the flags that a list of settings follows.
var perfProperties = []string{"--producer-props", "--command-property"}

func perfEntries(s *source, words []shellWord) ([]entry, *Error) {
	var entries []entry
	inside := false
	for n := 0; n < len(words); n++ {
		w := words[n]
		flag, text, joined := strings.Cut(w.text, "=")
		switch {
		case strings.HasPrefix(w.text, "--"):
			if inside = slices.Contains(perfProperties, w.text); inside {
				continue
			}
			v := shellWord{text: text, open: w.open, line: w.line}
			if !joined && !slices.Contains(perfAlone, flag) && n+1 < len(words) {
				n++
				v = words[n]
			}
			if bad := perfFlag(s, &entries, flag, v, w); bad != nil {
				return nil, bad
			}
		case inside && joined:
			entries = append(entries, entry{name: flag, value: shellValue(text, w.open), line: w.line, column: w.column})
		default:
			return nil, &Error{Line: w.line, Column: w.column, Say: "this word belongs to no flag", Hint: "settings are KEY=VALUE behind --command-property"}
		}
	}
	return entries, nil
}

func shellValue(text string, open bool) value {
	if open && strings.ContainsAny(text, "$`") {
		return value{kind: elsewhere, text: clipped(text)}
	}
	return value{text: text}
}

func perfFlag(s *source, entries *[]entry, flag string, v, at shellWord) *Error {
	switch flag {
	case "--topic":
		s.topic = v.text
	case "--num-records":
		n, err := strconv.ParseInt(v.text, 10, 64)
		if err != nil && !v.open {
			return &Error{Line: v.line, Column: v.column, Say: "--num-records: " + shown(v.text) + " is not a number of records", Hint: "a whole number"}
		}
		s.records = n
	default:
		*entries = append(*entries, entry{name: flag, value: shellValue(v.text, v.open), line: at.line, column: at.column})
	}
	return nil
}

// putPerfTest writes the command that repeats this load.
func putPerfTest(e *exporter) string {
	topic, records := e.config.Topic, e.config.Records
	if topic == "" {
		topic = "TOPIC"
	}
	if records <= 0 {
		records = max(e.values.Int(setting.LoadRate)*60, 0)
	}
	if records == 0 {
		records = 1_000_000
	}
	var b strings.Builder
	b.WriteString("# Before Kafka 4.2 --command-property is called --producer-props, and --command-config --producer.config.\n")
	fmt.Fprintf(&b, "kafka-producer-perf-test \\\n  --topic %s \\\n  --num-records %d", shellQuote(topic), records)
	var properties []line
	for _, l := range e.lines {
		switch {
		case strings.HasPrefix(l.name, "--"):
			fmt.Fprintf(&b, " \\\n  %s %s", l.name, shellQuote(l.text))
		case l.key == setting.BootstrapServers:
			fmt.Fprintf(&b, " \\\n  --bootstrap-server %s", shellQuote(l.text))
		default:
			properties = append(properties, l)
		}
	}
	if len(properties) > 0 {
		b.WriteString(" \\\n  --command-property")
	}
	for _, l := range properties {
		b.WriteString(" \\\n    " + shellQuote(l.name+"="+l.text))
	}
	return b.String() + "\n"
}
