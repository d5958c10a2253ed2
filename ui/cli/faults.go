package cli

import (
	"kdyno/engine/fault"
	"kdyno/ui"
)

// faultLines are the faults for the palette, with why one cannot be.
func faultLines(real bool) []ui.Fault {
	var lines []ui.Fault
	for _, f := range fault.Rows() {
		line := ui.Fault{Name: f.Name, Usage: f.Usage(), Start: f.Start(), Does: f.Doc}
		if real {
			line.Not = f.NotReal()
		}
		for _, p := range f.Parameters {
			line.With = append(line.With, ui.FaultWith{Name: p.Name, Example: p.Example(), Does: p.Doc})
		}
		lines = append(lines, line)
	}
	return lines
}
