package setting

import "fmt"

// The settings of transactions that rules look at.
const (
	TransactionTimeoutMs Key = "transaction.timeout.ms"
	TransactionTwoPhase  Key = "transaction.two.phase.commit.enable"
)

func (v Values) transactional() bool { return v.Text(TransactionalID) != "" }

func transactionNeedsIdempotence(j judged) (Problem, bool) {
	if !j.asked.transactional() || j.effective.Bool(EnableIdempotence) {
		return Problem{}, false
	}
	v, fix := j.asked, map[Key]string{EnableIdempotence: "true"}
	if v.Text(Acks) != "all" {
		fix[Acks] = "all"
	}
	if v.Int(Retries) == 0 {
		fix[Retries] = defaultOf(Retries)
	}
	if v.Int(MaxInFlight) > mostInFlightIdempotent {
		fix[MaxInFlight] = decimal(mostInFlightIdempotent)
	}
	return Problem{
		Severity: Error, Keys: []Key{TransactionalID, EnableIdempotence},
		Say: "transactional.id needs idempotence, and it is off.",
		Why: "A transaction is made of numbered batches; the Java client refuses to start.",
		Fix: fix,
	}, true
}

func transactionalIDEmpty(j judged) (Problem, bool) {
	if !j.asked.IsSet(TransactionalID) || j.asked.transactional() {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{TransactionalID},
		Say: "transactional.id is set and empty.",
		Why: "No transactions is said by leaving it out; the Java client refuses to start with an empty one.",
	}, true
}

func twoPhaseHasNoTimeout(j judged) (Problem, bool) {
	v := j.asked
	if !v.Bool(TransactionTwoPhase) || !v.IsSet(TransactionTimeoutMs) {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{TransactionTimeoutMs, TransactionTwoPhase},
		Say: "transaction.timeout.ms is set, and with transaction.two.phase.commit.enable=true transactions never time out.",
		Why: "The outer coordinator alone ends them; the Java client refuses to start, whatever the number.",
		Fix: map[Key]string{TransactionTwoPhase: "false"},
	}, true
}

func transactionLogBeyondBrokers(j judged) (Problem, bool) {
	f := j.facts
	if !j.asked.transactional() || f.Brokers == 0 || f.TransactionReplication <= f.Brokers {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{TransactionalID},
		Say: fmt.Sprintf("The brokers' transaction.state.log.replication.factor is %d, and there are %d brokers.", f.TransactionReplication, f.Brokers),
		Why: "The topic of the transactions' state cannot be created, so no coordinator is found and initTransactions() times out; the cure is on the brokers.",
	}, true
}

func transactionTimeoutBeyondBroker(j judged) (Problem, bool) {
	v, most := j.asked, j.facts.TransactionMaxMs
	if !v.transactional() || v.Bool(TransactionTwoPhase) || most == 0 || v.Int(TransactionTimeoutMs) <= most {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{TransactionTimeoutMs},
		Say: fmt.Sprintf("transaction.timeout.ms (%s) is above the brokers' transaction.max.timeout.ms (%s).", v.show(TransactionTimeoutMs), millis.show(most)),
		Why: "initTransactions() is refused with INVALID_TRANSACTION_TIMEOUT.",
		Fix: map[Key]string{TransactionTimeoutMs: decimal(most)},
	}, true
}
