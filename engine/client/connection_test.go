package client_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/client"
	"kdyno/engine/setting"
)

// sized is a connection that remembers what was asked of its buffers.
type sized struct {
	net.Conn
	Send, Receive int
	Closed        bool
	refuse        error
}

func (s *sized) SetWriteBuffer(n int) error { s.Send = n; return s.refuse }
func (s *sized) SetReadBuffer(n int) error  { s.Receive = n; return s.refuse }
func (s *sized) Close() error               { s.Closed = true; return nil }

type wrapped struct{ net.Conn }

// bare is the connection under what the client itself puts around it.
func bare(c net.Conn) net.Conn {
	for {
		above, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = above.NetConn()
	}
}

// dialed dials once, as the client of these values would.
func dialed(t *testing.T, v setting.Values, c net.Conn) (net.Conn, error) {
	t.Helper()
	s := stand(100)
	s.Dial = func(context.Context, string, string) (net.Conn, error) {
		if c == nil {
			return nil, errNoNet
		}
		return c, nil
	}
	s.Wrap = func(c net.Conn) net.Conn { return wrapped{c} }
	dial := make1(t, v, s).client.OptValue(kgo.Dialer).(func(context.Context, string, string) (net.Conn, error))
	return dial(t.Context(), "tcp", "127.0.0.1:9092")
}

func TestSocketBuffersAreSetBelowTheTap(t *testing.T) {
	const left = -7 // not touched
	for _, c := range []struct {
		send, receive string
		want          sized
	}{
		{"131072", "32768", sized{Send: 131072, Receive: 32768}},
		{"-1", "-1", sized{Send: left, Receive: left}},
		{"0", "-1", sized{Send: 0, Receive: left}},
		{"-1", "2147483647", sized{Send: left, Receive: 2147483647}},
	} {
		under := &sized{Send: left, Receive: left}
		got, err := dialed(t, values(t, "send.buffer.bytes", c.send, "receive.buffer.bytes", c.receive), under)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, *under, cmp.AllowUnexported(sized{})); diff != "" {
			t.Errorf("send %s, receive %s (-want +got):\n%s", c.send, c.receive, diff)
		}
		if w, ok := got.(wrapped); !ok || bare(w.Conn) != under {
			t.Errorf("got %T, want the wrapped connection", got)
		}
	}
}

func TestRefusedSocketBufferNamesTheSetting(t *testing.T) {
	refusal := errors.New("no buffer space")
	for _, c := range []struct{ send, receive, want string }{
		{"999", "-1", "send.buffer.bytes=999"},
		{"-1", "888", "receive.buffer.bytes=888"},
	} {
		under := &sized{refuse: refusal}
		got, err := dialed(t, values(t, "send.buffer.bytes", c.send, "receive.buffer.bytes", c.receive), under)
		if got != nil || !errors.Is(err, refusal) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "127.0.0.1:9092") {
			t.Errorf("got %v, %v, want an error with %s and the address", got, err, c.want)
		}
		if !under.Closed {
			t.Errorf("%s: the connection is left open", c.want)
		}
	}
}

func TestConnectionWithoutBuffersIsTakenAsItIs(t *testing.T) {
	under, other := net.Pipe()
	defer other.Close()
	defer under.Close()
	got, err := dialed(t, setting.Defaults(), under)
	if w, ok := got.(wrapped); err != nil || !ok || bare(w.Conn) != under {
		t.Errorf("got %v, %v, want the pipe", got, err)
	}
}

func TestDialErrorIsLeftAsItIs(t *testing.T) {
	// The client tells by it whether to try again.
	if got, err := dialed(t, setting.Defaults(), nil); got != nil || !errors.Is(err, errNoNet) {
		t.Errorf("got %v, %v, want %v", got, err, errNoNet)
	}
}

// In a batch of this size the largest record has room, whatever batch.size
// says, and one that max.request.size refuses needs none.
func TestBatchHoldsTheLargestRecord(t *testing.T) {
	for _, c := range []struct {
		size, request string
		record, want  int
	}{
		{"16384", "1048576", 512, 16384},
		{"16384", "1048576", 16384, 16584},
		{"0", "1048576", 10, 512},
		{"0", "1048576", 400, 600},
		{"16384", "1048576", 64 << 20, 1<<20 + 200},
		{"2147483647", "1048576", 10, 1 << 30},
	} {
		v := values(t, "batch.size", c.size, "max.request.size", c.request)
		if got := client.BatchBytes(v, c.record); got != c.want {
			t.Errorf("batch.size=%s, record %d: got %d, want %d", c.size, c.record, got, c.want)
		}
	}
}
