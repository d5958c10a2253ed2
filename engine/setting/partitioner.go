package setting

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The canonical values of partitioner.class that are one word; prefix: and vip:
// are followed by who goes where.
const (
	BuiltIn    = "" // shown as built-in: KIP-794, what Kafka does when it is left alone
	RoundRobin = "round-robin"
	HashCRC32  = "hash:crc32"
	HashFNV1a  = "hash:fnv1a"
)

// Partitioner is a view of partitioner.class.
type Partitioner struct {
	Kind string         // built-in, round-robin, hash, prefix or vip
	Hash string         // of hash: crc32 or fnv1a
	Sets []PartitionSet // of prefix and vip, in the order in which they were written
	// Rest are the partitions over which all other keys are hashed. Nil: all of
	// the topic's with prefix, those that no VIP has with vip.
	Rest *PartitionSet
}

// PartitionSet are the partitions of the keys that begin with a prefix, or of
// one VIP's key, both ends included.
type PartitionSet struct {
	Name        string
	Least, Most int
}

// named are all sets, the rest's included.
func (p Partitioner) named() []PartitionSet {
	if p.Rest == nil {
		return p.Sets
	}
	return append(slices.Clone(p.Sets), *p.Rest)
}

// Most is the highest partition that is named, -1 if none is.
func (p Partitioner) Most() int {
	most := -1
	for _, s := range p.named() {
		most = max(most, s.Most)
	}
	return most
}

// Needs is how many partitions a topic must have, so that every key has one.
func (p Partitioner) Needs() int {
	owned := 0
	for _, s := range p.Sets {
		owned += s.Most - s.Least + 1
	}
	if p.Kind == "vip" && p.Rest == nil {
		owned++ // for all others
	}
	return max(p.Most()+1, owned, 1)
}

// Partitioner is the view of partitioner.class.
func (v Values) Partitioner() Partitioner { return PartitionerOf(v.Text(PartitionerClass)) }

// PartitionerOf is the view of a canonical partitioner.class; it panics for any
// other text.
func PartitionerOf(class string) Partitioner {
	p, bad := parsePartitioner(class)
	mustRead(PartitionerClass, bad)
	return p
}

const (
	partitionerTakes = "built-in, round-robin, hash:crc32, hash:fnv1a, prefix:KR=0-3,US=4-5,*=hash or vip:gold=0,*=hash"
	otherKeys        = "*"
	hashed           = "hash"
	maxSets          = 64
)

// partitionerWords are the partitioners without figures, in menu order, and
// partitionerAliases their canonical texts and other spellings.
var (
	partitionerWords   = []string{"built-in", RoundRobin, HashCRC32, HashFNV1a}
	partitionerAliases = map[string]string{
		"": BuiltIn, "built-in": BuiltIn,
		"org.apache.kafka.clients.producer.RoundRobinPartitioner": RoundRobin,
	}
)

func canonicalPartitioner(text string) (string, *ValueError) {
	if to, ok := partitionerAliases[text]; ok {
		return to, nil
	}
	p, bad := parsePartitioner(text)
	return p.String(), bad
}

func parsePartitioner(text string) (Partitioner, *ValueError) {
	kind, rest, figures := strings.Cut(text, ":")
	switch {
	case text == BuiltIn:
		return Partitioner{Kind: "built-in"}, nil
	case text == RoundRobin:
		return Partitioner{Kind: RoundRobin}, nil
	case text == HashCRC32 || text == HashFNV1a:
		return Partitioner{Kind: kind, Hash: rest}, nil
	case figures && kind == "hash":
		return Partitioner{}, &ValueError{
			Say: quote(rest) + " is not a hash that is known here", Column: column(text, len(text)-len(rest)), Hint: partitionerTakes,
		}
	case figures && (kind == "prefix" || kind == "vip"):
		r := setReader{text: text, at: len(kind) + 1, made: Partitioner{Kind: kind}}
		return r.read()
	case strings.Contains(text, "."):
		return Partitioner{}, &ValueError{Say: quote(text) + " looks like a Java class, and none can be loaded here", Hint: partitionerTakes}
	default:
		return Partitioner{}, &ValueError{Say: quote(text) + " is not one of its values", Hint: partitionerTakes}
	}
}

// column is the column of a byte, counted from 1 in characters.
func column(text string, at int) int { return utf8.RuneCountInString(text[:at]) + 1 }

// setReader reads NAME=PARTITIONS,...,*=hash.
type setReader struct {
	text string
	at   int // where the item that is being read begins
	made Partitioner
	rest bool // the rest's item was read
}

func (r *setReader) wrong(at int, say string) *ValueError {
	return &ValueError{Say: say, Column: column(r.text, at), Hint: partitionerTakes}
}

func (r *setReader) read() (Partitioner, *ValueError) {
	for item := range strings.SplitSeq(r.text[r.at:], ",") {
		if bad := r.item(item); bad != nil {
			return Partitioner{}, bad
		}
		r.at += len(item) + 1
	}
	switch {
	case !r.rest:
		return Partitioner{}, r.wrong(len(r.text), "*=hash is missing: it says where all other keys go")
	case len(r.made.Sets) == 0:
		return Partitioner{}, r.wrong(len(r.made.Kind)+1, "no key is named; the built-in partitioner hashes them all")
	default:
		return r.made, nil
	}
}

// item reads NAME=PARTITIONS. A name may hold a = itself.
func (r *setReader) item(item string) *ValueError {
	cut := strings.LastIndexByte(item, '=')
	if cut < 0 {
		return r.wrong(r.at, quote(strings.TrimSpace(item))+" does not say which partitions; NAME=0-3 does")
	}
	name, where := strings.TrimSpace(item[:cut]), strings.TrimSpace(item[cut+1:])
	switch {
	case name == "":
		return r.wrong(r.at, "a key is missing before the =")
	case strings.ContainsFunc(name, unprintable):
		return r.wrong(r.at, quote(name)+" holds characters that cannot be printed")
	case name == otherKeys && r.rest || slices.ContainsFunc(r.made.Sets, func(s PartitionSet) bool { return s.Name == name }):
		return r.wrong(r.at, quote(name)+" stands here twice")
	case len(r.made.Sets) == maxSets && name != otherKeys:
		return r.wrong(r.at, "more than "+strconv.Itoa(maxSets)+" keys are named")
	case name == otherKeys && where == hashed:
		r.rest = true
		return nil
	}
	return r.set(name, where, r.at+cut+1)
}

// set reads the partitions of a name, which begin at a byte.
func (r *setReader) set(name, where string, at int) *ValueError {
	from, to, isRange := strings.Cut(where, "-")
	if !isRange {
		to = from
	}
	least, ok := parseCount(plain, from, 0, maxPartition)
	most, good := parseCount(plain, to, 0, maxPartition)
	switch {
	case !ok || !good:
		return r.wrong(at, quote(where)+" is neither a partition nor a range of them from 0 to "+strconv.Itoa(maxPartition))
	case least > most:
		return r.wrong(at, "the range "+where+" is reversed: the smaller partition stands first")
	}
	s := PartitionSet{Name: name, Least: int(least), Most: int(most)}
	for _, other := range r.made.named() {
		if s.Least <= other.Most && other.Least <= s.Most {
			return r.wrong(at, s.String()+" shares partitions with "+other.String())
		}
	}
	if name == otherKeys {
		r.rest, r.made.Rest = true, &s
		return nil
	}
	r.made.Sets = append(r.made.Sets, s)
	return nil
}

func (s PartitionSet) String() string {
	text := s.Name + "=" + strconv.Itoa(s.Least)
	if s.Most > s.Least {
		text += "-" + strconv.Itoa(s.Most)
	}
	return text
}

// String is the canonical text of partitioner.class.
func (p Partitioner) String() string {
	switch p.Kind {
	case RoundRobin:
		return RoundRobin
	case "hash":
		return p.Kind + ":" + p.Hash
	case "prefix", "vip":
		parts := make([]string, 0, len(p.Sets)+1)
		for _, s := range p.named() {
			parts = append(parts, s.String())
		}
		if p.Rest == nil {
			parts = append(parts, otherKeys+"="+hashed)
		}
		return p.Kind + ":" + strings.Join(parts, ",")
	default:
		return BuiltIn
	}
}
