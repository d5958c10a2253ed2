package pane

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

func audited(now *telemetry.AuditNow, verdict *report.Audit) Scene {
	snap := &telemetry.Snapshot{Now: telemetry.Now{Audit: now}, Report: report.Report{Audit: verdict}}
	return Scene{Live: snap, Figures: snap, Charts: snap}
}

func drawn(s Scene, w, h int) []string {
	c := draw.NewCanvas(w, h)
	BesideAudit(c, s, func(c *draw.Canvas, _ Scene) { c.Text(0, 0, strings.Repeat("=", c.W), draw.Text) })
	lines := c.Plain()
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

func TestAuditTakesNoRoomWhereThereIsNone(t *testing.T) {
	if got := drawn(audited(nil, nil), 80, 3); got[0] != strings.Repeat("=", 80) {
		t.Errorf("got %q, want the other pane alone", got[0])
	}
}

func TestAuditShowsHowItStands(t *testing.T) {
	now := &telemetry.AuditNow{On: true, Promised: 12_345, Found: 12_300, Missing: 45, Twice: 2, Reordered: 1}
	want := []string{
		strings.Repeat("=", 46) + "╭─ Audit ────────────────────────────────────── on, A ends it ─╮",
		strings.Repeat(" ", 46) + "│ promised       " + "        12,345" + strings.Repeat(" ", 32) + "│",
		strings.Repeat(" ", 46) + "│ found          " + "        12,300" + strings.Repeat(" ", 32) + "│",
		strings.Repeat(" ", 46) + "│ missing so far " + "            45" + strings.Repeat(" ", 32) + "│",
		strings.Repeat(" ", 46) + "│ twice          " + "             2" + strings.Repeat(" ", 32) + "│",
		strings.Repeat(" ", 46) + "│ out of order   " + "             1" + strings.Repeat(" ", 32) + "│",
		strings.Repeat(" ", 46) + "╰──────────────────────────────────────────────────────────────╯",
	}
	if diff := cmp.Diff(want, drawn(audited(now, nil), 110, 7)); diff != "" {
		t.Errorf("drawn (-want +got):\n%s", diff)
	}
	if got := drawn(audited(now, nil), 110, 3)[1]; !strings.Contains(got, "promised 12.3k found 12.3k missing 45 twice 2 order 1") {
		t.Errorf("in one line: %q", got)
	}
}

func TestAuditSaysWhatItCameTo(t *testing.T) {
	now := &telemetry.AuditNow{Promised: 50_000, Found: 47_887, Missing: 2113}
	verdict := &report.Audit{Verdict: report.AuditViolated, Say: "2,113 of 50,000 acknowledged records are gone."}
	for _, h := range []int{3, 4, 9} {
		all := strings.Join(drawn(audited(now, verdict), 120, h), "\n")
		if !strings.Contains(all, "VIOLATED") || !strings.Contains(all, verdict.Say) {
			t.Errorf("%d rows:\n%s", h, all)
		}
	}
	for verdict, note := range map[report.Verdict]string{report.AuditKept: "KEPT", report.AuditInconclusive: "INCONCLUSIVE"} {
		if all := strings.Join(drawn(audited(now, &report.Audit{Verdict: verdict, Say: "x"}), 120, 4), "\n"); !strings.Contains(all, note) {
			t.Errorf("%s:\n%s", verdict, all)
		}
	}
	if all := strings.Join(drawn(audited(now, nil), 120, 4), "\n"); !strings.Contains(all, "reads to the end") {
		t.Errorf("between off and verdict:\n%s", all)
	}
}

// Words from a broker are shown and not obeyed, at any size.
func TestAuditIsDrawnAtAnySize(t *testing.T) {
	s := audited(&telemetry.AuditNow{}, &report.Audit{Say: "a\x1b[2Jb\n" + strings.Repeat("word ", 300)})
	for w := range 90 {
		for h := range 9 {
			for _, line := range drawn(s, w, h) {
				if strings.ContainsAny(line, "\x1b\n") {
					t.Fatalf("%dx%d: %q", w, h, line)
				}
			}
		}
	}
}
