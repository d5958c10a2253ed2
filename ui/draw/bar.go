package draw

import "math"

var eighths = []rune(" ▏▎▍▌▋▊▉█")

// Bar draws a share of one over w cells from (x, y), in eighths of a cell;
// what is not a number draws as empty. A share above nothing shows at least
// its thinnest stroke.
func (c *Canvas) Bar(x, y, w int, share float64, role Role) {
	if math.IsNaN(share) {
		share = 0
	}
	share = min(max(share, 0), 1)
	n := int(math.Round(share * float64(w) * 8))
	if share > 0 {
		n = max(n, 1)
	}
	for i := range w {
		switch fill := min(max(n-i*8, 0), 8); fill {
		case 0:
			c.Set(x+i, y, Free, Faint)
		default:
			c.Set(x+i, y, eighths[fill], role)
		}
	}
}

// Slots draws what is in use of a limit, one cell each: used of them filled.
// A limit that does not fit w cells is drawn in proportion.
func (c *Canvas) Slots(x, y, w, used, limit int, role Role) {
	cells := min(w, max(limit, used))
	full := used
	if limit > cells && limit > 0 {
		full = (used*cells + limit - 1) / limit
	}
	for i := range cells {
		if i < full {
			c.Set(x+i, y, Ready, role)
		} else {
			c.Set(x+i, y, Free, Faint)
		}
	}
}
