package wire

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// pipe is a tapped connection and the broker's end of it; what is written to
// the broker is dropped.
func pipe(t *testing.T, s Sink, timeout time.Duration) (*Conn, net.Conn) {
	t.Helper()
	client, broker := net.Pipe()
	c := Tap(client, s, Options{RequestTimeout: timeout})
	go func() { _, _ = io.Copy(io.Discard, broker) }()
	t.Cleanup(func() { c.Close(); broker.Close() })
	return c, broker
}

// readUntilError reads everything.
func readUntilError(c net.Conn) error {
	_, err := io.Copy(io.Discard, struct{ io.Reader }{c})
	return err
}

func TestReadDeadlineIsClampedToOldestRequest(t *testing.T) {
	const timeout = time.Second
	for name, tt := range map[string]struct {
		asked  time.Duration // 0: none
		writes []time.Duration
		answer time.Duration // of the first request; 0: never
		want   time.Duration
	}{
		"nothing waits":                  {asked: 5 * time.Second, want: 5 * time.Second},
		"the client's own is earlier":    {asked: 700 * time.Millisecond, writes: []time.Duration{0}, want: 700 * time.Millisecond},
		"one waits":                      {asked: 5 * time.Second, writes: []time.Duration{0}, want: time.Second},
		"written while Read is blocked":  {asked: 5 * time.Second, writes: []time.Duration{2 * time.Second}, want: 3 * time.Second},
		"the oldest counts":              {asked: 5 * time.Second, writes: []time.Duration{0, 300 * time.Millisecond}, want: time.Second},
		"then the next oldest":           {asked: 5 * time.Second, writes: []time.Duration{0, 300 * time.Millisecond}, answer: 900 * time.Millisecond, want: 1300 * time.Millisecond},
		"all answered":                   {asked: 5 * time.Second, writes: []time.Duration{0}, answer: 900 * time.Millisecond, want: 5 * time.Second},
		"no deadline asked for is given": {asked: 0, writes: []time.Duration{0}, want: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sink ledger
				c, broker := pipe(t, &sink, timeout)
				if tt.asked > 0 {
					_ = c.SetReadDeadline(time.Now().Add(tt.asked))
				}
				first, want := aRequest(1)
				answer := randomAnswer(rand.New(rand.NewPCG(1, 1)), &want)
				second, _ := aRequest(2)
				from := time.Now()
				go func() {
					for i, at := range tt.writes {
						time.Sleep(time.Until(from.Add(at)))
						c.Write([][]byte{first, second}[i])
					}
				}()
				if tt.answer > 0 {
					time.AfterFunc(tt.answer, func() { broker.Write(answer) })
				}
				time.AfterFunc(time.Minute, func() { broker.Close() })
				_ = readUntilError(c)
				if got := time.Since(from); got != tt.want {
					t.Errorf("got the read's end after %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestPastDeadlineActsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, broker := net.Pipe() // nobody reads: the write blocks
		defer broker.Close()
		var sink ledger
		c := Tap(client, &sink, Options{RequestTimeout: time.Hour})
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		wrote, read := make(chan error, 1), make(chan error, 1)
		frame, _ := aRequest(1)
		go func() { _, err := c.Write(frame); wrote <- err }()
		go func() { read <- readUntilError(c) }()
		time.Sleep(3 * time.Second)
		_ = c.SetDeadline(time.Now())
		from := time.Now()
		for _, ch := range []chan error{wrote, read} {
			if err := <-ch; !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %v, want a timeout", err)
			}
		}
		if got := time.Since(from); got != 0 {
			t.Errorf("got released after %v, want at once", got)
		}
	})
}

func TestWriteDeadlineIsStretchedForProduce(t *testing.T) {
	produce, _ := aRequest(1)
	other, _ := otherRequest(1)
	for name, tt := range map[string]struct {
		frame []byte
		want  time.Duration
	}{
		"produce": {produce, time.Second},
		"other":   {other, 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, broker := net.Pipe()
				defer broker.Close()
				var sink ledger
				c := Tap(client, &sink, Options{RequestTimeout: time.Second})
				defer c.Close()
				from := time.Now()
				_ = c.SetWriteDeadline(from.Add(100 * time.Millisecond))
				_, err := c.Write(tt.frame)
				if got := time.Since(from); got != tt.want || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("got %v after %v, want a timeout after %v", err, got, tt.want)
				}
			})
		})
	}
}
