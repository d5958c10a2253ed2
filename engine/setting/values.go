package setting

import (
	"errors"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"
)

// Values holds one value per setting and remembers which of them were set:
// Kafka itself judges an explicit value otherwise than the same default. It is
// immutable; the zero Values is Defaults.
type Values struct {
	set map[Key]string // canonical; never changed once it is here
	// Secrets stand behind pointers, where fmt shows an address; set holds
	// "[hidden]" for them.
	secrets map[Key]*Secret
}

// ValueError is a value that its setting does not take.
type ValueError struct {
	Key  Key
	Text string // what was written
	Say  string // what is wrong with it
	Hint string // what would be right: type, unit and bounds
	// Column is where in the text, counted from 1 in characters; 0: all of it is
	// meant.
	Column int
}

// What is Say behind the column.
func (e *ValueError) What() string {
	if e.Column == 0 {
		return e.Say
	}
	return "column " + strconv.Itoa(e.Column) + ": " + e.Say
}

func (e *ValueError) Error() string {
	text := e.What()
	if e.Key != "" {
		text = string(e.Key) + ": " + text
	}
	if e.Hint != "" {
		text += "; use " + e.Hint
	}
	return text
}

// UnknownKeyError is a name that the table does not have.
type UnknownKeyError struct {
	Name  string
	Near  []Key  // what may have been meant, the likeliest first
	Whose string // whose it is, if not the producer's; empty: not known
}

func (e *UnknownKeyError) Error() string {
	text := "there is no setting " + quote(e.Name)
	if e.Whose != "" {
		return text + ": " + e.Whose
	}
	if len(e.Near) == 0 {
		return text
	}
	near := make([]string, len(e.Near))
	for i, k := range e.Near {
		near[i] = string(k)
	}
	return text + "; near: " + strings.Join(near, ", ")
}

// Defaults returns the values of which none was set.
func Defaults() Values { return Values{} }

// With returns values in which k is set to what text says. A secret is not
// taken this way. The error is an *UnknownKeyError or a *ValueError.
func (v Values) With(k Key, text string) (Values, error) {
	row, ok := Find(k)
	if !ok {
		return v, Unknown(string(k))
	}
	canonical, err := row.Kind.Parse(text)
	if err != nil {
		var bad *ValueError
		if errors.As(err, &bad) {
			bad.Key = k
		}
		return v, err
	}
	return v.with(k, canonical), nil
}

// with sets text that is known to be canonical.
func (v Values) with(k Key, canonical string) Values {
	w := Values{set: clone(v.set), secrets: v.secrets}
	w.set[k] = canonical
	w.forget(k)
	return w
}

// forget drops the secret of k from values that are not handed out yet.
func (v *Values) forget(k Key) {
	if _, secret := v.secrets[k]; secret {
		v.secrets = clone(v.secrets)
		delete(v.secrets, k)
	}
}

// clone copies a map, and makes one of none.
func clone[V any](m map[Key]V) map[Key]V {
	c := make(map[Key]V, len(m)+1)
	maps.Copy(c, m)
	return c
}

// Without returns values in which k is at its default and counts as not set.
func (v Values) Without(k Key) Values {
	if !v.IsSet(k) {
		return v
	}
	w := Values{set: clone(v.set), secrets: v.secrets}
	delete(w.set, k)
	w.forget(k)
	return w
}

// Text is the canonical text of k: what was set, else its default; empty for a
// key that the table does not have.
func (v Values) Text(k Key) string {
	if text, ok := v.set[k]; ok {
		return text
	}
	row, _ := Find(k)
	return row.Default
}

// IsSet says whether k was set, even if to its default.
func (v Values) IsSet(k Key) bool {
	_, ok := v.set[k]
	return ok
}

// Set returns the keys that were set, in the table's order.
func (v Values) Set() []Key {
	keys := make([]Key, 0, len(v.set))
	for _, r := range table {
		if v.IsSet(r.Key) {
			keys = append(keys, r.Key)
		}
	}
	return keys
}

// Int is the value of a numeric row in its unit, 0 where it is empty, Java's
// null. It panics for any other row: the keys that callers ask for are
// constants.
func (v Values) Int(k Key) int64 {
	text := v.Text(k)
	if row, ok := Find(k); ok && text == "" && row.Kind.unset {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("setting: " + string(k) + " is not a number")
	}
	return n
}

// Bool is the value of a boolean row. It panics for any other row.
func (v Values) Bool(k Key) bool {
	b, err := strconv.ParseBool(v.Text(k))
	if err != nil {
		panic("setting: " + string(k) + " is not a boolean")
	}
	return b
}

// Duration is the value of a row in ms, or of stand.link.rtt. What is longer
// than a Duration can hold (Kafka's longs are) becomes the longest one.
func (v Values) Duration(k Key) time.Duration {
	row, _ := Find(k)
	if row.Kind.form == span {
		d, err := time.ParseDuration(v.Text(k))
		if err != nil {
			panic("setting: " + string(k) + " is not a length of time")
		}
		return d
	}
	ms := v.Int(k)
	const most = math.MaxInt64 / int64(time.Millisecond)
	switch {
	case ms > most:
		return math.MaxInt64
	case ms < -most:
		return math.MinInt64
	default:
		return time.Duration(ms) * time.Millisecond
	}
}

// Addresses are the brokers of bootstrap.servers; none: the embedded cluster.
func (v Values) Addresses() []string {
	text := v.Text(BootstrapServers)
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// Change is one setting whose value differs, in canonical text.
type Change struct {
	Key Key    `json:"key"`
	Old string `json:"old"`
	New string `json:"new"`
}

// Diff lists what changed from old to v, in the table's order. Setting a value
// to what it was anyway is no change; a secret that changed stands there with
// "[hidden]" on either side.
func (v Values) Diff(old Values) []Change {
	var changes []Change
	for _, r := range table {
		if !v.Same(old, r.Key) {
			changes = append(changes, Change{Key: r.Key, Old: old.Text(r.Key), New: v.Text(r.Key)})
		}
	}
	return changes
}

// leads says whether a row is about the way to the brokers.
func (r Row) leads() bool {
	switch r.Group {
	case "connection", "tls", "sasl", "oauthbearer":
		return true
	default:
		return false
	}
}

// Upon returns v as it is applied where now runs: what is only read at the start
// stays as it is, and so does what v says nothing of, where that leads to the
// brokers or belongs to a scope of which v sets nothing at all.
func (v Values) Upon(now Values) Values {
	scopes := map[Scope]bool{Producer: true}
	for _, k := range v.Set() {
		scopes[table[index[k]].Scope] = true
	}
	w := v
	for _, r := range table {
		stays := r.AtStart || !v.IsSet(r.Key) && (r.leads() || !scopes[r.Scope])
		switch {
		case !stays:
		case !now.IsSet(r.Key):
			w = w.Without(r.Key)
		default:
			w = w.Merge(now.only(r.Key))
		}
	}
	return w
}

// only are the values of which nothing but k is set.
func (v Values) only(k Key) Values {
	w := Values{set: map[Key]string{k: v.set[k]}}
	if s, secret := v.secrets[k]; secret {
		w.secrets = map[Key]*Secret{k: s}
	}
	return w
}

// Onto lists what has to be set where now runs, so that v does, in the table's
// order: what v sets otherwise, and, where v leaves alone what now has set, what
// the Java client makes of that. What is only read at the start is not among them.
func (v Values) Onto(now Values) []Change {
	w := v.Upon(now)
	e := w.Effective()
	var changes []Change
	for _, r := range table {
		want := w.Text(r.Key)
		switch {
		case w.IsSet(r.Key):
		case now.IsSet(r.Key):
			want = e.Text(r.Key)
		default:
			continue
		}
		if want != now.Text(r.Key) {
			changes = append(changes, Change{Key: r.Key, Old: now.Text(r.Key), New: want})
		}
	}
	return changes
}

// Merge returns v with everything that over has set.
func (v Values) Merge(over Values) Values {
	if len(over.set) == 0 {
		return v
	}
	w := Values{set: clone(v.set), secrets: v.secrets}
	maps.Copy(w.set, over.set)
	if len(v.secrets)+len(over.secrets) > 0 {
		w.secrets = clone(v.secrets)
		for k := range over.set {
			delete(w.secrets, k)
		}
		maps.Copy(w.secrets, over.secrets)
	}
	return w
}

// Map is every key that is honoured or was set, with its canonical text:
// nothing has the value of a row that nobody reads. The map is the caller's
// own.
func (v Values) Map() map[string]string {
	m := make(map[string]string, len(table))
	for _, r := range table {
		if r.Honoured() || v.IsSet(r.Key) {
			m[string(r.Key)] = v.Text(r.Key)
		}
	}
	return m
}

// SetMap is what was set, by key. The map is the caller's own.
func (v Values) SetMap() map[string]string {
	m := make(map[string]string, len(v.set))
	for k, text := range v.set {
		m[string(k)] = text
	}
	return m
}

// Equal says whether both hold the same values, secrets included, and the same
// were set.
func (v Values) Equal(w Values) bool {
	same := func(a, b *Secret) bool { return *a == *b }
	return maps.Equal(v.set, w.set) && maps.EqualFunc(v.secrets, w.secrets, same)
}
