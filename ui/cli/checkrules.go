package cli

import (
	"fmt"
	"slices"
	"strings"

	"kdyno/engine/setting"
	"kdyno/presets/dialect"
)

// blank says whether a value is somebody else's to fill in, or was kept apart as
// a secret that does not work here.
func (c checked) blank(k setting.Key) bool {
	if c.asked.IsSet(k) && !slices.Contains(c.im.Values.Set(), k) {
		return false // --set filled it in
	}
	return slices.ContainsFunc(c.im.Blanks, func(b dialect.Blank) bool { return b.Key == k }) || slices.Contains(c.im.Secrets, k) && !c.asked.IsSet(k)
}

// rules are the problems among the values, as the configuration's own client
// would have them.
func (c checked) rules(facts setting.Facts) []setting.Problem {
	problems := setting.Lint(c.asked, facts)
	if c.ours {
		for _, p := range setting.Refusals(c.asked) {
			p.Severity = setting.Warning // whoever takes it elsewhere can
			problems = append(problems, p)
		}
	}
	problems = slices.DeleteFunc(problems, func(p setting.Problem) bool { return slices.ContainsFunc(p.Keys, c.blank) })
	if c.im.JVM {
		return problems
	}
	// Other clients take no whole batch from a buffer, and refuse less.
	problems = slices.DeleteFunc(problems, func(p setting.Problem) bool {
		return slices.Contains(p.Keys, setting.BufferMemory) && slices.Contains(p.Keys, setting.BatchSize)
	})
	for i := range problems {
		p := &problems[i]
		if p.Severity == setting.Error && !p.Everywhere {
			p.Severity = setting.Warning
		}
		if why, _, told := strings.Cut(p.Why, "; the Java client"); told {
			p.Why = why + "."
		}
	}
	return problems
}

// required are the settings without which no Java producer starts.
var required = []setting.Key{setting.BootstrapServers, "key.serializer", "value.serializer"}

// missing are what a Java program has to add to the file, and what today's Kafka
// no longer has.
func (c checked) missing() []setting.Problem {
	var problems []setting.Problem
	for _, l := range c.im.Losses {
		if l.Refused {
			problems = append(problems, setting.Problem{
				Severity: setting.Error, Keys: keysOf(l.Key), Say: string(l.Key) + ": " + sentence(l.Say), Why: "The Java client of Kafka 4 refuses to start.", Source: "KIP-794; notable changes in 4.0",
			})
		}
	}
	if !slices.Contains([]string{"java", "java-code", "env"}, c.im.Dialect) {
		return problems
	}
	if c.asked.IsSet(setting.BootstrapServers) && len(c.asked.Addresses()) == 0 && !c.blank(setting.BootstrapServers) {
		return append(problems, setting.Problem{
			Severity: setting.Error, Keys: []setting.Key{setting.BootstrapServers}, Say: "bootstrap.servers is empty.",
			Why: "The Java client refuses to start.", Source: "KIP-1161; ConfigDef.ValidList",
		})
	}
	var keys []setting.Key
	for _, k := range required {
		if !c.asked.IsSet(k) && !c.blank(k) {
			keys = append(keys, k)
		}
	}
	if len(keys) > 0 {
		problems = append(problems, setting.Problem{
			Severity: setting.Warning, Keys: keys, Say: "Nothing in it sets " + keyList(keys) + ".",
			Why: "The Java client does not start without; the program has to add what is missing.", Source: "ProducerConfig",
		})
	}
	return problems
}

// deciding are the settings that the guarantee hangs on.
var deciding = []setting.Key{setting.Acks, setting.EnableIdempotence, setting.Retries, setting.MaxInFlight, setting.TransactionalID}

const (
	undecided = "unknown"
	notAsItIs = "As it is the client refuses it; this is what the rest would promise."
)

// guarantee is unknown where a value that decides is somebody else's to fill in.
func (c checked) guarantee() setting.Guarantee {
	g := setting.Guarantee{Name: undecided, BrokenBy: []string{}}
	for _, b := range c.im.Blanks {
		if slices.Contains(deciding, b.Key) && c.blank(b.Key) {
			g.Because = append(g.Because, fmt.Sprintf("%s is %s: it decides, and nothing fills it in here.", b.Key, b.Text))
		}
	}
	if len(g.Because) > 0 {
		return g
	}
	return c.asked.Guarantee()
}
