// Package setting is the table of everything that can be set, in Kafka's own
// words: one row per setting of the producer, the load and the stand. Editor,
// checks, presets, reports and docs all read these rows. It knows no Kafka
// client. All of its types are immutable and safe for any goroutine.
package setting

// Key is a setting's name, as Kafka spells it.
type Key string
