package setting

import (
	"slices"
	"strings"
)

// Scope says what a setting belongs to, and with it how a change is applied.
type Scope string

// The scopes. A producer setting needs a new producer; the others do not.
const (
	Producer Scope = "producer"
	Load     Scope = "load"
	Stand    Scope = "stand"
)

// How says how truly a setting is honoured by the producer under test.
type How string

// The ways in which a setting is honoured. A run that sets a row of the last
// three kinds is refused.
const (
	Exact       How = "exact"       // same meaning as in the Java client
	Emulated    How = "emulated"    // same meaning, by our own machinery
	Different   How = "different"   // honoured, and the row's note says where it departs
	Meaningless How = "meaningless" // has no counterpart here
	Impossible  How = "impossible"  // cannot be done with this client
	Later       How = "later"       // not built yet
)

// Row is one setting. Doc says what it does, Cost what that costs and when to
// change it, Note how it is honoured where How alone does not say enough.
type Row struct {
	Key     Key
	Scope   Scope
	Group   string
	Kind    Kind
	Default string // canonical text
	Doc     string
	Cost    string
	Note    string
	How     How
	AtStart bool // cannot be changed while the session runs
	Secret  bool // never shown; see Values.WithSecret
}

// Honoured says whether the producer under test does what the row says, be it
// by other means. A run that sets any other row is refused.
func (r Row) Honoured() bool {
	switch r.How {
	case Exact, Emulated, Different:
		return true
	default:
		return false
	}
}

// Rows returns the whole table in the order in which people read it: by scope,
// then by group. The slice is the caller's own.
func Rows() []Row { return slices.Clone(table) }

// Find returns the row of a key.
func Find(k Key) (Row, bool) {
	i, ok := index[k]
	if !ok {
		return Row{}, false
	}
	return table[i], true
}

// index finds a row's place in the table.
var index = func() map[Key]int {
	m := make(map[Key]int, len(table))
	for i, r := range table {
		m[r.Key] = i
	}
	return m
}()

const maxNear = 3

// Nearest returns up to three keys that a mistyped name may have meant, the
// likeliest first; none if nothing is close.
func Nearest(name string) []Key {
	name = strings.ToLower(strings.TrimSpace(name))
	if key, ok := aliases[name]; ok {
		return []Key{key}
	}
	dotted := strings.NewReplacer("_", ".", "-", ".").Replace(name)
	names := make([]string, len(table))
	for i, r := range table {
		names[i] = string(r.Key)
	}
	keys := make([]Key, 0, maxNear)
	for _, near := range likeliest(name, names, func(key string) int {
		return min(Distance(name, key), apart(dotted, key))
	}) {
		keys = append(keys, Key(near))
	}
	return keys
}

// Closest returns up to three of the words that a mistyped one may have meant,
// in any case, the likeliest first; none if nothing is close.
func Closest(word string, among []string) []string {
	word = strings.ToLower(strings.TrimSpace(word))
	return likeliest(word, among, func(other string) int { return apart(word, strings.ToLower(other)) })
}

// apart is the distance of two words; a piece of the other is close to it.
func apart(word, other string) int {
	cost := Distance(word, other)
	if len(word) >= 4 && strings.Contains(other, word) {
		cost = min(cost, 1)
	}
	return cost
}

// likeliest returns those of the words that cost little, the cheapest first.
func likeliest(name string, among []string, cost func(word string) int) []string {
	type near struct {
		word string
		cost int
	}
	// Beyond this a pasted text would only be compared at great length.
	if name == "" || len(name) > 80 {
		return nil
	}
	var found []near
	for _, word := range among {
		if c := cost(word); c <= max(2, len(word)/3) {
			found = append(found, near{word, c})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.cost - b.cost })
	words := make([]string, 0, maxNear)
	for _, n := range found[:min(len(found), maxNear)] {
		words = append(words, n.word)
	}
	return words
}

// Distance counts the single-byte edits that lead from a to b, for whoever
// guesses what was meant; a swap of two neighbours counts as one. It takes time
// in proportion to the product of both lengths.
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
