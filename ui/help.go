package ui

import (
	"kdyno/ui/pane"
)

// panelWords are a panel's name in the help and what is seen in it.
type panelWords struct{ name, about string }

// panelHelp says what the panels show, in the words that their figures need.
var panelHelp = map[paneID]panelWords{
	configPane: {"Config", "Every setting that the producer honours, as it runs now. What you edit is staged (~ old > new) and does nothing until a applies it. " +
		"! marks values that do not fit together, with the cure that f stages. The explanation says what the present measurement says of the setting."},
	pipelinePane: {"Pipeline", "A record's way from send() to its acknowledgement. The upper edge says what limits now and where the time goes. " +
		"A full square is a batch that is ready to go, an empty one is filling; in flight shows each broker's slots, ! marks the slowest broker."},
	heatmapPane: {"Latency heatmap", "How many records were acknowledged after how long: the darker a cell, the more. Two bands are two ways that records take, " +
		"which no percentile tells."},
	signalsPane:    {"Signals", "What a producer's health is read from, over the same stretch of time, each on its own scale."},
	partitionsPane: {"Partitions", "The share of each partition, the worst first. Skew is the busiest one against the mean. / narrows the list."},
	brokersPane:    {"Brokers", "What each broker answered and how fast, the worst first. / narrows the list."},
	inFlightPane:   {"In flight", "Produce requests that are sent and not answered yet. Records/s times latency is what is under way."},
	bufferPane:     {"Buffer", "Bytes that wait against buffer.memory. Where it is full, send() waits, for every partition."},
	fillPane:       {"Batch fill", "How full batches are when they go, against batch.size. Empty batches are many small requests."},
	retriesPane:    {"Retries", "Batches that were written again, a second."},
	errorsPane:     {"Errors", "Answers with an error, a second, whether they were tried again or not."},
	latencyPane:    {"Latency", "From the moment a record is due to its acknowledgement, one interval a column. Dashed lines are revisions and marks."},
	throughputPane: {"Throughput", "Acknowledged records a second. A dip behind a dashed line is what a change cost: the old producer drains before the new one sends."},
	eventsPane:     {"Events", "What happened, the newest first: revisions with what the change cost, marks, faults, notices."},
}

// helpGroups is the whole table as the help shows it: the keys of the panel
// that has them first, then those of every place.
func (m *Model) helpGroups() []pane.HelpGroup {
	var groups []pane.HelpGroup
	if words, ok := panelHelp[m.focus]; ok {
		groups = append(groups, pane.HelpGroup{
			Name: "this panel: " + words.name, About: words.about, Rows: m.helpRows(onMain, true),
		})
	}
	for at := range where(len(whereNames)) {
		groups = append(groups, pane.HelpGroup{Name: whereNames[at], Rows: m.helpRows(at, false)})
	}
	return groups
}

// helpRows are the rows of a place: those of the panel with the keys, or all
// the others.
func (m *Model) helpRows(at where, own bool) []pane.HelpRow {
	var rows []pane.HelpRow
	for i := range m.keys {
		b := &m.keys[i]
		if b.in != at || own != m.ownKey(b) {
			continue
		}
		row := pane.HelpRow{Keys: b.show, Does: b.help}
		if b.not != nil && at == onMain {
			row.Not = b.not(m)
		}
		rows = append(rows, row)
	}
	return rows
}

// ownKey says whether a row of the table is about the panel with the keys.
func (m *Model) ownKey(b *binding) bool {
	for _, p := range b.of {
		if p == m.focus {
			return true
		}
	}
	return false
}
