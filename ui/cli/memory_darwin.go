package cli

import "golang.org/x/sys/unix"

// hostMemory is the memory of this machine in bytes; 0: not known.
func hostMemory() int64 {
	total, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(total)
}
