package engine_test

import (
	"testing"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// What a step sends is under audit like all else: none of it is foreign, and
// its value is what the person wrote.
func TestWhatStepsSendIsUnderAudit(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.audited(t, "load.rate", "200", "stand.link.rtt", "2ms", "load.producers", "2", "load.senders", "2"))
		w.settled(telemetry.Running)
		lines := []string{"send", "send key=a", `send key=a value="as I wrote it"`, "send value=x partition=3", "send key=a header.trace=7"}
		for _, line := range lines {
			w.do(line)
		}
		w.waitFor("the ends of their stories", func(r report.Report) bool {
			for _, f := range r.Followed {
				if f.Outcome != report.Acked {
					return false
				}
			}
			return len(r.Followed) == len(lines)
		})
		time.Sleep(time.Second)
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		wantKept(t, r)
		inLog(t, b.network, r.Followed[2], int(r.Records.Acked), "a", "as I wrote it")
	})
}

// A batch of a step's record that is written twice, by the producer and then by
// an application that died meanwhile, is told as both.
func TestCopiesOfWhatStepsSendAreTold(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.audited(t, "load.rate", "1", "linger.ms", "0", "enable.idempotence", "false", "stand.link.rtt", "2ms", "request.timeout.ms", "1000"))
		w.settled(telemetry.Running)
		w.do("pause")
		time.Sleep(time.Second)
		b.answer(unheard)
		w.do("send key=a value=b")
		time.Sleep(1500 * time.Millisecond) // it is written twice
		w.do("crash")
		w.crashes(1)
		b.answer(normally)
		w.do("restart")
		w.restarted()
		time.Sleep(time.Second)
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		a := verdictOf(t, r)
		want := report.DuplicatedBy{Retry: 1, Application: 1}
		if a.Verdict != report.AuditKept || a.Foreign != 0 || a.DuplicatedBy != want || a.WrittenDespiteError != 1 || a.Found != r.Records.Acked {
			t.Errorf("audit %+v, want %+v duplicated, one written though nobody heard of it, and nothing foreign", a, want)
		}
	})
}
