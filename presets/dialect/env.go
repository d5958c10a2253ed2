package dialect

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// envClient is the Java client whose settings come from the environment, each
// as KAFKA_ and its name in capitals.
var envClient = &client{
	name:  "the Java client",
	java:  true,
	jvm:   true,
	words: envWords(),
	more:  moreEnv,
	consumer: []string{
		"KAFKA_GROUP_*", "KAFKA_AUTO_OFFSET_RESET", "KAFKA_CONSUMER_*", "KAFKA_ADVERTISED_*", "KAFKA_LISTENER*", "KAFKA_BROKER_*", "KAFKA_NODE_ID",
		"KAFKA_PROCESS_ROLES", "KAFKA_CONTROLLER_*", "KAFKA_LOG_*", "KAFKA_LOG4J_*", "KAFKA_HEAP_OPTS", "KAFKA_OPTS", "KAFKA_JMX_*", "KAFKA_JVM_*", "KAFKA_OFFSETS_*",
		"KAFKA_TRANSACTION_STATE_*", "KAFKA_ZOOKEEPER_*", "KAFKA_INTER_BROKER_*", "KAFKA_NUM_*", "KAFKA_DEFAULT_*", "KAFKA_MIN_INSYNC_REPLICAS", "KAFKA_AUTO_CREATE_TOPICS_ENABLE",
	},
}

func envWords() []word {
	var words []word
	for _, w := range javaWords() {
		kafka := w.name
		w.name = variable(kafka)
		w.also = []string{variable("producer." + kafka)}
		words = append(words, w)
	}
	return words
}

func moreEnv(e *exporter) {
	moreJava(e)
	for n := range e.lines {
		e.lines[n].name = variable(e.lines[n].name)
	}
}

// envLine finds a variable and its value: as shells, Docker, Compose and .env
// files write it.
var envLine = regexp.MustCompile(`^\s*(?:-\s+|export\s+|declare\s+-x\s+|ENV\s+|set\s+|--env\s+|-e\s+)?["']?(KAFKA_[A-Za-z0-9_]+)["']?\s*[=:]\s*(.*)$`)

var (
	envName  = regexp.MustCompile(`^\s*(?:-\s+)?name:\s*["']?(KAFKA_[A-Za-z0-9_]+)["']?\s*$`)
	envValue = regexp.MustCompile(`^\s*value:\s*(.*)$`)
)

var envVariable = regexp.MustCompile("\\$[A-Za-z_{(]|`")

// findEnv reads lines; everything without KAFKA_ is somebody else's.
func findEnv(s *source) ([]entry, *Error) {
	var entries []entry
	n, pending := 0, ""
	for line := range strings.Lines(s.text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		var name, text string
		switch m, named, v := envLine.FindStringSubmatch(line), envName.FindStringSubmatch(line), envValue.FindStringSubmatch(line); {
		case m != nil:
			name, text = m[1], m[2]
		case named != nil:
			pending = named[1]
			continue
		case v != nil && pending != "":
			name, text = pending, v[1]
		default:
			continue
		}
		pending = ""
		if len(entries) > mostEntries {
			return nil, errTooMany
		}
		column := utf8.RuneCountInString(line[:max(strings.Index(line, name), 0)]) + 1
		v, ok := envText(text)
		if !ok {
			return nil, &Error{Line: n, Column: column, Say: "the quote of this value is not closed", Hint: "close it with the same quote"}
		}
		entries = append(entries, entry{name: strings.ToUpper(name), value: v, line: n, column: column})
	}
	return entries, nil
}

// envText takes quotes and remarks off a value.
func envText(text string) (value, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), `\`))
	if text == "" {
		return value{}, true
	}
	if quote := text[0]; quote == '"' || quote == '\'' {
		r := &shellReader{text: text, line: 1}
		w, bad := r.word()
		return shellValue(w.text, w.open), bad == nil
	}
	if at := strings.Index(text, " #"); at >= 0 {
		text = strings.TrimSpace(text[:at])
	}
	return shellValue(text, envVariable.MatchString(text)), true
}

// putEnv writes lines that a shell and a .env file read alike.
func putEnv(e *exporter) string {
	var b strings.Builder
	for _, l := range e.lines {
		if l.why != "" {
			fmt.Fprintf(&b, "# %s\n", l.why)
		}
		text := shellQuote(l.text)
		switch {
		case l.fill != "":
			text = l.text
		case l.text == "":
			text = ""
		}
		fmt.Fprintf(&b, "%s=%s\n", l.name, text)
	}
	return b.String()
}
