package client

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"kdyno/engine/setting"
)

// logins are the SASL mechanism that the values ask for: that of a producer, and
// that of a first contact, which may not take long.
type logins struct{ producer, contact sasl.Mechanism }

func loginsOf(v setting.Values) (logins, error) {
	mechanism := v.Text(setting.SASLMechanism)
	if mechanism == setting.GSSAPI {
		return logins{}, &Error{
			Say:  "sasl.mechanism=GSSAPI (Kerberos) is not possible with this client",
			Hint: "use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
		}
	}
	jaas, err := setting.ParseJAAS(v.Secret(setting.SASLJaasConfig).Reveal())
	if err != nil {
		return logins{}, &Error{Say: "sasl.jaas.config cannot be read", Hint: err.Error(), err: err}
	}
	if mechanism == setting.OAuthBearer {
		t, err := newTokens(v, jaas)
		if err != nil {
			return logins{}, err
		}
		return logins{t.mechanism(), t.hurried().mechanism()}, nil
	}
	user, password := jaas.Options["username"], jaas.Options["password"]
	for name, s := range map[string]setting.Secret{"username": user, "password": password} {
		if s == "" {
			return logins{}, &Error{
				Say:  fmt.Sprintf("sasl.jaas.config has no %s for %s", name, mechanism),
				Hint: `write it as ` + name + `="..." before the semicolon`,
			}
		}
	}
	m := byPassword(mechanism, user, password, jaas)
	return logins{m, m}, nil
}

// byPassword is one of the mechanisms that need a user and a password.
func byPassword(mechanism string, user, password setting.Secret, jaas setting.JAAS) sasl.Mechanism {
	scrams := scram.Auth{User: user.Reveal(), Pass: password.Reveal(), IsToken: jaas.Options["tokenauth"] == "true"}
	switch mechanism {
	case setting.Scram256:
		return scrams.AsSha256Mechanism()
	case setting.Scram512:
		return scrams.AsSha512Mechanism()
	default:
		return plain.Auth{User: user.Reveal(), Pass: password.Reveal()}.AsMechanism()
	}
}
