package setting

import (
	"slices"
	"strings"
	"testing"
)

// guardedValues sets pairs of which some are secrets.
func guardedValues(t *testing.T, pairs ...string) Values {
	t.Helper()
	v := Defaults()
	for i := 0; i < len(pairs); i += 2 {
		k := Key(pairs[i])
		row, _ := Find(k)
		var err error
		if row.Secret {
			v, err = v.WithSecret(k, Secret(pairs[i+1]))
		} else {
			v, err = v.With(k, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return v
}

const (
	plainUser = PlainModule + ` required username="a" password="` + canary + `";`
	scramUser = ScramModule + ` required username="a" password="` + canary + `";`
)

// guardedCases are configurations of security and what is wrong with each.
var guardedCases = []struct {
	pairs    []string
	severity Severity // empty: nothing about security
	says     string
	fix      map[Key]string
}{
	{[]string{"security.protocol", "SSL"}, "", "", nil},
	{[]string{"security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN", "sasl.jaas.config", plainUser}, "", "", nil},
	{[]string{"security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-256", "sasl.jaas.config", scramUser}, "", "", nil},
	{[]string{"security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN"}, Error, "needs sasl.jaas.config", nil},
	{[]string{"security.protocol", "SASL_SSL", "sasl.jaas.config", scramUser}, Error, "GSSAPI", map[Key]string{SASLMechanism: Scram512}},
	{[]string{"security.protocol", "SASL_SSL", "sasl.jaas.config", plainUser}, Error, "GSSAPI", map[Key]string{SASLMechanism: Plain}},
	{[]string{"security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-256", "sasl.jaas.config", plainUser}, Error, "serves PLAIN", map[Key]string{SASLMechanism: Plain}},
	{[]string{"security.protocol", "SSL", "ssl.truststore.certificates", canary}, Error, "ssl.truststore.type=PEM", map[Key]string{SSLTruststoreType: "PEM"}},
	{[]string{"security.protocol", "SSL", "ssl.keystore.key", canary, "ssl.keystore.certificate.chain", canary}, Error, "ssl.keystore.type=PEM", map[Key]string{SSLKeystoreType: "PEM"}},
	{[]string{"security.protocol", "SSL", "ssl.keystore.key", canary, "ssl.keystore.type", "PEM"}, Error, "one is missing", nil},
	{[]string{"security.protocol", "SSL", "ssl.truststore.certificates", canary, "ssl.truststore.type", "PEM", "ssl.truststore.location", "/a"}, Error, "both set", nil},
	{[]string{"ssl.truststore.location", "/a"}, Warning, "nobody looks at ssl.truststore.location", nil},
	{[]string{"security.protocol", "SSL", "sasl.jaas.config", plainUser}, Warning, "nobody looks at sasl.jaas.config", nil},
	{[]string{"security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "sasl.jaas.config", plainUser}, Warning, "in the clear", nil},
	{[]string{"bootstrap.servers", "a:9092,b:9093"}, Warning, "Port 9093 of b is customary for TLS", nil},
	{[]string{"bootstrap.servers", "a:9094"}, Warning, "Port 9094 of a is customary for TLS", nil},
	{[]string{"bootstrap.servers", "a:9092", "security.protocol", "SSL"}, Warning, "Port 9092 of a is customary for plaintext", nil},
	{[]string{"bootstrap.servers", "pkc-1.eu.confluent.cloud:9092", "security.protocol", "SSL"}, "", "", nil},
	{[]string{"bootstrap.servers", "a:9096,b:19092", "security.protocol", "SSL"}, "", "", nil},
	{[]string{"bootstrap.servers", "a:9094,b:9093", "security.protocol", "SSL"}, "", "", nil},
	{[]string{"security.protocol", "SSL", "ssl.keystore.location", "/a", "ssl.keystore.type", "PEM", "ssl.keystore.key", canary, "ssl.keystore.certificate.chain", canary}, Error, "ssl.keystore.location and ssl.keystore.key are both set", nil},
}

func TestSecurityIsJudgedAsJavaDoes(t *testing.T) {
	for _, tt := range guardedCases {
		v := guardedValues(t, tt.pairs...)
		var got *Problem
		for _, rule := range rules {
			if p, broken := rule.broken(judged{asked: v, effective: v.Effective()}); broken && got == nil && guards(rule) {
				got = &p
			}
		}
		switch {
		case got == nil && tt.severity == "":
			continue
		case got == nil || got.Severity != tt.severity || !strings.Contains(got.Say, tt.says):
			t.Errorf("%v: got %+v, want %s %q", v.SetMap(), got, tt.severity, tt.says)
			continue
		case len(got.Fix) != len(tt.fix):
			t.Errorf("%v: fix %v, want %v", v.SetMap(), got.Fix, tt.fix)
		}
		for k, text := range tt.fix {
			if got.Fix[k] != text {
				t.Errorf("%v: fix %v, want %v", v.SetMap(), got.Fix, tt.fix)
			}
		}
		if strings.Contains(got.Say+got.Why, canary) {
			t.Errorf("%v: the secret is in %+v", v.SetMap(), got)
		}
	}
}

func TestCredentialsThatDoNotParseAreRefusedWithTheirColumn(t *testing.T) {
	_, err := Defaults().WithSecret(SASLJaasConfig, PlainModule+` required password:"`+canary+`";`)
	if err == nil || !strings.Contains(err.Error(), "sasl.jaas.config: column 74: ") || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v, want the column and no secret", err)
	}
}

// guards says whether a rule is about security.
func guards(r rule) bool {
	return slices.ContainsFunc(r.keys, func(k Key) bool {
		return strings.HasPrefix(string(k), "ssl.") || strings.HasPrefix(string(k), "sasl.") || k == SecurityProtocol
	})
}
