package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kdyno/engine/setting"
)

const canary = "CANARY-7f3a"

func jaas() string {
	return `org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="` + canary + `";`
}

func TestSecretsComeByFileEnvironmentOrQuestion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jaas")
	if err := os.WriteFile(path, []byte(jaas()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const security = "run --for 1s --set security.protocol=SASL_PLAINTEXT --set sasl.mechanism=SCRAM-SHA-256 --brokers 127.0.0.1:1 --topic t "
	tests := []struct {
		name string
		line string
		env  string
		ask  string
	}{
		{"file", security + "--set sasl.jaas.config=file:" + path, "", ""},
		{"environment", security, jaas(), ""},
		{"question", security + "--set sasl.jaas.config=ask", "", jaas()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, ended())
			b.Env = func(name string) (string, bool) { return tt.env, name == "KDYNO_SASL_JAAS_CONFIG" && tt.env != "" }
			b.Ask = func(string) (string, error) { return tt.ask, nil }
			if code := b.run(tt.line); code != 0 {
				t.Fatalf("exit code %d: %s", code, b.err.String())
			}
			v := b.configs[0].Values
			if got := v.Secret(setting.Key("sasl.jaas.config")).Reveal(); got != jaas() {
				t.Errorf("the client would get %d bytes, want the secret", len(got))
			}
			if shown := v.Text("sasl.jaas.config") + b.out.String() + b.err.String(); strings.Contains(shown, canary) {
				t.Error("the secret is shown")
			}
		})
	}
}

func TestSecretsAreRefusedOnTheLine(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	for line, want := range map[string]string{
		"run --for 1s --set 'sasl.jaas.config=" + jaas() + "'": "sasl.jaas.config",
		"run --for 1s --set sasl.jaas.config=file:" + missing:  "there is no such file",
		"run --for 1s --set sasl.jaas.config=ask":              "no terminal to ask on",
		"run --for 1s --set linger.ms=file:x":                  "linger.ms",
	} {
		b := newBench(t, ended())
		if code := b.run(line); code != 2 || !strings.Contains(b.err.String(), want) {
			t.Errorf("%.60s: exit code %d, stderr %q; want 2 and %q", line, code, b.err.String(), want)
		}
		if strings.Contains(b.out.String()+b.err.String(), canary) {
			t.Errorf("%.60s: the secret is shown", line)
		}
	}
}

// What a preset cannot hold is no reason against saving the rest of it.
func TestPresetOfAGuardedClusterIsSavedWithoutItsSecret(t *testing.T) {
	b := newBench(t, ended())
	const sasl = " --set security.protocol=SASL_SSL --set sasl.mechanism="
	if code := b.run("presets save guarded" + sasl + "SCRAM-SHA-256"); code != 0 {
		t.Fatalf("exit code %d: %s", code, b.err.String())
	}
	const run = "run --for 1s --brokers 127.0.0.1:1 --topic t --preset guarded"
	if code := b.run(run); code != 2 || !strings.Contains(b.err.String(), "sasl.jaas.config") {
		t.Errorf("without the secret: exit code %d, %q; want 2 and what is missing", code, b.err.String())
	}
	b.Env = func(name string) (string, bool) { return jaas(), name == "KDYNO_SASL_JAAS_CONFIG" }
	if code := b.run(run); code != 0 {
		t.Errorf("with the secret: exit code %d: %s", code, b.err.String())
	}
	if code := b.run("presets save kerberos" + sasl + "GSSAPI"); code != 2 {
		t.Errorf("a mechanism that is not possible: exit code %d, want 2", code)
	}
}
