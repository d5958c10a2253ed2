package cli

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kdyno/engine/partition"
	"kdyno/engine/setting"
)

// places answers for keys: now, and with partitions added.
type places struct {
	class  string // for people
	n      int
	then   int // 0: nobody asked
	now    *partition.Placer
	added  *partition.Placer
	nobody string // why no key at all has a fixed place; empty: keys have
}

// placeJSON is a key's place in the words of the contract; null is none.
type placeJSON struct {
	Key       string `json:"key"`
	Partition *int   `json:"partition"`
	Then      *int   `json:"then"`
	Why       string `json:"why,omitempty"` // why it has none
}

func newPlaces(v setting.Values, n, then int) places {
	class, ignore := v.Text(setting.PartitionerClass), v.Bool(setting.PartitionerIgnoreKeys)
	row, _ := setting.Find(setting.PartitionerClass)
	p := places{class: row.Kind.Show(class), n: n, then: then, now: partition.NewPlacer(class, ignore, n)}
	if then > 0 {
		p.added = partition.NewPlacer(class, ignore, then)
	}
	switch {
	case class == setting.BuiltIn && ignore:
		p.nobody = "partitioner.ignore.keys=true: every record goes as if it had no key"
	case class == setting.RoundRobin:
		p.nobody = "round-robin takes the partitions in turn, whatever the key"
	}
	return p
}

// of is the place of one key.
func (p places) of(key string) placeJSON {
	place := placeJSON{Key: key}
	if at, fixed := p.now.Place([]byte(key)); fixed {
		place.Partition = &at
	} else {
		place.Why = p.why()
	}
	if p.added == nil {
		return place
	}
	if at, fixed := p.added.Place([]byte(key)); fixed {
		place.Then = &at
	}
	return place
}

func (p places) why() string {
	if p.nobody != "" {
		return p.nobody
	}
	return "an empty key counts as none with " + p.class + ", as in librdkafka"
}

func (p places) write(w io.Writer, keys []string, asJSON bool) error {
	all := make([]placeJSON, len(keys))
	for i, k := range keys {
		all[i] = p.of(k)
	}
	if asJSON {
		text, err := line(all)
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	}
	var b strings.Builder
	b.WriteString("KEY\tPARTITION")
	if p.then > 0 {
		fmt.Fprintf(&b, "\tOF %d\t", p.then)
	}
	b.WriteString("\n")
	for _, place := range all {
		fmt.Fprintf(&b, "%s\t%s", printable(place.Key), placeText(place.Partition))
		if p.then > 0 {
			moves := ""
			if place.moves() {
				moves = "moves"
			}
			fmt.Fprintf(&b, "\t%s\t%s", placeText(place.Then), moves)
		}
		b.WriteString("\n")
	}
	if err := tidy(w, b.String()); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n"+p.summary(all))
	return err
}

// tidy lines up what tabs part, without blanks at the ends of lines.
func tidy(w io.Writer, text string) error {
	var page bytes.Buffer
	if err := columns(&page, text); err != nil {
		return err
	}
	for row := range strings.Lines(page.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(row, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func (p placeJSON) moves() bool {
	return p.Partition != nil && p.Then != nil && *p.Partition != *p.Then
}

func placeText(partition *int) string {
	if partition == nil {
		return "any"
	}
	return strconv.Itoa(*partition)
}

// printable quotes a key that would not be seen, or would do something to the
// terminal.
func printable(key string) string {
	hidden := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if key == "" || strings.TrimSpace(key) != key || strings.ContainsFunc(key, hidden) {
		return strconv.Quote(key)
	}
	return key
}

// summary says how the keys lie, and how many move.
func (p places) summary(all []placeJSON) string {
	used, fixed, moved := map[int]bool{}, 0, 0
	why := ""
	for _, place := range all {
		if place.Partition == nil {
			why = place.Why
			continue
		}
		fixed++
		used[*place.Partition] = true
		if place.moves() {
			moved++
		}
	}
	var b strings.Builder
	if fixed > 0 {
		fmt.Fprintf(&b, "%s on %d of %s, by %s\n", counted(fixed, "key"), len(used), counted(p.n, "partition"), p.class)
	}
	if why != "" {
		fmt.Fprintf(&b, "any: no fixed place; %s\n", why)
	}
	if p.then > 0 && fixed > 0 {
		fmt.Fprintf(&b, "%d of them %s with %d partitions; %s\n", moved, verb(moved), p.then, p.theory())
	}
	return b.String()
}

// theory is what becomes of all keys there could be.
func (p places) theory() string {
	share := partition.MovedShare(p.now.Rest(), p.added.Rest())
	of := "of all keys"
	if p.now.Assigns() {
		of = "keys that partitioner.class names stay, of all others"
	}
	return fmt.Sprintf("%s %.3g %% would", of, 100*share)
}

func verb(n int) string {
	if n == 1 {
		return "moves"
	}
	return "move"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
