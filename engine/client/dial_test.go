package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/client"
	"kdyno/engine/setting"
)

// dialOf is how the client of these values dials.
func dialOf(t *testing.T, v setting.Values, s client.Stand) client.Dial {
	t.Helper()
	return make1(t, v, s).client.OptValue(kgo.Dialer).(func(context.Context, string, string) (net.Conn, error))
}

// within says that got is want with a fifth of jitter either way, and not
// above most.
func within(got, want, most time.Duration) bool {
	return got >= want*8/10 && got <= min(want*12/10, most)
}

func TestSetupTimeoutGrowsWithEachFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(10)
		s.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		dial := dialOf(t, values(t, "socket.connection.setup.timeout.ms", "100", "socket.connection.setup.timeout.max.ms", "500", "reconnect.backoff.ms", "0"), s)
		for try, ms := range []int{100, 200, 400, 500, 500} {
			least := time.Duration(ms) * 8 / 10 * time.Millisecond
			began := time.Now()
			_, err := dial(t.Context(), "tcp", "b1:9092")
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "b1:9092") || !strings.Contains(err.Error(), "socket.connection.setup.timeout.ms") {
				t.Errorf("try %d: got %v, want the address and the setting", try, err)
			}
			if got := time.Since(began); got < least || got > 500*time.Millisecond {
				t.Errorf("try %d took %v, want about %d ms and at most 500", try, got, ms)
			}
		}
	})
}

// An address that nobody listens at is tried ever less often. Who asks for it
// meanwhile is told at once, so that the client looks for another broker: it
// has one goroutine for all requests to one.
func TestReconnectWaitsLongerAfterEachFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(10)
		refused := true
		var tried []time.Time
		s.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
			if address == "b1:9092" {
				tried = append(tried, time.Now())
			}
			if refused {
				return nil, errNoNet
			}
			c, other := net.Pipe()
			t.Cleanup(func() { _ = other.Close() })
			return c, nil
		}
		dial := dialOf(t, values(t, "reconnect.backoff.ms", "100", "reconnect.backoff.max.ms", "300"), s)
		asked := func(address string) {
			began := time.Now()
			c, err := dial(t.Context(), "tcp", address)
			if c != nil {
				t.Cleanup(func() { _ = c.Close() })
			}
			if refused && !errors.Is(err, errNoNet) || !refused && err != nil {
				t.Fatalf("got %v", err)
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("%s: told after %v, want at once", address, took)
			}
		}
		for began := time.Now(); time.Since(began) < 1100*time.Millisecond; time.Sleep(time.Millisecond) {
			asked("b1:9092")
		}
		if len(tried) < 5 {
			t.Fatalf("%d tries in 1.1 s, want 5 or more", len(tried))
		}
		for i, want := range []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond, 300 * time.Millisecond} {
			if got := tried[i+1].Sub(tried[i]); !within(got, want, 301*time.Millisecond) {
				t.Errorf("try %d came after %v, want about %v", i+2, got, want)
			}
		}
		asked("b2:9092") // another address does not wait
		refused = false
		time.Sleep(300 * time.Millisecond)
		before := len(tried)
		asked("b1:9092")
		asked("b1:9092") // after a success
		if got := len(tried) - before; got != 2 {
			t.Errorf("%d tries once it answers, want one each time", got)
		}
	})
}

func TestLostConnectionIsNotOpenedAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(10)
		var others []net.Conn
		s.Dial = func(context.Context, string, string) (net.Conn, error) {
			c, other := net.Pipe()
			others = append(others, other)
			return c, nil
		}
		dial := dialOf(t, values(t, "reconnect.backoff.ms", "100"), s)
		open := func() (net.Conn, time.Duration) {
			began := time.Now()
			c, err := dial(t.Context(), "tcp", "b1:9092")
			if err != nil {
				t.Fatal(err)
			}
			return c, time.Since(began)
		}
		c, _ := open()
		_ = c.Close() // by us
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Fatal("a closed connection reads")
		}
		c, got := open()
		if got > 120*time.Millisecond {
			t.Errorf("waited %v", got)
		}
		_ = others[len(others)-1].Close() // by the other side
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Fatalf("got %v, want the end", err)
		}
		if _, got := open(); !within(got, 100*time.Millisecond, 120*time.Millisecond) {
			t.Errorf("after a loss: waited %v, want about 100 ms", got)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_ = others[len(others)-1].Close()
		if _, err := dial(ended, "tcp", "b1:9092"); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's end", err)
		}
	})
}

// resolver knows hosts by heart.
type resolver struct{ hosts, names map[string][]string }

func (r resolver) LookupHost(_ context.Context, host string) ([]string, error) {
	if found, ok := r.hosts[host]; ok {
		return found, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (r resolver) LookupAddr(_ context.Context, address string) ([]string, error) {
	if found, ok := r.names[address]; ok {
		return found, nil
	}
	return nil, &net.DNSError{Err: "no such address", Name: address, IsNotFound: true}
}

func TestBootstrapServersAreTurnedIntoCanonicalNames(t *testing.T) {
	for lookup, want := range map[string][]string{
		"use_all_dns_ips":                          {"kafka:9092", "b1.example:9092"},
		"resolve_canonical_bootstrap_servers_only": {"b1.example:9092", "10.0.0.2:9092", "b1.example:9092"},
	} {
		var dialled []string
		s := stand(10)
		s.Seeds = []string{"kafka:9092"}
		s.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
			dialled = append(dialled, address)
			return nil, errNoNet
		}
		s.Resolver = resolver{
			hosts: map[string][]string{"kafka": {"10.0.0.1", "10.0.0.2", "10.0.0.3"}},
			names: map[string][]string{"10.0.0.1": {"b1.example.", "other."}, "10.0.0.3": {"b1.example."}},
		}
		dial := dialOf(t, values(t, "client.dns.lookup", lookup), s)
		for _, address := range []string{"kafka:9092", "b1.example:9092"} {
			if _, err := dial(t.Context(), "tcp", address); !errors.Is(err, errNoNet) {
				t.Errorf("%s: got %v", lookup, err)
			}
		}
		if diff := cmp.Diff(want, dialled); diff != "" {
			t.Errorf("%s dials (-want +got):\n%s", lookup, diff)
		}
	}
}

// layer is a wrapper that has a name.
type layer struct {
	net.Conn
	name string
}

func (l layer) NetConn() net.Conn { return l.Conn }

func TestLinkLiesBelowTLSAndTheTapAboveIt(t *testing.T) {
	under, other := net.Pipe()
	defer func() { _, _ = under.Close(), other.Close() }()
	s := stand(10)
	s.Dial = func(context.Context, string, string) (net.Conn, error) { return under, nil }
	s.Link = func(c net.Conn) net.Conn { return layer{c, "link"} }
	s.Wrap = func(c net.Conn) net.Conn { return layer{c, "tap"} }
	c, err := dialOf(t, setting.Defaults(), s)(t.Context(), "tcp", "b1:9092")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for c != under {
		if l, ok := c.(layer); ok {
			names = append(names, l.name)
		}
		c = c.(interface{ NetConn() net.Conn }).NetConn()
	}
	if !slices.Equal(names, []string{"tap", "link"}) {
		t.Errorf("from above: got %v, want tap and link", names)
	}
}
