package cli

import (
	"fmt"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
)

// inOrder refuses steps that the ones before them make impossible. It is for
// runs without a person, where nothing but --at moves the session.
func inOrder(c *engine.Config) *failure {
	dead, partitions := false, int64(0)
	if len(c.Brokers) == 0 {
		partitions = c.Values.Int(setting.StandPartitions)
	}
	for _, at := range c.At {
		var why, hint string
		switch v := at.Step.Verb; {
		case v == step.Restart && !dead:
			why, hint = "nothing has crashed by then", "put a crash before it"
		case dead && (v == step.Crash || v == step.Send || v == step.Pause || v == step.Resume):
			why, hint = "the producer is dead by then", "put a restart before it"
		case v == step.Partitions && int64(at.Step.Count) <= partitions:
			why = fmt.Sprintf("there are %d partitions by then, and Kafka can only add some", partitions)
			hint = "ask for more than there are"
		}
		if why != "" {
			return usagef(hint, "--at %s: %s", at, why)
		}
		switch at.Step.Verb {
		case step.Crash, step.Restart:
			dead = at.Step.Verb == step.Crash
		case step.Partitions:
			partitions = int64(at.Step.Count)
		default:
		}
	}
	return nil
}
