package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/xray"
	"kdyno/telemetry/report"
)

// ownProducer is one of kdyno's own beside the guests, with the settings and the
// load of one of them: a session that comes to the same ports, so that it stands
// in the list and is measured as they are.
type ownProducer struct {
	mu      sync.Mutex
	session *Session // nil: there is none
}

// ownName is what is put behind the client.id of the guest that it is like.
const ownName = "-kdyno"

// startOwn starts a producer that is like the shown guest.
func (x *XRay) startOwn() error {
	x.own.mu.Lock()
	defer x.own.mu.Unlock()
	if x.own.session != nil {
		return &Error{Kind: Usage, Say: "kdyno's own producer runs already", Hint: "pause stops it"}
	}
	g := x.guest()
	if g == nil {
		return &Error{Kind: Usage, Say: "there is no producer yet whose settings kdyno's own could have", Hint: "let one connect first"}
	}
	if x.config.TLS != nil {
		return &Error{Kind: Usage, Say: "these ports speak TLS with a certificate that kdyno's own producer has no reason to trust", Hint: "save the settings as a preset, and start kdyno with it and ssl.truststore.location"}
	}
	values, topics, err := like(g)
	if err != nil {
		return err
	}
	s, err := Open(Config{
		Values: values, Brokers: strings.Split(x.Bootstrap(), ","), Topics: topics, Yes: true, Version: x.config.Version, Network: x.config.Network,
	})
	if err != nil {
		return err
	}
	x.own.session = s
	id := values.Text(setting.ClientID)
	x.journal.note(x.elapsed(), "notice", "kdyno's own producer starts as %s: the settings of %s, %s records/s of %s bytes", report.Harmless(id), report.Harmless(g.Name()),
		values.Text(setting.LoadRate), values.Text(setting.LoadRecordBytes))
	x.life.wg.Go(func() { x.attendOwn(s) })
	return nil
}

// attendOwn waits for the end of the own producer, which may be its own or the
// session's.
func (x *XRay) attendOwn(s *Session) {
	select {
	case <-s.Done():
	case <-x.life.ctx.Done():
	}
	x.own.mu.Lock()
	x.own.session = nil
	x.own.mu.Unlock()
	say := "kdyno's own producer has stopped"
	if err := s.Err(); err != nil {
		say = "kdyno's own producer ended: " + err.Error()
	}
	_ = s.Close() // always nil
	x.tell(say)
}

// like are the settings and the load of a guest, and where it writes to.
func like(g *xray.Guest) (setting.Values, []string, error) {
	row, v := g.Row(), g.Values()
	pairs := [][2]string{{string(setting.ClientID), g.Name() + ownName}}
	if rate := g.Line(recently).RecordsPerS; rate >= 1 {
		pairs = append(pairs, [2]string{string(setting.LoadRate), strconv.FormatInt(int64(math.Round(rate)), 10)})
	}
	if row.Records > 0 && row.Codec == "none" {
		// A record's own bytes beside what the batch has of each and of itself.
		const beside, head = 9, 61
		size := (row.Bytes-head*row.Batches)/row.Records - beside
		pairs = append(pairs, [2]string{string(setting.LoadRecordBytes), strconv.FormatInt(max(size, 1), 10)})
	}
	for _, p := range pairs {
		next, err := v.With(setting.Key(p[0]), p[1])
		if err != nil {
			return v, nil, &Error{Kind: Usage, Say: err.Error(), Key: setting.Key(p[0])}
		}
		v = next
	}
	var topics []string
	for _, p := range row.Partitions {
		if p.Records > 0 && !slices.Contains(topics, p.Topic) {
			topics = append(topics, p.Topic)
		}
	}
	if len(topics) == 0 {
		return v, nil, &Error{Kind: Usage, Say: fmt.Sprintf("nothing of %s was acknowledged yet, so it is not known where to write to", g.Name()), Hint: "wait until it produces"}
	}
	return v, topics, nil
}

// stopOwn lets the own producer drain and end.
func (x *XRay) stopOwn() error {
	s := x.ownSession()
	if s == nil {
		return &Error{Kind: Usage, Say: "kdyno's own producer does not run", Hint: "resume starts it with the settings of the one that is shown; the others are the applications' to stop"}
	}
	x.life.wg.Go(func() {
		ctx, cancel := context.WithTimeout(x.life.ctx, ownDrains)
		defer cancel()
		s.Stop(ctx)
	})
	return nil
}

const ownDrains = 10 * time.Second

func (x *XRay) ownSession() *Session {
	x.own.mu.Lock()
	defer x.own.mu.Unlock()
	return x.own.session
}

// share gives the own producer, if there is one, what is not the stand's of what
// is set, and returns the rest.
func (x *XRay) share(all []step.Assignment) (stand []step.Assignment, err error) {
	s := x.ownSession()
	if s == nil {
		return all, nil
	}
	var own []step.Assignment
	for _, a := range all {
		if row, known := setting.Find(a.Key); known && row.Scope != setting.Stand {
			own = append(own, a)
		} else {
			stand = append(stand, a)
		}
	}
	if len(own) == 0 {
		return stand, nil
	}
	return stand, s.Do(step.Step{Verb: step.Set, Set: own})
}
