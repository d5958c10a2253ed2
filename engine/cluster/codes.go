package cluster

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
)

// codes are the error codes by the names that Kafka gives them.
var codes = sync.OnceValue(func() map[string]int16 {
	const beyond = 512 // more than there are
	all := map[string]int16{}
	for code := int16(-1); code < beyond; code++ {
		if err := kerr.TypedErrorForCode(code); err != nil && err.Code == code {
			all[err.Message] = code
		}
	}
	// The client still has the name of before Kafka 2.6.
	delete(all, kerr.NotLeaderForPartition.Message)
	all[notLeader] = kerr.NotLeaderForPartition.Code
	return all
})

const notLeader = "NOT_LEADER_OR_FOLLOWER"

// ErrorCode is the code of an error by Kafka's name of it, in any case.
func ErrorCode(name string) (code int16, ok bool) {
	name = strings.ToUpper(name)
	if name == kerr.NotLeaderForPartition.Message {
		name = notLeader
	}
	code, ok = codes()[name]
	return code, ok
}

// ErrorNames lists Kafka's names of all errors, sorted.
func ErrorNames() []string { return slices.Sorted(maps.Keys(codes())) }

// ErrorName is Kafka's name of an error's code; empty for 0, which is none. One
// that is not known has its number for a name.
func ErrorName(code int16) string {
	if code == 0 {
		return ""
	}
	if name, known := errorNames()[code]; known {
		return name
	}
	return "ERROR_" + strconv.Itoa(int(code))
}

var errorNames = sync.OnceValue(func() map[int16]string {
	names := map[int16]string{}
	for name, code := range codes() {
		names[code] = name
	}
	return names
})
