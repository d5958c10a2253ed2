package setting

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parsed reads "KEY=VALUE KEY=VALUE".
func parsed(t *testing.T, set string) Values {
	t.Helper()
	var pairs []string
	for _, assignment := range strings.Fields(set) {
		key, text, _ := strings.Cut(assignment, "=")
		pairs = append(pairs, key, text)
	}
	return with(t, pairs...)
}

func TestQuietChangesAreEffectiveAndTold(t *testing.T) {
	for _, set := range []string{
		"acks=1", "acks=0", "retries=0", "acks=1 retries=0", "linger.ms=100000", "retry.backoff.ms=2000", "reconnect.backoff.ms=2000",
		"reconnect.backoff.ms=10", "reconnect.backoff.ms=20 reconnect.backoff.max.ms=10", "socket.connection.setup.timeout.ms=60000",
		"bootstrap.servers=a:1,b:1,a:1",
	} {
		v := parsed(t, set)
		for _, c := range v.Effective().Diff(v) {
			told := slices.ContainsFunc(Check(v, Facts{}), func(p Problem) bool {
				return p.Severity == Warning && slices.Contains(p.Keys, c.Key)
			})
			if !told {
				t.Errorf("%q: %s becomes %s, and no warning names it", set, c.Key, c.New)
			}
		}
		if len(v.Effective().Diff(v)) == 0 {
			t.Errorf("%q: no quiet change, want one", set)
		}
		for _, d := range v.Changed() {
			if !strings.HasSuffix(d.Why, ".") || d.Asked != v.Text(d.Key) || d.Effective != v.Effective().Text(d.Key) {
				t.Errorf("%q: got %+v, want what Effective does, with a reason", set, d)
			}
		}
	}
}

func TestEffectiveIsSettled(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 500 {
		v := randomValues(r)
		once := v.Effective()
		if twice := once.Effective(); !twice.Equal(once) {
			t.Fatalf("%v: effective once %v, twice %v", v.SetMap(), once.SetMap(), twice.SetMap())
		}
	}
}

// ruleCase names what violates a rule, and the nearest that does not. The
// words are a piece of the problem's sentence.
type ruleCase struct {
	name     string
	words    string
	severity Severity
	keys     []Key
	bad      string
	badFacts Facts
	good     string
	facts    Facts
}

var ruleCases = []ruleCase{
	{
		name: "idempotence needs acks", words: "needs acks=all", severity: Error, keys: []Key{EnableIdempotence, Acks},
		bad: "enable.idempotence=true acks=1", good: "enable.idempotence=true acks=all",
	},
	{
		name: "idempotence needs retries", words: "needs retries above 0", severity: Error, keys: []Key{EnableIdempotence, Retries},
		bad: "enable.idempotence=true retries=0", good: "enable.idempotence=true retries=1",
	},
	{
		name: "idempotence needs few in flight", words: "at most 5 requests in flight", severity: Error, keys: []Key{MaxInFlight, EnableIdempotence},
		bad: "max.in.flight.requests.per.connection=6", good: "max.in.flight.requests.per.connection=5",
	},
	{
		name: "delivery timeout too short", words: "below linger.ms + request.timeout.ms", severity: Error,
		keys: []Key{DeliveryTimeoutMs, LingerMs, RequestTimeoutMs}, bad: "delivery.timeout.ms=30004", good: "delivery.timeout.ms=30005",
	},
	{
		name: "batch beyond buffer", words: "does not fit into buffer.memory (32 MiB)", severity: Error, keys: []Key{BatchSize, BufferMemory},
		bad: "batch.size=33554433", good: "batch.size=33554432",
	},
	{
		name: "idempotence quietly off by acks", words: "acks=1 quietly turns idempotence off", severity: Warning, keys: []Key{EnableIdempotence, Acks},
		bad: "acks=1", good: "acks=1 enable.idempotence=false",
	},
	{
		name: "idempotence quietly off by retries", words: "retries=0 quietly turns idempotence off", severity: Warning,
		keys: []Key{EnableIdempotence, Retries}, bad: "retries=0", good: "retries=1",
	},
	{
		name: "idempotence quietly off by both", words: "acks=0 and retries=0 quietly turn idempotence off", severity: Warning,
		keys: []Key{EnableIdempotence, Acks, Retries}, bad: "acks=0 retries=0", good: "acks=0 retries=0 enable.idempotence=false",
	},
	{
		name: "delivery timeout quietly raised", words: "quietly raised from 120000 to 130000", severity: Warning,
		keys: []Key{DeliveryTimeoutMs, LingerMs, RequestTimeoutMs}, bad: "linger.ms=100000", good: "linger.ms=90000",
	},
	{
		name: "retries without an answer", words: "retries mean nothing", severity: Warning, keys: []Key{Acks, Retries},
		bad: "acks=0 retries=3", good: "acks=0 retries=0",
	},
	{
		name: "retries may reorder", words: "may change their order", severity: Warning, keys: []Key{MaxInFlight, Retries, EnableIdempotence},
		bad: "enable.idempotence=false", good: "enable.idempotence=false max.in.flight.requests.per.connection=1",
	},
	{
		name: "retries may reorder at acks=1", words: "may change their order", severity: Warning, keys: []Key{MaxInFlight, Retries, EnableIdempotence},
		bad: "acks=1", good: "acks=1 retries=0",
	},
	{
		name: "acks=0 does not reorder", words: "may change their order", severity: Warning, keys: []Key{MaxInFlight, Retries, EnableIdempotence},
		bad: "acks=1", good: "acks=0",
	},
	{
		name: "request timeout below measured round trip", words: "one round trip takes 40 ms", severity: Warning, keys: []Key{RequestTimeoutMs},
		bad: "request.timeout.ms=40", badFacts: Facts{RTTMs: 40}, good: "request.timeout.ms=41", facts: Facts{RTTMs: 40},
	},
	{
		name: "request timeout below the link's round trip", words: "one round trip takes 200 ms", severity: Warning, keys: []Key{RequestTimeoutMs},
		bad: "request.timeout.ms=150 stand.link.rtt=200ms", good: "request.timeout.ms=150 stand.link.rtt=100ms",
	},
	{
		name: "backoffs cross", words: "retry.backoff.ms (2000) is above", severity: Warning, keys: []Key{RetryBackoffMs, RetryBackoffMaxMs},
		bad: "retry.backoff.ms=2000", good: "retry.backoff.ms=1000",
	},
	{
		name: "record too large", words: "larger than max.request.size (1 MiB)", severity: Warning, keys: []Key{LoadRecordBytes, MaxRequestSize},
		bad: "load.record.bytes=1048576", good: "load.record.bytes=1048488",
	},
	{
		name: "record beyond buffer", words: "do not fit into buffer.memory", severity: Warning, keys: []Key{LoadRecordBytes, BufferMemory},
		bad: "load.record.bytes=20000 buffer.memory=20000", good: "load.record.bytes=19912 buffer.memory=20000",
	},
	{
		name: "record beyond broker", words: "larger than the broker's message.max.bytes (1,048,588 B)", severity: Warning, keys: []Key{LoadRecordBytes},
		bad: "load.record.bytes=1048501 max.request.size=2MiB", badFacts: Facts{MaxMessageBytes: 1048588},
		good: "load.record.bytes=1048500 max.request.size=2MiB", facts: Facts{MaxMessageBytes: 1048588},
	},
	{
		name: "a record that shrinks may fit", words: "larger than the broker's message.max.bytes", severity: Warning, keys: []Key{LoadRecordBytes},
		bad: "load.record.bytes=2000 compression.type=zstd load.payload=random", badFacts: Facts{MaxMessageBytes: 1000},
		good: "load.record.bytes=2000 compression.type=zstd", facts: Facts{MaxMessageBytes: 1000},
	},
	{
		name: "batch beyond request", words: "above max.request.size", severity: Warning, keys: []Key{BatchSize, MaxRequestSize},
		bad: "batch.size=1048577", good: "batch.size=1048576",
	},
	{
		name: "batch beyond broker", words: "batch.size (64 KiB) is above the broker's message.max.bytes", severity: Warning, keys: []Key{BatchSize},
		bad: "batch.size=64KiB", badFacts: Facts{MaxMessageBytes: 65535}, good: "batch.size=64KiB", facts: Facts{MaxMessageBytes: 65536},
	},
	{
		name: "batch beyond the embedded brokers", words: "above the broker's message.max.bytes (10,000 B)", severity: Warning, keys: []Key{BatchSize},
		bad: "stand.message.max.bytes=10000", badFacts: Facts{MaxMessageBytes: 1048588},
		good: "stand.message.max.bytes=16384", facts: Facts{MaxMessageBytes: 1000},
	},
	{
		name: "limits of a real cluster", words: "stand.message.max.bytes, stand.quota.bytes counts for the embedded brokers only", severity: Error,
		keys: []Key{StandMessageMaxBytes, StandQuotaBytes},
		bad:  "stand.quota.bytes=1MB stand.message.max.bytes=5000 bootstrap.servers=a:9092",
		good: "stand.quota.bytes=0 stand.retention.bytes=2MiB bootstrap.servers=a:9092",
	},
	{
		name: "quota below the load", words: "above what 2 brokers of stand.quota.bytes (1,000,000 B) take", severity: Warning, keys: []Key{StandQuotaBytes, LoadRate},
		bad: "stand.quota.bytes=1MB load.rate=2001 load.record.bytes=1000", badFacts: Facts{Brokers: 2},
		good: "stand.quota.bytes=1MB load.rate=2000 load.record.bytes=1000", facts: Facts{Brokers: 2},
	},
	{
		name: "a load that shrinks may fit its quota", words: "stand.quota.bytes", severity: Warning, keys: []Key{StandQuotaBytes, LoadRate},
		bad: "stand.quota.bytes=1kB", good: "stand.quota.bytes=1kB compression.type=zstd",
	},
	{
		name: "retention beyond memory", words: "stand.retention.bytes (1 GiB) of 3 partitions is 3 GiB of memory", severity: Warning,
		keys: []Key{StandRetentionBytes, StandPartitions},
		bad:  "stand.retention.bytes=1GiB", badFacts: Facts{Partitions: 3}, good: "stand.retention.bytes=85MiB", facts: Facts{Partitions: 3},
	},
	{
		name: "buffer below partitions", words: "one batch of 16 KiB for each of 6 partitions", severity: Warning, keys: []Key{BufferMemory, BatchSize},
		bad: "buffer.memory=98303", badFacts: Facts{Partitions: 6}, good: "buffer.memory=98304", facts: Facts{Partitions: 6},
	},
	{
		name: "all means one", words: "no stronger than acks=1", severity: Warning, keys: []Key{Acks},
		badFacts: Facts{MinInsync: 1, Replication: 3}, facts: Facts{MinInsync: 2, Replication: 3},
	},
	{
		name: "all means one only at acks=all", words: "no stronger than acks=1", severity: Warning, keys: []Key{Acks},
		badFacts: Facts{MinInsync: 1}, good: "acks=1", facts: Facts{MinInsync: 1},
	},
	{
		name: "no spare replica", words: "one broker down stops writes", severity: Warning, keys: []Key{Acks},
		badFacts: Facts{MinInsync: 3, Replication: 3}, facts: Facts{MinInsync: 2, Replication: 3},
	},
	{
		name: "more in sync than there are", words: "nothing can be written with acks=all", severity: Warning, keys: []Key{Acks},
		badFacts: Facts{MinInsync: 3, Replication: 2}, facts: Facts{MinInsync: 3},
	},
	{
		name: "one replica", words: "has one replica", severity: Warning, keys: []Key{Acks},
		badFacts: Facts{MinInsync: 1, Replication: 1}, facts: Facts{MinInsync: 1, Replication: 2},
	},
	{
		name: "socket buffer too small", words: "below bandwidth times round trip", severity: Warning, keys: []Key{SendBufferBytes},
		bad: "load.rate=100k load.record.bytes=1000", badFacts: Facts{Brokers: 1, RTTMs: 80},
		good: "load.rate=100k load.record.bytes=1000 send.buffer.bytes=-1", facts: Facts{Brokers: 1, RTTMs: 80},
	},
	{
		name: "one bootstrap server", words: "one host only", severity: Warning, keys: []Key{BootstrapServers},
		bad: "bootstrap.servers=a:9092", good: "bootstrap.servers=a:9092,b:9092",
	},
	{
		name: "one bootstrap server of a single broker is all there is", words: "one host only", severity: Warning, keys: []Key{BootstrapServers},
		bad: "bootstrap.servers=a:9092", good: "bootstrap.servers=a:9092", facts: Facts{Brokers: 1},
	},
	{
		name: "a partition that the topic lacks", words: "names partition 6, and the topic has 6 partitions", severity: Error, keys: []Key{PartitionerClass},
		bad: "bootstrap.servers=a:9092,b:9092 partitioner.class=prefix:a=0-6,*=hash", badFacts: Facts{FewestInTopic: 6},
		good: "bootstrap.servers=a:9092,b:9092 partitioner.class=prefix:a=0-6,*=hash", facts: Facts{FewestInTopic: 7},
	},
	{
		name: "a partition that the topic to come lacks", words: "names partition 6, and the topic has 6 partitions", severity: Error,
		keys: []Key{PartitionerClass, StandPartitions},
		bad:  "partitioner.class=vip:a=0,*=6", good: "partitioner.class=vip:a=0,*=6 stand.partitions=7",
	},
	{
		name: "partitions of a topic that nobody knows are not judged", words: "names partition", severity: Error, keys: []Key{PartitionerClass, StandPartitions},
		bad: "partitioner.class=prefix:a=9,*=hash", good: "partitioner.class=prefix:a=9,*=hash bootstrap.servers=a:9092",
	},
	{
		name: "VIPs have it all", words: "none is left for other keys", severity: Error, keys: []Key{PartitionerClass, StandPartitions},
		bad: "partitioner.class=vip:a=0-4,b=5,*=hash", good: "partitioner.class=vip:a=0-3,b=5,*=hash",
	},
	{
		name: "prefixes may have it all", words: "none is left for other keys", severity: Error, keys: []Key{PartitionerClass, StandPartitions},
		bad: "partitioner.class=vip:a=0-4,b=5,*=hash", good: "partitioner.class=prefix:a=0-4,b=5,*=hash",
	},
	{
		name: "availability without adaptive partitioning", words: "does nothing without adaptive", severity: Warning,
		keys: []Key{PartitionerTimeoutMs, PartitionerAdaptive},
		bad:  "partitioner.availability.timeout.ms=50 partitioner.adaptive.partitioning.enable=false", good: "partitioner.availability.timeout.ms=50",
	},
	{
		name: "availability with round robin", words: "does nothing with round-robin", severity: Warning, keys: []Key{PartitionerTimeoutMs, PartitionerClass},
		bad: "partitioner.availability.timeout.ms=50 partitioner.class=round-robin", good: "partitioner.availability.timeout.ms=50 partitioner.class=hash:crc32",
	},
	{
		name: "keys ignored by others", words: "ignore.keys does nothing", severity: Warning, keys: []Key{PartitionerIgnoreKeys, PartitionerClass},
		bad: "partitioner.ignore.keys=true partitioner.class=round-robin", good: "partitioner.ignore.keys=true",
	},
	{
		name: "an address twice", words: "names 3 hosts, and some twice", severity: Warning, keys: []Key{BootstrapServers},
		bad: "bootstrap.servers=a:1,b:1,a:1", good: "bootstrap.servers=a:1,b:1,a:2",
	},
	{
		name: "reconnect backoff follows", words: "reconnect.backoff.max.ms quietly becomes 2000", severity: Warning,
		keys: []Key{ReconnectBackoffMaxMs, ReconnectBackoffMs},
		bad:  "reconnect.backoff.ms=2000", good: "reconnect.backoff.ms=2000 reconnect.backoff.max.ms=2000",
	},
	{
		name: "reconnect backoff follows downwards", words: "quietly becomes 10", severity: Warning, keys: []Key{ReconnectBackoffMaxMs, ReconnectBackoffMs},
		bad: "reconnect.backoff.ms=10", good: "reconnect.backoff.ms=1000",
	},
	{
		name: "reconnect backoffs cross", words: "reconnect.backoff.ms (600) is above", severity: Warning, keys: []Key{ReconnectBackoffMs, ReconnectBackoffMaxMs},
		bad: "reconnect.backoff.ms=600 reconnect.backoff.max.ms=500", good: "reconnect.backoff.ms=2000",
	},
	{
		name: "setup timeouts cross", words: "socket.connection.setup.timeout.ms (30001) is above", severity: Warning,
		keys: []Key{SocketSetupTimeoutMs, SocketSetupTimeoutMaxMs},
		bad:  "socket.connection.setup.timeout.ms=30001", good: "socket.connection.setup.timeout.ms=30000",
	},
	{
		name: "request timeout below the measured tail", words: "one request in a thousand takes 800 ms or more", severity: Warning, keys: []Key{RequestTimeoutMs},
		bad: "request.timeout.ms=800", badFacts: Facts{RTTMs: 40, TailMs: 800}, good: "request.timeout.ms=801", facts: Facts{RTTMs: 40, TailMs: 800},
	},
	{
		name: "a round trip beyond the timeout is told once", words: "one request in a thousand", severity: Warning, keys: []Key{RequestTimeoutMs},
		bad: "request.timeout.ms=800", badFacts: Facts{TailMs: 800}, good: "request.timeout.ms=800", facts: Facts{RTTMs: 800, TailMs: 800},
	},
	{
		name: "request timeout below replica lag", words: "below the brokers' replica.lag.time.max.ms (30 s)", severity: Warning, keys: []Key{RequestTimeoutMs},
		bad: "request.timeout.ms=10s", badFacts: Facts{ReplicaLagMs: 30000}, good: "request.timeout.ms=30s", facts: Facts{ReplicaLagMs: 30000},
	},
	{
		name: "the leader alone waits for no follower", words: "replica.lag.time.max.ms", severity: Warning, keys: []Key{RequestTimeoutMs},
		bad: "request.timeout.ms=10s", badFacts: Facts{ReplicaLagMs: 30000}, good: "request.timeout.ms=10s acks=1", facts: Facts{ReplicaLagMs: 30000},
	},
	{
		name: "a level of another codec", words: "compression.gzip.level, compression.zstd.level does nothing with compression.type=lz4", severity: Warning,
		keys: []Key{CompressionGzipLevel, CompressionZstdLevel, CompressionType},
		bad:  "compression.type=lz4 compression.zstd.level=9 compression.gzip.level=9", good: "compression.type=zstd compression.zstd.level=9 compression.gzip.level=-1",
	},
	{
		name: "transactions without idempotence", words: "transactional.id needs idempotence", severity: Error, keys: []Key{TransactionalID, EnableIdempotence},
		bad: "transactional.id=t acks=1 retries=0 max.in.flight.requests.per.connection=9", good: "transactional.id=t",
	},
	{
		name: "an empty transactional.id", words: "set and empty", severity: Error, keys: []Key{TransactionalID}, bad: "transactional.id=", good: "transactional.id=t",
	},
	{
		name: "a timeout of two phases", words: "transactions never time out", severity: Error, keys: []Key{TransactionTimeoutMs, TransactionTwoPhase},
		bad: "transaction.timeout.ms=60000 transaction.two.phase.commit.enable=true", good: "transaction.two.phase.commit.enable=true",
	},
	{
		name: "a log of transactions beyond the brokers", words: "transaction.state.log.replication.factor is 3, and there are 2 brokers", severity: Warning,
		keys: []Key{TransactionalID}, bad: "transactional.id=t", badFacts: Facts{Brokers: 2, TransactionReplication: 3},
		good: "transactional.id=t", facts: Facts{Brokers: 3, TransactionReplication: 3},
	},
	{
		name: "transactions that last too long", words: "above the brokers' transaction.max.timeout.ms (15 min)", severity: Warning, keys: []Key{TransactionTimeoutMs},
		bad: "transactional.id=t transaction.timeout.ms=20m", badFacts: Facts{TransactionMaxMs: 900000},
		good: "transaction.timeout.ms=20m", facts: Facts{TransactionMaxMs: 900000},
	},
	{
		name: "batches of one record need a byte", words: "does not fit into buffer.memory (0 B)", severity: Error, keys: []Key{BatchSize, BufferMemory},
		bad: "batch.size=0 buffer.memory=0", good: "batch.size=0 buffer.memory=1",
	},
	{
		name: "socket buffer too small for the link", words: "(1221 KiB at 100 ms)", severity: Warning, keys: []Key{SendBufferBytes},
		bad: "load.rate=1M stand.link.bandwidth=100Mbit stand.link.rtt=100ms", good: "load.rate=1M stand.link.bandwidth=10Mbit stand.link.rtt=100ms",
	},
	{
		name: "nameless client", words: "client.id is empty", severity: Warning, keys: []Key{ClientID},
		bad: "", good: "client.id=orders",
	},
}

func TestEachRuleIsViolatedAndSatisfied(t *testing.T) {
	for _, tt := range ruleCases {
		t.Run(tt.name, func(t *testing.T) {
			p, ok := find(Check(parsed(t, tt.bad), tt.badFacts), tt.words)
			if !ok {
				t.Fatalf("%q with %+v: no problem says %q", tt.bad, tt.badFacts, tt.words)
			}
			if p.Severity != tt.severity {
				t.Errorf("severity %q, want %q", p.Severity, tt.severity)
			}
			if diff := cmp.Diff(tt.keys, p.Keys); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if p.Why == "" || !strings.HasSuffix(p.Say, ".") || !strings.HasSuffix(p.Why, ".") {
				t.Errorf("say %q, why %q: want two sentences", p.Say, p.Why)
			}
			if p, ok := find(Check(parsed(t, tt.good), tt.facts), tt.words); ok {
				t.Errorf("%q with %+v: got %q, want no such problem", tt.good, tt.facts, p.Say)
			}
		})
	}
}

func TestEveryRuleHasACase(t *testing.T) {
	for _, r := range rules {
		covered := slices.ContainsFunc(ruleCases, func(c ruleCase) bool {
			v := parsed(t, c.bad)
			p, broken := r.broken(judged{asked: v, effective: v.Effective(), facts: c.badFacts})
			return broken && strings.Contains(p.Say, c.words)
		})
		for _, c := range guardedCases {
			v := guardedValues(t, c.pairs...)
			p, broken := r.broken(judged{asked: v, effective: v.Effective()})
			covered = covered || broken && c.says != "" && strings.Contains(p.Say, c.says)
		}
		if !covered {
			t.Errorf("the rule %q is violated by no case", r.holds)
		}
	}
}

func TestRulesSayWhatHoldsAndWhereItIsRead(t *testing.T) {
	for _, r := range rules {
		if !strings.HasSuffix(r.holds, ".") || r.source == "" {
			t.Errorf("got %q from %q, want a sentence and a source", r.holds, r.source)
		}
		for _, k := range r.keys {
			if _, there := Find(k); !there {
				t.Errorf("%q names %s, which has no row", r.holds, k)
			}
		}
	}
	for _, want := range []Key{Acks, LingerMs, BufferMemory, TransactionTimeoutMs, StandQuotaBytes} {
		if named := RulesOf(want); len(named) == 0 {
			t.Errorf("%s: no rule names it", want)
		}
	}
}

// TestProblemsNameTheKeysOfTheirRule keeps `kdyno settings KEY` from leaving a
// rule out.
func TestProblemsNameTheKeysOfTheirRule(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for range 2000 {
		v := randomValues(r)
		j := judged{asked: v, effective: v.Effective(), facts: randomFacts(r)}
		for _, rule := range rules {
			p, broken := rule.broken(j)
			for _, k := range p.Keys {
				if broken && !slices.Contains(rule.keys, k) {
					t.Fatalf("%q names %s, and its rule does not: %q", p.Say, k, rule.holds)
				}
			}
		}
	}
}

func TestLintLooksPastWhatOnlyWeCannot(t *testing.T) {
	kerberos := parsed(t, "security.protocol=SASL_PLAINTEXT sasl.kerberos.service.name=kafka metric.reporters=a.b.C client.id=x")
	kerberos, err := kerberos.WithSecret(SASLJaasConfig, scramUser)
	if err != nil {
		t.Fatal(err)
	}
	if p, found := find(Lint(kerberos, Facts{}), ""); found && p.Severity == Error {
		t.Errorf("lint: got %q, want no error", p.Say)
	}
	for _, words := range []string{"GSSAPI", "metric.reporters", "sasl.kerberos.service.name"} {
		if _, found := find(Check(kerberos, Facts{}), words); !found {
			t.Errorf("check: no problem says %q", words)
		}
	}
}

func find(problems []Problem, words string) (Problem, bool) {
	for _, p := range problems {
		if strings.Contains(p.Say, words) {
			return p, true
		}
	}
	return Problem{}, false
}

func TestDefaultsWithANameHaveNoProblem(t *testing.T) {
	facts := Facts{Brokers: 3, Partitions: 6, Replication: 3, MinInsync: 2, MaxMessageBytes: 1048588, RTTMs: 0.5}
	if got := Check(with(t, "client.id", "orders"), facts); len(got) > 0 {
		t.Errorf("got %v, want none", got)
	}
}

// randomFacts leaves some unknown.
func randomFacts(r *rand.Rand) Facts {
	pick := func(of ...int) int { return of[r.IntN(len(of))] }
	return Facts{
		Brokers: pick(0, 1, 3), Partitions: pick(0, 1, 6, 1000), FewestInTopic: pick(0, 1, 6), Replication: pick(0, 1, 3), MinInsync: pick(0, 1, 2, 3),
		MaxMessageBytes: int64(pick(0, 10, 1000, 1048588)), RTTMs: []float64{0, 0.2, 40, 1e12}[r.IntN(4)],
		TailMs: []float64{0, 12, 4000, 1e12}[r.IntN(4)], ReplicaLagMs: int64(pick(0, 30000, 1<<40)),
		TransactionReplication: pick(0, 1, 3), TransactionMaxMs: int64(pick(0, 10, 900000)),
	}
}

func TestProblemsComeErrorsFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		problems := Check(randomValues(r), randomFacts(r))
		if !slices.IsSortedFunc(problems, func(a, b Problem) int { return a.Severity.rank() - b.Severity.rank() }) {
			t.Fatalf("not sorted: %v", problems)
		}
	}
}

func TestEachFixRemovesItsProblem(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	fixed := 0
	for range 3000 {
		v, facts := randomValues(r), randomFacts(r)
		for _, p := range Check(v, facts) {
			if len(p.Fix) == 0 {
				continue
			}
			fixed++
			w := apply(t, v, p)
			if same, still := sameProblem(Check(w, facts), p); still {
				t.Fatalf("%v, %+v: fix %v of %q leaves %q", v.SetMap(), facts, p.Fix, p.Say, same.Say)
			}
		}
	}
	if fixed < 3000 {
		t.Errorf("only %d fixes were tried", fixed)
	}
}

func apply(t *testing.T, v Values, p Problem) Values {
	t.Helper()
	for key, text := range p.Fix {
		var err error
		if v, err = v.With(key, text); err != nil {
			t.Fatalf("fix of %q: %v", p.Say, err)
		}
		if got := v.Text(key); got != text {
			t.Fatalf("fix of %q: %s=%q is not canonical, want %q", p.Say, key, text, got)
		}
	}
	return v
}

// sameProblem finds a problem of the same rule, whose reason is constant.
func sameProblem(problems []Problem, p Problem) (Problem, bool) {
	for _, q := range problems {
		if q.Why == p.Why && slices.Equal(q.Keys, p.Keys) {
			return q, true
		}
	}
	return Problem{}, false
}

func TestFixesInAnyOrderComeToAnEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 6))
	for range 3000 {
		start, facts := randomValues(r), randomFacts(r)
		v := start
		for round := 0; ; round++ {
			fixable := slices.DeleteFunc(Check(v, facts), func(p Problem) bool { return len(p.Fix) == 0 })
			if len(fixable) == 0 {
				break
			}
			if round > 3*len(rules) {
				t.Fatalf("%v, %+v: still %d problems after %d fixes, the first %q", start.SetMap(), facts, len(fixable), round, fixable[0].Say)
			}
			v = apply(t, v, fixable[r.IntN(len(fixable))])
		}
		for _, p := range Check(v, facts) {
			incurable := []Key{SASLJaasConfig, SASLMechanism, PartitionerClass} // the last by a topic's partitions
			if p.Severity == Error && !slices.Contains(incurable, p.Keys[0]) {
				t.Fatalf("%v: all fixes applied, and still refused: %q", start.SetMap(), p.Say)
			}
		}
	}
}

func TestGuaranteeIsJudgedByWhatIsEffective(t *testing.T) {
	tests := []struct {
		set     string
		want    string
		because string
		broken  string
	}{
		{"", ExactlyOnce, "enable.idempotence=true", "new producer session"},
		{"transactional.id=t", ExactlyOver, "transactional.id is set", "read_uncommitted"},
		{"transactional.id=t acks=1", AtLeastOnce, "acks=1", "leader that dies"},
		{"max.in.flight.requests.per.connection=1", ExactlyOnce, "max.in.flight.requests.per.connection is 1", "unclean"},
		{"acks=1", AtLeastOnce, "acks=1 rules idempotence out", "leader that dies"},
		{"acks=1 enable.idempotence=true", AtLeastOnce, "acks=1 rules idempotence out", "leader that dies"},
		{"acks=1 enable.idempotence=false", AtLeastOnce, "enable.idempotence=false", "leader that dies"},
		{"enable.idempotence=false", AtLeastOnce, "acks=all", "unclean"},
		{"acks=0", AtMostOnce, "acks=0", "without a word"},
		{"acks=0 retries=5", AtMostOnce, "nothing is sent again", "calls send() again"},
		{"retries=0", AtMostOnce, "retries=0", "may have been written"},
		{"acks=1 retries=0", AtMostOnce, "retries=0", "leader that dies"},
		{"transactional.id=payments", ExactlyOver, "fences", "read_uncommitted"},
		{"transactional.id=payments acks=1", AtLeastOnce, "acks=1 rules idempotence out", "leader that dies"},
	}
	for _, tt := range tests {
		got := parsed(t, tt.set).Guarantee()
		if got.Name != tt.want {
			t.Errorf("%q: got %q, want %q", tt.set, got.Name, tt.want)
		}
		if !strings.Contains(strings.Join(got.Because, " "), tt.because) {
			t.Errorf("%q: because %q, want %q in it", tt.set, got.Because, tt.because)
		}
		if !strings.Contains(strings.Join(got.BrokenBy, " "), tt.broken) {
			t.Errorf("%q: broken by %q, want %q in it", tt.set, got.BrokenBy, tt.broken)
		}
	}
}

// What a guarantee claims of each record, which an audit holds it to.
func TestClaimsFollowTheGuarantee(t *testing.T) {
	for set, want := range map[string]Claims{
		"":                         {Kept: true, Once: true, Ordered: true},
		"enable.idempotence=false": {Kept: true},
		"enable.idempotence=false max.in.flight.requests.per.connection=1": {Kept: true, Ordered: true},
		"acks=1":           {Kept: true},
		"acks=1 retries=0": {Kept: true, Once: true},
		"retries=0":        {Kept: true, Once: true},
		"acks=0":           {Once: true},
		"acks=0 max.in.flight.requests.per.connection=1": {Once: true},
	} {
		if got := parsed(t, set).Claims(); got != want {
			t.Errorf("%s: got %+v, want %+v", set, got, want)
		}
	}
}
