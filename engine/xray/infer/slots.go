package infer

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kdyno/telemetry/report"
)

const (
	// soon is how quickly a client follows an answer with the request that it held
	// back; measured, most do within 0.2 ms, Java within 1 ms.
	soon = time.Millisecond
	// rest is how long ago an answer must be not to be why a request was sent.
	rest = 2 * time.Millisecond
	// enoughHeld is how many requests must have waited for an answer before their
	// number in flight is taken for the limit, and heldShare how many of all that
	// made so many.
	enoughHeld = 20
	heldShare  = 0.8
)

// slots is what was seen of requests in flight on one connection.
type slots struct {
	most int
	full int64 // requests that made so many in flight
	held int64 // and did when an answer had freed the last slot
}

// add notes a request. One that makes as many in flight as there ever were was
// held back by the limit where it was ready before the last answer came, or comes
// at once behind that with records that are older.
func (s *slots) add(r *Request, ready time.Duration) {
	if r.Acks == 0 {
		return
	}
	if r.InFlight > s.most {
		s.most, s.full, s.held = r.InFlight, 0, 0
	}
	if r.InFlight < s.most {
		return
	}
	s.full++
	if r.Answered > 0 && (ready > r.Answered+soon || r.Answered <= soon && oldest(r) > r.Answered+soon) {
		s.held++
	}
}

// ready is for how long a request could have been sent already, as far as that is
// known: since a batch of it was full, or its linger was over.
func (e *Evidence) ready(r *Request) (since time.Duration) {
	linger, known := e.linger.known()
	for i := range r.Batches {
		b := &r.Batches[i]
		switch {
		case !b.Timed || b.Again:
		case e.size.isFull(b):
			since = max(since, b.Age-b.open())
		case known:
			since = max(since, b.Age-linger)
		}
	}
	return since
}

// isFree tells that nothing kept the request from being sent earlier: no answer
// can have been waited for, be it since there was room before the last one came,
// or since its records were made after that.
func (s *slots) isFree(r *Request) bool {
	switch {
	case r.Acks == 0 || r.Answered >= rest && r.InFlight == 1:
		return true
	case r.InFlight < s.most:
		return !s.isLimit() || r.Answered >= rest
	default:
		return r.Answered > 0 && oldest(r) <= r.Answered+soon/2
	}
}

func (s *slots) isLimit() bool {
	return s.held >= enoughHeld && float64(s.held) >= heldShare*float64(s.full)
}

// oldest is the age of the oldest batch in a request, 0 where none can be told.
func oldest(r *Request) time.Duration {
	var age time.Duration
	for i := range r.Batches {
		if b := &r.Batches[i]; b.Timed && !b.Again {
			age = max(age, b.Age)
		}
	}
	return age
}

func (s *slots) say() report.Inferred {
	if s.most == 0 {
		return report.Inferred{}
	}
	value := strconv.Itoa(s.most)
	if s.isLimit() {
		return estimate(value, "%d requests waited until an answer made room among %s in flight, and there were never more", s.held, value)
	}
	return bound(value, "at least: so many were in flight on one connection at once, and nothing had to wait for a slot")
}

// count says how many of what.
func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "ch") {
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
