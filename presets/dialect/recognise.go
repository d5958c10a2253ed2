package dialect

import (
	"regexp"
	"strings"

	"kdyno/engine/setting"
)

// sign is what a text of a dialect holds. The words are looked for first, since
// a search for them is quick; one of them has to be there.
type sign struct {
	dialect string
	words   []string
	pattern *regexp.Regexp
}

// signs are tried in order; the first that is found decides.
var signs = []sign{
	{"perf-test", []string{"kafka-producer-perf-test", "tools.ProducerPerformance"}, nil},
	{"franz-go", []string{"kgo."}, regexp.MustCompile(`\bkgo\.[A-Z]`)},
	{"sarama", []string{"sarama."}, regexp.MustCompile(`\bsarama\.[A-Z]`)},
	{"confluent-go", []string{"kafka.ConfigMap"}, nil},
	{"librdkafka", []string{"rd_kafka_conf_set", "rd_kafka_topic_conf_set"}, nil},
	{"confluent-dotnet", []string{"Confluent.Kafka", "ProducerConfig", "BootstrapServers"}, regexp.MustCompile(`\busing\s+Confluent\.Kafka|\bnew\s+ProducerConfig\s*(\(\s*\))?\s*\{|\bBootstrapServers\s*=`)},
	{"kafka-python", []string{"import kafka", "from kafka", "bootstrap_servers", "KafkaProducer("}, regexp.MustCompile(`(?m)^[ \t]*(from|import)\s+kafka\b|\bbootstrap_servers\s*=|['"]bootstrap_servers['"]\s*:|=\s*KafkaProducer\(`)},
	{"confluent-python", []string{"confluent_kafka"}, nil},
	{"java-code", []string{"ProducerConfig.", ".put", ".setProperty"}, regexp.MustCompile(`\bProducerConfig\.[A-Z_]+|\.(put|setProperty)\s*\(\s*"`)},
	{"spring", []string{"spring"}, regexp.MustCompile(`(?m)^[ \t]*spring\.kafka\.|^"?spring"?[ \t]*:[ \t\r]*(#.*)?$|^[ \t{]*"?spring"?[ \t]*:[ \t]*\{`)},
	{"connect", []string{"producer.", "offset.storage."}, regexp.MustCompile(`(?m)^[ \t]*producer\.(override\.)?[a-z]+\.?[a-z]*|["']?producer\.override\.|^[ \t]*offset\.storage\.(topic|file\.filename)[ \t]*=`)},
	{"env", []string{"KAFKA_"}, regexp.MustCompile(`(?m)^[ \t]*(-[ \t]+|export[ \t]+|ENV[ \t]+|set[ \t]+|-e[ \t]+|name:[ \t]*|-[ \t]+name:[ \t]*)?["']?KAFKA_[A-Z0-9_]+`)},
	{"confluent-python", []string{"bootstrap.servers", "metadata.broker.list", "linger.ms", "acks", "batch.size", "compression.type", "enable.idempotence"}, regexp.MustCompile(`['"](bootstrap\.servers|metadata\.broker\.list|linger\.ms|acks|batch\.size|compression\.type|enable\.idempotence)['"]\s*[:\]]`)},
}

// mostTries bounds how many places a pattern is tried at, and around how much.
const (
	mostTries = 100
	aroundAt  = 200
)

// in tries the pattern around the places where a word stands: over a whole file
// it would take longer than reading it.
func (s sign) in(body string) bool {
	for _, word := range s.words {
		at := strings.Index(body, word)
		for range mostTries {
			if at < 0 {
				break
			}
			begin := strings.LastIndexByte(body[max(0, at-aroundAt):at], '\n') + 1 + max(0, at-aroundAt)
			if s.pattern == nil || s.pattern.MatchString(body[begin:min(len(body), at+aroundAt)]) {
				return true
			}
			next := strings.Index(body[at+1:], word)
			if next < 0 {
				break
			}
			at += 1 + next
		}
	}
	return false
}

// Recognise tells a dialect by what a text holds; without ok nothing in it
// looks like a producer's configuration.
func Recognise(raw []byte) (dialect string, ok bool) {
	s, bad := decode(raw)
	if bad != nil {
		return "", false
	}
	return s.recognise()
}

func (s *source) recognise() (dialect string, ok bool) {
	body := uncommented(s.text)
	for _, sign := range signs {
		if sign.in(body) {
			return sign.dialect, true
		}
	}
	return byNames(body)
}

// uncommented drops the lines that only a person reads.
func uncommented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		switch begin := strings.TrimLeft(line, " \t"); {
		case strings.HasPrefix(begin, "#"), strings.HasPrefix(begin, "//"), strings.HasPrefix(begin, "!"), strings.HasPrefix(begin, "*"):
		case strings.HasPrefix(begin, "/*") && !strings.Contains(begin, "*/"):
		default:
			b.WriteString(line)
		}
	}
	return b.String()
}

// byNames tells librdkafka's key=value from Java's by the names alone.
func byNames(body string) (string, bool) {
	found := ""
	for line := range strings.Lines(body) {
		name := strings.TrimLeft(line, " \t")
		end := strings.IndexAny(name, "=: \t\r\n")
		if end <= 0 || end > 100 {
			continue
		}
		name = name[:end]
		if row, known := setting.Find(setting.Key(name)); known && row.Scope == setting.Producer {
			found = "java"
		} else if onlyRdkafka[name] {
			return "librdkafka", true
		}
	}
	return found, found != ""
}

// onlyRdkafka are the names that librdkafka has and Java's producer has not.
var onlyRdkafka = func() map[string]bool {
	m := map[string]bool{"partitioner": true}
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
	return m
}()
