package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/partition"
	"kdyno/engine/setting"
	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// growWithin bounds how long partitions may take to be there, and to be seen by
// the producers.
const growWithin = 15 * time.Second

// addPartitions gives the session's topics so many partitions, under load. What
// can be refused at once is; the rest is told by events.
func (s *Session) addPartitions(n int) error {
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	if stand == nil || s.load.begun.Load() == 0 {
		return notBegun()
	}
	var grow []cluster.Topic
	for _, t := range stand.Topics() {
		switch have := len(t.Leaders); {
		case have > n:
			return &Error{
				Kind: Usage, Say: fmt.Sprintf("topic %s has %d partitions, and partitions can not be taken away", t.Name, have),
				Hint: "Kafka can only add them, since records would be lost with them: ask for more than there are",
			}
		case have < n:
			grow = append(grow, t)
		}
	}
	if len(grow) == 0 {
		return &Error{
			Kind: Usage, Say: fmt.Sprintf("topic %s has %d partitions already", strings.Join(s.load.topics, ", "), n),
			Hint: "ask for more than there are",
		}
	}
	s.life.wg.Go(func() {
		ctx, cancel := context.WithTimeout(s.life.ctx, growWithin)
		defer cancel()
		s.grow(ctx, stand, grow, n)
	})
	return nil
}

// grow has the cluster add the partitions and the producers notice, and tells.
func (s *Session) grow(ctx context.Context, stand *cluster.Stand, topics []cluster.Topic, n int) {
	names := make([]string, len(topics))
	for i, t := range topics {
		names[i] = t.Name
	}
	if err := stand.Grow(ctx, n, names...); err != nil {
		hint := ""
		var r *cluster.Refusal
		if errors.As(err, &r) {
			hint = "; " + r.Hint
		}
		s.journal.note(s.elapsed(), "notice", "partitions %d was refused: %v%s", n, err, hint)
		return
	}
	at := s.elapsed()
	s.grounds.places.meet(stand.Topics())
	s.journal.mark(telemetry.Mark{At: at, Say: fmt.Sprintf("partitions %d", n)})
	runs := s.fleet().runs()
	seen := true
	if !s.died() {
		errs := make([]error, len(runs))
		together(len(runs), func(i int) {
			for _, name := range names {
				if errs[i] == nil {
					errs[i] = runs[i].Notice(ctx, name, n)
				}
			}
		})
		for _, err := range errs {
			seen = seen && err == nil
		}
	}
	v := s.Values()
	for _, t := range topics {
		s.journal.note(s.elapsed(), "notice", "partitions of %s: %d > %d%s. %s", t.Name, len(t.Leaders), n, noticed(seen, s.elapsed()-at), moves(v, len(t.Leaders), n))
	}
}

func noticed(seen bool, after time.Duration) string {
	if !seen {
		return ", which the producer does not know yet; it asks again within metadata.max.age.ms"
	}
	return fmt.Sprintf(", known to the producer %v later", after.Round(time.Millisecond))
}

// moves says what the records' partitions become when their number changes.
func moves(v setting.Values, from, to int) string {
	effective := v.Effective()
	l := loadOf(v)
	class, ignore := effective.Text(setting.PartitionerClass), effective.Bool(setting.PartitionerIgnoreKeys)
	before, after := partition.NewPlacer(class, ignore, from), partition.NewPlacer(class, ignore, to)
	_, fixed := before.Place([]byte("any"))
	switch {
	case l.Place.Pinned:
		return "Every record names its partition, so none goes elsewhere"
	case !fixed || l.Keys.Kind == workload.NoKeys:
		return "No record goes by its key here, so no order breaks"
	}
	keys := "of the keys"
	if before.Assigns() {
		keys = "of the keys that partitioner.class does not name"
	}
	return fmt.Sprintf("%.1f %% %s go elsewhere (their hash is taken modulo %d instead of %d): the order of such a key is broken, "+
		"its earlier records are in another partition", 100*partition.MovedShare(before.Rest(), after.Rest()), keys, after.Rest(), before.Rest())
}
