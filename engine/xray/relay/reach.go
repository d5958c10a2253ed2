package relay

import (
	"context"
	"net"
	"time"

	"kdyno/engine/wire"
)

// reach opens the connection to the broker, over the link and with TLS where the
// cluster wants it.
func (c *Conn) reach() error {
	r := c.relay
	ctx, cancel := context.WithTimeout(r.ctx, dialWithin)
	defer cancel()
	var failed error
	for _, address := range c.port.Behind() {
		began := time.Now()
		raw, err := c.dial(ctx, address)
		if ctx.Err() != nil && err != nil && r.ctx.Err() != nil {
			return err
		}
		r.o.Hear.Reached(c.Broker, address, time.Since(began), err)
		if err != nil {
			failed = err
			continue
		}
		tap := wire.Tap(raw, c.guest, wire.Options{})
		tap.SetBroker(c.Broker)
		c.mu.Lock()
		c.broker = tap
		over := c.over
		c.mu.Unlock()
		if over {
			_ = tap.Close()
			return net.ErrClosed
		}
		r.wg.Go(c.answer)
		return nil
	}
	return failed
}

func (c *Conn) dial(ctx context.Context, address string) (net.Conn, error) {
	o := &c.relay.o
	if err := o.Link.Dialed(ctx); err != nil {
		return nil, err
	}
	raw, err := o.Dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	linked := o.Link.Wrap(raw)
	if o.Secure == nil {
		return linked, nil
	}
	return o.Secure(ctx, linked, address)
}

// Probe tells whether an address takes a connection, and TLS where that is spoken
// with brokers; not over the link.
func (r *Relay) Probe(ctx context.Context, address string) error {
	c, err := r.o.Dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	if r.o.Secure != nil {
		if c, err = r.o.Secure(ctx, c, address); err != nil {
			return err
		}
	}
	_ = c.Close()
	return nil
}
