//go:build integration

package engine_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// outing is one start of the command with secrets of the real cluster.
type outing struct {
	stdout, stderr bytes.Buffer
	code           int
}

func (o *outing) run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.Stdout, cmd.Stderr = &o.stdout, &o.stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	o.code = cmd.ProcessState.ExitCode()
}

// assertHidden asserts that no secret of the kit is in a text, nor what PLAIN makes of it.
func assertHidden(t *testing.T, where string, text []byte) {
	t.Helper()
	if i := bytes.Index(text, []byte("CANARY")); i >= 0 {
		t.Errorf("%s: a secret is in it: %.80q", where, text[max(0, i-40):])
	}
	for _, user := range []string{"alice", "bob"} {
		coded := base64.StdEncoding.EncodeToString([]byte(secretOf(t, user+".password")))
		if bytes.Contains(text, []byte(coded[:16])) {
			t.Errorf("%s: the password of %s is in it, coded", where, user)
		}
	}
}

// Everything that the command says and keeps while it logs in with a password and opens stores with
// another: both outputs, the report and its intervals, an error, what is saved, and the traces of a
// process that is killed by a fault.
func TestRealSecretsStayHidden(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	allow(t, admin, topic, "alice", kadm.OpWrite)
	kdyno, home := command(t), t.TempDir()
	at := []string{"--brokers", strings.Join(listener(t, "SASL_SSL"), ","), "--topic", topic}
	stores := []string{
		"security.protocol", "SASL_SSL", "ssl.truststore.location", paperOf("trust.pkcs12"), "ssl.truststore.type", "PKCS12", "ssl.truststore.password", secretOf(t, "store.password"),
		"ssl.keystore.location", paperOf("alice.jks"), "ssl.keystore.password", secretOf(t, "store.password"),
	}
	jaas := login("PLAIN", "alice", secretOf(t, "alice.password"))[3]
	right := flags(t, slices.Concat(stores, login("PLAIN", "alice", secretOf(t, "alice.password")))...)
	wrong := flags(t, slices.Concat(stores, login("SCRAM-SHA-256", "alice", "CANARY-wrong"))...)
	sealed := flags(t, slices.Concat(stores, []string{"ssl.keystore.password", "CANARY-wrong"}, login("PLAIN", "alice", "CANARY-x"))...)
	torn := flags(t, slices.Concat(stores, []string{"sasl.mechanism", "PLAIN", "sasl.jaas.config", "org.apache.kafka.common.security.plain.PlainLoginModule required password=\"CANARY-torn"})...)
	env := append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home)
	for name, c := range map[string]struct {
		args []string
		env  string
		code int
	}{
		"json":             {slices.Concat([]string{"run", "--for", "2s", "--json", "--every", "500ms", "--at", "1s=set linger.ms=20"}, at, right), "", 0},
		"text":             {slices.Concat([]string{"run", "--for", "2s", "--at", "1s=set compression.type=lz4"}, at, right), "", 0},
		"wrong password":   {slices.Concat([]string{"run", "--for", "2s", "--json"}, at, wrong), "", 4},
		"wrong store":      {slices.Concat([]string{"run", "--for", "2s", "--json"}, at, sealed), "", 2},
		"torn credentials": {slices.Concat([]string{"run", "--for", "2s", "--json"}, at, torn), "", 2},
		"on the line":      {slices.Concat([]string{"run", "--for", "2s", "--json", "--set", "ssl.key.password=CANARY-typed"}, at, right), "", 2},
		"preset":           {slices.Concat([]string{"presets", "save", "guarded"}, right), "", 2},
		"preset, environment": {
			[]string{"presets", "save", "other", "--set", "security.protocol=SASL_SSL", "--set", "sasl.mechanism=PLAIN", "--set", "ssl.keystore.location=" + paperOf("alice.jks")},
			"KDYNO_SASL_JAAS_CONFIG=" + jaas, 0,
		},
		"run, environment": {
			slices.Concat([]string{"run", "--records", "100", "--json"}, at, flags(t, append(stores, "sasl.mechanism", "PLAIN")...)),
			"KDYNO_SASL_JAAS_CONFIG=" + jaas, 0,
		},
	} {
		var o outing
		cmd := exec.Command(kdyno, c.args...)
		cmd.Env = append(slices.Clone(env), c.env)
		o.run(t, cmd)
		if o.code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s", name, o.code, c.code, o.stderr.Bytes())
		}
		if o.stdout.Len()+o.stderr.Len() == 0 {
			t.Errorf("%s: nothing was said, so nothing was looked at", name)
		}
		assertHidden(t, name+", stdout", o.stdout.Bytes())
		assertHidden(t, name+", stderr", o.stderr.Bytes())
		if name == "json" && !bytes.Contains(o.stdout.Bytes(), []byte(`"sasl.jaas.config":"[hidden]"`)) {
			t.Errorf("%s: the report does not say that there is a secret", name)
		}
	}
	t.Run("a fatal fault", func(t *testing.T) {
		o := crashed(t, kdyno, env, slices.Concat([]string{"run", "--for", "60s"}, at, right))
		assertHidden(t, "traces", o.stderr.Bytes())
		assertHidden(t, "stdout", o.stdout.Bytes())
	})
	assertFilesHidden(t, home, 1)
}

// crashed ends a run as a fatal fault does, with the traces of all goroutines on stderr.
func crashed(t *testing.T, kdyno string, env, args []string) *outing {
	t.Helper()
	o := &outing{}
	cmd := exec.Command(kdyno, args...)
	cmd.Env = append(slices.Clone(env), "GOTRACEBACK=all")
	cmd.Stdout = &o.stdout
	progress, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(realWithin, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	part := make([]byte, 4<<10)
	for sent := false; err == nil; {
		var n int
		n, err = progress.Read(part)
		o.stderr.Write(part[:n])
		if !sent && bytes.Contains(o.stderr.Bytes(), []byte("records/s")) {
			sent = true
			if err := cmd.Process.Signal(syscall.SIGABRT); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it did not end well, as it should
	if traces := bytes.Count(o.stderr.Bytes(), []byte("\ngoroutine ")); traces < 5 {
		t.Errorf("got the traces of %d goroutines, want those of a session:\n%s", traces, o.stderr.Bytes())
	}
	return o
}

// assertFilesHidden asserts that so many files were kept below a folder, none with a secret in it.
func assertFilesHidden(t *testing.T, dir string, want int) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".yaml") {
			files++
		}
		assertHidden(t, path, text)
		return err
	})
	if err != nil || files != want {
		t.Errorf("looked at %d presets, want %d: %v", files, want, err)
	}
}
