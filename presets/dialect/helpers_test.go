package dialect

import (
	"strings"
	"testing"

	"kdyno/engine/setting"
)

const canary = "CANARY-7fa3"

func holdsCanary(text string) bool { return strings.Contains(text, canary) }

// loggedIn adds a user with a password to values.
func loggedIn(t *testing.T, v setting.Values, mechanism string) setting.Values {
	t.Helper()
	module := setting.ScramModule
	switch mechanism {
	case setting.Plain:
		module = setting.PlainModule
	case setting.OAuthBearer:
		module = setting.OAuthModule
	}
	v, err := v.WithSecret(setting.SASLJaasConfig, setting.Secret(module+` required username="`+canary+`" password="`+canary+`";`))
	if err != nil {
		t.Fatal(err)
	}
	return set(t, v, "security.protocol=SASL_SSL", "sasl.mechanism="+mechanism)
}

// set adds KEY=VALUE pairs to values.
func set(t *testing.T, v setting.Values, pairs ...string) setting.Values {
	t.Helper()
	for _, p := range pairs {
		k, text, _ := strings.Cut(p, "=")
		var err error
		if v, err = v.With(setting.Key(k), text); err != nil {
			t.Fatal(err)
		}
	}
	return v
}
