package engine

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kdyno/engine/setting"
	"kdyno/engine/xray"
	"kdyno/engine/xray/relay"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// Bootstrap is what applications set as bootstrap.servers: the port of any broker,
// or each broker's.
func (x *XRay) Bootstrap() string {
	var all []string
	for _, p := range x.relay.Ports() {
		if p.Broker == relay.Bootstrap {
			return x.relay.Address(p)
		}
		all = append(all, x.relay.Address(p))
	}
	return strings.Join(all, ",")
}

// producers are the guests that produce, as they began to.
func (x *XRay) producers() []*xray.Guest {
	list := slices.DeleteFunc(x.guests.List(), func(g *xray.Guest) bool { return !g.Produces() })
	slices.SortStableFunc(list, func(a, b *xray.Guest) int { return cmp.Compare(a.Since(), b.Since()) })
	return list
}

// guest is the one that is shown, nil if there is none.
func (x *XRay) guest() *xray.Guest {
	x.screen.mu.Lock()
	number := x.screen.number
	x.screen.mu.Unlock()
	producers := x.producers()
	if number > 0 {
		for _, g := range producers {
			if g.Number == number {
				return g
			}
		}
	}
	if len(producers) > 0 {
		return producers[0]
	}
	return nil
}

// Choose shows the guest of a number; 0: the first that produces.
func (x *XRay) Choose(number int) {
	x.screen.mu.Lock()
	defer x.screen.mu.Unlock()
	x.screen.number, x.screen.list = number, nil
}

// Values are those of the stand, with what the shown guest's settings must be.
func (x *XRay) Values() setting.Values {
	x.values.mu.Lock()
	v := x.values.now
	x.values.mu.Unlock()
	if g := x.guest(); g != nil {
		v = v.Merge(g.Values())
	}
	return v
}

// Check judges values; of the cluster nothing is known that rules ask for.
func (*XRay) Check(v setting.Values) []setting.Problem { return setting.Check(v, setting.Facts{}) }

// Snapshot is the session at this instant, with the shown guest in the place of a
// run.
func (x *XRay) Snapshot() *telemetry.Snapshot {
	s := &telemetry.Snapshot{At: x.elapsed(), Guests: x.guestList()}
	x.status.mu.Lock()
	s.State, s.Say = x.status.state, x.status.say
	x.status.mu.Unlock()
	r := &s.Report
	r.Schema, r.Version, r.Started = report.Schema, x.config.Version, x.start.Format(time.RFC3339)
	r.ElapsedS = x.elapsed().Seconds()
	r.Cluster, r.Topics = x.cluster(), x.topics()
	r.Problems, r.Differences, r.Runs = []setting.Problem{}, []setting.Difference{}, []report.Run{}
	r.Faults = x.breaking.outages.report()
	r.Events, s.Marks = x.journal.read()
	for _, p := range x.relay.Ports() {
		if p.Broker >= 0 {
			r.Brokers = append(r.Brokers, report.Broker{ID: p.Broker})
		}
	}
	v := x.Values()
	r.Settings, r.Effective = v.Map(), v.Effective().Map()
	if g := x.guest(); g != nil {
		g.Show(s, recently)
	}
	s.Now.Faults = x.breaking.inForce(x.start)
	return s
}

// listEach is how old the list of guests may be: there may be a hundred.
const listEach = 250 * time.Millisecond

// guestList are the guests for the screen. The result is the caller's own, but for
// its lists.
func (x *XRay) guestList() *telemetry.Guests {
	x.screen.mu.Lock()
	list, old := x.screen.list, time.Since(x.screen.listed) >= listEach
	x.screen.mu.Unlock()
	if list == nil || old {
		list = x.listGuests()
		x.screen.mu.Lock()
		x.screen.list, x.screen.listed = list, time.Now()
		x.screen.mu.Unlock()
	}
	own := *list
	return &own
}

func (x *XRay) listGuests() *telemetry.Guests {
	all := &telemetry.Guests{Bootstrap: x.Bootstrap(), Ports: x.ports(), Own: x.ownSession() != nil}
	producers := x.producers()
	all.Others = len(x.guests.List()) - len(producers)
	for _, g := range producers {
		all.List = append(all.List, g.Line(recently))
	}
	if g := x.guest(); g != nil {
		all.Shown = g.Number
	}
	return all
}

func (x *XRay) ports() []report.Port {
	ports := []report.Port{}
	for _, p := range x.relay.Ports() {
		port := report.Port{Broker: p.Broker, Address: x.relay.Address(p)}
		if x.stand == nil {
			port.Behind = strings.Join(p.Behind(), ",")
		}
		ports = append(ports, port)
	}
	return ports
}

func (x *XRay) cluster() report.Cluster {
	if x.stand != nil {
		return report.Cluster{Kind: "embedded", Brokers: len(x.stand.Brokers()), Version: x.stand.Version, ID: x.stand.ID, Simulated: true}
	}
	c := report.Cluster{Kind: "real"}
	for _, p := range x.relay.Ports() {
		if p.Broker >= 0 {
			c.Brokers++
		}
	}
	x.reach.mu.Lock()
	defer x.reach.mu.Unlock()
	c.ID = x.reach.id
	return c
}

func (x *XRay) topics() []report.Topic {
	topics := []report.Topic{}
	for _, t := range x.guests.Topics() {
		if len(t.Leaders) > 0 {
			topics = append(topics, report.Topic{Name: t.Name, Partitions: len(t.Leaders)})
		}
	}
	return topics
}

// Report is the session so far in the words of kdyno.xray/1; once it has ended,
// as it was then.
func (x *XRay) Report() report.Xray {
	if last := x.life.last.Load(); last != nil {
		return *last
	}
	return x.report()
}

func (x *XRay) report() report.Xray {
	r := report.Xray{
		Schema: report.XraySchema, Version: x.config.Version, Started: x.start.Format(time.RFC3339), ElapsedS: x.elapsed().Seconds(),
		Cluster: x.cluster(), Ports: x.ports(), Topics: x.topics(), Faults: x.breaking.outages.report(),
	}
	if r.Faults == nil {
		r.Faults = []report.Fault{}
	}
	r.Events, _ = x.journal.read()
	if r.Events == nil {
		r.Events = []report.Event{}
	}
	x.guests.Report(&r)
	return r
}
