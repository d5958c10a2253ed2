package pane

import "kdyno/ui/draw"

// cursor goes through what a picture shows and can be taken apart. There is none
// before it is moved.
type cursor struct {
	at      int // from 1; 0: there is none
	targets []target
}

// target is where a subject was drawn, in cells.
type target struct {
	of      Subject
	x, y, w int
}

func (k *cursor) add(t target) { k.targets = append(k.targets, t) }

// move goes by so many targets, and gives by how many it would have gone beyond
// the last one; where something is scrolled away, the same before the first
// partition.
func (k *cursor) move(by, scrolled int) (beyond int) {
	first := 1
	for first <= len(k.targets) && k.targets[first-1].of.Kind != PartitionSubject {
		first++
	}
	next := k.at + by
	switch {
	case next > len(k.targets):
		k.at = len(k.targets)
		return next - len(k.targets)
	case scrolled > 0 && k.at >= first && next < first:
		back := min(first-next, scrolled)
		k.at = max(next+back, 1)
		return -back
	}
	k.at = max(next, min(1, len(k.targets)))
	return 0
}

func (k *cursor) subject() Subject {
	if k.at == 0 || k.at > len(k.targets) {
		return Subject{}
	}
	return k.targets[k.at-1].of
}

// draw shows the cursor where the pane has the keys.
func (k *cursor) draw(c *draw.Canvas, s Scene) {
	if k.at == 0 || k.at > len(k.targets) || !s.Keys {
		return
	}
	t := k.targets[k.at-1]
	c.Fill(t.x, t.y, min(t.w, c.W-t.x), draw.Cursor)
}
