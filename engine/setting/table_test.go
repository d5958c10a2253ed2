package setting

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestTableKeysAreUnique(t *testing.T) {
	seen := map[Key]bool{}
	for _, r := range Rows() {
		if seen[r.Key] {
			t.Errorf("%s stands in the table twice", r.Key)
		}
		seen[r.Key] = true
	}
}

func TestTableDefaultsAreValidAndCanonical(t *testing.T) {
	for _, r := range Rows() {
		got, err := r.Kind.Parse(r.Default)
		if err != nil {
			t.Errorf("%s: default %q: %v", r.Key, r.Default, err)
		}
		if got != r.Default {
			t.Errorf("%s: default %q parses to %q, want itself", r.Key, r.Default, got)
		}
	}
}

func TestTableRowsAreComplete(t *testing.T) {
	sentence := regexp.MustCompile(`^[A-Z].*\.$`)
	for _, r := range Rows() {
		told := map[string]string{"doc": r.Doc, "cost": r.Cost}
		if !r.Honoured() {
			told = map[string]string{"doc": r.Doc, "note": r.Note}
		}
		for what, text := range told {
			if !sentence.MatchString(text) {
				t.Errorf("%s: %s is not a sentence: %q", r.Key, what, text)
			}
		}
		if r.Group == "" || !slices.Contains([]Scope{Producer, Load, Stand}, r.Scope) {
			t.Errorf("%s: scope %q, group %q", r.Key, r.Scope, r.Group)
		}
		if !slices.Contains([]How{Exact, Emulated, Different, Meaningless, Impossible, Later}, r.How) {
			t.Errorf("%s: how is %q", r.Key, r.How)
		}
		if r.Secret != (r.Kind.Type() == "password") {
			t.Errorf("%s: secret is %v, and its type is %s", r.Key, r.Secret, r.Kind.Type())
		}
		if r.How == Different && r.Note == "" {
			t.Errorf("%s is honoured differently, and no note says how", r.Key)
		}
		for what, text := range map[string]string{"doc": r.Doc, "cost": r.Cost, "note": r.Note} {
			if strings.ContainsFunc(text, func(c rune) bool { return c > '~' || c < ' ' }) {
				t.Errorf("%s: %s is not plain ASCII", r.Key, what)
			}
		}
	}
}

func TestTableKeepsScopesAndGroupsTogether(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for _, r := range Rows() {
		at := string(r.Scope) + "/" + r.Group
		if at != last && seen[at] {
			t.Errorf("%s: group %s comes back after another one", r.Key, at)
		}
		seen[at], last = true, at
	}
}

// TestTableKnowsEverySettingOfTheJavaProducer keeps a name from being met by
// nobody.
func TestTableKnowsEverySettingOfTheJavaProducer(t *testing.T) {
	dump := readDump(t)
	if len(dump) != 113 {
		t.Errorf("the dump holds %d settings, want the 113 of Kafka 4.3.1", len(dump))
	}
	for _, j := range dump {
		if row, there := Find(Key(j.Name)); !there || row.Scope != Producer {
			t.Errorf("%s has no row among the producer's", j.Name)
		}
	}
}

// TestTableHonoursTheRowsOfNow keeps a row from claiming to be honoured before
// the engine does it, and from losing the claim.
func TestTableHonoursTheRowsOfNow(t *testing.T) {
	want := strings.Fields(`acks batch.size bootstrap.servers buffer.memory client.dns.lookup client.id compression.gzip.level
		compression.lz4.level compression.type compression.zstd.level connections.max.idle.ms delivery.timeout.ms
		enable.idempotence enable.metrics.push linger.ms load.callback.ms load.flush.every load.headers load.keys load.null.values load.partition
		load.payload load.producers load.rate load.record.bytes load.seed load.send load.senders load.shape load.timestamp load.wait.ms max.block.ms max.in.flight.requests.per.connection max.request.size metadata.max.age.ms
		metadata.recovery.strategy partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms
		partitioner.class partitioner.ignore.keys receive.buffer.bytes
		reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retries retry.backoff.max.ms retry.backoff.ms
		sasl.jaas.config sasl.login.callback.handler.class sasl.login.connect.timeout.ms sasl.login.read.timeout.ms
		sasl.login.retry.backoff.max.ms sasl.login.retry.backoff.ms sasl.mechanism
		sasl.oauthbearer.client.credentials.client.id sasl.oauthbearer.client.credentials.client.secret
		sasl.oauthbearer.header.urlencode sasl.oauthbearer.scope sasl.oauthbearer.token.endpoint.url security.protocol
		send.buffer.bytes socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms ssl.cipher.suites
		ssl.enabled.protocols ssl.endpoint.identification.algorithm ssl.key.password ssl.keystore.certificate.chain
		ssl.keystore.key ssl.keystore.location ssl.keystore.password ssl.keystore.type ssl.protocol
		ssl.truststore.certificates ssl.truststore.location ssl.truststore.password ssl.truststore.type stand.brokers
		stand.link.bandwidth stand.link.jitter stand.link.rtt stand.message.max.bytes stand.partitions stand.quota.bytes stand.retention.bytes`)
	var got []string
	for _, r := range Rows() {
		if r.Honoured() {
			got = append(got, string(r.Key))
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows that are honoured (-want +got):\n%s", diff)
	}
}

func TestRowsAreTheCallersOwn(t *testing.T) {
	Rows()[0].Doc = "spoilt"
	if Rows()[0].Doc == "spoilt" {
		t.Error("a caller changed the table")
	}
}

// narrower are the rows whose words the Java client only knows once it uses
// them: its ConfigDef takes any text.
var narrower = []Key{SASLMechanism, SSLEndpointIdentification, SSLKeystoreType, SSLTruststoreType, SSLProtocol}

// javaRow is one setting of a dump of Java's ProducerConfig.configDef().
type javaRow struct {
	Name      string  `json:"name"`
	Type      string  `json:"type"`
	Default   *string `json:"default"`
	Validator string  `json:"validator"`
}

func readDump(t *testing.T) []javaRow {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "configdef.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dump []javaRow
	if err := json.Unmarshal(text, &dump); err != nil {
		t.Fatal(err)
	}
	return dump
}

func TestProducerRowsAgreeWithTheJavaProducer(t *testing.T) {
	java := map[string]javaRow{}
	for _, j := range readDump(t) {
		java[j.Name] = j
	}
	compared := 0
	for _, r := range Rows() {
		if r.Scope != Producer {
			continue
		}
		j, ok := java[string(r.Key)]
		if !ok {
			t.Errorf("%s: the Java producer has no such setting", r.Key)
			continue
		}
		compared++
		compareRow(t, r, j)
	}
	if want := len(java); compared != want {
		t.Errorf("compared %d producer rows, want %d", compared, want)
	}
}

func compareRow(t *testing.T, r Row, j javaRow) {
	t.Helper()
	if got, want := r.Kind.Type(), strings.ToLower(j.Type); got != want {
		t.Errorf("%s: type %q, want %q", r.Key, got, want)
	}
	want := ""
	if j.Default != nil {
		want = *j.Default
	}
	if r.Default != want {
		t.Errorf("%s: default %q, want %q", r.Key, r.Default, want)
	}
	if strings.HasSuffix(j.Validator, " or -1") {
		// ConfigDef says "[1,...,9] or -1"; the hole between is tested with Parse.
		j.Validator = "[-1,...,9]"
	}
	if got, want := javaRange(r.Kind), javaBounds(j); !cmp.Equal(got, want) && !slices.Contains(narrower, r.Key) {
		t.Errorf("%s: takes %q, want %q", r.Key, got, want)
	}
	if got, want := r.Kind.fold, slices.Contains(narrower, r.Key) && r.Kind.fold || strings.HasPrefix(j.Validator, anyCase); got != want {
		t.Errorf("%s: taken in any case: %v, want %v", r.Key, got, want)
	}
}

const anyCase = "(case insensitive) "

// javaRange puts a kind's range into comparable words: its choices and their
// other spellings, or its bounds.
func javaRange(k Kind) []string {
	switch k.form {
	case choice:
		words := k.Enum()
		for i := range words {
			if k.fold {
				words[i] = strings.ToUpper(words[i])
			}
		}
		for alias := range k.alias {
			words = append(words, alias)
		}
		slices.Sort(words)
		return words
	case wholeInt, wholeLong, wholeShort, fraction:
		least, most := k.Bounds()
		return []string{least, most}
	default:
		return nil
	}
}

// javaBounds reads ConfigDef's validator: "[0,...]", "[0,...,5]" or a list.
func javaBounds(j javaRow) []string {
	inside := strings.Trim(strings.TrimPrefix(j.Validator, anyCase), "[]")
	switch j.Type {
	case "INT", "LONG", "SHORT", "DOUBLE":
		return javaNumbers(j.Type, inside)
	case "STRING":
		if inside == "" || inside == "non-empty string" {
			return nil
		}
		words := strings.Split(inside, ", ")
		slices.Sort(words)
		return words
	default:
		return nil
	}
}

func javaNumbers(kind, inside string) []string {
	least := map[string]string{"INT": "-2147483648"}
	most := map[string]string{"INT": "2147483647"}
	parts := strings.Split(inside, ",")
	switch {
	case inside == "":
		return []string{least[kind], most[kind]}
	case len(parts) == 3:
		return []string{strings.TrimSuffix(parts[0], ".0"), strings.TrimSuffix(parts[2], ".0")}
	default:
		return []string{parts[0], most[kind]}
	}
}

func TestNearestFindsWhatWasMeant(t *testing.T) {
	tests := []struct {
		name string
		want Key // the first; empty: none at all
	}{
		{"linger", LingerMs},
		{"linger.m", LingerMs},
		{"ligner.ms", LingerMs},
		{"LINGER.MS", LingerMs},
		{"linger_ms", LingerMs},
		{"batchsize", BatchSize},
		{"ack", Acks},
		{"max.in.flight", MaxInFlight},
		{"load.rte", LoadRate},
		{"compression", CompressionType},
		{"queue.buffering.max.ms", LingerMs},
		{"zzzzzzzzzzzz", ""},
		{"", ""},
		{strings.Repeat("linger", 1000), ""},
	}
	for _, tt := range tests {
		got := Nearest(tt.name)
		if len(got) > 3 {
			t.Errorf("Nearest(%q): got %d keys, want at most 3", tt.name, len(got))
		}
		if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) == 0 || got[0] != tt.want) {
			t.Errorf("Nearest(%.20q): got %v, want %q first", tt.name, got, tt.want)
		}
	}
}

// What another client, a topic or a broker has is told so, and is no setting.
func TestNamesOfOthersAreToldWhoseTheyAre(t *testing.T) {
	for name, owner := range owners {
		if _, ok := Find(Key(name)); ok {
			t.Errorf("%s is told of as somebody else's, and the table has it", name)
		}
		if _, err := Defaults().With(Key(name), "1"); err == nil || !strings.Contains(err.Error(), owner) {
			t.Errorf("%s: %v, want whose it is: %s", name, err, owner)
		}
	}
	for name, key := range aliases {
		if _, ok := Find(Key(name)); ok {
			t.Errorf("%s is an alias, and the table has it", name)
		}
		if _, ok := Find(key); !ok {
			t.Errorf("%s stands for %s, which the table does not have", name, key)
		}
	}
}

func TestClosestWords(t *testing.T) {
	words := []string{"broker-down", "slow-broker", "stall", "NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"}
	for typed, want := range map[string][]string{
		"stal": {"stall"}, "STALL": {"stall"}, "brokr-down": {"broker-down"}, "broker": {"broker-down", "slow-broker"},
		"not_enough_replica": {"NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"}, "": nil, "xyzzy": nil, strings.Repeat("stall", 20): nil,
	} {
		if diff := cmp.Diff(want, Closest(typed, words), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Closest(%q) (-want +got):\n%s", typed, diff)
		}
	}
}

func TestNearestFindsEveryKeyWithOneSlip(t *testing.T) {
	for _, r := range Rows() {
		name := string(r.Key)
		for i := range name {
			slip := name[:i] + name[i+1:]
			if got := Nearest(slip); !slices.Contains(got, r.Key) {
				t.Errorf("Nearest(%q): got %v, want %s among them", slip, got, r.Key)
			}
		}
	}
}

// TestSettingsPageIsUpToDate fails when the table has changed and the page has
// not; -update writes it.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestMarkdownTellsTheWritersError(t *testing.T) {
	if err := Markdown(fullDisk{}, nil); err == nil {
		t.Error("got no error from a writer that fails")
	}
}
