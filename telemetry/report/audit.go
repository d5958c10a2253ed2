package report

import (
	"fmt"
	"strings"
)

// Verdict is what an audit came to.
type Verdict string

// The verdicts.
const (
	AuditKept         Verdict = "kept"
	AuditViolated     Verdict = "violated"
	AuditInconclusive Verdict = "inconclusive"
)

// Audit compares what was acknowledged with what the log holds.
// acked = found + lost + not_delivered + undecided + unverifiable, less the
// undecided that were never acknowledged, and less the corrupt ones.
type Audit struct {
	Verdict Verdict `json:"verdict"`
	Claimed string  `json:"claimed"` // the guarantees of the producers concerned
	Say     string  `json:"say"`

	Acked               int64          `json:"acked"`      // by producers under audit
	Found               int64          `json:"found"`      // of those, in the log
	Lost                int64          `json:"lost"`       // of those, not in the log
	Duplicated          int64          `json:"duplicated"` // copies more than one
	DuplicatedBy        DuplicatedBy   `json:"duplicated_by"`
	Reordered           int64          `json:"reordered"`             // behind a later record of their sender, in one partition
	ReorderedByKey      int64          `json:"reordered_by_key"`      // keys whose records lie in more than one partition
	Diverged            int64          `json:"diverged"`              // not at the offset that was acknowledged
	Phantom             int64          `json:"phantom"`               // failed for certain, and in the log
	Corrupt             int64          `json:"corrupt"`               // with a checksum that does not fit
	Undecided           int64          `json:"undecided"`             // not read, or without an outcome
	Unverifiable        int64          `json:"unverifiable"`          // gone by retention or compaction before they were read
	Foreign             int64          `json:"foreign"`               // of somebody else
	NotDelivered        int64          `json:"not_delivered"`         // acks=0: nothing was promised
	WrittenDespiteError int64          `json:"written_despite_error"` // of unknown outcome, and in the log
	Coverage            float64        `json:"coverage"`              // decided, by all that were acknowledged in the session
	Examples            []AuditExample `json:"examples"`
}

// DuplicatedBy says who wrote copies more than one.
type DuplicatedBy struct {
	Retry       int64 `json:"retry"`       // the producer, again
	Swap        int64 `json:"swap"`        // the producer that took over
	Application int64 `json:"application"` // called send() again
}

// AuditExample is one record with which something is wrong.
type AuditExample struct {
	Kind      string  `json:"kind"`             // lost, phantom, diverged, corrupt, duplicated or reordered
	By        string  `json:"by,omitempty"`     // of duplicated: retry, swap or application
	Record    uint64  `json:"record"`           // its number in the session
	Copy      uint32  `json:"copy,omitempty"`   // above 0: sent again by the application
	Sender    uint16  `json:"sender,omitempty"` // 0 is the first, or not known
	Topic     string  `json:"topic,omitempty"`  // with partition and offset: where it stands, or should stand
	Partition *int32  `json:"partition,omitempty"`
	Offset    *int64  `json:"offset,omitempty"`
	Tries     int     `json:"tries,omitempty"` // how often it was written
	Fault     string  `json:"fault,omitempty"` // what was broken then
	DueS      float64 `json:"due_s"`           // when it was due, about
}

// Visible is the time from a record's due time until a reader could read it.
type Visible struct {
	P50Ms *float64 `json:"p50_ms"`
	P99Ms *float64 `json:"p99_ms"`
}

// Failed tells whether the audit asks for an exit code other than 0.
func (a *Audit) Failed() bool { return a != nil && a.Verdict != AuditKept }

// Tell puts an audit's counts into a sentence or some that a team understands.
// Reasons say why it could not be decided, remarks what belongs beside it.
func (a *Audit) Tell(reasons, remarks []string) {
	say := a.wrong()
	switch {
	case len(say) > 0:
	case a.Verdict == AuditInconclusive:
		say = append(say, a.sofar())
	case a.Acked == 0:
		say = append(say, "no record was acknowledged, so nothing was promised")
	default:
		say = append(say, a.well())
	}
	say = append(say, a.beside()...)
	if a.Verdict == AuditInconclusive {
		reasons = append([]string{"not decided: " + strings.Join(reasons, "; ")}, remarks...)
	} else {
		reasons = append(reasons, remarks...)
	}
	a.Say = sentences(append(say, reasons...))
}

// wrong is what is wrong, the gravest first.
func (a *Audit) wrong() []string {
	var say []string
	add := func(n int64, format string, args ...any) {
		if n > 0 {
			say = append(say, fmt.Sprintf(format, args...))
		}
	}
	add(a.Lost, "%s of %s %s gone", count(a.Lost), plural(a.Acked, "acknowledged record"), are(a.Lost))
	add(a.Phantom, "%s that failed for certain %s in the log all the same", plural(a.Phantom, "record"), are(a.Phantom))
	add(a.Diverged, "%s at the offset that was acknowledged", notAt(a.Diverged))
	add(a.Corrupt, "%s not as %s sent", recordsAre(a.Corrupt), was(a.Corrupt))
	return say
}

func notAt(n int64) string { return recordsAre(n) + " not" }

func recordsAre(n int64) string { return plural(n, "record") + " " + are(n) }

func are(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func was(n int64) string {
	if n == 1 {
		return "it was"
	}
	return "they were"
}

// well is the sentence of an audit in which nothing is missing.
func (a *Audit) well() string {
	if a.NotDelivered > 0 {
		return fmt.Sprintf("%s of %s with acks=0 never arrived; nothing was promised of them",
			count(a.NotDelivered), plural(a.Acked, "record"))
	}
	each := ", each once and in order"
	switch {
	case a.Duplicated > 0 && a.Reordered > 0:
		each = ""
	case a.Duplicated > 0:
		each = ", in order"
	case a.Reordered > 0:
		each = ", each once"
	}
	if a.Acked == 1 {
		return "the one acknowledged record is in the log"
	}
	return fmt.Sprintf("all %s are in the log%s", plural(a.Acked, "acknowledged record"), each)
}

// sofar is what was found where not all could be read.
func (a *Audit) sofar() string {
	return fmt.Sprintf("%s of %s %s found in the log, none is known to be lost",
		count(a.Found), plural(a.Acked, "acknowledged record"), were(a.Found))
}

func were(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// beside is what may be allowed, and has to be said.
func (a *Audit) beside() []string {
	var say []string
	if a.Duplicated > 0 {
		say = append(say, a.copies())
	}
	if a.Reordered > 0 {
		say = append(say, recordsAre(a.Reordered)+" behind a later one of the same sender")
	}
	if a.ReorderedByKey > 0 {
		say = append(say, fmt.Sprintf("order per key is broken for %s: the records lie in more than one partition", plural(a.ReorderedByKey, "key")))
	}
	if a.WrittenDespiteError > 0 {
		say = append(say, recordsAre(a.WrittenDespiteError)+" in the log though the producer gave up on "+them(a.WrittenDespiteError))
	}
	if a.Foreign > 0 {
		say = append(say, recordsAre(a.Foreign)+" not of this audit, and "+were(a.Foreign)+" not judged")
	}
	return say
}

func them(n int64) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// copies says who wrote what stands there more than once.
func (a *Audit) copies() string {
	var by []string
	for _, cause := range []struct {
		n    int64
		what string
	}{
		{a.DuplicatedBy.Retry, "by retries"},
		{a.DuplicatedBy.Swap, "by a change of producers"},
		{a.DuplicatedBy.Application, "by the application, which sent again"},
	} {
		if cause.n > 0 {
			by = append(by, count(cause.n)+" "+cause.what)
		}
	}
	word := "copies"
	if a.Duplicated == 1 {
		word = "copy"
	}
	return fmt.Sprintf("%s %s more than one: %s", count(a.Duplicated), word, strings.Join(by, ", "))
}

// sentences joins parts to sentences.
func sentences(parts []string) string {
	var b strings.Builder
	for i, p := range parts {
		if p == "" {
			continue
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToUpper(p[:1]) + p[1:] + ".")
	}
	return b.String()
}
