package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/wire"
)

// Ground is what is known of the cluster that a fault is to break; zero means
// unknown.
type Ground struct {
	Real       bool    // it is not the embedded one
	Brokers    []int32 // ids
	Partitions int     // of the largest topic
}

// GroundOf is what is known of a stand; nil: nothing.
func GroundOf(s *cluster.Stand) Ground {
	if s == nil {
		return Ground{}
	}
	g := Ground{Real: !s.Embedded, Brokers: s.Nodes()}
	for _, t := range s.Topics() {
		g.Partitions = max(g.Partitions, len(t.Leaders))
	}
	return g
}

// order is a step as link or brokers understand it.
type order struct {
	row   Fault
	link  wire.Fault
	stand cluster.Fault
	given map[string]bool
	last  time.Duration // 0: until healed
}

// Check says what is wrong with a step of the verbs fault and heal, by what is
// known of the cluster; the error is an *Error.
func Check(s step.Step, g Ground) error {
	if s.Verb == step.Heal {
		return checkHeal(s.Name)
	}
	_, err := read(s, g)
	return err
}

func checkHeal(name string) error {
	if _, ok := Find(name); !ok && name != "" {
		return unknown(name)
	}
	return nil
}

func unknown(name string) *Error {
	names := make([]string, len(rows))
	for i, f := range rows {
		names[i] = f.Name
	}
	hint := "the faults are " + strings.Join(names, ", ")
	if near := setting.Closest(name, names); len(near) > 0 {
		hint = "near: " + strings.Join(near, ", ") + "; " + hint
	}
	return &Error{Fault: name, Say: "there is no such fault", Hint: hint}
}

// read turns a step into an order.
func read(s step.Step, g Ground) (order, error) {
	row, ok := Find(s.Name)
	if !ok {
		return order{}, unknown(s.Name)
	}
	o := order{
		row: row, given: map[string]bool{}, link: wire.Fault{Kind: row.kind, Broker: wire.AnyBroker},
		stand: cluster.Fault{Kind: row.on, Broker: cluster.AnyBroker, Partition: cluster.AnyPartition},
	}
	for _, with := range s.With {
		if err := o.take(with); err != nil {
			return order{}, err
		}
	}
	for _, p := range row.Parameters {
		if p.Required && !o.given[p.Name] {
			return order{}, &Error{Fault: row.Name, Parameter: p.Name, Say: "is missing", Hint: "write " + row.Usage()}
		}
	}
	if row.once && !o.given["count"] && !o.given["for"] {
		o.link.Count, o.stand.Count = 1, 1
	}
	if row.on == cluster.RollingRestart && !o.given["every"] {
		o.stand.Every = defaultRestart
	}
	if err := o.sound(); err != nil {
		return order{}, err
	}
	if err := o.possible(g); err != nil {
		return order{}, err
	}
	return o, nil
}

// take reads one parameter.
func (o *order) take(with step.Parameter) error {
	i := slices.IndexFunc(o.row.Parameters, func(p Parameter) bool { return p.Name == with.Name })
	if i < 0 {
		return &Error{Fault: o.row.Name, Parameter: with.Name, Say: "is not a parameter of this fault", Hint: "write " + o.row.Usage()}
	}
	p := o.row.Parameters[i]
	n, say, hint := p.Kind.parse(with.Text)
	if say != "" {
		return &Error{Fault: o.row.Name, Parameter: p.Name, Say: say, Hint: hint}
	}
	o.given[p.Name] = true
	switch p.Kind {
	case BrokerID:
		o.link.Broker, o.stand.Broker = int32(n), int32(n)
	case RoundTrip:
		o.link.RTT = time.Duration(n)
	case Rate:
		o.link.Bandwidth = n
	case Number:
		o.link.Count, o.stand.Count = n, n
	case Time:
		o.last = time.Duration(n)
	case PartitionID:
		o.stand.Partition = int32(n)
	case Delay:
		o.stand.Delay = time.Duration(n)
	case Period:
		o.stand.Every = time.Duration(n)
	case BatchBytes, QuotaBytes:
		o.stand.Bytes = n
	case Code:
		o.stand.Code = int16(n)
	}
	return nil
}

// sound refuses parameters that contradict each other.
func (o *order) sound() error {
	wait, name := o.stand.Every, "every"
	if o.row.on == cluster.BrokerDown {
		wait, name = o.stand.Delay, "delay"
	}
	if o.last == 0 || wait < o.last || !o.given[name] {
		return nil
	}
	return &Error{
		Fault: o.row.Name, Parameter: name, Say: fmt.Sprintf("%v is not less than for=%v: it would not come to that", wait, o.last),
		Hint: "make for= longer, or leave one of them out",
	}
}

// possible refuses what the cluster cannot do.
func (o *order) possible(g Ground) error {
	if why := o.row.NotReal(); g.Real && why != "" {
		say, hint, _ := strings.Cut(why, "; ")
		return &Error{Fault: o.row.Name, Say: say, Hint: hint}
	}
	if o.row.on == cluster.LeaderMove && len(g.Brokers) == 1 {
		return &Error{Fault: o.row.Name, Say: "the cluster has one broker, so there is none to move to", Hint: "start kdyno with --set stand.brokers=3"}
	}
	if err := o.among(g.Brokers); err != nil {
		return err
	}
	if p := int(o.stand.Partition); g.Partitions > 0 && p >= g.Partitions {
		return &Error{
			Fault: o.row.Name, Parameter: partition.Name, Say: fmt.Sprintf("there is no partition %d", p),
			Hint: fmt.Sprintf("the topic has %d, from 0 to %d", g.Partitions, g.Partitions-1),
		}
	}
	return nil
}

// among refuses a broker that the cluster does not have; none are known before
// its metadata is.
func (o *order) among(brokers []int32) error {
	id := o.link.Broker
	if id == wire.AnyBroker || len(brokers) == 0 || slices.Contains(brokers, id) {
		return nil
	}
	ids := make([]string, len(brokers))
	for i, b := range brokers {
		ids[i] = strconv.Itoa(int(b))
	}
	return &Error{
		Fault: o.row.Name, Parameter: broker.Name, Say: fmt.Sprintf("the cluster has no broker %d", id),
		Hint: "its brokers are " + strings.Join(ids, ", "),
	}
}
