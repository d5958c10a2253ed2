//go:build !race

package engine_test

// racing tells that the race detector is on, which makes everything slow.
const racing = false
