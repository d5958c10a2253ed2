package ui

// The geometry of the screen, and nothing else of it: which pane stands
// where. Every pane owns exactly its rectangle.
//
// compact: under 100 columns or 30 rows       standard: from 100x30
//
//	+------------------------------+          +----------------------------------------+
//	| header                       |          | header                                 |
//	| tabs                         |          | tabs                                   |
//	+------------------------------+          +-------------+--------------------------+
//	| pipeline                     |          | config      | pipeline                 |
//	|            (view 2: config)  |          |             |         (view 2: config) |
//	+------------------------------+          +-------------+------+-------------------+
//	| latency                      |          | latency            | throughput        |
//	|                              |          +--------------------+-------------------+
//	+------------------------------+          | events                                 |
//	| status                       |          +----------------------------------------+
//	| keys                         |          | status                                 |
//	+------------------------------+          | keys                                   |
//	                                          +----------------------------------------+

// The smallest screen that is drawn.
const (
	leastWidth  = 60
	leastHeight = 16
)

// The breakpoints and the heights of what does not stretch.
const (
	standardWidth  = 100
	standardHeight = 30
	pipelineRows   = 11 // compact
	fewestChart    = 6
	edgeRows       = 2 // header and tabs; status and keys
)

// The views, as the number keys name them.
const (
	viewLive = iota
	viewConfig
)

var viewNames = []string{"Live", "Config"}

// paneID names a pane.
type paneID int

const (
	headerPane paneID = iota
	tabsPane
	configPane
	pipelinePane
	latencyPane
	throughputPane
	eventsPane
	statusPane
	keysPane
	paneCount
)

// place is where a pane stands.
type place struct {
	pane       paneID
	x, y, w, h int
}

// layout is where everything stands on a screen of w x h; nothing, where the
// screen is too small.
func layout(view, w, h int) []place {
	if w < leastWidth || h < leastHeight {
		return nil
	}
	places := []place{
		{headerPane, 0, 0, w, 1},
		{tabsPane, 0, 1, w, 1},
		{statusPane, 0, h - 2, w, 1},
		{keysPane, 0, h - 1, w, 1},
	}
	body := place{y: edgeRows, w: w, h: h - 2*edgeRows}
	switch {
	case view == viewConfig:
		body.pane = configPane
		return append(places, body)
	case compact(w, h):
		return append(places, compactLive(body)...)
	default:
		return append(places, standardLive(body)...)
	}
}

func compact(w, h int) bool { return w < standardWidth || h < standardHeight }

func compactLive(body place) []place {
	if body.h < pipelineRows+fewestChart {
		body.pane = pipelinePane
		return []place{body}
	}
	return []place{
		{pipelinePane, 0, body.y, body.w, pipelineRows},
		{latencyPane, 0, body.y + pipelineRows, body.w, body.h - pipelineRows},
	}
}

func standardLive(body place) []place {
	events := 3
	if body.h >= 40 {
		events = 5
	}
	top := max(16, (body.h-events)*9/17)
	charts := body.h - events - top
	left := min(max(body.w/3, 36), 64)
	half := body.w / 2
	return []place{
		{configPane, 0, body.y, left, top},
		{pipelinePane, left, body.y, body.w - left, top},
		{latencyPane, 0, body.y + top, half, charts},
		{throughputPane, half, body.y + top, body.w - half, charts},
		{eventsPane, 0, body.y + top + charts, body.w, events},
	}
}
