package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine"
	"kdyno/engine/step"
)

// A producer of kdyno's own beside a guest has its settings, its rate and its
// topic, and stands in the list as another one.
func TestOneOfItsOwnRunsBesideAGuest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openGuests(t, func(c *engine.XRayConfig) { c.Topics = []string{"orders"} })
		defer b.close()
		if err := b.x.Do(step.Step{Verb: step.Resume}); err == nil {
			t.Error("it starts though nobody has come")
		}
		cl := b.guest(kgo.ProducerLinger(20 * time.Millisecond))
		defer cl.Close()
		sendEvenly(t, cl, 2000, 10*time.Second)
		if err := b.x.Do(step.Step{Verb: step.Resume}); err != nil {
			t.Fatal(err)
		}
		if err := b.x.Do(step.Step{Verb: step.Resume}); err == nil {
			t.Error("it starts twice")
		}
		time.Sleep(10 * time.Second)
		if err := b.x.Do(step.Step{Verb: step.Set, Set: []step.Assignment{{Key: "linger.ms", Text: "50"}}}); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Second)
		if err := b.x.Do(step.Step{Verb: step.Pause}); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if err := b.x.Do(step.Step{Verb: step.Pause}); err == nil {
			t.Error("it stops twice")
		}
		r := b.x.Report()
		if len(r.Clients) != 2 {
			t.Fatalf("%d clients, want the guest and kdyno's own", len(r.Clients))
		}
		own := r.Clients[1]
		if own.ClientID != "guest-kdyno" || own.Acks != r.Clients[0].Acks || own.Codec != r.Clients[0].Codec || own.Records < 3000 || own.Records > 5000 {
			t.Errorf("own %s acks %s codec %s, %d records; the guest: acks %s codec %s, 200 records/s", own.ClientID, own.Acks, own.Codec, own.Records, r.Clients[0].Acks, r.Clients[0].Codec)
		}
	})
}
