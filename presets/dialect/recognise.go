package dialect

import (
	"regexp"
	"strings"

	"kdyno/engine/setting"
)

// sign is what a text of a dialect holds. The first that is found decides.
type sign struct {
	dialect string
	pattern *regexp.Regexp
}

var signs = []sign{
	{"perf-test", regexp.MustCompile(`kafka-producer-perf-test|tools\.ProducerPerformance`)},
	{"franz-go", regexp.MustCompile(`\bkgo\.[A-Z]\w*`)},
	{"sarama", regexp.MustCompile(`\bsarama\.[A-Z]\w*`)},
	{"confluent-go", regexp.MustCompile(`\bkafka\.ConfigMap\b`)},
	{"librdkafka", regexp.MustCompile(`\brd_kafka_(topic_)?conf_set\b`)},
	{"confluent-dotnet", regexp.MustCompile(`\busing\s+Confluent\.Kafka|\bnew\s+ProducerConfig\s*(\(\s*\))?\s*\{|\bBootstrapServers\s*=`)},
	{"kafka-python", regexp.MustCompile(`(?m)^\s*(from|import)\s+kafka\b|\bbootstrap_servers\s*=|['"]bootstrap_servers['"]\s*:`)},
	{"confluent-python", regexp.MustCompile(`\bconfluent_kafka\b`)},
	{"java-code", regexp.MustCompile(`\bProducerConfig\.[A-Z_]+|\.(put|setProperty)\s*\(\s*"`)},
	{"spring", regexp.MustCompile(`(?m)^\s*spring\.kafka\.|^spring:\s*(#.*)?$|^"?spring"?\s*:\s*\{`)},
	{"connect", regexp.MustCompile(`(?m)^\s*producer\.(override\.)?[a-z]+\.|["']producer\.override\.|^\s*offset\.storage\.(topic|file\.filename)\s*=`)},
	{"env", regexp.MustCompile(`(?m)^\s*(-\s+|export\s+|ENV\s+|set\s+|-e\s+|name:\s*|-\s+name:\s*)?["']?KAFKA_[A-Z0-9_]+`)},
	{"confluent-python", regexp.MustCompile(`['"](bootstrap\.servers|metadata\.broker\.list|linger\.ms|acks|batch\.size|compression\.type|enable\.idempotence)['"]\s*[:\]]`)},
}

// Recognise tells a dialect by what a text holds; without ok nothing in it
// looks like a producer's configuration.
func Recognise(raw []byte) (dialect string, ok bool) {
	s, bad := decode(raw)
	if bad != nil {
		return "", false
	}
	body := uncommented(s.text)
	for _, sign := range signs {
		if sign.pattern.MatchString(body) {
			return sign.dialect, true
		}
	}
	return byNames(body)
}

// uncommented drops the lines that only a person reads.
func uncommented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		switch begin := strings.TrimSpace(line); {
		case strings.HasPrefix(begin, "#"), strings.HasPrefix(begin, "//"), strings.HasPrefix(begin, "!"), strings.HasPrefix(begin, "*"), strings.HasPrefix(begin, "/*"):
		default:
			b.WriteString(line)
		}
	}
	return b.String()
}

var nameLine = regexp.MustCompile(`(?m)^[ \t]*([A-Za-z][A-Za-z0-9._]*)[ \t]*[=: \t]`)

// byNames tells librdkafka's key=value from Java's by the names alone.
func byNames(body string) (string, bool) {
	found := ""
	for _, m := range nameLine.FindAllStringSubmatch(body, -1) {
		name := m[1]
		if row, known := setting.Find(setting.Key(name)); known && row.Scope == setting.Producer {
			found = "java"
			continue
		}
		if onlyRdkafka[name] {
			return "librdkafka", true
		}
	}
	return found, found != ""
}

// onlyRdkafka are the names that librdkafka has and Java's producer has not.
var onlyRdkafka = func() map[string]bool {
	m := map[string]bool{}
	add := func(name string) {
		if _, java := setting.Find(setting.Key(name)); !java && strings.ContainsRune(name, '.') {
			m[name] = true
		}
	}
	for _, w := range rdkafka.words {
		add(w.name)
		for _, also := range w.also {
			add(also)
		}
	}
	for name := range rdkafka.foreign {
		add(name)
	}
	for _, name := range rdkafka.beside {
		add(name)
	}
	delete(m, "allow.auto.create.topics") // a Java consumer has these
	delete(m, "client.rack")
	m["partitioner"] = true
	return m
}()
