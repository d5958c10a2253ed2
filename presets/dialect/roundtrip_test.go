package dialect

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"kdyno/engine/setting"
)

// texts are tried for rows whose kinds tell nothing of what they take.
var texts = map[string][]string{
	"string": {
		"", "orders", "a b", " lead", "x=y:z", `back\slash`, `quo"te`, "it's", "#no comment", "${HOME}", "ünï→cödé", "\U0001f600", "yes", "010", "null", "~",
		"true", "host:9092", "/etc/kafka/ca.pem", "file:records.jsonl", "ramp:0..9000/30s", "step:1,2/10s", "uniform:100", "100..2000", "lognormal:500:0.6",
		"512", "-1h", "{{ x }}", "http://h/token", "a,b", "$HOME", "%d", "*a", "&a", "!a", "- a", "? a", "[a]", "{a}", "`x`", "|", ">", "@x",
	},
	"list":     {"", "h:9092", "h:9092,i:9093", "TLSv1.2", "TLSv1.2,TLSv1.3", "TLS_AES_128_GCM_SHA256", "com.acme.A,com.acme.B"},
	"class":    {"", "org.apache.kafka.clients.producer.RoundRobinPartitioner", "com.acme.Serializer", "hash:crc32", "hash:fnv1a", "org.apache.kafka.common.serialization.StringSerializer"},
	"double":   {"0", "0.05", "0.5", "0.8", "1", "0.25"},
	"duration": {"0", "30ms", "500us", "1.5s"},
}

// candidates are texts that may fit a row, many of them at a bound.
func candidates(row setting.Row, r *rand.Rand) []string {
	if words := row.Kind.Enum(); len(words) > 0 {
		return words
	}
	if of, ok := texts[row.Kind.Type()]; ok {
		return of
	}
	least, most := row.Kind.Bounds()
	return []string{
		least, most, row.Default, "0", "1", "-1", "2", "5", "10", "100", "512", "1000", "1023", "1024", "1500", "60000", "90000", "2147483647",
		strconv.FormatInt(r.Int64N(1<<20), 10), strconv.FormatInt(r.Int64N(1<<40), 10), strconv.FormatInt(r.Int64(), 10), "",
	}
}

// randomValues sets about one row in share.
func randomValues(r *rand.Rand, share int) setting.Values {
	v := setting.Defaults()
	for _, row := range setting.Rows() {
		if r.IntN(share) > 0 {
			continue
		}
		if row.Secret {
			if with, err := v.WithSecret(row.Key, "CANARY-7fa3"); err == nil {
				v = with
			}
			continue
		}
		of := candidates(row, r)
		if with, err := v.With(row.Key, of[r.IntN(len(of))]); err == nil {
			v = with
		}
	}
	return v
}

// same is what has to be equal after a trip: what the Java client makes of the
// values, since other clients are told what it changes quietly.
func same(a, b setting.Values, k setting.Key) bool {
	return a.Effective().Text(k) == b.Effective().Text(k)
}

func export(t *testing.T, name string, v setting.Values) (string, []Loss) {
	t.Helper()
	text, losses, err := Write(name, Config{Name: "trip", Note: "a note\nof two lines", Values: v, Measured: []string{"2026-11-22 on 3 embedded brokers: 5000 records/s, p99 9.0 ms"}})
	if err != nil {
		t.Fatal(err)
	}
	return text, losses
}

// TestEveryValueRoundTripsOrIsListedAsLost takes random values through every
// dialect and back.
func TestEveryValueRoundTripsOrIsListedAsLost(t *testing.T) {
	for _, d := range All() {
		t.Run(d.Name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for n := range 120 {
				v := setting.Defaults()
				if n > 0 {
					v = randomValues(r, 1+n%10)
				}
				trip(t, d.Name, v)
			}
		})
	}
}

func trip(t *testing.T, name string, v setting.Values) {
	t.Helper()
	text, losses := export(t, name, v)
	im, err := Read(name, []byte(text))
	if err != nil {
		t.Fatalf("%v: %v\n%s", v.SetMap(), err, text)
	}
	if im.Faulty() {
		t.Fatalf("%v: what was written is refused: %+v\n%s", v.SetMap(), im.Problems, text)
	}
	lost := map[setting.Key]bool{}
	for _, l := range losses {
		lost[l.Key] = lost[l.Key] || !l.Kept
	}
	for _, row := range setting.Rows() {
		if !lost[row.Key] && !same(v, im.Values, row.Key) {
			t.Fatalf("%s: got %q, want %q, and it is not on the list of losses\nset: %v\n%s\n%+v", row.Key, im.Values.Text(row.Key), v.Effective().Text(row.Key), v.SetMap(), text, im)
		}
	}
	again, _ := export(t, name, im.Values)
	second, err := Read(name, []byte(again))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range setting.Rows() {
		if !same(im.Values, second.Values, row.Key) {
			t.Fatalf("%s: %q, and %q after the second pass\n%s\n%s", row.Key, im.Values.Text(row.Key), second.Values.Text(row.Key), text, again)
		}
	}
}

// TestExportsAreRecognised holds that what is written can be read without
// saying what it is.
func TestExportsAreRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, d := range All() {
		for range 20 {
			v, err := randomValues(r, 4).With(setting.LingerMs, "20")
			if err != nil {
				t.Fatal(err)
			}
			text, _ := export(t, d.Name, v)
			if got, ok := Recognise([]byte(text)); !ok || got != d.Name {
				t.Fatalf("%s: recognised as %q\n%s", d.Name, got, text)
			}
		}
	}
}

func TestNoSecretIsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, d := range All() {
		for range 10 {
			v := randomValues(r, 2)
			for _, mechanism := range []string{setting.Plain, setting.Scram256, setting.OAuthBearer} {
				w := loggedIn(t, v, mechanism)
				text, losses := export(t, d.Name, w)
				if slices.ContainsFunc(losses, func(l Loss) bool { return holdsCanary(l.Say + l.Nearest) }) || holdsCanary(text) {
					t.Fatalf("%s: the secret is in it:\n%s", d.Name, text)
				}
				if !slices.ContainsFunc(losses, func(l Loss) bool { return l.Key == setting.SASLJaasConfig && !l.Kept }) {
					t.Fatalf("%s: nobody says that the secret was left out", d.Name)
				}
			}
		}
	}
}
