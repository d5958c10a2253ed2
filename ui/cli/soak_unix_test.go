//go:build !windows

package cli

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

var soak = flag.Duration("soak", 9*time.Second, "how long TestWorkbenchHoldsStill watches")

// vitals are what the child tells of itself: how many goroutines it has, and
// the bytes in use after a collection.
type vitals struct{ goroutines, bytes int }

// watchVitals writes a line of vitals four times a second into the file that
// the test reads, for good.
func watchVitals() {
	path := os.Getenv("KDYNO_TEST_STOPPED")
	for range time.Tick(250 * time.Millisecond) {
		var mem runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&mem)
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return
		}
		_, _ = fmt.Fprintln(f, runtime.NumGoroutine(), mem.HeapAlloc)
		_ = f.Close()
	}
}

// readVitals reads what watchVitals has written so far.
func readVitals(t *testing.T, path string) []vitals {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		return nil // nothing yet
	}
	var all []vitals
	for line := range strings.Lines(string(text)) {
		var v vitals
		if n, err := fmt.Sscan(line, &v.goroutines, &v.bytes); n == 2 && err == nil {
			all = append(all, v)
		}
	}
	return all
}

// lateConnections are the goroutines of a second connection to each of the three
// brokers, both ends of it, which a busy machine opens late. A goroutine left by
// each key or each size would be more of them.
const lateConnections = 3 * 5

// TestWorkbenchHoldsStill runs the real workbench with the real engine on a
// terminal at 20,000 records/s while its views are turned and the window
// changes its size. Goroutines come and go with every tick and request, so
// there is growth where the fewest of the last third are clearly more than the
// most of the first third.
func TestWorkbenchHoldsStill(t *testing.T) {
	t.Parallel()
	x := onTerminal(t, "--rate 20000", "watched")
	x.until(t, "records on the screen", x.shows("LIVE"))
	watched := len(readVitals(t, x.stopped))
	deadline := time.Now().Add(*soak)
	for i := 0; time.Now().Before(deadline); i++ {
		if _, err := x.ours.WriteString([]string{"1", "2", "3", "\t", "4", "?", "\x1b", "c", "T"}[i%9]); err != nil {
			t.Fatal(err)
		}
		if err := pty.Setsize(x.theirs, &pty.Winsize{Rows: uint16(20 + i%31), Cols: uint16(60 + i*7%141)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
	}
	seen := readVitals(t, x.stopped)[watched:]
	if err := x.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.until(t, "the end", x.gone)
	if len(seen) < 9 {
		t.Fatalf("got vitals only %d times", len(seen))
	}
	third := len(seen) / 3
	first, last := goroutines(seen[:third]), goroutines(seen[len(seen)-third:])
	t.Logf("goroutines %d to %d in the first third, %d to %d in the last", slices.Min(first), slices.Max(first), slices.Min(last), slices.Max(last))
	for tenth := range slices.Chunk(seen, (len(seen)+9)/10) {
		t.Logf("heap %d KB", median(tenth)>>10) // it grows with the ten minutes that can be looked back at
	}
	if slices.Min(last) > slices.Max(first)+lateConnections {
		t.Errorf("got %d goroutines at least in the end, want no more than the %d at most in the beginning and %d", slices.Min(last), slices.Max(first), lateConnections)
	}
}

func goroutines(seen []vitals) []int {
	var n []int
	for _, v := range seen {
		n = append(n, v.goroutines)
	}
	return n
}

// median is that of the bytes in use.
func median(seen []vitals) int {
	sorted := slices.SortedFunc(slices.Values(seen), func(a, b vitals) int { return cmp.Compare(a.bytes, b.bytes) })
	return sorted[len(sorted)/2].bytes
}
