// Package dialect carries a producer's configuration between Kafka's own words
// and those of other clients and frameworks: what a person brings is read into
// setting.Values, what was tuned is written in the words of their application.
// A value that cannot be said in a dialect, or only otherwise, is in the list of
// losses; nothing is dropped without a word. The commands call it. It opens no
// file, expands no variable, and never writes a secret. Everything in it is
// safe for any goroutine.
package dialect

import (
	"fmt"
	"slices"
	"strings"

	"kdyno/engine/setting"
)

// MaxBytes bounds what is read: no configuration of one producer is larger, and
// a wrong path cannot fill the memory.
const MaxBytes = 2 << 20

// Dialect is one way to write a producer's configuration down.
type Dialect struct {
	Name  string // as --dialect takes it
	Title string // what it is, for people

	client *client
	mark   string // begins a line of comment
	find   func(*source) ([]entry, *Error)
	put    func(*exporter) string
}

// dialects in the order in which people read them.
var dialects = []Dialect{
	{Name: "java", Title: "Java properties file", client: javaClient, mark: "#", find: findProperties, put: putProperties},
	{Name: "java-code", Title: "Java code", client: javaClient, mark: "//", find: findJavaCode, put: putJavaCode},
	{Name: "spring", Title: "Spring Boot configuration", client: springClient, mark: "#", find: findSpring, put: putSpring},
	{Name: "librdkafka", Title: "librdkafka configuration", client: rdkafka, mark: "#", find: findRdkafka, put: putRdkafka},
	{Name: "confluent-python", Title: "confluent-kafka for Python", client: rdkafka, mark: "#", find: findPython, put: putConfluentPython},
	{Name: "confluent-go", Title: "confluent-kafka-go", client: rdkafka, mark: "//", find: findConfluentGo, put: putConfluentGo},
	{Name: "confluent-dotnet", Title: "Confluent.Kafka for .NET", client: dotnetClient, mark: "//", find: findDotnet, put: putDotnet},
	{Name: "franz-go", Title: "franz-go options", client: franz, mark: "//", find: findFranz, put: putFranz},
	{Name: "kafka-python", Title: "kafka-python", client: kafkaPython, mark: "#", find: findPython, put: putKafkaPython},
	{Name: "sarama", Title: "sarama configuration", client: saramaClient, mark: "//", find: findSarama, put: putSarama},
	{Name: "perf-test", Title: "kafka-producer-perf-test command line", client: perfClient, mark: "#", find: findPerfTest, put: putPerfTest},
	{Name: "connect", Title: "Kafka Connect producer settings", client: connectClient, mark: "#", find: findConnect, put: putConnect},
	{Name: "env", Title: "Environment variables", client: envClient, mark: "#", find: findEnv, put: putEnv},
}

// Client names whose settings and defaults it means.
func (d Dialect) Client() string { return d.client.name }

// All lists the dialects. The slice is the caller's own.
func All() []Dialect { return slices.Clone(dialects) }

// Names lists the dialects' names.
func Names() []string {
	names := make([]string, len(dialects))
	for i, d := range dialects {
		names[i] = d.Name
	}
	return names
}

func byName(name string) (*Dialect, *Error) {
	for i := range dialects {
		if dialects[i].Name == name {
			return &dialects[i], nil
		}
	}
	return nil, &Error{Say: fmt.Sprintf("there is no dialect %s", shown(name)), Hint: "one of " + strings.Join(Names(), ", ")}
}

// Config is what an export is made of.
type Config struct {
	Name     string // of the preset, may be empty
	Note     string
	Values   setting.Values
	Measured []string // when, where and how it was measured, in lines; may be empty
	Topic    string   // for perf-test; empty: a name to be replaced
	Records  int64    // for perf-test; 0: a minute's worth
}

// Loss is something that did not come across as it was. In an export Key is
// set, in an import Name and Line are, and Key where Kafka has the setting.
type Loss struct {
	Key     setting.Key `json:"key,omitempty"`
	Name    string      `json:"name,omitempty"`
	Line    int         `json:"line,omitempty"`
	Say     string      `json:"say"`               // what is lost and why, one sentence
	Nearest string      `json:"nearest,omitempty"` // what stands there instead
	Kept    bool        `json:"kept,omitempty"`    // the value came across; only its meaning differs
	Refused bool        `json:"refused,omitempty"` // of an import: Kafka's own client no longer takes it
}

// Problem is something wrong in a file that was read, at a line and column
// counted from 1; 0 is the file as a whole. An error is what the client itself
// would refuse, a warning what it accepts and a person should know.
type Problem struct {
	Severity setting.Severity `json:"severity"`
	Line     int              `json:"line,omitempty"`
	Column   int              `json:"column,omitempty"`
	Key      setting.Key      `json:"key,omitempty"`
	Say      string           `json:"say"`
	Hint     string           `json:"hint,omitempty"`
	Ours     bool             `json:"-"` // its client takes it; kdyno does not
}

// Blank is a value that a file leaves to a variable, which is not filled in
// here. The literal text is in the values where the setting takes any text.
type Blank struct {
	Key    setting.Key `json:"key"`
	Text   string      `json:"text"` // as it stands in the file: ${KAFKA_ACKS}
	Line   int         `json:"line"`
	Column int         `json:"column"`
}

// Ignored is an entry that is no business of a producer.
type Ignored struct {
	Name string `json:"name"`
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// Origin says where a value of an import comes from.
type Origin struct {
	Line, Column int
	Name         string // the file's own name of the setting
	Client       bool   // nothing in the file: it is what that client does by itself
}

// Imported is what was read from a file. Values holds what the file sets, and,
// set as well, what its client does by itself otherwise than Kafka's; Origins
// tells the two apart. Secrets are in Values, hidden as everywhere.
type Imported struct {
	Dialect  string
	Client   string
	JVM      bool // Kafka's own client is inside, so setting.Check judges as it does
	Values   setting.Values
	Origins  map[setting.Key]Origin
	Losses   []Loss
	Problems []Problem // errors first, then by line
	Blanks   []Blank
	Ignored  []Ignored
	Secrets  []setting.Key // which secrets the file holds
	Topic    string        // of a perf-test command
	Records  int64         // likewise
}

// Faulty says whether the file holds what its client would refuse.
func (im Imported) Faulty() bool {
	return slices.ContainsFunc(im.Problems, func(p Problem) bool { return p.Severity == setting.Error })
}

// Error is why a text could not be read at all.
type Error struct {
	Line, Column int // from 1; 0: the text as a whole
	Say          string
	Hint         string
}

func (e *Error) Error() string {
	text := e.Say
	switch {
	case e.Line > 0 && e.Column > 0:
		text = fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, text)
	case e.Line > 0:
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// shown puts a text from a file into a message: on one line, quoted, and not
// at any length.
func shown(text string) string {
	const most = 60
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return fmt.Sprintf("%+q", text)
}

// named is a name from a file: plain where it is plain.
func named(name string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-[]", r)
	}
	if name != "" && len(name) <= 100 && !strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return name
	}
	return shown(name)
}
