package setting

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// wordTexts are canonical texts of the rows whose words have figures.
var wordTexts = map[Key][]string{
	StandLinkBandwidth: {"0", "1kbit", "2.5Mbit", "100Mbit", "10MB", "100Gbit"},
	LoadRecordBytes:    {"512", "1", "67108864", "100..2000", "lognormal:500:0.6", "lognormal:1:3"},
	LoadShape:          {"constant", "ramp:0..50000/30s", "step:1000,0,20000/10s", "burst:500/1s", "sine:100..5000/60s", "sine:0..1/24h"},
	LoadPayload:        {"json", "text", "random", "zeros", "file:records.jsonl", "file:/a b/c:d.bin"},
	LoadHeaders:        {"", "trace-id=32", "trace-id=32,tenant=0,a b=65536"},
	LoadTimestamp:      {"now", "-1h", "+90s", "-1500us"},
	LoadKeys:           {"none", "sequence", "uniform:7", "zipf:1000000:0.99", "hot:0.3"},
}

func TestLoadTextsAreCanonical(t *testing.T) {
	for key, texts := range wordTexts {
		row, _ := Find(key)
		for _, text := range texts {
			if got, err := row.Kind.Parse(text); err != nil || got != text {
				t.Errorf("%s=%s: got %q, %v, want itself", key, text, got, err)
			}
		}
	}
}

func TestLoadTextsAreReadAsPeopleWriteThem(t *testing.T) {
	tests := []struct {
		key        Key
		text, want string
	}{
		{LoadRecordBytes, "64KiB", "65536"},
		{LoadRecordBytes, "1Ki..64Ki", "1024..65536"},
		{LoadRecordBytes, " 100 .. 200 ", "100..200"},
		{LoadRecordBytes, "300..300", "300"},
		{LoadRecordBytes, "lognormal:1KiB:0.50", "lognormal:1024:0.5"},
		{LoadShape, "ramp:1k..50k/s/30s", "ramp:1000..50000/30s"},
		{LoadShape, "step: 1k , 2k/10000ms", "step:1000,2000/10s"},
		{LoadShape, "sine:1..2/60m", "sine:1..2/1h"},
		{LoadShape, "burst:1k/1m30s", "burst:1000/90s"},
		{LoadPayload, "file: x.txt ", "file:x.txt"},
		{LoadHeaders, "a=1, b=2", "a=1,b=2"},
		{LoadHeaders, "a=1KiB", "a=1024"},
		{LoadTimestamp, "-0h", "now"},
		{LoadTimestamp, "-60m", "-1h"},
		{LoadKeys, "uniform:1M", "uniform:1000000"},
		{LoadKeys, "zipf:1M:1.0", "zipf:1000000:1"},
		{LoadKeys, "hot:0.250", "hot:0.25"},
		{LoadKeys, "hot:0", "hot:0"},
	}
	for _, tt := range tests {
		row, _ := Find(tt.key)
		if got, err := row.Kind.Parse(tt.text); err != nil || got != tt.want {
			t.Errorf("%s=%s: got %q, %v, want %q", tt.key, tt.text, got, err, tt.want)
		}
	}
}

func TestLoadTextsThatAreRefusedNameWhatIsAllowed(t *testing.T) {
	tests := []struct {
		key  Key
		text string
		want []string
	}{
		{LoadRecordBytes, "", []string{"from 1 to 67108864", "lognormal:500:0.6"}},
		{LoadRecordBytes, "0", []string{"out of range"}},
		{LoadRecordBytes, "65MiB", []string{"out of range"}},
		{LoadRecordBytes, "2000..100", []string{"the smaller first"}},
		{LoadRecordBytes, "1..", []string{"range of sizes"}},
		{LoadRecordBytes, "lognormal:500", []string{"median in bytes and a sigma"}},
		{LoadRecordBytes, "lognormal:500:0", []string{"sigma above 0"}},
		{LoadRecordBytes, "lognormal:500:NaN", []string{"sigma above 0"}},
		{LoadRecordBytes, "5K", []string{"can mean 1000 or 1024"}},
		{LoadShape, "ramp", []string{"does not say how long", "ramp:FROM..TO/30s"}},
		{LoadShape, "rampart:1..2/1s", []string{"not a shape"}},
		{LoadShape, "ramp:1..2..3/1s", []string{"needs two rates"}},
		{LoadShape, "ramp:1,2/1s", []string{`"1,2"`, "number of records"}},
		{LoadShape, "step:1,x/1s", []string{`"x"`}},
		{LoadShape, "step:0,0/1s", []string{"never sends"}},
		{LoadShape, "step:" + strings.Repeat("1,", 64) + "1/1s", []string{"more than 64 steps"}},
		{LoadShape, "sine:9..1/60s", []string{"higher rate first"}},
		{LoadShape, "sine:1..9/25h", []string{"no time"}},
		{LoadShape, "burst:5/0s", []string{"no time"}},
		{LoadShape, "burst:1000M/1s", []string{"number of records"}},
		{LoadPayload, "prose", []string{"file:PATH"}},
		{LoadPayload, "file:", []string{"file:PATH"}},
		{LoadPayload, "file:a\x00b", []string{"cannot be printed"}},
		{LoadHeaders, "a", []string{"not a header", "name=bytes"}},
		{LoadHeaders, "=5", []string{"not a header"}},
		{LoadHeaders, "a=x", []string{"how many bytes"}},
		{LoadHeaders, "a=65537", []string{"how many bytes", "65536"}},
		{LoadHeaders, strings.Repeat("a=1,", 16) + "a=1", []string{"too many"}},
		{LoadTimestamp, "1h", []string{"with a sign"}},
		{LoadTimestamp, "-999999h", []string{"10 years"}},
		{LoadTimestamp, "", []string{"now"}},
		{LoadPartition, "-1", []string{"from 0"}},
		{LoadNullValues, "1.1", []string{"0 to 1"}},
		{LoadKeys, "zipf:10", []string{"not an exponent", "zipf:N:S"}},
		{LoadKeys, "zipf::1", []string{"not a number of keys"}},
		{LoadKeys, "zipf:10:99", []string{"not an exponent"}},
		{LoadKeys, "zipf:2000M:1", []string{"out of range"}},
		{LoadKeys, "hot:1.5", []string{"not a share", "SHARE from 0 to 1"}},
		{LoadKeys, "hot:1e-3", []string{"not a share"}},
		{LoadKeys, "hot:", []string{"not a share"}},
	}
	for _, tt := range tests {
		row, _ := Find(tt.key)
		got, err := row.Kind.Parse(tt.text)
		if err == nil {
			t.Errorf("%s=%s: got %q, want an error", tt.key, tt.text, got)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s=%s: got %q, want %q in it", tt.key, tt.text, err, want)
			}
		}
	}
}

func TestLoadViews(t *testing.T) {
	v := with(t, "load.record.bytes", "lognormal:500:0.6", "load.keys", "zipf:1000:0.9")
	if diff := cmp.Diff(Sizes{Kind: "lognormal", Least: 61, Most: 4083, Median: 500, Sigma: 0.6}, v.RecordSizes()); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(KeyShape{Kind: "zipf", Count: 1000, Exponent: 0.9}, v.KeyShape()); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	v = with(t, "load.shape", "step:1k,2k/10s", "load.headers", "a=5,b=0", "load.null.values", "0.25", "load.partition", "3", "load.timestamp", "-1h")
	if diff := cmp.Diff(Pacing{Kind: "step", Rates: []int64{1000, 2000}, Every: 10 * time.Second}, v.Pacing()); diff != "" {
		t.Errorf("shape (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Header{{"a", 5}, {"b", 0}}, v.Headers()); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if p, ok := v.Partition(); p != 3 || !ok || v.NullShare() != 0.25 || v.TimestampShift() != -time.Hour {
		t.Errorf("got partition %d %v, nulls %v, shift %v; want 3, 0.25, -1h", p, ok, v.NullShare(), v.TimestampShift())
	}
	v = Defaults()
	if p, ok := v.Partition(); ok || v.NullShare() != 0 || v.TimestampShift() != 0 || v.Headers() != nil || v.Pacing().Kind != "constant" {
		t.Errorf("got partition %d, nulls %v, shift %v by default, want none", p, v.NullShare(), v.TimestampShift())
	}
	for text, want := range map[string]float64{"constant": 7, "ramp:1..5/1s": 5, "step:1,9,3/1s": 3, "sine:2..4/1s": 3, "burst:10/500ms": 20} {
		if got := with(t, "load.shape", text).Pacing().Mean(7); got != want {
			t.Errorf("%s: got a mean of %v records/s, want %v", text, got, want)
		}
	}
	for text, want := range map[string]float64{"512": 512, "100..200": 150, "lognormal:500:0.6": 598.6} {
		if got := with(t, "load.record.bytes", text).RecordSizes().Mean(); got < want-0.1 || got > want+0.1 {
			t.Errorf("%s: got a mean of %v bytes, want %v", text, got, want)
		}
	}
}

// Whatever is taken must come back from its own canonical text.
func FuzzLoadTexts(f *testing.F) {
	for _, texts := range wordTexts {
		for _, text := range texts {
			f.Add(text)
		}
	}
	f.Add("step:1k/s,2k/s/10s")
	f.Add("9..9..9")
	f.Fuzz(func(t *testing.T, text string) {
		for key := range wordTexts {
			row, _ := Find(key)
			once, err := row.Kind.Parse(text)
			if err != nil {
				continue
			}
			twice, err := row.Kind.Parse(once)
			if err != nil || once != twice {
				t.Fatalf("%s: %q became %q, and that %q, %v", key, text, once, twice, err)
			}
		}
	})
}

func TestSizesOfARuleAreTheLargest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		most := 1 + rng.Int64N(maxRecordBytes)
		s, bad := parseSizes(decimal(1+rng.Int64N(most)) + ".." + decimal(most))
		if bad != nil || s.Most != most || s.Mean() > float64(most) {
			t.Fatalf("up to %d: got %+v, %v", most, s, bad)
		}
	}
}
