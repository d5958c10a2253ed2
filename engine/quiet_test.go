//go:build integration && figures && linux

package engine_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// foreignAtMost is how much of one processor anything else than the clients and the kit's brokers may
// take while a figure is measured.
const foreignAtMost = 0.15

// quietly measures once nothing else runs on the machine, and again where something did meanwhile.
// What the brokers still have to write to the disk for whoever came before is written first: that
// slowed clients by a third. A client that runs all the time is named by its process.
func quietly[T any](t *testing.T, measure func() T, clients ...string) T {
	t.Helper()
	for {
		syscall.Sync()
		awaitQuiet(t, clients)
		began := worked(t, clients)
		got := measure()
		if share := worked(t, clients).foreign(began); share <= foreignAtMost {
			return got
		} else {
			fmt.Fprintf(os.Stderr, "%s measured again: something else took %.2f of a processor\n", time.Now().Format(time.TimeOnly), share)
		}
	}
}

func awaitQuiet(t *testing.T, clients []string) {
	t.Helper()
	const look = 2 * time.Second
	for {
		began := worked(t, clients)
		time.Sleep(look)
		if worked(t, clients).foreign(began) <= foreignAtMost {
			return
		}
		time.Sleep(look)
	}
}

// work is processor time by whom it was taken.
type work struct {
	at        time.Time
	all, ours time.Duration
}

// foreign is what others took since, in processors.
func (w work) foreign(since work) float64 {
	return ((w.all - since.all) - (w.ours - since.ours)).Seconds() / w.at.Sub(since.at).Seconds()
}

// worked reads what all processors did, and of it this process, its children that have ended, the
// kit's brokers and clients that run.
func worked(t *testing.T, clients []string) work {
	t.Helper()
	w := work{at: time.Now()}
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line)
	const idle, waiting, last = 4, 5, 7 // user nice system idle iowait irq softirq
	for i := 1; i <= last; i++ {
		if i != idle && i != waiting {
			w.all += ticks(t, fields[i])
		}
	}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			t.Fatal(err)
		}
		w.ours += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	for _, pid := range append(brokerPIDs(), clients...) {
		w.ours += ofProcess(t, pid)
	}
	return w
}

func ticks(t *testing.T, text string) time.Duration {
	t.Helper()
	const perSecond = 100 // on every Linux that Go runs on
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(n) * time.Second / perSecond
}

func ofProcess(t *testing.T, pid string) time.Duration {
	t.Helper()
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	const user, system = 11, 12
	return ticks(t, fields[user]) + ticks(t, fields[system])
}

// brokerPIDs are the processes of the kit's brokers that run.
func brokerPIDs() []string {
	var pids []string
	for id := 1; id <= realReplication; id++ {
		if out, err := exec.Command("../.ci/kafka/node", "pid", strconv.Itoa(id)).Output(); err == nil {
			pids = append(pids, strings.TrimSpace(string(out)))
		}
	}
	return pids
}
