package setting

// The names of the guarantees that a configuration can give.
const (
	AtMostOnce  = "at most once"
	AtLeastOnce = "at least once"
	ExactlyOnce = "exactly once per partition and producer session"
	ExactlyOver = "exactly once over partitions"
)

// Guarantee says what the values promise about delivery, judged by what the
// Java client makes of them. Of values that it refuses it is what they would
// promise without what cannot hold.
func (v Values) Guarantee() Guarantee {
	e := v.Effective()
	holds := e.Bool(EnableIdempotence) && e.Text(Acks) == "all"
	switch {
	case e.Text(Acks) == "0" || e.Int(Retries) == 0:
		return e.atMostOnce()
	case holds && e.transactional():
		return e.exactlyOver()
	case holds:
		return e.exactlyOnce()
	default:
		return e.atLeastOnce(v.Bool(EnableIdempotence))
	}
}

// Claims are what a guarantee says of one record.
type Claims struct {
	Kept    bool // what is acknowledged is in the log
	Once    bool // the producer writes nothing twice by itself
	Ordered bool // a partition has records in the order in which they were sent
}

// Claims says what the values promise of each record that is acknowledged, for
// as long as one producer lives.
func (v Values) Claims() Claims {
	e := v.Effective()
	silent, idempotent := e.Text(Acks) == "0", e.Bool(EnableIdempotence)
	return Claims{
		Kept: !silent,
		Once: silent || idempotent || e.Int(Retries) == 0,
		// With acks=0 a new connection may overtake what is left in the old one.
		Ordered: idempotent || !silent && e.Int(MaxInFlight) == 1,
	}
}

const (
	fullBuffer = "A send() that fails because the buffer stayed full or metadata did not come was never sent; only the application can try again."
	twice      = "An application that calls send() again for the same value, because it lost patience or was restarted, writes it twice."
	newEpoch   = "When a record expires by delivery.timeout.ms that was written and not answered, the producer goes on under a new epoch: what else it wrote without an answer may be written again, and is new to the broker."
	crash      = "A process that dies takes along what was still in its buffer."
	leaderDies = "acks=1: a leader that dies before its followers copied takes acknowledged records along."
	election   = "An unclean leader election, or the loss of every in-sync replica, loses acknowledged records."
)

func (v Values) atMostOnce() Guarantee {
	g := Guarantee{Name: AtMostOnce}
	if v.Text(Acks) == "0" {
		g.Because = append(g.Because, "acks=0: no broker answers, so nothing is known to have arrived and nothing is sent again.")
		g.BrokenBy = append(g.BrokenBy, "A connection that breaks, a leader that moves or a full disk loses records without a word.")
	}
	if v.Int(Retries) == 0 {
		g.Because = append(g.Because, "retries=0: each batch is sent once, and an error that would have passed fails its records.")
	}
	if v.Text(Acks) == "1" {
		g.BrokenBy = append(g.BrokenBy, leaderDies)
	}
	if v.Text(Acks) != "0" {
		g.BrokenBy = append(g.BrokenBy, "A request that times out may have been written: its records are reported as failed and yet are in the log.")
	}
	g.BrokenBy = append(g.BrokenBy, twice, crash)
	return g
}

func (v Values) atLeastOnce(quietly bool) Guarantee {
	g := Guarantee{Name: AtLeastOnce}
	if v.Text(Acks) == "all" {
		g.Because = append(g.Because, "acks=all: a record is acknowledged when every in-sync replica has it, else it is sent again until delivery.timeout.ms.")
	} else {
		g.Because = append(g.Because, "acks=1: a record is acknowledged when the leader has it, else it is sent again until delivery.timeout.ms.")
	}
	if quietly {
		g.Because = append(g.Because, "acks=1 rules idempotence out, so a retry whose first try was written writes it twice.")
	} else {
		g.Because = append(g.Because, "enable.idempotence=false: a retry whose first try was written writes it twice.")
	}
	if v.Text(Acks) == "1" {
		g.BrokenBy = append(g.BrokenBy, leaderDies)
	} else {
		g.BrokenBy = append(g.BrokenBy, election)
	}
	g.BrokenBy = append(g.BrokenBy, "A record that is not acknowledged within delivery.timeout.ms fails, although it may have been written.", fullBuffer, crash)
	return g
}

func (v Values) exactlyOnce() Guarantee {
	return Guarantee{
		Name: ExactlyOnce,
		Because: []string{
			"enable.idempotence=true: the broker knows the producer's batches by number, drops what a retry repeats and refuses a gap.",
			"acks=all: a record is acknowledged when every in-sync replica has it, so that a new leader knows the numbers too.",
			"max.in.flight.requests.per.connection is " + v.Text(MaxInFlight) + ", and the broker remembers five batches of each partition, so order holds.",
		},
		BrokenBy: []string{
			"A new producer session (a restart, a changed producer setting) gets a new producer id: what is sent again by it is new to the broker.",
			twice, election,
			"A record that is not acknowledged within delivery.timeout.ms fails, although it may have been written.",
			newEpoch, fullBuffer, crash,
		},
	}
}

func (Values) exactlyOver() Guarantee {
	return Guarantee{
		Name: ExactlyOver,
		Because: []string{
			"transactional.id is set: what one transaction writes, over all partitions and topics, is visible as a whole or not at all.",
			"enable.idempotence=true: the broker knows the producer's batches by number, drops what a retry repeats and refuses a gap.",
			"A producer that starts with the same transactional.id fences the one before it, and ends what that left open.",
		},
		BrokenBy: []string{
			"A consumer that reads with isolation.level=read_uncommitted, its default, sees open and aborted transactions.",
			"A transaction that is open for longer than transaction.timeout.ms is aborted.",
			"Only what is written and committed in Kafka is in the transaction: a database beside it is not.",
			election, crash,
		},
	}
}
