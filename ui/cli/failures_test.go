package cli

import (
	"slices"
	"strings"
	"testing"

	"kdyno/engine/fault"
)

// Each command of docs/failures.md shows what it says, and each fault that can
// be started has one.
func TestFailuresAreAsThePageSays(t *testing.T) {
	all := readLore(t, "failures.md")
	for _, row := range fault.Rows() {
		starts := func(command string) bool {
			return strings.Contains(command, "=fault "+row.Name+" ") || strings.Contains(command, "=fault "+row.Name+"'")
		}
		if !slices.ContainsFunc(all, func(l lore) bool { return slices.ContainsFunc(l.commands, starts) }) {
			t.Errorf("no command starts the fault %s", row.Name)
		}
	}
	for _, l := range all {
		t.Run(l.claim, func(t *testing.T) {
			for _, part := range []string{"\n**Gauges.** ", "\n**Whose fault.** ", "\n**Change.** "} {
				if !strings.Contains(l.text, part) {
					t.Errorf("it has no paragraph %s", strings.TrimSpace(part))
				}
			}
			if len(l.commands) == 0 && !strings.Contains(l.text, "\n**Needs replicas.**") && !strings.Contains(l.text, "\n**Needs transactions**") {
				t.Error("nothing shows it, and nothing says why")
			}
			for _, line := range l.commands {
				showLore(t, line)
			}
		})
	}
}
