// Package workload says what is produced and when: how many records are due at
// an instant, and the key and value of each, as pure functions of the load's
// settings and the record's number. The session builds a Load, a Pace and a
// Source from its values, and each sender asks them for its next record; tests
// of loss and order stamp records with an Identity and read it back.
//
// It refuses to look at a clock, to wait, to send and to know a Kafka client:
// time comes in as a duration since the session's start. Everything here is
// immutable once built and safe for any goroutine.
package workload
