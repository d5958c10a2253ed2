package dialect

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

const (
	springKafka    = "spring.kafka."
	springProducer = "spring.kafka.producer."
	springMap      = "properties."
)

// springFields are the producer's settings that Spring Boot has a field for;
// all others go through its map of properties.
var springFields = map[setting.Key]string{
	setting.Acks: "acks", setting.BatchSize: "batch-size", setting.BootstrapServers: "bootstrap-servers", setting.BufferMemory: "buffer-memory",
	setting.ClientID: "client-id", setting.CompressionType: "compression-type", setting.Retries: "retries",
	"key.serializer": "key-serializer", "value.serializer": "value-serializer", setting.SecurityProtocol: "security.protocol",
	setting.SSLKeyPassword: "ssl.key-password", setting.SSLKeystoreChain: "ssl.key-store-certificate-chain", setting.SSLKeystoreKey: "ssl.key-store-key",
	setting.SSLKeystoreLocation: "ssl.key-store-location", setting.SSLKeystorePassword: "ssl.key-store-password", setting.SSLKeystoreType: "ssl.key-store-type",
	setting.SSLTruststoreCertificates: "ssl.trust-store-certificates", setting.SSLTruststoreLocation: "ssl.trust-store-location",
	setting.SSLTruststorePassword: "ssl.trust-store-password", setting.SSLTruststoreType: "ssl.trust-store-type", setting.SSLProtocol: "ssl.protocol",
}

// springCommon are the fields that Spring Boot also has for all of its clients.
var springCommon = []string{"bootstrap-servers", "client-id", "security.", "ssl."}

// springClient is the Java client behind Spring Boot's own names.
var springClient = &client{
	name:  "Spring Boot",
	about: "Every setting of the producer is there: those below as fields, in any relaxed spelling, and all of them in the map of properties, spring.kafka.producer.properties.[linger.ms], which is read as it stands. YAML and .properties are read; YAML as version 1.1 means it, with merged maps; documents for one profile are left out. Sizes such as 64KB are read in the fields batch-size and buffer-memory.",
	java:  true,
	jvm:   true,
	words: springWords(),
	fold:  springFold,
	foreign: map[string]string{
		"spring.kafka.producer.transaction-id-prefix": "each producer gets a transactional.id that begins with it",
		"spring.kafka.ssl.bundle":                     "it names certificates that Spring keeps elsewhere",
		"spring.kafka.producer.ssl.bundle":            "it names certificates that Spring keeps elsewhere",
	},
	consumer: []string{
		"spring.kafka.consumer.*", "spring.kafka.listener.*", "spring.kafka.streams.*", "spring.kafka.admin.*", "spring.kafka.template.*",
		"spring.kafka.retry.*", "spring.kafka.jaas.*", "spring.kafka.bootstrap.*",
	},
}

func springWords() []word {
	var words []word
	for _, w := range javaWords() {
		kafka := w.name
		w.also = []string{springProducer + springMap + kafka, springKafka + springMap + kafka}
		w.name = w.also[0]
		if field, ok := springFields[w.key]; ok {
			w.also = append(w.also, springProducer+field)
			if slices.ContainsFunc(springCommon, func(c string) bool { return strings.HasPrefix(field, c) }) {
				w.also = append(w.also, springKafka+field)
			}
			if !strings.HasPrefix(field, "ssl.") {
				w.name = springProducer + field
			}
		}
		words = append(words, w)
	}
	return words
}

var (
	springLoose    = strings.NewReplacer("-", "", "_", "")
	springBrackets = strings.NewReplacer("[", ".", "]", "")
)

// springFold makes relaxed spellings the same: batchSize, batch_size and
// batch-size are one name, but the names in the map of properties are not bent.
func springFold(name string) string {
	if strings.ContainsRune(name, '[') {
		name = strings.ReplaceAll(springBrackets.Replace(name), "..", ".")
	}
	for _, begin := range []string{springProducer + springMap, springKafka + springMap} {
		if len(name) > len(begin) && strings.EqualFold(name[:len(begin)], begin) {
			return begin + name[len(begin):]
		}
	}
	return strings.ToLower(springLoose.Replace(name))
}

// isSprings says whether a name is Spring's and Kafka's.
func isSprings(name string) bool {
	return len(name) > len(springKafka) && (name[0]|0x20) == 's' && strings.HasPrefix(springFold(name), springKafka)
}

var dataSizes = regexp.MustCompile(`^([+-]?[0-9]{1,18})(B|KB|MB|GB|TB)$`)

// springValue reads what Spring turns into something else before Kafka sees it:
// sizes such as 64KB, and where a file is. In its map of properties it does not.
func springValue(e entry) entry {
	field := springFold(e.name)
	switch {
	case strings.HasPrefix(field, springProducer+springMap) || strings.HasPrefix(field, springKafka+springMap):
	case strings.HasSuffix(field, ".batchsize") || strings.HasSuffix(field, ".buffermemory"):
		if n, ok := dataSize(e.value.text); ok {
			e.value.text = n
		}
	case strings.HasSuffix(field, "storelocation"):
		if path, file := strings.CutPrefix(e.value.text, "file:"); file {
			e.value.text = strings.TrimPrefix(path, "//")
		}
	}
	return e
}

// dataSize is a size of Spring in bytes: 64KB is 65536.
func dataSize(text string) (string, bool) {
	m := dataSizes.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return "", false
	}
	n, ok := new(big.Int).SetString(m[1], 10)
	if !ok {
		return "", false
	}
	factor := map[string]uint{"B": 0, "KB": 10, "MB": 20, "GB": 30, "TB": 40}[m[2]]
	return n.Lsh(n, factor).String(), true
}

// findSpring reads either form, and leaves out what holds for one profile only.
func findSpring(s *source) ([]entry, *Error) {
	documents, bad := springDocuments(s)
	if bad != nil {
		return nil, bad
	}
	var entries []entry
	for _, doc := range documents {
		if profile := profileOf(doc); profile != "" {
			s.warn(doc[0].line, 0, "from here on it holds only with the profile "+named(profile)+", and is left out", "read it from a file of its own")
			continue
		}
		for _, e := range doc {
			if !isSprings(e.name) {
				if len(s.ignored) < mostTold {
					s.ignored = append(s.ignored, Ignored{Name: named(e.name), Line: e.line, Why: "it is not Kafka's"})
				}
				continue
			}
			// A password may be such a number, and is not repeated.
			if e.was != "" && !hushed.MatchString(e.name) {
				s.warn(e.line, e.column, fmt.Sprintf("%s without quotes is %s to Spring's YAML", named(e.was), e.value.text), "write "+e.value.text+", or put it into quotes")
			}
			entries = append(entries, springValue(e))
		}
	}
	// Spring puts the producer's own over the common ones, and its map over its
	// fields.
	slices.SortStableFunc(entries, func(a, b entry) int { return springRank(a.name) - springRank(b.name) })
	return entries, nil
}

// hushed are names whose values are not shown.
var hushed = regexp.MustCompile(`(?i)password|secret|jaas|token|credential|private|\bkey-store-key|certificate`)

func springRank(name string) int {
	folded := springFold(name)
	rank := 0
	if strings.HasPrefix(folded, springProducer) {
		rank = 2
	}
	if strings.HasPrefix(folded, springProducer+springMap) || strings.HasPrefix(folded, springKafka+springMap) {
		rank++
	}
	return rank
}

// mostDocuments bounds the parts of one file.
const mostDocuments = 1000

func springDocuments(s *source) ([][]entry, *Error) {
	if looksYAML(s.text) {
		leaves, bad := readYAML(s)
		documents := make([][]entry, len(leaves))
		for n, doc := range leaves {
			for _, l := range doc {
				documents[n] = append(documents[n], entry{name: l.path, value: l.value, was: l.was, line: l.line, column: l.column})
			}
		}
		return documents, bad
	}
	all, bad := readProperties(s.text)
	if bad != nil {
		return nil, bad
	}
	// Lines of #--- part a .properties file as --- parts YAML.
	documents := [][]entry{nil}
	begins := []int{0}
	n := 0
	for line := range strings.SplitSeq(s.text, "\n") {
		if n++; strings.TrimSpace(line) == "#---" || strings.TrimSpace(line) == "!---" {
			documents, begins = append(documents, nil), append(begins, n)
		}
		if len(begins) > mostDocuments {
			return nil, errTooMany
		}
	}
	at := 0
	for _, e := range all {
		for at+1 < len(begins) && begins[at+1] < e.line {
			at++
		}
		documents[at] = append(documents[at], e)
	}
	return documents, nil
}

func profileOf(doc []entry) string {
	for _, e := range doc {
		if len(e.name) > 60 || !strings.HasPrefix(e.name, "spring.") {
			continue
		}
		switch springFold(e.name) {
		case "spring.config.activate.onprofile", "spring.profiles", "spring.config.activate.oncloudplatform":
			return e.value.text
		}
	}
	return ""
}

var yamlLine = regexp.MustCompile(`^\s*("[^"]*"|'[^']*'|[^\s=#!:]+)\s*:(\s|$)`)

// looksYAML tells YAML from properties by the first line that says something.
func looksYAML(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "!"):
		case strings.HasPrefix(trimmed, "---") || strings.HasPrefix(trimmed, "%YAML") || strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "? ") || strings.HasPrefix(trimmed, "- "):
			return true
		default:
			return yamlLine.MatchString(line)
		}
	}
	return false
}

// putSpring writes YAML: fields where Spring has one, else its map.
func putSpring(e *exporter) string {
	var b strings.Builder
	b.WriteString("spring:\n  kafka:\n    producer:\n")
	var properties []line
	open := ""
	for _, l := range e.lines {
		name := strings.TrimPrefix(l.name, springProducer)
		if strings.HasPrefix(name, springMap) {
			properties = append(properties, l)
			continue
		}
		indent := "      "
		if group, inner, nested := strings.Cut(name, "."); nested {
			if group != open {
				b.WriteString(indent + group + ":\n")
			}
			open, name, indent = group, inner, indent+"  "
		}
		springLine(&b, indent, name, l)
	}
	if len(properties) > 0 {
		b.WriteString("      properties:\n")
	}
	for _, l := range properties {
		springLine(&b, "        ", `"[`+strings.TrimPrefix(l.name, springProducer+springMap)+`]"`, l)
	}
	if len(e.lines) == 0 {
		return "spring:\n  kafka:\n    producer: {}\n"
	}
	return b.String()
}

func springLine(b *strings.Builder, indent, name string, l line) {
	if l.why != "" {
		b.WriteString(indent + "# " + l.why + "\n")
	}
	text := l.text
	if l.form == asText {
		text = yamlText(text)
	}
	b.WriteString(indent + name + ": " + text + "\n")
}

// plainYAML are texts that YAML, in either version, reads as what they are.
var plainYAML = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]*$`)

func yamlText(text string) string {
	lower := strings.ToLower(text)
	if _, old := oldTruth[lower]; plainYAML.MatchString(text) && !old && !slices.Contains([]string{"true", "false", "null", "y", "n"}, lower) {
		return text
	}
	return strconv.Quote(text)
}
