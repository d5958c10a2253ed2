//go:build race

package run

// racing tells that the race detector is on, under which a pool forgets at random.
const racing = true
