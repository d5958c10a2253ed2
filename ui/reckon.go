package ui

import (
	"fmt"
	"strings"

	"kdyno/engine/setting"
	"kdyno/engine/sizing"
	"kdyno/ui/pane"
)

// What is assumed where nothing measures it, in milliseconds: brokers that are
// away, the restart of one, and replica.lag.time.max.ms as Kafka has it.
const (
	assumedStall   = 30_000
	assumedRestart = 30_000
	usualLag       = 30_000
)

// reckoned says what a setting should be by what is measured, with the
// arithmetic; "" where nothing reckons it or too little is measured.
func reckoned(k setting.Key, s pane.Scene) string {
	if !sizing.Can(k) || s.Figures == nil || s.Figures.Recent.Latency.Count == 0 {
		return ""
	}
	sized, err := sizing.Size(k, measuredInputs(s))
	if err != nil {
		return ""
	}
	row, _ := setting.Find(k)
	text := fmt.Sprintf("Reckoned by what is measured: %s. %s.", row.Kind.Show(sized.Value), strings.Join(sized.Steps, "; "))
	var guessed []string
	for _, in := range sized.Inputs {
		if in.From == assumed {
			guessed = append(guessed, in.Name+" "+in.Value)
		}
	}
	if len(guessed) > 0 {
		text += fmt.Sprintf(" Assumed: %s; kdyno settings size %s takes yours.", strings.Join(guessed, ", "), k)
	}
	return text
}

// assumed is where a figure is from that nothing measures.
const assumed = "assumed"

// measuredInputs are the figures of the last five seconds, as far as there are
// any.
func measuredInputs(s pane.Scene) sizing.Inputs {
	measured := func(v float64) sizing.Figure { return sizing.Figure{Value: v, From: "measured"} }
	guess := func(v float64) sizing.Figure { return sizing.Figure{Value: v, From: assumed} }
	r := s.Figures.Recent
	in := sizing.Inputs{
		Values: s.Values, Rate: measured(r.Rate.OfferedPerS), Nodes: measured(float64(len(s.Figures.Report.Brokers))),
		Stall: guess(assumedStall), Restart: guess(assumedRestart), Lag: guess(usualLag),
	}
	if b := r.Batches; b.RawBytesMean != nil && b.RecordsMean != nil && *b.RecordsMean > 0 {
		in.Record = measured(*b.RawBytesMean / *b.RecordsMean)
	}
	if s.Values.KeyShape().Kind != "none" {
		in.Partitions = measured(float64(len(s.Figures.Report.Partitions)))
	}
	for _, b := range s.Figures.Report.Brokers { // the slowest needs the most
		if b.RTTP50Ms != nil {
			in.RTT = measured(max(in.RTT.Value, *b.RTTP50Ms))
		}
	}
	if n := r.Stages["network"]; n != nil && n.MaxMs != nil {
		in.Tail = measured(*n.MaxMs)
	}
	return in
}
