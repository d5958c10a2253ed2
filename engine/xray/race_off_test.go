//go:build !race

package xray

// racing tells that the race detector is on, which makes everything slow.
const racing = false
