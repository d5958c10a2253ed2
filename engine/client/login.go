package client

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"kdyno/engine/setting"
)

// login is the SASL mechanism that the values ask for.
func login(v setting.Values) (sasl.Mechanism, error) {
	mechanism := v.Text(setting.SASLMechanism)
	if mechanism == setting.GSSAPI {
		return nil, &Error{
			Say:  "sasl.mechanism=GSSAPI (Kerberos) is not possible with this client",
			Hint: "use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
		}
	}
	jaas, err := setting.ParseJAAS(v.Secret(setting.SASLJaasConfig).Reveal())
	if err != nil {
		return nil, &Error{Say: "sasl.jaas.config cannot be read", Hint: err.Error(), err: err}
	}
	if mechanism == setting.OAuthBearer {
		t, err := newTokens(v, jaas)
		if err != nil {
			return nil, err
		}
		return oauth.Oauth(t.token), nil
	}
	user, password := jaas.Options["username"], jaas.Options["password"]
	for name, s := range map[string]setting.Secret{"username": user, "password": password} {
		if s == "" {
			return nil, &Error{
				Say:  fmt.Sprintf("sasl.jaas.config has no %s for %s", name, mechanism),
				Hint: `write it as ` + name + `="..." before the semicolon`,
			}
		}
	}
	scrams := scram.Auth{User: user.Reveal(), Pass: password.Reveal(), IsToken: jaas.Options["tokenauth"] == "true"}
	switch mechanism {
	case setting.Scram256:
		return scrams.AsSha256Mechanism(), nil
	case setting.Scram512:
		return scrams.AsSha512Mechanism(), nil
	default:
		return plain.Auth{User: user.Reveal(), Pass: password.Reveal()}.AsMechanism(), nil
	}
}
