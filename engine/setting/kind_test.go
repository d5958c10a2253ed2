package setting

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseGivesCanonicalText(t *testing.T) {
	tests := []struct {
		key  Key
		text string
		want string
	}{
		{LingerMs, "5", "5"},
		{LingerMs, " 7 ", "7"},
		{LingerMs, "+7", "7"},
		{LingerMs, "007", "7"},
		{LingerMs, "5ms", "5"},
		{LingerMs, "5 ms", "5"},
		{LingerMs, "2s", "2000"},
		{LingerMs, "1.5s", "1500"},
		{LingerMs, "0.5s", "500"},
		{LingerMs, "1m", "60000"},
		{LingerMs, "2 min", "120000"},
		{LingerMs, "1h", "3600000"},
		{LingerMs, "0", "0"},
		{LingerMs, "-0", "0"},
		{LingerMs, "9223372036854775807", "9223372036854775807"},
		{RequestTimeoutMs, "2147483647", "2147483647"},
		{BatchSize, "64KiB", "65536"},
		{BatchSize, "64Ki", "65536"},
		{BatchSize, "64kB", "64000"},
		{BatchSize, "64k", "64000"},
		{BatchSize, "1M", "1000000"},
		{BatchSize, "1.5MiB", "1572864"},
		{BatchSize, "100B", "100"},
		{BufferMemory, "32 MiB", "33554432"},
		{BufferMemory, "1GiB", "1073741824"},
		{SendBufferBytes, "-1", "-1"},
		{ConnectionsMaxIdleMs, "-5", "-5"},
		{LoadRate, "180k", "180000"},
		{LoadRate, "1M", "1000000"},
		{LoadRate, "5k/s", "5000"},
		{LoadRate, "5000/s", "5000"},
		{LoadRate, "2.5k", "2500"},
		{LoadRate, "0", "0"},
		{Acks, "all", "all"},
		{Acks, "-1", "all"},
		{Acks, "0", "0"},
		{Acks, "1", "1"},
		{EnableIdempotence, "TRUE", "true"},
		{EnableIdempotence, " False ", "false"},
		{CompressionType, "zstd", "zstd"},
		{PartitionerClass, "", ""},
		{PartitionerClass, "built-in", ""},
		{PartitionerClass, "round-robin", "round-robin"},
		{PartitionerClass, "org.apache.kafka.clients.producer.RoundRobinPartitioner", "round-robin"},
		{ClientID, "orders-1", "orders-1"},
		{ClientID, "", ""},
		{BootstrapServers, "", ""},
		{BootstrapServers, "a:9092, b:9093", "a:9092,b:9093"},
		{BootstrapServers, "[::1]:9092", "[::1]:9092"},
		{"sasl.login.refresh.buffer.seconds", "5m", "300"},
		{"sasl.login.refresh.window.factor", "0.80", "0.8"},
		{"sasl.login.refresh.window.factor", "1.0", "1"},
		{"sasl.kerberos.ticket.renew.jitter", "-0", "0"},
		{"sasl.oauthbearer.assertion.algorithm", "es256", "ES256"},
		{SecurityProtocol, "sasl_ssl", "SASL_SSL"},
		{MetadataRecoveryStrategy, "NONE", "none"},
		{SSLEndpointIdentification, "", ""},
		{SSLEndpointIdentification, "none", ""},
		{SSLEnabledProtocols, "TLSv1.3, TLSv1.2,TLSv1.3", "TLSv1.3,TLSv1.2"},
		{CompressionZstdLevel, "-131072", "-131072"},
		{LoginReadTimeoutMs, "5s", "5000"},
		{LoginReadTimeoutMs, "", ""},
		{"interceptor.classes", " a.B , ,c.D,a.B", "a.B,c.D"},
		{"transactional.id", "", ""},
		{LoadKeys, "none", "none"},
		{LoadKeys, "uniform:1000", "uniform:1000"},
		{LoadKeys, "uniform:1M", "uniform:1000000"},
		{StandLinkRTT, "0", "0"},
		{StandLinkRTT, "0s", "0"},
		{StandLinkRTT, "5ms", "5ms"},
		{StandLinkRTT, "0.03s", "30ms"},
		{StandLinkRTT, "500us", "500us"},
		{StandLinkBandwidth, "0", "0"},
		{StandLinkBandwidth, "100 Mbit/s", "100Mbit"},
		{StandLinkBandwidth, "2.5MB", "2.5MB"},
	}
	for _, tt := range tests {
		v, err := Defaults().With(tt.key, tt.text)
		if err != nil {
			t.Errorf("%s=%q: %v", tt.key, tt.text, err)
		} else if got := v.Text(tt.key); got != tt.want {
			t.Errorf("%s=%q: got %q, want %q", tt.key, tt.text, got, tt.want)
		}
	}
}

// TestParseRefusesInWords also holds what the message must tell: the bounds
// and the unit, or the words that are taken.
func TestParseRefusesInWords(t *testing.T) {
	tests := []struct {
		key  Key
		text string
		says []string
	}{
		{LingerMs, "", []string{"not a number", "milliseconds", "0 or more"}},
		{LingerMs, "fast", []string{"not a number"}},
		{LingerMs, "NaN", []string{"not a number"}},
		{LingerMs, "Inf", []string{"not a number"}},
		{LingerMs, "1e3", []string{"1e3", "whole number of milliseconds"}},
		{LingerMs, "0x10", []string{"0x10"}},
		{LingerMs, "1_000", []string{"1_000"}},
		{LingerMs, "1,500", []string{"1,500"}},
		{LingerMs, "--5", []string{"not a number"}},
		{LingerMs, "5.", []string{"not a number"}},
		{LingerMs, ".5s", []string{"not a number"}},
		{LingerMs, "1.2.3", []string{"1.2.3"}},
		{LingerMs, "5.5", []string{"not a whole number of milliseconds"}},
		{LingerMs, "5.0", []string{"not a whole number of milliseconds"}},
		{LingerMs, "0.5ms", []string{"not a whole number of milliseconds"}},
		{LingerMs, "5kB", []string{"not in ms", "milliseconds"}},
		{LingerMs, "5 years", []string{"5 years"}},
		{LingerMs, "-1", []string{"out of range", "0 or more", "milliseconds"}},
		{LingerMs, "9223372036854775808", []string{"out of range"}},
		{LingerMs, "9223372036854775807s", []string{"out of range"}},
		{LingerMs, strings.Repeat("9", 5000), []string{"not a number"}},
		{RequestTimeoutMs, "2147483648", []string{"out of range", "from 0 to 2147483647", "milliseconds"}},
		{BatchSize, "5ms", []string{"not in bytes", "from 0 to 2147483647", "bytes"}},
		{BatchSize, "64K", []string{"1000 or 1024"}},
		{BatchSize, "64KB", []string{"1000 or 1024"}},
		{BatchSize, "2GiB", []string{"out of range", "from 0 to 2147483647"}},
		{SendBufferBytes, "-2", []string{"out of range", "from -1 to 2147483647"}},
		{MaxInFlight, "0", []string{"out of range", "from 1 to 2147483647"}},
		{MaxInFlight, "5ms", []string{"plain number"}},
		{Retries, "1k", []string{"plain number"}},
		{LoadRate, "5kB", []string{"not in records/s"}},
		{LoadRate, "-1", []string{"out of range", "from 0 to", "records/s"}},
		{LoadSenders, "65", []string{"from 1 to 64"}},
		{LoadRecordBytes, "0", []string{"from 1 to"}},
		{Acks, "2", []string{"0, 1, all"}},
		{Acks, "ALL", []string{"0, 1, all"}},
		{EnableIdempotence, "yes", []string{"neither true nor false"}},
		{EnableIdempotence, "1", []string{"neither true nor false"}},
		{CompressionType, "LZ4", []string{"none, gzip, snappy, lz4, zstd"}},
		{PartitionerClass, "com.example.Mine", []string{"built-in, round-robin"}},
		{ClientID, "a\nb", []string{"cannot be printed"}},
		{ClientID, "a\xffb", []string{"cannot be printed"}},
		{BootstrapServers, "localhost", []string{`"localhost" is not an address`, "host:port"}},
		{BootstrapServers, "a:9092,", []string{"not an address"}},
		{BootstrapServers, "a:0", []string{"not an address"}},
		{BootstrapServers, "a:70000", []string{"not an address"}},
		{BootstrapServers, ":9092", []string{"not an address"}},
		{BootstrapServers, "http://a:9092", []string{"not an address"}},
		{"sasl.login.refresh.buffer.seconds", "5ms", []string{"not in s", "from 0 to 3600", "seconds"}},
		{"sasl.login.refresh.window.factor", "1.01", []string{"out of range", "from 0.5 to 1"}},
		{"sasl.login.refresh.window.factor", "NaN", []string{"not a decimal number"}},
		{"sasl.kerberos.ticket.renew.jitter", "much", []string{"not a decimal number", "0.8"}},
		{CompressionGzipLevel, "0", []string{"not one of its values", "from -1 to 9"}},
		{SecurityProtocol, "TLS", []string{"PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"}},
		{SSLEnabledProtocols, "TLSv1.2,SSLv3", []string{`"SSLv3" is not one`, "parted by commas"}},
		{"interceptor.classes", "a,b\nc", []string{"cannot be printed"}},
		{LoadKeys, "uniform", []string{"uniform:N"}},
		{LoadKeys, "uniform:0", []string{"out of range"}},
		{LoadKeys, "uniform:", []string{"not a number of keys"}},
		{LoadKeys, "uniform:5/s", []string{"not a number of keys"}},
		{LoadKeys, "pareto:10:1", []string{"none, sequence, uniform:N"}},
		{LoadSend, "blocking", []string{"one of async"}},
		{StandLinkRTT, "5", []string{"not a length of time", "30ms"}},
		{StandLinkRTT, "-5ms", []string{"out of range"}},
		{StandLinkRTT, "11s", []string{"out of range", "10s"}},
		{StandLinkBandwidth, "100", []string{"no bandwidth", "100Mbit"}},
		{StandLinkBandwidth, "-1Mbit", []string{"no bandwidth", "1kbit"}},
		{StandLinkBandwidth, "1bit", []string{"no bandwidth", "1kbit"}},
		{StandLinkBandwidth, "1000Gbit", []string{"no bandwidth", "100Gbit"}},
		{StandLinkRTT, "", []string{"not a length of time"}},
	}
	for _, tt := range tests {
		_, err := Defaults().With(tt.key, tt.text)
		var bad *ValueError
		if !errors.As(err, &bad) {
			t.Errorf("%s=%.30q: got error %v, want a *ValueError", tt.key, tt.text, err)
			continue
		}
		if bad.Key != tt.key || bad.Say == "" || bad.Hint == "" {
			t.Errorf("%s=%.30q: key %q, say %q, hint %q: want all three", tt.key, tt.text, bad.Key, bad.Say, bad.Hint)
		}
		for _, want := range tt.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s=%.30q: got %q, want %q in it", tt.key, tt.text, err, want)
			}
		}
	}
}

func TestShowSpeaksToPeople(t *testing.T) {
	tests := []struct {
		key       Key
		canonical string
		want      string
	}{
		{BufferMemory, "33554432", "32 MiB"},
		{BatchSize, "16384", "16 KiB"},
		{BatchSize, "64000", "64,000 B"},
		{BatchSize, "0", "0 B"},
		{BatchSize, "100", "100 B"},
		{BufferMemory, "3221225472", "3 GiB"},
		{SendBufferBytes, "-1", "-1 B"},
		{LingerMs, "5", "5 ms"},
		{LingerMs, "0", "0 ms"},
		{LingerMs, "1500", "1,500 ms"},
		{RequestTimeoutMs, "30000", "30 s"},
		{DeliveryTimeoutMs, "120000", "2 min"},
		{LoadRate, "5000", "5,000/s"},
		{LoadRate, "0", "0/s"},
		{Retries, "2147483647", "2147483647"},
		{Acks, "all", "all"},
		{PartitionerClass, "", "built-in"},
		{PartitionerClass, "round-robin", "round-robin"},
		{EnableIdempotence, "true", "true"},
		{StandLinkRTT, "30ms", "30ms"},
		{BatchSize, "not a number", "not a number"},
	}
	for _, tt := range tests {
		row, _ := Find(tt.key)
		if got := row.Kind.Show(tt.canonical); got != tt.want {
			t.Errorf("%s: Show(%q): got %q, want %q", tt.key, tt.canonical, got, tt.want)
		}
	}
}

func TestEnumListsOnlyWhatParseTakes(t *testing.T) {
	for _, r := range Rows() {
		for _, word := range r.Kind.Enum() {
			canonical, err := r.Kind.Parse(word)
			if err != nil {
				t.Errorf("%s: %v", r.Key, err)
			}
			if got := r.Kind.Show(canonical); got != word {
				t.Errorf("%s: %q is shown as %q", r.Key, word, got)
			}
		}
	}
}

func TestBoundsAreTaken(t *testing.T) {
	for _, r := range Rows() {
		least, most := r.Kind.Bounds()
		for _, bound := range []string{least, most} {
			if bound == "" {
				continue
			}
			if got, err := r.Kind.Parse(bound); err != nil || got != bound {
				t.Errorf("%s: bound %q: got %q, %v", r.Key, bound, got, err)
			}
		}
	}
}

// FuzzKindParse: whatever is written, it is refused in printable words, or its
// canonical text is printable, parses to itself and survives being shown.
func FuzzKindParse(f *testing.F) {
	for i, r := range Rows() {
		f.Add(i, r.Default)
	}
	for _, text := range []string{"5ms", "64KiB", "1.5s", "-1", "all", "uniform:1M", "a:1,b:2", "1e3", "NaN", "99999999999999999999"} {
		for i := range Rows() {
			f.Add(i, text)
		}
	}
	rows := Rows()
	f.Fuzz(func(t *testing.T, i int, text string) {
		kind := rows[uint(i)%uint(len(rows))].Kind
		canonical, err := kind.Parse(text)
		if err != nil {
			if !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Fatalf("%q: the message cannot be printed: %q", text, err)
			}
			return
		}
		if again, err := kind.Parse(canonical); err != nil || again != canonical {
			t.Fatalf("%q: canonical %q parses to %q, %v", text, canonical, again, err)
		}
		shown := kind.Show(canonical)
		if kind.Unit() != "" {
			shown = strings.ReplaceAll(shown, ",", "")
		}
		if again, err := kind.Parse(shown); err != nil || again != canonical {
			t.Fatalf("%q: shown as %q, which parses to %q, %v; want %q", text, shown, again, err, canonical)
		}
	})
}
