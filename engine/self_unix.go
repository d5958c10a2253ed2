//go:build unix

package engine

import (
	"runtime"
	"syscall"
)

// usage is the process's own cost so far.
func usage() (cpuSeconds float64, peakBytes int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	peakBytes = int64(u.Maxrss) //nolint:unconvert // 32 bits on some systems
	if runtime.GOOS != "darwin" {
		peakBytes <<= 10 // kilobytes everywhere else
	}
	return seconds(u.Utime) + seconds(u.Stime), peakBytes
}
