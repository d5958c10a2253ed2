package setting

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that never shows itself: printed, logged or marshalled in
// any way it reads "[hidden]", and nothing where it is empty. Only Reveal
// gives it away. Kept in an unexported field it must stand behind a pointer:
// package fmt walks into such fields without asking their methods.
type Secret string

// hidden stands wherever a secret would.
const hidden = "[hidden]"

// Reveal returns the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String is "[hidden]", or empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// Format writes String whatever the verb is.
func (s Secret) Format(f fmt.State, _ rune) {
	// A fmt.State never fails in a way that its caller does not see.
	_, _ = io.WriteString(f, s.String())
}

// LogValue is String, for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON is String in quotes.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalYAML is String.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// WithSecret returns values in which the secret k is set; an empty one takes
// it back to none. Text, Map and all that is made of them say "[hidden]". The
// error is an *UnknownKeyError or a *ValueError, and never repeats the secret.
func (v Values) WithSecret(k Key, s Secret) (Values, error) {
	row, ok := Find(k)
	switch {
	case !ok:
		return v, Unknown(string(k))
	case !row.Secret:
		return v, &ValueError{Key: k, Say: "it is not a secret", Hint: "the plain value"}
	}
	if bad := judgeSecret(k, s); bad != nil {
		bad.Key = k
		return v, bad
	}
	w := v.with(k, s.String())
	if s != "" {
		w.secrets = clone(v.secrets)
		w.secrets[k] = &s
	}
	return w, nil
}

// judgeSecret says what is wrong with the form of a secret.
func judgeSecret(k Key, s Secret) *ValueError {
	if k != SASLJaasConfig || s == "" {
		return nil
	}
	_, err := ParseJAAS(s.Reveal())
	var bad *JAASError
	if !errors.As(err, &bad) {
		return nil
	}
	return &ValueError{Say: bad.where() + ": " + bad.Say, Hint: bad.Hint}
}

// Secret is the secret k for the client alone; empty where none was set.
func (v Values) Secret(k Key) Secret {
	if s, ok := v.secrets[k]; ok {
		return *s
	}
	return ""
}

// WithoutSecrets returns values in which no secret is set: what may be stored.
func (v Values) WithoutSecrets() Values {
	for _, r := range table {
		if r.Secret {
			v = v.Without(r.Key)
		}
	}
	return v
}

// Same says whether k has the same value in both, secrets included: two
// secrets have the same Text, whatever they are.
func (v Values) Same(w Values, k Key) bool {
	return v.Text(k) == w.Text(k) && v.Secret(k) == w.Secret(k)
}
