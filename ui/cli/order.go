package cli

import (
	"fmt"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
)

// state is what the steps of --at have made of a session so far.
type state struct {
	dead       bool
	partitions int // 0: not known
}

// inOrder refuses steps that the ones before them make impossible. It is for
// runs without a person, where nothing but --at moves the session.
func inOrder(c *engine.Config) *failure {
	var s state
	if len(c.Brokers) == 0 {
		s.partitions = int(c.Values.Int(setting.StandPartitions))
	}
	for _, at := range c.At {
		if why, hint := s.forbids(at.Step); why != "" {
			return usagef(hint, "--at %s: %s", at, why)
		}
		switch at.Step.Verb {
		case step.Crash, step.Restart:
			s.dead = at.Step.Verb == step.Crash
		case step.Partitions:
			s.partitions = at.Step.Count
		default:
		}
	}
	return nil
}

// forbids says why a step cannot be done by then, and what to change.
func (s state) forbids(st step.Step) (why, hint string) {
	switch st.Verb {
	case step.Restart:
		if !s.dead {
			return "nothing has crashed by then", "put a crash before it"
		}
	case step.Crash, step.Send, step.Pause, step.Resume:
		if s.dead {
			return "the producer is dead by then", "put a restart before it"
		}
	case step.Partitions:
		if st.Count <= s.partitions {
			return fmt.Sprintf("there are %d partitions by then, and Kafka can only add some", s.partitions), "ask for more than there are"
		}
	default:
	}
	return "", ""
}
