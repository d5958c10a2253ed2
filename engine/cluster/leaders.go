package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// giveBackAfter is how long after a broker came back its partitions are led by
// it again. Kafka looks for leaders that are not the preferred ones every five
// minutes (leader.imbalance.check.interval.seconds); nobody waits so long at a
// stand.
const giveBackAfter = 2 * time.Second

// seat is what a broker leads.
type seat struct {
	topic     string
	partition int32
}

// isAway tells whether a broker does not answer.
func (e *embedded) isAway(id int32) bool {
	return slices.ContainsFunc(e.active, func(a *ActiveFault) bool { return slices.Contains(a.away, id) })
}

// mayLead tells whether a broker can be elected.
func (e *embedded) mayLead(id int32) bool {
	return !e.isAway(id) && !e.isShunned(id)
}

func (e *embedded) isShunned(id int32) bool {
	return slices.ContainsFunc(e.active, func(a *ActiveFault) bool { return slices.Contains(a.shunned, id) })
}

// elect gives each partition whose leader is known to be away the next broker
// that may lead. Without one it stays as it is, and the metadata says so. No
// other partition moves: kfake's own RemoveNode would shuffle all of them.
func (e *embedded) elect() {
	if slices.ContainsFunc(e.active, func(a *ActiveFault) bool { return len(a.shunned) > 0 }) {
		for at, leader := range e.leaders() {
			if e.isShunned(leader) {
				e.displace(at, leader)
			}
		}
	}
	if e.back == nil && slices.ContainsFunc(slices.Collect(maps.Values(e.homes)), e.mayLead) {
		e.back = time.AfterFunc(giveBackAfter, func() { e.do(e.giveBack) })
	}
}

func (e *embedded) displace(at seat, leader int32) {
	next, ok := e.next(leader)
	if !ok || e.fake.MoveTopicPartition(at.topic, at.partition, next) != nil {
		return
	}
	if _, known := e.homes[at]; !known {
		e.homes[at] = leader
	}
}

// giveBack is the election of the preferred leaders that can lead.
func (e *embedded) giveBack() {
	if e.back != nil {
		e.back.Stop()
		e.back = nil
	}
	if e.closed {
		return
	}
	led := map[int32]bool{}
	for at, home := range e.homes {
		if !e.mayLead(home) {
			continue
		}
		delete(e.homes, at)
		if e.fake.LeaderFor(at.topic, at.partition) != home && e.fake.MoveTopicPartition(at.topic, at.partition, home) == nil {
			led[home] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(led)) {
		e.say("broker %d leads its partitions again: it is their preferred leader", id)
	}
}

// move moves a partition, or all of them, to the next broker, which is the
// preferred leader from then on. It returns how many moved.
func (e *embedded) move(partition int32) int64 {
	n := int64(0)
	for at, leader := range e.leaders() {
		if partition != AnyPartition && at.partition != partition {
			continue
		}
		next, ok := e.next(leader)
		if ok && e.fake.MoveTopicPartition(at.topic, at.partition, next) == nil {
			delete(e.homes, at)
			n++
		}
	}
	return n
}

// leaders are those of all partitions, also of those that were added since.
func (e *embedded) leaders() map[seat]int32 {
	all := map[seat]int32{}
	for _, topic := range e.topics {
		for _, p := range e.fake.PartitionInfos(topic) {
			all[seat{topic, p.Partition}] = p.Leader
		}
	}
	return all
}

// next is the broker after another one that may lead.
func (e *embedded) next(of int32) (int32, bool) {
	n := int32(len(e.doors))
	for i := int32(1); i < n; i++ {
		if id := (of + i) % n; e.mayLead(id) {
			return id, true
		}
	}
	return 0, false
}

// tale is what the metadata tells otherwise than the brokers would: they know
// of no fault.
type tale struct {
	gone       []int32 // brokers known to be away
	leaderless []int32 // partitions; AnyPartition: all
}

// tale is nil where the brokers' own is true.
func (e *embedded) tale() func(*kmsg.MetadataResponse) {
	var t tale
	for _, a := range e.active {
		for _, id := range a.shunned {
			if slices.Contains(a.away, id) {
				t.gone = append(t.gone, id)
			}
		}
		if a.fault.Kind == Leaderless {
			t.leaderless = append(t.leaderless, a.fault.Partition)
		}
	}
	if len(t.gone)+len(t.leaderless) == 0 {
		return nil
	}
	return t.tell
}

// tell rewrites an answer: brokers that are away are not in it and in sync with
// nothing, and a partition whose leader is away has none.
func (t *tale) tell(resp *kmsg.MetadataResponse) {
	isGone := func(id int32) bool { return slices.Contains(t.gone, id) }
	resp.Brokers = slices.DeleteFunc(resp.Brokers, func(b kmsg.MetadataResponseBroker) bool { return isGone(b.NodeID) })
	if isGone(resp.ControllerID) && len(resp.Brokers) > 0 {
		resp.ControllerID = resp.Brokers[0].NodeID
	}
	for i := range resp.Topics {
		for k := range resp.Topics[i].Partitions {
			p := &resp.Topics[i].Partitions[k]
			for _, id := range p.Replicas {
				if isGone(id) {
					p.OfflineReplicas = append(p.OfflineReplicas, id)
				}
			}
			p.ISR = slices.DeleteFunc(p.ISR, isGone)
			if isGone(p.Leader) || slices.Contains(t.leaderless, p.Partition) || slices.Contains(t.leaderless, AnyPartition) {
				p.Leader, p.ErrorCode = -1, kerr.LeaderNotAvailable.Code
			}
		}
	}
}

// say keeps a sentence for whoever is told what happens on the stand.
func (e *embedded) say(format string, args ...any) {
	e.words = append(e.words, strings.TrimSpace(fmt.Sprintf(format, args...)))
}
