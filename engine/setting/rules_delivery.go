package setting

import (
	"fmt"
	"strings"
)

func idempotenceNeedsAcks(j judged) (Problem, bool) {
	v := j.asked
	if !v.IsSet(EnableIdempotence) || !v.Bool(EnableIdempotence) || v.Text(Acks) == "all" {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{EnableIdempotence, Acks},
		Say: fmt.Sprintf("enable.idempotence=true needs acks=all, and acks is %s.", v.Text(Acks)),
		Why: "The broker can only drop repeats that it is sure to know of after a change of leader; the Java client refuses to start.",
		Fix: map[Key]string{Acks: "all"},
	}, true
}

func idempotenceNeedsRetries(j judged) (Problem, bool) {
	v := j.asked
	if !v.IsSet(EnableIdempotence) || !v.Bool(EnableIdempotence) || v.Int(Retries) > 0 {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{EnableIdempotence, Retries},
		Say: "enable.idempotence=true needs retries above 0.",
		Why: "Without a retry there is nothing to make idempotent; the Java client refuses to start.",
		Fix: map[Key]string{Retries: defaultOf(Retries)},
	}, true
}

const mostInFlightIdempotent = 5

// idempotenceNeedsFewInFlight looks at what was asked, not at what is
// effective: Kafka 4 refuses even where acks=1 would turn idempotence off.
func idempotenceNeedsFewInFlight(j judged) (Problem, bool) {
	v := j.asked
	if !v.Bool(EnableIdempotence) || v.Int(MaxInFlight) <= mostInFlightIdempotent {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{MaxInFlight, EnableIdempotence},
		Say: fmt.Sprintf("Idempotence allows at most %d requests in flight, and max.in.flight.requests.per.connection is %s.",
			mostInFlightIdempotent, v.Text(MaxInFlight)),
		Why: "The broker remembers the last five batches of each partition; the Java client refuses to start, whether or not enable.idempotence was set.",
		Fix: map[Key]string{MaxInFlight: decimal(mostInFlightIdempotent)},
	}, true
}

func batchBeyondBuffer(j judged) (Problem, bool) {
	v := j.asked
	batch, buffer := max(1, v.Int(BatchSize)), v.Int(BufferMemory) // 0 is batches of one record
	if batch <= buffer {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{BatchSize, BufferMemory},
		Say: fmt.Sprintf("One batch of batch.size (%s) does not fit into buffer.memory (%s).", v.show(BatchSize), v.show(BufferMemory)),
		Why: "A batch takes its whole size from the buffer when it is opened, so every send() would fail.",
		Fix: map[Key]string{BufferMemory: decimal(batch * int64(max(1, j.facts.Partitions)))},
	}, true
}

func idempotenceQuietlyOff(j judged) (Problem, bool) {
	v := j.asked
	if v.Bool(EnableIdempotence) == j.effective.Bool(EnableIdempotence) {
		return Problem{}, false
	}
	keys, cause := []Key{EnableIdempotence}, []string{}
	if v.Text(Acks) != "all" {
		keys, cause = append(keys, Acks), append(cause, "acks="+v.Text(Acks))
	}
	if v.Int(Retries) == 0 {
		keys, cause = append(keys, Retries), append(cause, "retries=0")
	}
	say := strings.Join(cause, " and ") + " quietly turns idempotence off."
	if len(cause) > 1 {
		say = strings.Join(cause, " and ") + " quietly turn idempotence off."
	}
	return Problem{
		Severity: Warning, Keys: keys, Say: say,
		Why: "enable.idempotence is true by default and was not set, so the Java client starts without it and only logs that; setting it to false says that this is meant.",
		Fix: map[Key]string{EnableIdempotence: "false"},
	}, true
}

// retriesWithoutAnswer is silent where idempotence was asked for: then acks=0
// is what is wrong.
func retriesWithoutAnswer(j judged) (Problem, bool) {
	v := j.effective
	if v.Text(Acks) != "0" || v.Int(Retries) == 0 || v.Bool(EnableIdempotence) {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{Acks, Retries},
		Say: "With acks=0 retries mean nothing.",
		Why: "No broker answers, so the producer never learns that a batch should be sent again.",
		Fix: map[Key]string{Retries: "0"},
	}, true
}

func retriesMayReorder(j judged) (Problem, bool) {
	v := j.effective
	if v.Bool(EnableIdempotence) || v.Int(MaxInFlight) == 1 || v.Int(Retries) == 0 || v.Text(Acks) == "0" {
		return Problem{}, false
	}
	fix := map[Key]string{MaxInFlight: "1"}
	if v.Text(Acks) == "all" && v.Int(MaxInFlight) <= mostInFlightIdempotent {
		fix = map[Key]string{EnableIdempotence: "true"}
	}
	return Problem{
		Severity: Warning, Keys: []Key{MaxInFlight, Retries, EnableIdempotence},
		Say: fmt.Sprintf("With %s requests in flight, retries and no idempotence, records of a partition may change their order.", v.Text(MaxInFlight)),
		Why: "A batch that fails and is retried lands behind the batch that was sent after it.",
		Fix: fix,
	}, true
}
