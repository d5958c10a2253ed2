package client_test

import (
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"kdyno/engine/setting"
)

func TestLevelsReachTheCodecOnItsOwnScale(t *testing.T) {
	for _, c := range []struct {
		codec, key, asked string
		level             int
		told              string // empty: nothing
	}{
		{"gzip", "compression.gzip.level", "-1", 6, ""},
		{"gzip", "compression.gzip.level", "1", 1, ""},
		{"gzip", "compression.gzip.level", "9", 9, ""},
		{"lz4", "compression.lz4.level", "9", int(lz4.Fast), ""},
		{"lz4", "compression.lz4.level", "1", int(lz4.Level1), ""},
		{"lz4", "compression.lz4.level", "8", int(lz4.Level8), ""},
		{"lz4", "compression.lz4.level", "10", int(lz4.Level9), "highest of 9"},
		{"lz4", "compression.lz4.level", "17", int(lz4.Level9), "highest of 9"},
		{"zstd", "compression.zstd.level", "3", int(zstd.SpeedDefault), ""},
		{"zstd", "compression.zstd.level", "-131072", int(zstd.SpeedFastest), "1"},
		{"zstd", "compression.zstd.level", "5", int(zstd.SpeedDefault), "3"},
		{"zstd", "compression.zstd.level", "9", int(zstd.SpeedBetterCompression), "7"},
		{"zstd", "compression.zstd.level", "22", int(zstd.SpeedBestCompression), "11"},
		{"snappy", "compression.zstd.level", "22", 0, ""},
		{"none", "compression.gzip.level", "9", 0, ""},
	} {
		m := make1(t, values(t, "compression.type", c.codec, c.key, c.asked), stand(10))
		name, level := codecOf(m.client)
		if name != c.codec || level != c.level {
			t.Errorf("%s with %s=%s: got %s at %d, want level %d", c.codec, c.key, c.asked, name, level, c.level)
		}
		if got := m.differences[setting.Key(c.key)].Effective; got != c.told {
			t.Errorf("%s=%s: told %q, want %q", c.key, c.asked, got, c.told)
		}
	}
}
