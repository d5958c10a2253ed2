package setting

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// judgement is one line of the table of configurations that a Java producer was
// made of.
type judgement struct {
	set     string
	refused string
	changed map[string]string // what it changed by itself
}

var judgedTable = filepath.Join("testdata", "judged.txt")

func readJudgements(t *testing.T, path string) []judgement {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []judgement
	for line := range strings.Lines(string(text)) {
		set, verdict, ok := strings.Cut(strings.TrimSpace(line), " => ")
		if !ok {
			continue
		}
		j := judgement{set: set, changed: map[string]string{}}
		if rest, starts := strings.CutPrefix(verdict, "starts"); starts {
			for _, pair := range strings.Fields(strings.TrimPrefix(rest, " with")) {
				k, text, _ := strings.Cut(pair, "=")
				j.changed[k] = text
			}
		} else {
			j.refused = verdict
		}
		all = append(all, j)
	}
	return all
}

// loginTexts are the words that stand for credentials in the table.
var loginTexts = map[string]string{
	"plain-login": plainUser, "scram-login": scramUser,
	"oauth-login": OAuthModule + ` required unsecuredLoginStringClaim_sub="u";`,
	"no-login":    "nonsense",
}

// ours sets the pairs of a line; the error is a value that is refused.
func (j judgement) ours() (Values, error) {
	v := Defaults()
	for _, pair := range strings.Fields(j.set) {
		k, text, ok := strings.Cut(pair, "=")
		if !ok {
			continue // the defaults
		}
		var err error
		if key := Key(k); key == SASLJaasConfig {
			v, err = v.WithSecret(key, Secret(loginTexts[text]))
		} else {
			v, err = v.With(key, text)
		}
		if err != nil {
			return v, err
		}
	}
	return v, nil
}

// otherwise are the lines on which we and the Java client differ, and why.
var otherwise = map[string]string{
	"security.protocol=SASL_PLAINTEXT sasl.mechanism=SCRAM-SHA-256 sasl.jaas.config=plain-login": "no broker ever lets it in",
	"security.protocol=SASL_PLAINTEXT sasl.mechanism=PLAIN sasl.jaas.config=scram-login":         "no broker ever lets it in",
	"security.protocol=SASL_PLAINTEXT sasl.mechanism=SCRAM-SHA-999 sasl.jaas.config=scram-login": "there is no such mechanism",
	"bootstrap.servers=": "the embedded brokers are Kafka's default here",
}

// judgedAlike holds what the rules make of each configuration against what the
// Java client did: refuse it, or start with these values.
func judgedAlike(t *testing.T, all []judgement) {
	t.Helper()
	for _, j := range all {
		v, err := j.ours()
		var bad *ValueError
		problem := Problem{}
		refused := errors.As(err, &bad)
		if err == nil {
			problems := Lint(v, Facts{})
			if i := slices.IndexFunc(problems, func(p Problem) bool { return p.Severity == Error }); i >= 0 {
				refused, problem = true, problems[i]
			}
		}
		if why, known := otherwise[j.set]; known {
			if refused == (j.refused != "") {
				t.Errorf("%s: judged as the Java client does, and the test says otherwise: %s", j.set, why)
			}
			continue
		}
		if refused != (j.refused != "") {
			t.Errorf("%s: refused is %v (%v, %q), and the Java client: %q", j.set, refused, err, problem.Say, j.refused)
		}
		if refused {
			continue
		}
		got := map[string]string{}
		for _, d := range v.Changed() {
			got[string(d.Key)] = d.Effective
		}
		if diff := cmp.Diff(j.changed, got); diff != "" {
			t.Errorf("%s: what is changed quietly (-Java +ours):\n%s", j.set, diff)
		}
	}
}

func TestJudgementsAreTheJavaClients(t *testing.T) {
	all := readJudgements(t, judgedTable)
	if len(all) < 100 {
		t.Fatalf("the table has %d configurations, want 100 at least", len(all))
	}
	judgedAlike(t, all)
}
