// Package fault is what can be broken on purpose: one row per fault, with where
// it acts and what it takes. The session asks a Board to start what a step says
// and to heal it; help and palette read the rows. It knows nothing of records
// and figures: what a fault did is seen where it is measured.
//
// The rows are safe for any goroutine, and so is a Board. It starts no
// goroutine; a fault that ends by itself does so by a timer that healing stops.
package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kdyno/engine/step"
	"kdyno/engine/wire"
)

// Where is the part of the stand that a fault acts on, which says who can do
// it.
type Where string

// Link is the network between producer and brokers. Any cluster has it.
const Link Where = "link"

// Fault is one row: something to break.
type Fault struct {
	Name       string
	Where      Where
	Parameters []Parameter // those that it takes, in the order to show
	Doc        string      // what it does and when it is over
	kind       wire.FaultKind
}

// Usage is how the fault is written in a step.
func (f Fault) Usage() string {
	parts := []string{string(step.Fault), f.Name}
	for _, p := range f.Parameters {
		text := p.Name + "=" + p.Kind.example()
		if !p.Required {
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// Parameter is one K=V that a fault takes.
type Parameter struct {
	Name     string
	Kind     Kind
	Required bool
	Doc      string
}

var (
	broker    = Parameter{Name: "broker", Kind: BrokerID, Doc: "the node whose connections are meant; without it all"}
	rtt       = Parameter{Name: "rtt", Kind: RoundTrip, Required: true, Doc: "the round trip; a longer one of the link stays"}
	bandwidth = Parameter{Name: "bandwidth", Kind: Rate, Required: true, Doc: "what each connection can send; a narrower one of the link stays"}
	lasting   = Parameter{Name: "for", Kind: Time, Doc: "ends the fault by itself"}
)

func count(doc string) Parameter { return Parameter{Name: "count", Kind: Number, Doc: doc} }

// Rows lists all faults in the order of the contract. The slice is the
// caller's own.
func Rows() []Fault { return slices.Clone(rows) }

var rows = []Fault{
	{
		Name: "slow-link", Where: Link, kind: wire.SlowLink, Parameters: []Parameter{rtt, broker, lasting},
		Doc: "makes the round trip longer, from the next byte written on",
	},
	{
		Name: "thin-link", Where: Link, kind: wire.ThinLink, Parameters: []Parameter{bandwidth, broker, lasting},
		Doc: "makes the bandwidth of each connection narrower, from the next byte written on",
	},
	{
		Name: "stall", Where: Link, kind: wire.Stall, Parameters: []Parameter{broker, lasting},
		Doc: "lets nothing pass in either direction; connections stay open, and what was on the way sets off anew when it is healed",
	},
	{
		Name: "reset", Where: Link, kind: wire.Reset,
		Parameters: []Parameter{broker, count("how many connections; without count= and for= those open now"), lasting},
		Doc:        "ends each producing connection as a peer does that has forgotten it (RST), and while it lasts each new one at its first produce request",
	},
	{
		Name: "lose-request", Where: Link, kind: wire.LoseRequest,
		Parameters: []Parameter{broker, count("how many; without count= and for= one, with for= alone every one"), lasting},
		Doc:        "makes the next produce request vanish, and what follows it on its connection, which is reset one round trip later",
	},
	{
		Name: "lose-response", Where: Link, kind: wire.LoseResponse,
		Parameters: []Parameter{broker, count("how many; without count= and for= one, with for= alone every one"), lasting},
		Doc:        "lets the next produce request reach the broker and swallows its answer; the connection is reset instead",
	},
}

// Find returns the row of a fault.
func Find(name string) (Fault, bool) {
	for _, f := range rows {
		if f.Name == name {
			return f, true
		}
	}
	return Fault{}, false
}

// Error is a step that asks for a fault that cannot be.
type Error struct {
	Fault     string
	Parameter string // empty: the fault itself
	Say       string
	Hint      string
}

func (e *Error) Error() string {
	text := e.Fault + ": "
	if e.Parameter != "" {
		text += e.Parameter + ": "
	}
	text += e.Say
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// order is a step as the link understands it.
type order struct {
	fault wire.Fault
	row   Fault
	given map[string]bool
	last  time.Duration // 0: until healed
}

// Check says what is wrong with a step of the verbs fault and heal, whatever
// the cluster; the error is an *Error.
func Check(s step.Step) error {
	if s.Verb == step.Heal {
		return checkHeal(s.Name)
	}
	_, err := read(s)
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
	return &Error{Fault: name, Say: "there is no such fault", Hint: "the faults are " + strings.Join(names, ", ")}
}

// read turns a step into an order.
func read(s step.Step) (order, error) {
	row, ok := Find(s.Name)
	if !ok {
		return order{}, unknown(s.Name)
	}
	o := order{row: row, fault: wire.Fault{Kind: row.kind, Broker: wire.AnyBroker}, given: map[string]bool{}}
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
	if !o.given["count"] && !o.given["for"] && (row.kind == wire.LoseRequest || row.kind == wire.LoseResponse) {
		o.fault.Count = 1
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
	n, say := p.Kind.parse(with.Text)
	if say != "" {
		return &Error{Fault: o.row.Name, Parameter: p.Name, Say: say, Hint: "use " + p.Kind.bounds()}
	}
	o.given[p.Name] = true
	switch p.Kind {
	case BrokerID:
		o.fault.Broker = int32(n)
	case RoundTrip:
		o.fault.RTT = time.Duration(n)
	case Rate:
		o.fault.Bandwidth = n
	case Number:
		o.fault.Count = n
	case Time:
		o.last = time.Duration(n)
	}
	return nil
}

// among refuses a broker that the cluster does not have; none are known before
// its metadata is.
func (o *order) among(brokers []int32) error {
	if o.fault.Broker == wire.AnyBroker || len(brokers) == 0 || slices.Contains(brokers, o.fault.Broker) {
		return nil
	}
	ids := make([]string, len(brokers))
	for i, id := range brokers {
		ids[i] = strconv.Itoa(int(id))
	}
	return &Error{
		Fault: o.row.Name, Parameter: broker.Name, Say: fmt.Sprintf("the cluster has no broker %d", o.fault.Broker),
		Hint: "its brokers are " + strings.Join(ids, ", "),
	}
}
