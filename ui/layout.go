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
//	|                              |          |             |                          |
//	+------------------------------+          +-------------+------+-------------------+
//	| latency                      |          | latency            | throughput        |
//	|                              |          +--------------------+-------------------+
//	+------------------------------+          | events                                 |
//	| status                       |          +----------------------------------------+
//	| keys                         |          | status, keys                           |
//	+------------------------------+          +----------------------------------------+
//
// wide: from 160x44                           view 3: charts, one page of them
//
//	+----------------------------------------+    +------------+-------------+------------+
//	| header, tabs                           |    | latency    | throughput  | heatmap    |
//	+-----------+----------------------------+    +------------+-------------+------------+
//	| config    | pipeline                   |    | signals    | partitions  | brokers    |
//	|           +-------------+--------------+    +------------+-------------+------------+
//	|           | latency     | throughput   |    | in flight  | buffer      | batch fill |
//	+-----------+-------------+--------------+    +------------+------+------+------------+
//	| partitions| heatmap     | signals      |    | retries           | errors            |
//	|           +-------------+--------------+    +-------------------+-------------------+
//	|           | events                     |
//	+-----------+----------------------------+    views 2 (config) and 4 (log), and z: one
//	| status, keys                           |    pane between tabs and status
//	+----------------------------------------+

// The smallest screen that is drawn.
const (
	leastWidth  = 60
	leastHeight = 16
)

// The breakpoints and the heights of what does not stretch.
const (
	standardWidth  = 100
	standardHeight = 30
	wideWidth      = 160
	wideHeight     = 44
	pipelineRows   = 11 // compact
	standardTop    = 14
	widePipeline   = 15
	wideBottom     = 14
	fewestChart    = 6
	edgeRows       = 2 // header and tabs; status and keys
)

// The views, as the number keys name them.
const (
	viewLive = iota
	viewConfig
	viewCharts
	viewLog
)

var viewNames = []string{"Live", "Config", "Charts", "Log"}

// paneID names a pane.
type paneID int

const (
	headerPane paneID = iota
	tabsPane
	configPane
	pipelinePane
	latencyPane
	throughputPane
	heatmapPane
	signalsPane
	partitionsPane
	brokersPane
	inFlightPane
	bufferPane
	fillPane
	retriesPane
	errorsPane
	eventsPane
	guestsPane
	inferredPane
	statusPane
	keysPane
	paneCount
)

// pages are the panes of view 3, in the order in which they fill its pages.
var pages = []paneID{
	latencyPane, throughputPane, heatmapPane, signalsPane, partitionsPane, brokersPane,
	inFlightPane, bufferPane, fillPane, retriesPane, errorsPane,
}

// place is where a pane stands.
type place struct {
	pane       paneID
	x, y, w, h int
}

// layout is where everything stands on a screen of w x h; nothing, where the
// screen is too small. Of view 3 it is the page with the focus.
func layout(view int, focus paneID, w, h int) []place {
	if w < leastWidth || h < leastHeight {
		return nil
	}
	places, body := edges(w, h)
	switch {
	case view == viewConfig:
		return append(places, body.of(configPane))
	case view == viewLog:
		return append(places, body.of(eventsPane))
	case view == viewCharts:
		return append(places, chartPage(body, focus)...)
	case compact(w, h):
		return append(places, compactLive(body)...)
	case w >= wideWidth && h >= wideHeight:
		return append(places, wideLive(body)...)
	default:
		return append(places, standardLive(body)...)
	}
}

// zoomed is the layout of one pane alone.
func zoomed(pane paneID, w, h int) []place {
	if w < leastWidth || h < leastHeight {
		return nil
	}
	places, body := edges(w, h)
	return append(places, body.of(pane))
}

// edges are the lines above and below, and the body between them.
func edges(w, h int) (places []place, body place) {
	return []place{
		{headerPane, 0, 0, w, 1},
		{tabsPane, 0, 1, w, 1},
		{statusPane, 0, h - 2, w, 1},
		{keysPane, 0, h - 1, w, 1},
	}, place{y: edgeRows, w: w, h: h - 2*edgeRows}
}

func (p place) of(pane paneID) place {
	p.pane = pane
	return p
}

func compact(w, h int) bool { return w < standardWidth || h < standardHeight }

func compactLive(body place) []place {
	if body.h < pipelineRows+fewestChart {
		return []place{body.of(pipelinePane)}
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
	top := max(standardTop, (body.h-events)*16/29)
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

func wideLive(body place) []place {
	bottom := max(body.h*3/10, wideBottom)
	top := body.h - bottom
	pipeline := max(top*45/100, widePipeline)
	events := 3 + (bottom-wideBottom)/3
	left := min(max(body.w*26/100, 44), 70)
	half, rest := (body.w-left)/2, (body.w-left+1)/2
	y, low := body.y+pipeline, body.y+top
	return []place{
		{configPane, 0, body.y, left, top},
		{pipelinePane, left, body.y, body.w - left, pipeline},
		{latencyPane, left, y, half, top - pipeline},
		{throughputPane, left + half, y, rest, top - pipeline},
		{partitionsPane, 0, low, left, bottom},
		{heatmapPane, left, low, half, bottom - events},
		{signalsPane, left + half, low, rest, bottom - events},
		{eventsPane, left, low + bottom - events, body.w - left, events},
	}
}

// grid is how many columns and rows of panes a page of view 3 has.
func grid(w, h int) (columns, rows int) {
	switch {
	case w >= wideWidth:
		columns = 3
	case w >= 80:
		columns = 2
	default:
		columns = 1
	}
	return columns, min(max(h/10, 1), (len(pages)+columns-1)/columns)
}

// pageOf is the page of view 3 on which a pane stands, of so many.
func pageOf(pane paneID, w, h int) (page, of int) {
	columns, rows := grid(w, h-2*edgeRows)
	for i, p := range pages {
		if p == pane {
			page = i / (columns * rows)
		}
	}
	return page, (len(pages) + columns*rows - 1) / (columns * rows)
}

// chartPage lays the panes of a page in rows; a row that is not full is
// stretched.
func chartPage(body place, focus paneID) []place {
	columns, rows := grid(body.w, body.h)
	page, _ := pageOf(focus, body.w, body.h+2*edgeRows)
	shown := pages[page*columns*rows:]
	shown = shown[:min(len(shown), columns*rows)]
	rows = (len(shown) + columns - 1) / columns
	var places []place
	for row := range rows {
		y, end := row*body.h/rows, (row+1)*body.h/rows
		line := shown[row*columns:]
		line = line[:min(len(line), columns)]
		for i, p := range line {
			x, next := i*body.w/len(line), (i+1)*body.w/len(line)
			places = append(places, place{p, x, body.y + y, next - x, end - y})
		}
	}
	return places
}
