//go:build integration

package setting

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJavaJudgesTheTableSo makes a KafkaProducer of every line of the table and
// holds it against what is committed, and against our rules.
func TestJavaJudgesTheTableSo(t *testing.T) {
	kit := filepath.Join("..", "..", ".ci", "kafka")
	libs := filepath.Join(kit, "libs")
	if _, err := os.Stat(libs); err != nil {
		t.Fatalf("Kafka's jars are not there, .ci/kafka/up fetches them: %v", err)
	}
	committed, err := os.ReadFile(judgedTable)
	if err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(t.TempDir(), "judged.txt")
	if err := os.WriteFile(table, committed, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("java", "-Dlog4j2.level=OFF", "-cp", libs+"/*", filepath.Join(kit, "JudgeConfigs.java"), table)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	fresh, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), string(fresh)); diff != "" {
		t.Errorf("the Java client judges otherwise than is committed; .ci/kafka/judged writes it anew (-committed +now):\n%s", diff)
	}
	judgedAlike(t, readJudgements(t, table))
}
