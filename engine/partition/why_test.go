package partition

import (
	"strings"
	"testing"

	"kdyno/engine/setting"
)

func TestWhySaysWhatDecided(t *testing.T) {
	for _, tt := range []struct {
		class  string
		ignore bool
		pinned bool
		key    string // "-": none
		want   string
	}{
		{setting.BuiltIn, false, true, "a", "the record names it"},
		{setting.RoundRobin, false, false, "a", "round robin"},
		{setting.BuiltIn, false, false, "-", "sticky: it has no key"},
		{setting.BuiltIn, true, false, "a", "sticky: partitioner.ignore.keys=true"},
		{setting.BuiltIn, false, false, "a", "hash: murmur2 of the key is 0xa2d0b27c, without its sign modulo 6 partitions that is 4"},
		{setting.HashCRC32, false, false, "a", "hash: crc32 of the key is 0xe8b7be43, modulo 6 partitions that is 3"},
		{setting.HashFNV1a, false, false, "a", "hash: fnv1a of the key, made positive, modulo 6 partitions is"},
		{"prefix:KR=0-3,*=hash", false, false, "KR-7", "partitioner.class gives KR the partitions 0 to 3"},
		{"prefix:KR=0-3,*=hash", false, false, "US-7", "partitioner.class does not name the key"},
		{"vip:gold=0,*=hash", false, false, "gold", "partitioner.class gives gold partition 0"},
		{"vip:gold=0,*=hash", false, false, "iron", "over the 5 partitions that are left"},
		{"vip:gold=0,*=hash", false, false, "-", "sticky: it has no key"},
	} {
		p := New(Options{Class: tt.class, IgnoreKeys: tt.ignore, BatchBytes: 100}, newListener())
		key := []byte(tt.key)
		if tt.key == "-" {
			key = nil
		}
		at, _ := NewPlacer(tt.class, tt.ignore, 6).Place(key)
		if got := p.Why("t", tt.pinned, key, at, 6); !strings.Contains(got, tt.want) {
			t.Errorf("%s, key %q: got %q, want %q in it", tt.class, tt.key, got, tt.want)
		}
	}
}
