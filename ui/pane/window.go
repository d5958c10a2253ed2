package pane

import (
	"fmt"
	"time"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// Windows are the stretches of time that charts can show, with the labels of
// their axis.
var Windows = []struct {
	Span   time.Duration
	Labels []string
}{
	{15 * time.Second, []string{"-15s", "-10s", "-5s", "0s"}},
	{30 * time.Second, []string{"-30s", "-20s", "-10s", "0s"}},
	{time.Minute, []string{"-60s", "-40s", "-20s", "0s"}},
	{2 * time.Minute, []string{"-2m", "-90s", "-60s", "-30s", "0s"}},
	{5 * time.Minute, []string{"-5m", "-4m", "-3m", "-2m", "-1m", "0s"}},
	{10 * time.Minute, []string{"-10m", "-8m", "-6m", "-4m", "-2m", "0s"}},
}

// longestAuto is the longest window that is taken without being asked for.
const longestAuto = time.Minute

// Span is the stretch of time that charts show in this scene: what was asked
// for, or the least that holds all of a young session, a minute at most.
func (s Scene) Span() time.Duration {
	if s.Window > 0 {
		return s.Window
	}
	for _, w := range Windows {
		if w.Span >= s.Charts.At || w.Span == longestAuto {
			return w.Span
		}
	}
	return longestAuto
}

// NextSpan is the window that is by steps longer than the present one, or the
// last one on that side.
func (s Scene) NextSpan(by int) time.Duration {
	i := 0
	for i < len(Windows)-1 && Windows[i].Span < s.Span() {
		i++
	}
	return Windows[min(max(i+by, 0), len(Windows)-1)].Span
}

// SpanNote is the window in words, as it stands in a chart's frame.
func (s Scene) SpanNote() string {
	span := s.Span()
	if span >= 2*time.Minute {
		return fmt.Sprintf("%.0f min", span.Minutes())
	}
	return fmt.Sprintf("%.0f s", span.Seconds())
}

// timeLabels are the labels of the time axis that so many columns have room
// for.
func timeLabels(span time.Duration, columns int) []string {
	for _, w := range Windows {
		if w.Span != span {
			continue
		}
		if columns < 9*len(w.Labels) {
			return []string{w.Labels[0], w.Labels[len(w.Labels)-1]}
		}
		return w.Labels
	}
	return nil
}

// window puts times into columns. Columns are laid on the time since the
// start and not on now: so a finished column never changes again and the chart
// moves by whole columns.
type window struct {
	end, span time.Duration
	columns   int
}

// column is where a time is drawn; below zero it is too old.
func (w window) column(at time.Duration) int {
	width := w.width()
	return w.columns - 1 - int(w.end/width-at/width)
}

// width is the time of one column.
func (w window) width() time.Duration { return max(w.span/time.Duration(w.columns), 1) }

// marks are the revision lines; the first revision is the start itself. The
// newest is told in full where there is room.
func (w window) marks(marks []telemetry.Mark) []draw.VLine {
	var lines []draw.VLine
	for _, m := range marks {
		line := draw.VLine{Column: w.column(m.At), Label: fmt.Sprintf("r%d", m.Revision), Long: draw.Safe(m.Say, 40)}
		if m.Revision == 0 {
			line.Label = draw.Safe(m.Say, 12)
		} else {
			line.Long = line.Label + " " + line.Long
		}
		if line.Column >= 0 && line.Column < w.columns {
			lines = append(lines, line)
		}
	}
	return lines
}
