package cluster

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
)

// listen serves every connection of a loopback port and returns its address
// and how many connections are open.
func listen(t *testing.T, serve func(net.Conn)) (address string, open *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	open = new(atomic.Int64)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Add(1)
			wg.Go(func() {
				defer open.Add(-1)
				defer c.Close()
				serve(c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		wg.Wait()
	})
	return l.Addr().String(), open
}

// refusalOf opens a stand that must be refused.
func refusalOf(t *testing.T, o Options) *Refusal {
	t.Helper()
	s, err := Open(t.Context(), o)
	var r *Refusal
	if s != nil || !errors.As(err, &r) {
		t.Fatalf("got %v, %v, want a refusal", s, err)
	}
	if r.Say == "" || r.Hint == "" || r.Error() != r.Say {
		t.Errorf("got %+v, want what happened and what to do", r)
	}
	for _, jargon := range []string{"context", "deadline", "dial tcp", "EOF", "i/o"} {
		if strings.Contains(r.Say+r.Hint, jargon) {
			t.Errorf("%q: %q is no word for people", r.Say+" - "+r.Hint, jargon)
		}
	}
	return r
}

// closedPort is an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// settle waits until no more goroutines run than before.
func settle(t *testing.T, before int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for runtime.NumGoroutine() > before {
		select {
		case <-ctx.Done():
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines are left, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func silent(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// tlsAlert answers as a TLS port does that was spoken to in plain text.
func tlsAlert(c net.Conn) {
	_, _ = bufio.NewReader(c).ReadByte()
	_, _ = c.Write([]byte{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46})
}

func tlsOnly(t *testing.T) func(net.Conn) {
	t.Helper()
	web := httptest.NewUnstartedServer(http.NotFoundHandler())
	web.StartTLS()
	t.Cleanup(web.Close)
	return func(c net.Conn) {
		_ = tls.Server(c, web.TLS).HandshakeContext(t.Context())
	}
}

func TestWhatIsNotKafkaIsNamed(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	eager, _ := listen(t, func(c net.Conn) {
		_, _ = bufio.NewReader(c).ReadByte()
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	never, _ := listen(t, silent)
	alert, _ := listen(t, tlsAlert)
	closes, _ := listen(t, tlsOnly(t))
	slams, _ := listen(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) })
	for _, c := range []struct{ name, at, say, hint string }{
		{"nothing listens", closedPort(t), "nothing listens at", "--brokers"},
		{"HTTP that answers to anything", eager, "speaks HTTP, not Kafka", "--brokers"},
		{"HTTP that waits for a line", web.Listener.Addr().String(), "speaks HTTP, not Kafka", "--brokers"},
		{"silence", never, "does not answer", "--brokers"},
		{"TLS that says so", alert, "speaks TLS", "plaintext"},
		{"TLS that closes", closes, "closed the connection at once", "TLS"},
		{"reset", slams, "closed the connection at once", "--brokers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := refusalOf(t, Options{Brokers: []string{c.at}, Topics: []string{"t"}})
			if r.Kind != Unreachable || !strings.Contains(r.Say, c.say) || !strings.Contains(r.Say, c.at) || !strings.Contains(r.Hint, c.hint) {
				t.Errorf("got %s: %q - %q, want it to say %q of %s, and %q", r.Kind, r.Say, r.Hint, c.say, c.at, c.hint)
			}
		})
	}
}

// A name under .invalid never exists (RFC 2606); a machine without any DNS can
// not know that, and says what it can.
func TestUnknownHostIsNamed(t *testing.T) {
	r := refusalOf(t, Options{Brokers: []string{"broker.invalid:9092"}, Topics: []string{"t"}})
	if r.Kind != Unreachable || !strings.Contains(r.Say, "broker.invalid") || !strings.Contains(r.Hint, "--brokers") {
		t.Errorf("got %s: %q - %q, want the name", r.Kind, r.Say, r.Hint)
	}
}

func TestLookupErrorsAreToldApart(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&net.DNSError{Name: "b1", IsNotFound: true}, "no host is named b1"},
		{&net.DNSError{Name: "b1", IsTimeout: true}, "the address of b1 could not be looked up"},
		{&net.DNSError{Name: "b1", Err: "server misbehaving", IsTemporary: true}, "the address of b1 could not be looked up"},
	} {
		if got := unreachable([]string{"b1:9092"}, fmt.Errorf("dial: %w", c.err)); got.Say != c.want || !errors.Is(got, c.err) {
			t.Errorf("%v: got %q, want %q", c.err, got.Say, c.want)
		}
	}
}

func TestUsageIsRefusedBeforeAnyoneIsAsked(t *testing.T) {
	at, open := listen(t, silent)
	for _, c := range []struct {
		name            string
		brokers, topics []string
		kind            Kind
		say             string
	}{
		{"no topic", []string{at}, nil, Usage, "no topic is named"},
		{"internal topic", []string{at}, []string{"orders", "__consumer_offsets"}, Rail, "__consumer_offsets is one of Kafka's own"},
		{"empty address", []string{at, " "}, []string{"t"}, Usage, "empty address"},
		{"no port", []string{"127.0.0.1:port"}, []string{"t"}, Usage, "127.0.0.1:port"},
	} {
		r := refusalOf(t, Options{Brokers: c.brokers, Topics: c.topics})
		if r.Kind != c.kind || !strings.Contains(r.Say, c.say) {
			t.Errorf("%s: got %s: %q, want %s: %q", c.name, r.Kind, r.Say, c.kind, c.say)
		}
	}
	if n := open.Load(); n != 0 {
		t.Errorf("%d connections were opened, want none", n)
	}
}

// The bound is of fake time, in which nothing else takes any.
func TestSilenceIsRefusedWithinFiveSeconds(t *testing.T) {
	for _, c := range []struct {
		name  string
		serve func(net.Conn)
	}{
		{"never answers", silent},
		{"does not even read", func(net.Conn) {}},
		{"answers byte by byte", func(c net.Conn) {
			for _, err := c.Write([]byte{0}); err == nil; _, err = c.Write([]byte{0}) {
				time.Sleep(time.Second)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &kfake.VirtualNetwork{}
				l, err := network.Listen("tcp", "127.0.0.1:9092")
				if err != nil {
					t.Fatal(err)
				}
				var conns []net.Conn
				var accepting, serving sync.WaitGroup
				accepting.Go(func() {
					for {
						conn, err := l.Accept()
						if err != nil {
							return
						}
						conns = append(conns, conn)
						serving.Go(func() { c.serve(conn) })
					}
				})
				began := time.Now()
				r := refusalOf(t, Options{Brokers: []string{"127.0.0.1:9092"}, Topics: []string{"t"}, Network: network})
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("refused after %v, want at most 5s", took)
				}
				if r.Kind != Unreachable || !strings.Contains(r.Say, "127.0.0.1:9092 does not answer") {
					t.Errorf("got %s: %q", r.Kind, r.Say)
				}
				l.Close()
				accepting.Wait()
				for _, conn := range conns {
					conn.Close()
				}
				serving.Wait()
			})
		})
	}
}

// kgo does not let go of a silent port when its context ends; the question is
// left behind, and must end with the client.
func TestRefusalLeavesNothingBehind(t *testing.T) {
	for _, c := range []struct {
		name  string
		serve func(net.Conn)
	}{{"silent", silent}, {"closing", func(net.Conn) {}}, {"TLS", tlsAlert}} {
		t.Run(c.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			at, open := listen(t, c.serve)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if s, err := Open(ctx, Options{Brokers: []string{at}, Topics: []string{"t"}}); err == nil {
				s.Close()
				t.Fatal("got a stand, want a refusal")
			}
			settle(t, before+1) // the listener
			for began := time.Now(); open.Load() != 0; time.Sleep(5 * time.Millisecond) {
				if time.Since(began) > 20*time.Second {
					t.Fatalf("%d connections are left", open.Load())
				}
			}
		})
	}
}

func TestCalledOffQuestionEndsAtOnce(t *testing.T) {
	at, _ := listen(t, silent)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := Open(ctx, Options{Brokers: []string{at}, Topics: []string{"t"}})
	if s != nil || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), at) {
		t.Errorf("got %v, %v, want that it was called off", s, err)
	}
}

// fake starts brokers that know the topics named.
func fake(t *testing.T, opts ...kfake.Opt) (*kfake.Cluster, Options) {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(3)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, Options{Brokers: c.ListenAddrs()}
}

func TestMissingTopicIsMadeOnlyWhenAllowed(t *testing.T) {
	// A cluster that would make topics by itself must not be led to.
	c, o := fake(t, kfake.AllowAutoTopicCreation(), kfake.SeedTopics(4, "here"))
	o.Topics = []string{"there", "here"}
	r := refusalOf(t, o)
	if r.Kind != Usage || !strings.Contains(r.Say, "topic there does not exist") || !strings.Contains(r.Hint, "--create") {
		t.Errorf("got %s: %q - %q", r.Kind, r.Say, r.Hint)
	}
	if info := c.TopicInfo("there"); info != nil {
		t.Error("the topic was made all the same")
	}
	o.Create = true
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	topics := s.Topics()
	if len(topics) != 2 || topics[0].Name != "there" || topics[1].Name != "here" || len(topics[1].Leaders) != 4 {
		t.Errorf("got %+v, want there and here, in the order in which they were named", topics)
	}
	for _, l := range topics[0].Leaders {
		if l < 0 {
			t.Errorf("a new topic is handed out without leaders: %v", topics[0].Leaders)
		}
	}
}

func TestTopicErrorsSayWhoseTurnItIs(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind Kind
		say  string
	}{
		{kerr.InvalidTopicException, Usage, `"no way!" can not be the name of a topic`},
		{kerr.TopicAuthorizationFailed, Unreachable, "does not let this client see topic no way!"},
		{kerr.UnknownServerError, Unreachable, "does not tell of topic no way!: UNKNOWN_SERVER_ERROR"},
	} {
		if got := forbidden("no way!", c.err); got.Kind != c.kind || !strings.Contains(got.Say, c.say) || got.Hint == "" || !errors.Is(got, c.err) {
			t.Errorf("%v: got %s: %q - %q, want %s: %q", c.err, got.Kind, got.Say, got.Hint, c.kind, c.say)
		}
	}
}
