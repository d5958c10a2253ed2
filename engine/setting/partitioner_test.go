package setting

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// partitionerTexts are canonical.
var partitionerTexts = []string{
	"", "round-robin", "hash:crc32", "hash:fnv1a", "prefix:KR=0-3,US=4-5,*=hash", "prefix:a=b=0,*=1-2", "vip:gold=0,*=hash", "vip:gold=0,a b=2-3,*=4-5",
}

func TestPartitionersAreReadAsPeopleWriteThem(t *testing.T) {
	row, _ := Find(PartitionerClass)
	same := map[string]string{
		"built-in": "", " round-robin ": "round-robin",
		"org.apache.kafka.clients.producer.RoundRobinPartitioner": "round-robin",
		"prefix: KR = 0 - 3 , * = hash ":                          "prefix:KR=0-3,*=hash",
		"prefix:*=hash,KR=2-2":                                    "prefix:KR=2,*=hash",
		"vip:gold=07,*=hash":                                      "vip:gold=7,*=hash",
		"vip:*=1-2,gold=0":                                        "vip:gold=0,*=1-2",
	}
	for _, text := range partitionerTexts {
		same[text] = text
	}
	for text, want := range same {
		if got, err := row.Kind.Parse(text); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestPartitionersThatAreRefusedNameTheColumn(t *testing.T) {
	tests := []struct {
		text   string
		column int
		say    string
	}{
		{"sticky", 0, "not one of its values"},
		{"Round-Robin", 0, "not one of its values"},
		{"com.example.KeyPartitioner", 0, "looks like a Java class"},
		{"org.apache.kafka.clients.producer.internals.DefaultPartitioner", 0, "looks like a Java class"},
		{"hash:md5", 6, `"md5" is not a hash`},
		{"hash:", 6, `"" is not a hash`},
		{"prefix", 0, "not one of its values"},
		{"prefix:", 8, "does not say which partitions"},
		{"prefix:KR", 8, `"KR" does not say which partitions`},
		{"prefix:KR=0-3", 14, "*=hash is missing"},
		{"prefix:KR=0-3,", 15, "does not say which partitions"},
		{"prefix:*=hash", 8, "no key is named"},
		{"prefix:KR=3-0,*=hash", 11, "3-0 is reversed"},
		{"prefix:KR=0-3,US=3-5,*=hash", 18, "US=3-5 shares partitions with KR=0-3"},
		{"prefix:KR=0-3,US=0,*=hash", 18, "US=0 shares partitions with KR=0-3"},
		{"prefix:KR=0-3,US=5,*=5", 22, "*=5 shares partitions with US=5"},
		{"prefix:*=5,US=4-6,*=hash", 15, "US=4-6 shares partitions with *=5"},
		{"prefix:KR=0-3,KR=4,*=hash", 15, `"KR" stands here twice`},
		{"prefix:KR=0,*=hash,*=hash", 20, `"*" stands here twice`},
		{"prefix:=0,*=hash", 8, "a key is missing"},
		{"prefix:KR=hash,*=hash", 11, `"hash" is neither a partition nor a range`},
		{"prefix:KR=,*=hash", 11, "neither a partition nor a range"},
		{"prefix:KR=-1,*=hash", 11, "neither a partition nor a range"},
		{"prefix:KR=0-,*=hash", 11, "neither a partition nor a range"},
		{"prefix:KR=0-1-2,*=hash", 11, "neither a partition nor a range"},
		{"prefix:KR=1000001,*=hash", 11, "neither a partition nor a range of them from 0 to 1000000"},
		{"prefix:\u00fc\u00fc=0,b=x,*=hash", 15, `"x" is neither`},
		{"prefix:a\x00=0,*=hash", 8, "cannot be printed"},
		{"vip:gold=0", 11, "*=hash is missing"},
		{"vip:gold=0,*=all", 14, `"all" is neither`},
		{"vip:" + strings.Repeat("k=0,", 2), 9, "twice"},
	}
	row, _ := Find(PartitionerClass)
	for _, tt := range tests {
		got, err := row.Kind.Parse(tt.text)
		var bad *ValueError
		if !errors.As(err, &bad) {
			t.Errorf("%q: got %q, %v, want a *ValueError", tt.text, got, err)
			continue
		}
		if bad.Column != tt.column || !strings.Contains(bad.Say, tt.say) || bad.Hint != partitionerTakes {
			t.Errorf("%q: got column %d, %q, hint %q; want column %d, %q", tt.text, bad.Column, bad.Say, bad.Hint, tt.column, tt.say)
		}
	}
	long := "vip:"
	for i := range maxSets + 1 {
		long += "k" + decimal(int64(i)) + "=" + decimal(int64(i)) + ","
	}
	if _, err := row.Kind.Parse(long + "*=hash"); err == nil || !strings.Contains(err.Error(), "more than 64 keys") {
		t.Errorf("65 VIPs: got %v, want a refusal", err)
	}
}

func TestAColumnIsTold(t *testing.T) {
	_, err := Defaults().With(PartitionerClass, "prefix:KR=3-0,*=hash")
	if want := "partitioner.class: column 11: the range 3-0 is reversed"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %q first", err, want)
	}
}

func TestPartitionerViews(t *testing.T) {
	rest := PartitionSet{Name: "*", Least: 4, Most: 5}
	tests := map[string]struct {
		want  Partitioner
		most  int
		needs int
	}{
		"":                        {Partitioner{Kind: "built-in"}, -1, 1},
		"round-robin":             {Partitioner{Kind: "round-robin"}, -1, 1},
		"hash:fnv1a":              {Partitioner{Kind: "hash", Hash: "fnv1a"}, -1, 1},
		"prefix:a=0-3,b=4,*=hash": {Partitioner{Kind: "prefix", Sets: []PartitionSet{{"a", 0, 3}, {"b", 4, 4}}}, 4, 5},
		"vip:a=0-3,b=4,*=hash":    {Partitioner{Kind: "vip", Sets: []PartitionSet{{"a", 0, 3}, {"b", 4, 4}}}, 4, 6},
		"vip:a=7,*=hash":          {Partitioner{Kind: "vip", Sets: []PartitionSet{{"a", 7, 7}}}, 7, 8},
		"vip:a=0,*=4-5":           {Partitioner{Kind: "vip", Sets: []PartitionSet{{"a", 0, 0}}, Rest: &rest}, 5, 6},
	}
	for text, tt := range tests {
		got := with(t, "partitioner.class", text).Partitioner()
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
		if got.Most() != tt.most || got.Needs() != tt.needs {
			t.Errorf("%q: got most %d, needs %d; want %d, %d", text, got.Most(), got.Needs(), tt.most, tt.needs)
		}
	}
}

// Whatever is taken comes back from its own canonical text as the same
// partitioner, and what is refused names a column of the text.
func FuzzPartitioner(f *testing.F) {
	for _, text := range partitionerTexts {
		f.Add(text)
	}
	f.Add("prefix:KR=0-3,US=3-5,*=hash")
	f.Add("vip:\u00fc=+1,*=1-2,=3")
	row, _ := Find(PartitionerClass)
	f.Fuzz(func(t *testing.T, text string) {
		once, err := row.Kind.Parse(text)
		if err != nil {
			var bad *ValueError
			if !errors.As(err, &bad) || bad.Column < 0 || bad.Column > utf8.RuneCountInString(text)+1 {
				t.Fatalf("%q: got %v, want a *ValueError within the text", text, err)
			}
			return
		}
		twice, err := row.Kind.Parse(once)
		if err != nil || once != twice {
			t.Fatalf("%q became %q, and that %q, %v", text, once, twice, err)
		}
		p := PartitionerOf(once)
		for i, s := range p.named() {
			for _, other := range p.named()[:i] {
				if s.Name == other.Name || s.Least <= other.Most && other.Least <= s.Most || s.Least > s.Most {
					t.Fatalf("%q: %s beside %s", text, s, other)
				}
			}
		}
		if p.Needs() <= p.Most() {
			t.Fatalf("%q needs %d partitions and names %d", text, p.Needs(), p.Most())
		}
	})
}
