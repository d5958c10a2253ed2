package signpost

import (
	"bytes"
	"errors"
	"fmt"
)

// What may speak to a port of Kafka's that does not speak Kafka.
var (
	ErrHTTP = errors.New("speaks HTTP, not Kafka")
	ErrTLS  = errors.New("speaks TLS to a port that is in the clear")
)

// maxFrame is Kafka's socket.request.max.bytes: a broker closes the connection
// at a longer one.
const maxFrame = 100 << 20

// methods are how requests of HTTP begin.
var methods = [][]byte{
	[]byte("GET "), []byte("POST"), []byte("PUT "), []byte("HEAD"), []byte("DELE"), []byte("OPTI"), []byte("PATC"), []byte("CONN"), []byte("PRI "),
}

// strange says why a frame is none that a broker would take.
func strange(start []byte, size int32, h Head, clientID int) error {
	for _, m := range methods {
		if bytes.Equal(start, m) {
			return ErrHTTP
		}
	}
	switch {
	case start[0] == 0x16 && start[1] == 0x03: // a handshake record of TLS 1.x
		return ErrTLS
	case size < HeadBytes-sizeBytes || int(size) < HeadBytes-sizeBytes+clientID:
		return fmt.Errorf("sends a frame of %d bytes, which no request of Kafka's fits into", size)
	case size > maxFrame:
		return fmt.Errorf("sends a frame of %d bytes; brokers take at most %d (socket.request.max.bytes)", size, maxFrame)
	case h.Key < 0 || h.Key > maxKey || h.Version < 0:
		return fmt.Errorf("sends a request that Kafka does not have (key %d, version %d)", h.Key, h.Version)
	default:
		return nil
	}
}
