package setting

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const (
	canary     = "hunter2-canary"
	passphrase = Key("sasl.oauthbearer.assertion.private.key.passphrase")
)

func withPassphrase(t *testing.T, s Secret) Values {
	t.Helper()
	v, err := Defaults().WithSecret(passphrase, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSecretNeverShowsItself(t *testing.T) {
	type holder struct {
		Open   Secret
		shut   *Secret
		values Values
	}
	s := Secret(canary)
	v := withPassphrase(t, s)
	h := holder{Open: s, shut: &s, values: v}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v"} {
		for _, x := range []any{s, &s, []Secret{s}, map[string]Secret{"a": s}, h, &h, v, &v} {
			shown = append(shown, fmt.Sprintf(verb, x, x))
		}
	}
	for _, x := range []any{s, &s, h, map[string]any{"a": s}, v, v.Map(), v.SetMap()} {
		text, err := json.Marshal(x)
		shown = append(shown, string(text), fmt.Sprint(err))
		y, err := yaml.Dump(x)
		shown = append(shown, string(y), fmt.Sprint(err))
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a", "s", s, "p", &s, "h", h, "v", v)
	slog.New(slog.NewTextHandler(&log, nil)).Info("a", "s", s, "p", &s, "h", h, "v", v)
	shown = append(shown, log.String(), fmt.Sprint(v.Diff(Defaults())), fmt.Sprint(v.Text(passphrase)), fmt.Sprint(v.Effective()))
	for _, text := range shown {
		if strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
			t.Errorf("the secret shows in %q", text)
		}
	}
	if got := s.Reveal(); got != canary {
		t.Errorf("Reveal: got %q, want the secret", got)
	}
	if !strings.Contains(log.String(), hidden) {
		t.Errorf("log: got %q, want %s in it", log.String(), hidden)
	}
}

func TestEmptySecretStaysEmpty(t *testing.T) {
	var s Secret
	text, err := json.Marshal(s)
	if got := fmt.Sprintf("%v%#v%s%s", s, s, s.LogValue(), text); got != `""` || err != nil {
		t.Errorf("got %q, %v, want an empty text everywhere", got, err)
	}
	v := withPassphrase(t, "")
	if !v.IsSet(passphrase) || v.Text(passphrase) != "" || v.Secret(passphrase) != "" {
		t.Errorf("got set %v, text %q; want it set to nothing", v.IsSet(passphrase), v.Text(passphrase))
	}
}

func TestValuesKeepSecretsApart(t *testing.T) {
	one, two := withPassphrase(t, "one"), withPassphrase(t, "two")
	if one.Equal(two) || one.Same(two, passphrase) || !one.Equal(withPassphrase(t, "one")) {
		t.Error("values with different secrets are equal, or those with the same are not")
	}
	if got := two.Diff(one); len(got) != 1 || got[0] != (Change{passphrase, hidden, hidden}) {
		t.Errorf("Diff: got %+v, want the one hidden change", got)
	}
	if got := one.Merge(two).Secret(passphrase); got.Reveal() != "two" {
		t.Error("Merge did not take over's secret")
	}
	if got := one.Merge(withPassphrase(t, "")); got.Secret(passphrase) != "" || got.Text(passphrase) != "" {
		t.Error("Merge did not take over's emptied secret")
	}
	if got := one.Merge(with(t, "acks", "1")); got.Secret(passphrase).Reveal() != "one" {
		t.Error("Merge lost v's secret")
	}
	if got := one.Without(passphrase); got.IsSet(passphrase) || got.Secret(passphrase) != "" || !got.Equal(Defaults()) {
		t.Error("Without left the secret")
	}
	if got, err := one.With(passphrase, ""); err != nil || got.Secret(passphrase) != "" {
		t.Errorf("set to nothing: got a secret or %v", err)
	}
	if one.Secret(passphrase).Reveal() != "one" {
		t.Error("a derived value changed its origin")
	}
	kept := one.Merge(with(t, "acks", "1")).WithoutSecrets()
	if kept.IsSet(passphrase) || kept.Text(Acks) != "1" {
		t.Errorf("WithoutSecrets: got %v, want acks alone", kept.SetMap())
	}
}

func TestSecretIsNotTakenPlainly(t *testing.T) {
	for _, r := range Rows() {
		if !r.Secret {
			continue
		}
		_, err := Defaults().With(r.Key, canary)
		var bad *ValueError
		if !errors.As(err, &bad) || bad.Key != r.Key || bad.Text != "" {
			t.Errorf("%s: got %v, want a *ValueError without its text", r.Key, err)
			continue
		}
		for _, want := range []string{"file:PATH", "environment", "ask"} {
			if !strings.Contains(bad.Hint, want) {
				t.Errorf("%s: hint %q, want %q in it", r.Key, bad.Hint, want)
			}
		}
		if text := fmt.Sprintf("%v %+v", err, *bad); strings.Contains(text, canary) {
			t.Errorf("%s: the error repeats the secret: %s", r.Key, text)
		}
	}
	if _, err := Defaults().WithSecret(LingerMs, "5"); err == nil {
		t.Error("linger.ms was taken as a secret")
	}
	if _, err := Defaults().WithSecret("linger", canary); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("unknown key: got %v, want an error without the secret", err)
	}
}

func TestWhatIsNotHonouredIsRefusedWithItsReason(t *testing.T) {
	refused := 0
	for _, r := range Rows() {
		v := Defaults().with(r.Key, r.Default)
		got := Refusals(v)
		if r.Honoured() {
			if len(got) > 0 {
				t.Errorf("%s: got %+v, want none", r.Key, got)
			}
			continue
		}
		refused++
		if len(got) != 1 || got[0].Severity != Error || got[0].Keys[0] != r.Key || got[0].Why != r.Note || !strings.HasPrefix(got[0].Say, string(r.Key)) {
			t.Errorf("%s: got %+v, want an error with the reason", r.Key, got)
		}
		if all := Check(v, Facts{}); len(all) == 0 || all[0].Say != got[0].Say {
			t.Errorf("%s: Check gives %+v, want the refusal first", r.Key, all)
		}
	}
	if refused == 0 {
		t.Error("no row was tried")
	}
}
