package partition

import (
	"slices"

	"kdyno/engine/setting"
)

// Placer says where the keys of a topic with so many partitions go. It does not
// change once it is made, so any goroutine may use it.
type Placer struct {
	partitions int
	rule       rule
	sticks     bool // records without a key go to the sticky partition
	ignoreKeys bool

	prefixes []setting.PartitionSet          // the longest first
	vips     map[string]setting.PartitionSet // by key
	// rest are the partitions of everything that has none of its own: of the
	// keys that no set names, and of records without a key. Nil: all.
	rest []int
}

// rule is what is done with a key.
type rule uint8

const (
	byMurmur2 rule = iota
	byCRC32
	byFNV1a
	byPrefix
	byVIP
	inTurn
)

// NewPlacer makes the Placer of a canonical partitioner.class.
func NewPlacer(class string, ignoreKeys bool, partitions int) *Placer {
	view := setting.PartitionerOf(class)
	p := &Placer{partitions: partitions}
	switch {
	case class == setting.BuiltIn:
		p.ignoreKeys = ignoreKeys // as in Java, no other partitioner knows of it
	case class == setting.RoundRobin:
		p.rule = inTurn
	case class == setting.HashCRC32:
		p.rule = byCRC32
	case class == setting.HashFNV1a:
		p.rule = byFNV1a
	case view.Kind == "prefix":
		p.rule = byPrefix
		p.prefixes = slices.Clone(view.Sets)
		slices.SortStableFunc(p.prefixes, func(a, b setting.PartitionSet) int { return len(b.Name) - len(a.Name) })
		p.rest = p.restOf(view, nil)
	default:
		p.rule = byVIP
		p.vips = make(map[string]setting.PartitionSet, len(view.Sets))
		for _, s := range view.Sets {
			p.vips[s.Name] = s
		}
		p.rest = p.restOf(view, view.Sets)
	}
	p.sticks = p.rule != inTurn && p.Rest() > 0
	return p
}

// restOf are the partitions of everything that no set names; taken are those
// that it may not have.
func (p *Placer) restOf(view setting.Partitioner, taken []setting.PartitionSet) []int {
	if view.Rest == nil && taken == nil {
		return nil
	}
	rest := []int{}
	for i := range p.partitions {
		in := func(s setting.PartitionSet) bool { return i >= s.Least && i <= s.Most }
		if view.Rest != nil && in(*view.Rest) || view.Rest == nil && !slices.ContainsFunc(taken, in) {
			rest = append(rest, i)
		}
	}
	return rest
}

// Place returns where a key goes; nil is no key. Without fixed the record has no
// place of its own and goes to one after another. A fixed place of -1 is one
// that the topic does not have.
func (p *Placer) Place(key []byte) (partition int, fixed bool) {
	switch p.rule {
	case byMurmur2:
		if key == nil || p.ignoreKeys {
			return 0, false
		}
		return Hash(key, p.partitions), true
	case byCRC32:
		if len(key) == 0 {
			return 0, false
		}
		return hashCRC32(key, p.partitions), true
	case byFNV1a:
		if key == nil {
			return 0, false
		}
		return hashFNV1a(key, p.partitions), true
	case inTurn:
		return 0, false
	default:
		return p.assigned(key)
	}
}

// assigned is the place of a key by prefix or VIP, hashed within its set.
func (p *Placer) assigned(key []byte) (partition int, fixed bool) {
	set, named := p.set(key)
	switch {
	case named && set.Most >= p.partitions:
		return -1, true
	case named:
		return set.Least + Hash(key, set.Most-set.Least+1), true
	case p.Rest() == 0:
		return -1, true
	case key == nil:
		return 0, false
	case p.rest == nil:
		return Hash(key, p.partitions), true
	default:
		return p.rest[Hash(key, len(p.rest))], true
	}
}

// set finds the set that names a key.
func (p *Placer) set(key []byte) (set setting.PartitionSet, named bool) {
	if p.rule == byVIP {
		set, named = p.vips[string(key)]
		return set, named
	}
	for i := range p.prefixes {
		if s := &p.prefixes[i]; len(key) >= len(s.Name) && string(key[:len(s.Name)]) == s.Name {
			return *s, true
		}
	}
	return set, false
}

// Assigns says whether partitioner.class names keys, which stay where they are
// when partitions are added.
func (p *Placer) Assigns() bool { return p.rule == byPrefix || p.rule == byVIP }

// Rest is over how many partitions the keys are hashed that have none of their
// own.
func (p *Placer) Rest() int {
	if p.rest == nil {
		return p.partitions
	}
	return len(p.rest)
}

// takes says whether records without a place of their own may go to a
// partition.
func (p *Placer) takes(partition int) bool {
	if p.rest == nil {
		return true
	}
	_, found := slices.BinarySearch(p.rest, partition)
	return found
}

// MovedShare is the share of evenly spread hashes whose place changes when they
// are taken modulo to instead of modulo from: a hash stays where both
// remainders are the same, which is so for the smaller of the two out of their
// least common multiple.
func MovedShare(from, to int) float64 {
	if from < 1 || to < 1 {
		return 0
	}
	a, b := from, to
	for b != 0 {
		a, b = b, a%b
	}
	return 1 - float64(min(from, to))/(float64(from)/float64(a)*float64(to))
}
