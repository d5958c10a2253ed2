package setting

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Check returns every problem that the values have, errors first: the
// refusals, then what is wrong with several values together.
// What it needs to know of the cluster and does not (zero) it does not judge.
// Applying a problem's fix makes that problem go away.
func Check(v Values, f Facts) []Problem {
	j := judged{asked: v, effective: v.Effective(), facts: f}
	problems := Refusals(v)
	for _, rule := range slices.Concat(rules, securityRules) {
		if p, broken := rule(j); broken {
			problems = append(problems, p)
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Severity.rank() - b.Severity.rank() })
	return problems
}

// refusal says in half a sentence why a row that is not honoured is refused.
var refusal = map[How]string{
	Meaningless: " means nothing to a Go client",
	Impossible:  " cannot be honoured by this client",
	Later:       " is not built yet",
}

// Refusals are the errors for what was set and is not honoured: a run must not
// start with it, and whoever only judges a configuration may look past them.
func Refusals(v Values) []Problem {
	var problems []Problem
	for _, r := range table {
		if r.Honoured() || !v.IsSet(r.Key) {
			continue
		}
		problems = append(problems, Problem{
			Severity: Error, Keys: []Key{r.Key},
			Say: string(r.Key) + refusal[r.How] + "; leave it out.",
			Why: r.Note,
		})
	}
	return problems
}

func (s Severity) rank() int {
	if s == Error {
		return 0
	}
	return 1
}

// judged is what a rule looks at: what was asked, and what the Java client
// makes of it.
type judged struct {
	asked, effective Values
	facts            Facts
}

// rule looks for one kind of problem.
type rule func(judged) (Problem, bool)

// rules are ordered by weight, errors first.
//
// A fix only ever lowers batch.size and load.record.bytes, and only ever raises
// the limits around them, so that fixes applied one after the other, in any
// order, cannot chase each other in a circle.
var rules = []rule{
	idempotenceNeedsAcks,
	idempotenceNeedsRetries,
	idempotenceNeedsFewInFlight,
	deliveryTimeoutTooShort,
	batchBeyondBuffer,
	partitionsNotThere,
	limitOfARealCluster,
	idempotenceQuietlyOff,
	deliveryTimeoutQuietlyRaised,
	retriesWithoutAnswer,
	retriesMayReorder,
	requestTimeoutBelowRTT,
	backoffsCross,
	recordTooLarge,
	recordBeyondBuffer,
	recordBeyondBroker,
	batchBeyondRequest,
	batchBeyondBroker,
	quotaBelowLoad,
	retentionBeyondMemory,
	bufferBelowPartitions,
	availabilityUnused,
	keysIgnoredByOthers,
	allMeansOne,
	noSpareReplica,
	socketBufferTooSmall,
	oneBootstrapServer,
	namelessClient,
}

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

func deliveryTimeoutTooShort(j judged) (Problem, bool) {
	v, least := j.asked, leastDeliveryMs(j.asked)
	if !v.IsSet(DeliveryTimeoutMs) || v.Int(DeliveryTimeoutMs) >= least {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{DeliveryTimeoutMs, LingerMs, RequestTimeoutMs},
		Say: fmt.Sprintf("delivery.timeout.ms is %s, below linger.ms + request.timeout.ms, which is %d.", v.Text(DeliveryTimeoutMs), least),
		Why: "A record could expire before its first request had its time; the Java client refuses to start.",
		Fix: map[Key]string{DeliveryTimeoutMs: decimal(least)},
	}, true
}

func batchBeyondBuffer(j judged) (Problem, bool) {
	v := j.asked
	batch, buffer := v.Int(BatchSize), v.Int(BufferMemory)
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

func deliveryTimeoutQuietlyRaised(j judged) (Problem, bool) {
	was, is := j.asked.Text(DeliveryTimeoutMs), j.effective.Text(DeliveryTimeoutMs)
	if was == is {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{DeliveryTimeoutMs, LingerMs, RequestTimeoutMs},
		Say: fmt.Sprintf("delivery.timeout.ms is quietly raised from %s to %s, which is linger.ms + request.timeout.ms.", was, is),
		Why: "It was not set, so the Java client moves its default and only logs that; set below the sum it would be refused.",
		Fix: map[Key]string{DeliveryTimeoutMs: is},
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

func requestTimeoutBelowRTT(j judged) (Problem, bool) {
	v, rtt := j.effective, j.rttMs()
	timeout := float64(v.Int(RequestTimeoutMs))
	if v.Text(Acks) == "0" || rtt <= 0 || timeout > rtt {
		return Problem{}, false
	}
	p := Problem{
		Severity: Warning, Keys: []Key{RequestTimeoutMs},
		Say: fmt.Sprintf("request.timeout.ms is %s, and one round trip takes %.4g ms.", v.Text(RequestTimeoutMs), rtt),
		Why: "No request can be answered in time: connections are closed and batches retried until they expire.",
	}
	if enough := 10 * rtt; enough < math.MaxInt32 {
		p.Fix = map[Key]string{RequestTimeoutMs: decimal(max(int64(enough), defaultInt(RequestTimeoutMs)))}
	}
	return p, true
}

// rttMs is the round trip that is known: measured, or at least the link's.
func (j judged) rttMs() float64 {
	return max(j.facts.RTTMs, j.asked.Duration(StandLinkRTT).Seconds()*1000)
}

func backoffsCross(j judged) (Problem, bool) {
	v := j.asked
	if v.Int(RetryBackoffMs) <= v.Int(RetryBackoffMaxMs) {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{RetryBackoffMs, RetryBackoffMaxMs},
		Say: fmt.Sprintf("retry.backoff.ms (%s) is above retry.backoff.max.ms (%s).", v.Text(RetryBackoffMs), v.Text(RetryBackoffMaxMs)),
		Why: "The pause never grows: every retry waits retry.backoff.max.ms.",
		Fix: map[Key]string{RetryBackoffMs: v.Text(RetryBackoffMaxMs)},
	}, true
}

func defaultOf(k Key) string { return Defaults().Text(k) }

func defaultInt(k Key) int64 { return Defaults().Int(k) }

// show is a value in words for people.
func (v Values) show(k Key) string {
	row, _ := Find(k)
	return row.Kind.Show(v.Text(k))
}
