// Package engine is one session: a real producer under a real load, or several
// that share it, their settings turned while they run. It keeps exactly one run
// of each alive, hands the load over from one to the next, and answers with
// snapshots. It draws nothing. All methods of Session are safe for any
// goroutine.
package engine

import (
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/setting"
	"kdyno/engine/step"
)

// Config says what a session starts with.
type Config struct {
	Values  setting.Values
	Brokers []string // host:port; none: the embedded cluster
	Topics  []string // needed with Brokers
	Create  bool     // make topics that are missing
	Yes     bool     // a cluster beyond loopback may be loaded
	// Attended says that a person watches: an unreachable cluster is tried
	// again, and a foreign one waits for step.Allow. Otherwise both end the
	// session.
	Attended bool

	For     time.Duration // the load ends by itself; 0: never
	Records int64         // the load ends after so many records; 0: never
	At      []step.Timed

	// Resolve finds the values of `preset NAME`; nil: presets are refused.
	Resolve func(name string) (setting.Values, error)
	Version string
	Audit   bool // begin with the first record under audit

	// Stamp, if set, may write over the head of each value before it is sent;
	// n is the record's number. The audit and tests put identities there.
	Stamp func(n uint64, due time.Duration, key, value []byte)

	// Network and Blackhole are the cluster's; see cluster.Options.
	Network   *cluster.Network
	Blackhole bool
}

// Kind says whose turn it is after a session ended in an error.
type Kind string

// The kinds of error; the commands turn them into exit codes 2, 3 and 4.
const (
	Usage       Kind = "usage"
	Rail        Kind = "rail"
	Unreachable Kind = "unreachable"
)

// Error is what a person must know and act upon.
type Error struct {
	Kind Kind
	Say  string // what happened, and where
	Hint string // what to change
	Key  setting.Key

	// denied: to try again by itself would be to knock at a door that is shut.
	denied bool
}

func (e *Error) Error() string { return e.Say }

// Advice is what to change; "" where nobody knows.
func (e *Error) Advice() string { return e.Hint }
