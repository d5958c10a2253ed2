package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"

	"kdyno/engine/setting"
)

// tokens gets a token for each login by OAUTHBEARER: from an identity
// provider, from a file, or made unsigned as Java does for tests.
type tokens struct {
	endpoint   *url.URL // nil: made here
	id, secret setting.Secret
	scope      string
	encode     bool
	options    map[string]setting.Secret
	client     *http.Client
	first, all time.Duration // the first pause between tries, and for how long is tried
	within     time.Duration // what all of that may take; 0: nothing bounds it
}

func newTokens(v setting.Values, jaas setting.JAAS) (*tokens, error) {
	t := &tokens{
		id: setting.Secret(v.Text(setting.OAuthClientID)), secret: v.Secret(setting.OAuthClientSecret),
		scope: v.Text(setting.OAuthScope), encode: v.Bool(setting.OAuthHeaderURLEncode), options: jaas.Options,
		first: v.Duration(setting.LoginRetryBackoffMs), all: v.Duration(setting.LoginRetryBackoffMaxMs),
	}
	t.id, t.secret = either(t.id, jaas.Options["clientId"]), either(t.secret, jaas.Options["clientSecret"])
	t.scope = either(setting.Secret(t.scope), jaas.Options["scope"]).Reveal()
	text := v.Text(setting.OAuthTokenURL)
	if text == "" {
		_, err := t.unsigned(time.Now()) // an option that is no good is known now
		return t, err
	}
	var err error
	t.endpoint, err = url.Parse(text)
	if err != nil || t.endpoint.Scheme != "https" && t.endpoint.Scheme != "http" && t.endpoint.Scheme != "file" {
		return nil, &Error{Say: "sasl.oauthbearer.token.endpoint.url is no address that can be asked", Hint: "give https://HOST/PATH, or file:///PATH of a file with the token", err: err}
	}
	if t.endpoint.Scheme != "file" && (t.id == "" || t.secret == "") {
		return nil, &Error{
			Say:  "the identity provider cannot be asked without the client's id and secret",
			Hint: "set sasl.oauthbearer.client.credentials.client.id and .client.secret, or clientId and clientSecret in sasl.jaas.config",
		}
	}
	connect, read := max(v.Duration(setting.LoginConnectTimeoutMs), 0), max(v.Duration(setting.LoginReadTimeoutMs), 0)
	t.client = &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: connect}).DialContext,
		TLSHandshakeTimeout: connect, ResponseHeaderTimeout: read, DisableKeepAlives: true,
	}}
	return t, nil
}

func either(first, second setting.Secret) setting.Secret {
	if first != "" {
		return first
	}
	return second
}

// hurryWithin leaves a first contact, which has four seconds, time to say that
// the identity provider is the reason.
const hurryWithin = 3 * time.Second

// hurried asks as t does, and gives up in time for a first contact.
func (t *tokens) hurried() *tokens {
	h := *t
	h.within = hurryWithin
	return &h
}

// mechanism logs in with the tokens.
func (t *tokens) mechanism() sasl.Mechanism { return bearing{oauth.Oauth(t.token)} }

// bearing is OAUTHBEARER that says why a broker refuses a token. The library
// only sees that it does.
type bearing struct{ sasl.Mechanism }

// Authenticate implements sasl.Mechanism.
func (b bearing) Authenticate(ctx context.Context, host string) (sasl.Session, []byte, error) {
	session, first, err := b.Mechanism.Authenticate(ctx, host)
	return presented{session, host}, first, err
}

// presented is a token that a broker looks at.
type presented struct {
	sasl.Session
	address string
}

// Challenge implements sasl.Session. A broker answers a token that it takes with
// nothing, and any other with a reason as JSON (RFC 7628, 3.2.2).
func (p presented) Challenge(answer []byte) (done bool, next []byte, err error) {
	if len(answer) == 0 {
		return p.Session.Challenge(answer)
	}
	var why struct {
		Status string `json:"status"`
	}
	// Whatever else it says, it is a refusal.
	_ = json.Unmarshal(answer, &why)
	say := p.address + " refuses the token"
	if why.Status != "" {
		say += " (" + why.Status + ")"
	}
	return false, nil, &Error{Say: say, Hint: "it must be valid now, for the brokers' audience and scope, and signed by a key that they know; only brokers for tests take an unsigned one"}
}

// token is asked once for each login.
func (t *tokens) token(ctx context.Context) (oauth.Auth, error) {
	if t.within == 0 {
		return t.made(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, t.within)
	defer cancel()
	auth, err := t.made(ctx)
	var f *Error
	if errors.As(err, &f) {
		// Whoever finds an error of the network in it asks the next broker, for whom
		// the provider would be asked once more.
		err = &Error{Say: f.Say, Hint: f.Hint}
	}
	return auth, err
}

func (t *tokens) made(ctx context.Context) (oauth.Auth, error) {
	var text string
	var err error
	switch {
	case t.endpoint == nil:
		text, err = t.unsigned(time.Now())
	case t.endpoint.Scheme == "file":
		text, err = t.stored()
	default:
		text, err = t.fetched(ctx)
	}
	if err != nil {
		return oauth.Auth{}, err
	}
	auth := oauth.Auth{Token: text, Extensions: map[string]string{}}
	for name, s := range t.options {
		for _, prefix := range []string{"extension_", "unsecuredLoginExtension_"} {
			if key, ok := strings.CutPrefix(name, prefix); ok {
				auth.Extensions[key] = s.Reveal()
			}
		}
	}
	return auth, nil
}

func (t *tokens) stored() (string, error) {
	text, err := os.ReadFile(t.endpoint.Path)
	if err != nil {
		return "", &Error{Say: "the token's file cannot be read", Hint: "check sasl.oauthbearer.token.endpoint.url", err: err}
	}
	return strings.TrimSpace(string(text)), nil
}

// errProvider is what may pass when it is tried again.
var errProvider = errors.New("the identity provider did not answer as it should")

// fetched asks the provider, again and again for as long as Java would.
func (t *tokens) fetched(ctx context.Context) (string, error) {
	end := time.Now().Add(t.all)
	for pause := t.first; ; pause *= 2 {
		text, err := t.ask(ctx)
		if !errors.Is(err, errProvider) {
			return text, err
		}
		wait := min(pause, time.Until(end))
		if wait <= 0 {
			return "", err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return "", errors.Join(ctx.Err(), err)
		}
	}
}

// maxToken bounds what is read of a provider's answer.
const maxToken = 1 << 20

// ask makes one request of the client credentials grant.
func (t *tokens) ask(ctx context.Context) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if t.scope != "" {
		form.Set("scope", t.scope)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.endpoint.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("ask for a token: %w", err)
	}
	id, secret := t.id.Reveal(), t.secret.Reveal()
	if t.encode {
		id, secret = url.QueryEscape(id), url.QueryEscape(secret)
	}
	req.SetBasicAuth(id, secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	answer, err := t.client.Do(req)
	where := "the identity provider at " + t.endpoint.Host
	if err != nil {
		return "", t.unheard(where, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxToken))
	refused := &Error{Say: fmt.Sprintf("%s answered %s", where, answer.Status), Hint: "check the client's id, secret and scope"}
	switch {
	case answer.StatusCode >= 500 || err != nil:
		refused.err = errors.Join(errProvider, err)
		return "", refused
	case answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated:
		return "", refused
	}
	var said struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Token == "" {
		refused.Say = where + " answered without an access_token"
		return "", refused
	}
	return said.Token, nil
}

// unheard is why the provider gave no answer at all.
func (t *tokens) unheard(where string, err error) *Error {
	if f := certificateFault(t.endpoint.Host, err); f != nil {
		return f
	}
	f := &Error{Say: where + " cannot be reached", Hint: "check sasl.oauthbearer.token.endpoint.url", err: errors.Join(errProvider, err)}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		f.Say = where + " does not answer"
	}
	return f
}

// unsigned makes the token that Java makes from the options of the login
// module when nobody else is asked; brokers take it in tests only.
func (t *tokens) unsigned(now time.Time) (string, error) {
	claims := map[string]any{}
	for name, s := range t.options {
		if key, ok := strings.CutPrefix(name, "unsecuredLoginStringClaim_"); ok {
			claims[key] = s.Reveal()
		}
		if key, ok := strings.CutPrefix(name, "unsecuredLoginNumberClaim_"); ok {
			n, err := strconv.ParseFloat(s.Reveal(), 64)
			if err != nil {
				return "", &Error{Say: "sasl.jaas.config: " + name + " is no number", Hint: "give a number"}
			}
			claims[key] = n
		}
		if key, ok := strings.CutPrefix(name, "unsecuredLoginListClaim_"); ok && s != "" {
			list := s.Reveal()
			claims[key] = strings.Split(list[1:], list[:1]) // it begins with what parts it
		}
	}
	principal := either(t.options["unsecuredLoginPrincipalClaimName"], "sub").Reveal()
	if claims[principal] == nil {
		return "", &Error{
			Say:  "OAUTHBEARER has neither a token endpoint nor a name to make a token for",
			Hint: "set sasl.oauthbearer.token.endpoint.url, or unsecuredLoginStringClaim_" + principal + " in sasl.jaas.config",
		}
	}
	life, err := strconv.Atoi(either(t.options["unsecuredLoginLifetimeSeconds"], "3600").Reveal())
	if err != nil {
		return "", &Error{Say: "sasl.jaas.config: unsecuredLoginLifetimeSeconds is no whole number", Hint: "give seconds, such as 3600"}
	}
	claims["iat"] = float64(now.UnixMilli()) / 1000
	claims["exp"] = float64(now.UnixMilli())/1000 + float64(life)
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	text := base64.RawURLEncoding
	return text.EncodeToString([]byte(`{"alg":"none"}`)) + "." + text.EncodeToString(body) + ".", nil
}
