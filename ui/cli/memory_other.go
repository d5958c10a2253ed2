//go:build !linux && !darwin

package cli

// hostMemory is not known here.
func hostMemory() int64 { return 0 }
