package dialect

import (
	"slices"
	"strings"

	"kdyno/engine/setting"
)

const (
	connectWorker   = "producer."
	connectOverride = "producer.override."
)

// connectClient is the Java client inside of Kafka Connect, which sets some
// values by itself (Worker.baseProducerConfigs).
var connectClient = &client{
	name:  "Kafka Connect",
	about: "Every setting of the producer is there, behind producer. in a worker's file and behind producer.override. in a connector's, which counts. Files of properties, JSON and YAML are read. Security that the worker has for itself does not reach its producers.",
	jvm:   true,
	words: connectWords(),
	defaults: func(setting.Values) map[setting.Key]string {
		return map[setting.Key]string{
			setting.MaxBlockMs: unbounded, setting.EnableIdempotence: "false", setting.MaxInFlight: "1", setting.DeliveryTimeoutMs: "2147483647",
		}
	},
	consumer: []string{"consumer.*", "admin.*"},
}

func connectWords() []word {
	var words []word
	for _, w := range javaWords() {
		kafka := w.name
		w.name, w.also = connectWorker+kafka, []string{connectOverride + kafka}
		if w.key == setting.BootstrapServers {
			w.also = append(w.also, kafka)
		}
		words = append(words, w)
	}
	return words
}

// findConnect reads a worker's file, or a connector's as properties, JSON or
// YAML. What a connector overrides counts, whatever stands first.
func findConnect(s *source) ([]entry, *Error) {
	all, bad := connectEntries(s)
	if bad != nil {
		return nil, bad
	}
	var entries []entry
	for _, e := range all {
		own := slices.ContainsFunc([]string{connectWorker, "consumer.", "admin."}, func(begin string) bool { return strings.HasPrefix(e.name, begin) })
		if own || e.name == string(setting.BootstrapServers) {
			entries = append(entries, e)
			continue
		}
		if e.name == string(setting.SecurityProtocol) && !secures(all) {
			s.warn(e.line, e.column, "security.protocol without producer. is the worker's own: the producers of its connectors stay with PLAINTEXT", "write producer.security.protocol, and so on, too")
		}
		if len(s.ignored) < mostTold {
			s.ignored = append(s.ignored, Ignored{Name: named(e.name), Line: e.line, Why: "it is the worker's or the connector's own"})
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return connectRank(a.name) - connectRank(b.name) })
	return entries, nil
}

// secures says whether the producers have a protocol of their own.
func secures(all []entry) bool {
	return slices.ContainsFunc(all, func(e entry) bool {
		return e.name == connectWorker+string(setting.SecurityProtocol) || e.name == connectOverride+string(setting.SecurityProtocol)
	})
}

func connectRank(name string) int {
	switch {
	case strings.HasPrefix(name, connectOverride):
		return 2
	case strings.HasPrefix(name, connectWorker):
		return 1
	default:
		return 0
	}
}

func connectEntries(s *source) ([]entry, *Error) {
	if !looksYAML(s.text) {
		return readProperties(s.text)
	}
	documents, bad := readYAML(s)
	var entries []entry
	for _, doc := range documents {
		for _, l := range doc {
			path := strings.TrimPrefix(l.path, "spec.")
			entries = append(entries, entry{name: strings.TrimPrefix(path, "config."), value: l.value, line: l.line, column: l.column})
		}
	}
	return entries, bad
}

func putConnect(e *exporter) string { return properties(e.lines, "", "#") }
