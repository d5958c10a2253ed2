//go:build race

package audit

// racing tells that the race detector is on, which makes everything slow.
const racing = true
