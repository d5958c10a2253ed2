package cluster

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
)

// bare opens three embedded brokers without a topic; it must be closed.
func bare(t *testing.T) *Stand {
	t.Helper()
	s, err := Open(t.Context(), Options{Nodes: 3, Partitions: 7, Bare: true, Network: new(Network), Limits: Limits{MaxMessageBytes: 5000}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTopicsAreMadeWhenTheyAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bare(t)
		defer s.Close()
		if len(s.Topics()) != 0 {
			t.Fatalf("the stand begins with %v", s.Topics())
		}
		for _, want := range []bool{true, false} {
			if made, err := s.MakeTopic(t.Context(), "orders"); made != want || err != nil {
				t.Errorf("made %v, %v; want %v", made, err, want)
			}
		}
		if err := s.Limit(t.Context(), Limits{RetentionBytes: 4 << 20}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.MakeTopic(t.Context(), "bills"); err != nil {
			t.Fatal(err)
		}
		if err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, topic := range s.Topics() {
			names = append(names, topic.Name)
			if d := cmp.Diff([]int32{0, 1, 2, 0, 1, 2, 0}, topic.Leaders); d != "" {
				t.Errorf("leaders of %s (-want +got):\n%s", topic.Name, d)
			}
			configs := s.own.fake.TopicInfo(topic.Name).Configs
			for key, want := range map[string]string{"max.message.bytes": "5000", "retention.bytes": "4194304"} {
				if got := configs[key]; got == nil || *got != want {
					t.Errorf("%s has %s=%v, want %s", topic.Name, key, got, want)
				}
			}
		}
		if d := cmp.Diff([]string{"orders", "bills"}, names); d != "" {
			t.Errorf("topics (-want +got):\n%s", d)
		}
	})
}

// A topic that the application makes by itself, as Spring does at its start, is
// one of the stand's: it is bounded and moves with its brokers.
func TestTopicThatAClientMadeIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bare(t)
		defer s.Close()
		if _, err := kadm.NewClient(s.admin).CreateTopic(t.Context(), 4, 1, nil, "orders"); err != nil {
			t.Fatal(err)
		}
		if made, err := s.MakeTopic(t.Context(), "orders"); made || err != nil {
			t.Errorf("made %v, %v", made, err)
		}
		if got := s.own.fake.TopicInfo("orders").Configs["retention.bytes"]; got == nil || *got != "2097152" {
			t.Errorf("retention.bytes=%v", got)
		}
		if n := len(s.own.leaders()); n != 4 {
			t.Errorf("the stand leads %d partitions, want 4", n)
		}
	})
}

func TestTopicsThatAreNotMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bare(t)
		defer s.Close()
		for _, name := range []string{"", ".", "..", "a b", "orders\n", strings.Repeat("x", 250), "__consumer_offsets"} {
			if made, err := s.MakeTopic(t.Context(), name); made || err == nil {
				t.Errorf("%q: made %v, %v", name, made, err)
			}
		}
		if len(s.named()) != 0 {
			t.Errorf("the stand has %v", s.named())
		}
	})
}

// A stranger who asks for topics without end does not fill the memory.
func TestTopicsThatAreMadeAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(context.Background(), Options{Nodes: 1, Partitions: 1000, Bare: true, Network: new(Network)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var made []string
		for i := range 12 {
			name := strings.Repeat("x", i+1)
			if ok, _ := s.MakeTopic(t.Context(), name); ok {
				made = append(made, name)
			}
		}
		if len(made) != mostPartitions/1000 || !slices.Equal(made, s.named()) {
			t.Errorf("made %d topics of 1000 partitions, the stand has %d; want %d", len(made), len(s.named()), mostPartitions/1000)
		}
	})
}
