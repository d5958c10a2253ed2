package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/cluster/signpost"
	"kdyno/telemetry"
)

// reach is what is known of a real cluster by leading guests to it.
type reach struct {
	mu      sync.Mutex
	id      string           // of the cluster
	away    map[string]error // by address
	allowed bool             // it may be beyond this machine
	refused bool             // somebody was not led to it for that
}

var errNotAllowed = errors.New("it is beyond this machine, and nobody has allowed that yet")

// allowed leads to a cluster beyond this machine only where a person said so.
func (x *XRay) allowed(dial dialer) dialer {
	x.reach.allowed = x.config.Yes
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if !cluster.IsLocal(address) && !x.mayLeadBeyond(address) {
			return nil, errNotAllowed
		}
		return dial(ctx, network, address)
	}
}

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

func (x *XRay) mayLeadBeyond(address string) bool {
	x.reach.mu.Lock()
	allowed, told := x.reach.allowed, x.reach.refused
	x.reach.refused = x.reach.refused || !allowed
	x.reach.mu.Unlock()
	if !allowed && !told {
		hint := "start with --yes if you mean it"
		if x.config.Attended {
			hint = "type y if you mean it"
		}
		x.tell(fmt.Sprintf("the cluster says that a broker is at %s, which is not on this machine: nobody is led there. %s", address, hint))
	}
	return allowed
}

// allow lets guests be led beyond this machine.
func (x *XRay) allow() {
	x.reach.mu.Lock()
	x.reach.allowed = true
	x.reach.mu.Unlock()
	select {
	case x.life.allow <- struct{}{}:
	default:
	}
}

// learned takes in what a cluster said of itself in an answer.
func (x *XRay) learned(t signpost.Told) {
	x.guests.Learned(t)
	if t.Cluster == "" {
		return
	}
	x.reach.mu.Lock()
	defer x.reach.mu.Unlock()
	x.reach.id = t.Cluster
}

// reached takes in how a connection to a broker went.
func (x *XRay) reached(broker int32, address string, took time.Duration, err error) {
	if err == nil {
		x.guests.Reached(broker, took)
	}
	if errors.Is(err, errNotAllowed) {
		return
	}
	x.reach.mu.Lock()
	if x.reach.away == nil {
		x.reach.away = map[string]error{}
	}
	_, was := x.reach.away[address]
	if err == nil {
		delete(x.reach.away, address)
	} else if len(x.reach.away) < maxAway {
		x.reach.away[address] = err
	}
	x.reach.mu.Unlock()
	switch who := whose(broker); {
	case err != nil && !was:
		x.tell(fmt.Sprintf("%s at %s does not take connections: %s. Who comes for it is reset", who, address, plainly(err)))
	case err == nil && was:
		x.tell(fmt.Sprintf("%s at %s takes connections again", who, address))
	}
}

// maxAway is far more brokers than clusters have.
const maxAway = 1 << 12

func whose(broker int32) string {
	if broker < 0 {
		return "the bootstrap server"
	}
	return fmt.Sprintf("broker %d", broker)
}

// plainly is an error of the network without its addresses, or what a person is
// told of TLS.
func plainly(err error) string {
	var spoken interface{ Spoken() (say, hint string) }
	if errors.As(err, &spoken) {
		say, hint := spoken.Spoken()
		return say + "; " + hint
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return err.Error()
}

// gone are the addresses that take no connections now.
func (x *XRay) gone() []string {
	x.reach.mu.Lock()
	defer x.reach.mu.Unlock()
	return slices.Sorted(maps.Keys(x.reach.away))
}

// find returns when a real cluster takes connections, and may be led to.
func (x *XRay) find() error {
	if len(x.config.Brokers) == 0 {
		return nil
	}
	where := strings.Join(x.config.Brokers, ",")
	if foreign := beyond(x.config.Brokers); len(foreign) > 0 && !x.config.Yes {
		x.say(telemetry.Consent, strings.Join(foreign, ", ")+" is not on this machine. Nobody is led there before you allow it: type y")
		select {
		case <-x.life.allow:
		case <-x.life.stop:
			return errStopped
		}
	}
	x.say(telemetry.Starting, "connecting to "+where)
	for {
		err := x.probe(x.config.Brokers)
		if err == nil {
			return nil
		}
		e := &Error{Kind: Unreachable, Say: fmt.Sprintf("the cluster at %s does not take connections: %s", where, plainly(err)), Hint: "check host and port in --brokers, and security.protocol; is a broker up?"}
		if !x.config.Attended {
			return e
		}
		x.say(telemetry.Unreachable, fmt.Sprintf("%s; trying again every %v. %s", e.Say, tryAgain, e.Hint))
		if !x.wait(tryAgain) {
			return errStopped
		}
	}
}

// probe looks whether one of the addresses takes a connection, TLS included.
func (x *XRay) probe(addresses []string) (err error) {
	ctx, cancel := context.WithTimeout(x.life.ctx, probeWithin)
	defer cancel()
	for _, address := range addresses {
		if err = x.relay.Probe(ctx, address); err == nil {
			return nil
		}
	}
	return err
}

// probeWithin bounds one look at a cluster.
const probeWithin = 4 * time.Second

// lookAgain looks whether those that were away are back, so that the screen says
// so before a guest comes.
func (x *XRay) lookAgain() {
	for _, address := range x.gone() {
		if x.probe([]string{address}) == nil {
			x.reach.mu.Lock()
			_, was := x.reach.away[address]
			delete(x.reach.away, address)
			x.reach.mu.Unlock()
			if was {
				x.tell(address + " takes connections again")
			}
		}
	}
}

func (x *XRay) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-x.life.stop:
	case <-x.life.ctx.Done():
	}
	return false
}
