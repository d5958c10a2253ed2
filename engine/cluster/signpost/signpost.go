// Package signpost reads what clients ask brokers and what they are answered, so
// far as it says who asks and where brokers are, and makes answers name other
// places instead. A proxy asks it, request by request. It knows Kafka's messages
// and no connection; it looks at no record. Its functions are safe for any
// goroutine and keep nothing.
package signpost

import (
	"encoding/binary"
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	sizeBytes = 4
	// HeadBytes are those of a frame that say what is asked: its length, key,
	// version, correlation id and the length of the client id.
	HeadBytes = 14
	// maxKey is far beyond the keys that Kafka has.
	maxKey = 1 << 10
)

// Head is what each request begins with.
type Head struct {
	Key         int16
	Version     int16
	Correlation int32
}

// String is the request's name and version as in Kafka's protocol guide.
func (h Head) String() string { return fmt.Sprintf("%s v%d", kmsg.NameForKey(h.Key), h.Version) }

// ReadHead reads the first HeadBytes of a frame. The error says what speaks
// there that is not Kafka's protocol, or why a broker would refuse it.
func ReadHead(b []byte) (h Head, err error) {
	size := int32(binary.BigEndian.Uint32(b))
	h = Head{
		Key: int16(binary.BigEndian.Uint16(b[4:])), Version: int16(binary.BigEndian.Uint16(b[6:])),
		Correlation: int32(binary.BigEndian.Uint32(b[8:])),
	}
	clientID := max(int(int16(binary.BigEndian.Uint16(b[12:]))), 0)
	return h, strange(b[:sizeBytes], size, h, clientID)
}

// IsNewer tells that a request is of a kind or a version that is not known here.
func (h Head) IsNewer() bool { return !h.IsKnown() || h.Version > newest[h.Key] }

// IsKnown tells that there is such a request, in whatever version.
func (h Head) IsKnown() bool { return h.Key >= 0 && int(h.Key) < len(newest) && newest[h.Key] >= 0 }

// newest are the last known versions of requests by key, -1 where there is none.
var newest = func() []int16 {
	all := make([]int16, kmsg.MaxKey+1)
	for key := range all {
		all[key] = -1
		if known := kmsg.RequestForKey(int16(key)); known != nil {
			all[key] = known.MaxVersion()
		}
	}
	return all
}()

// IsRaw tells that bytes follow which are no requests: the tokens of a login as
// it was before Kafka 1.0.
func (h Head) IsRaw() bool { return kmsg.Key(h.Key) == kmsg.SASLHandshake && h.Version == 0 }

// Names tells that answers to the request may say where brokers are. Those of a
// version that is not known cannot be made to say otherwise; see Rewrite.
func (h Head) Names() bool {
	from, ok := naming[kmsg.Key(h.Key)]
	return ok && h.Version >= from
}

// naming are the requests whose answers say where brokers are, or which versions
// there are of those, with the version from which on they do.
var naming = map[kmsg.Key]int16{
	kmsg.ApiVersions:      0,
	kmsg.Metadata:         0,
	kmsg.FindCoordinator:  0,
	kmsg.DescribeCluster:  0,
	kmsg.Produce:          10, // KIP-951, like the next one
	kmsg.Fetch:            16,
	kmsg.ShareFetch:       0,
	kmsg.ShareAcknowledge: 0,
}
