package cli

import (
	"strings"
	"testing"

	"kdyno/telemetry/report"
)

func TestExpectationsSetTheExitCode(t *testing.T) {
	tests := []struct {
		line string
		code int
		out  string
		err  string
	}{
		{"run --for 1s --expect records.acked==100", 0, "records.acked==100: met", ""},
		{"run --for 1s --expect records.acked>100", 1, "records.acked>100: NOT MET: it is 100", ""},
		{"run --for 1s --expect records.acked==100 --expect latency.p99_ms<20", 1, "latency.p99_ms<20: not decided", ""},
		{"run --for 1s --json --expect records.failed==0", 0, `"expectations":[{"expr":"records.failed==0","got":0,"met":true}]`, ""},
		{"run --for 1s --expect records.acked", 2, "", "column 14: an operator is missing"},
		{"run --for 1s --expect partitions[x].records>0", 2, "", "          ^"},
	}
	for _, tt := range tests {
		b := newBench(t, ended())
		if code := b.run(tt.line); code != tt.code {
			t.Errorf("%s: exit code %d, want %d", tt.line, code, tt.code)
		}
		if !strings.Contains(strings.Join(strings.Fields(b.out.String()), " "), tt.out) {
			t.Errorf("%s: stdout %q, want %q in it", tt.line, b.out.String(), tt.out)
		}
		if !strings.Contains(b.err.String(), tt.err) {
			t.Errorf("%s: stderr %q, want %q in it", tt.line, b.err.String(), tt.err)
		}
	}
}

func TestTheEnvironmentStandsBetweenPresetAndFlags(t *testing.T) {
	env := map[string]string{"KDYNO_LINGER_MS": "7", "KDYNO_BATCH_SIZE": "32KiB", "KDYNO_KAFKA": "not a setting"}
	tests := []struct {
		line   string
		linger string
		batch  string
	}{
		{"run --for 1s", "7", "32768"},
		{"run --for 1s --preset orders", "7", "32768"},
		{"run --for 1s --set linger.ms=9", "9", "32768"},
	}
	for _, tt := range tests {
		b := newBench(t, ended())
		b.Env = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
		b.put(t, "orders.yaml", "schema: kdyno.preset/1\nname: orders\nproducer:\n  linger.ms: 3\n")
		if code := b.run(tt.line); code != 0 {
			t.Fatalf("%s: exit code %d: %s", tt.line, code, b.err.String())
		}
		v := b.configs[0].Values
		if v.Text("linger.ms") != tt.linger || v.Text("batch.size") != tt.batch {
			t.Errorf("%s: linger %s batch %s, want %s and %s", tt.line, v.Text("linger.ms"), v.Text("batch.size"), tt.linger, tt.batch)
		}
	}
}

func TestAWrongVariableIsNamed(t *testing.T) {
	b := newBench(t, ended())
	b.Env = func(name string) (string, bool) { return "soon", name == "KDYNO_LINGER_MS" }
	if code := b.run("run --for 1s"); code != 2 || !strings.Contains(b.err.String(), "KDYNO_LINGER_MS") {
		t.Errorf("exit code %d, stderr %q: want 2 and the variable's name", code, b.err.String())
	}
}

// An audit that was not kept fails the run, and one that was does not.
func TestAuditSetsTheExitCode(t *testing.T) {
	for verdict, want := range map[report.Verdict]int{report.AuditKept: 0, report.AuditViolated: 1, report.AuditInconclusive: 1, "": 0} {
		session := ended()
		say := "All 100 acknowledged records are in the log, each once and in order."
		if verdict != "" {
			session.report.Audit = &report.Audit{Verdict: verdict, Claimed: "at least once", Say: say}
		}
		b := newBench(t, session)
		if code := b.run("run --for 1s --audit --expect records.acked==100"); code != want {
			t.Errorf("%s: exit code %d, want %d", verdict, code, want)
		}
		if len(b.configs) != 1 || !b.configs[0].Audit {
			t.Errorf("configurations %+v, want one with an audit", b.configs)
		}
		out := strings.Join(strings.Fields(b.out.String()), " ")
		if shown := strings.Contains(out, "Audit "+strings.ToUpper(string(verdict))+" (claimed: at least once): "+say); shown != (verdict != "") {
			t.Errorf("%s: stdout %q", verdict, out)
		}
	}
}
