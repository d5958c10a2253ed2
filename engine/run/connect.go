package run

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Unreached says that a run is ready but for some brokers.
//
//nolint:errname // it is what is said of the run, not an error of it
type Unreached struct{ err error }

func (u *Unreached) Error() string { return "connect to the brokers: " + u.err.Error() }

// Unwrap returns what went wrong with each.
func (u *Unreached) Unwrap() error { return u.err }

// straggle is for how long the other brokers are waited for once one answered.
const straggle = 2 * time.Second

// connect opens a connection to each broker. With one open the others may be
// missing: one that is down must not keep the producer from being another.
func (r *Run) connect(ctx context.Context) (missing *Unreached, err error) {
	brokers := r.o.Brokers
	if len(brokers) == 0 {
		return nil, r.client.EnsureProduceConnectionIsOpen(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan error, len(brokers))
	for _, id := range brokers {
		go func() {
			err := r.client.EnsureProduceConnectionIsOpen(ctx, id)
			if errors.Is(err, context.Canceled) {
				err = fmt.Errorf("broker %d does not answer", id)
			}
			answers <- err
		}()
	}
	late := time.NewTimer(straggle)
	late.Stop()
	defer late.Stop()
	var failed []error
	for open, left := false, len(brokers); left > 0; {
		select {
		case err := <-answers:
			left--
			if err != nil {
				failed = append(failed, err)
			} else if !open {
				open = true
				late.Reset(straggle)
			}
		case <-late.C:
			cancel()
		}
	}
	switch {
	case len(failed) == len(brokers):
		return nil, errors.Join(failed...)
	case len(failed) > 0:
		return &Unreached{errors.Join(failed...)}, nil
	default:
		return nil, nil
	}
}
