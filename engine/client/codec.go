package client

import (
	"fmt"
	"strconv"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// codec is the compression of batches at its level. A level of another codec
// than the one in use is not looked at, as in Java.
func (o *options) codec() kgo.CompressionCodec {
	switch o.values.Text(setting.CompressionType) {
	case "gzip":
		return kgo.GzipCompression().WithLevel(o.gzipLevel())
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression().WithLevel(o.lz4Level())
	case "zstd":
		return kgo.ZstdCompression().WithLevel(o.zstdLevel())
	default:
		return kgo.NoCompression()
	}
}

// zlibDefault is what -1 means to Java; franz-go's own default is 5.
const zlibDefault = 6

func (o *options) gzipLevel() int {
	level := int(o.values.Int(setting.CompressionGzipLevel))
	if level < 0 {
		return zlibDefault
	}
	return level
}

// The levels of lz4: Java's default is not a level but its fast compressor,
// every other number its high one; the library behind franz-go knows nine
// levels of that, as bits, and takes a plain 9 for none of them.
const (
	lz4Fast    = 9
	lz4Highest = 9
)

func (o *options) lz4Level() int {
	level := o.values.Int(setting.CompressionLz4Level)
	if level == lz4Fast {
		return int(lz4.Fast)
	}
	levels := [lz4Highest]lz4.CompressionLevel{
		lz4.Level1, lz4.Level2, lz4.Level3, lz4.Level4, lz4.Level5, lz4.Level6, lz4.Level7, lz4.Level8, lz4.Level9,
	}
	if level > lz4Highest {
		o.differ(setting.CompressionLz4Level, "highest of 9",
			"the lz4 library behind franz-go knows 9 levels of high compression; this is the deepest of them")
		level = lz4Highest
	}
	return int(levels[level-1])
}

// zstdLevels are the levels of zstd that the four of the library behind
// franz-go stand for.
var zstdLevels = map[zstd.EncoderLevel]int{
	zstd.SpeedFastest: 1, zstd.SpeedDefault: 3, zstd.SpeedBetterCompression: 7, zstd.SpeedBestCompression: 11,
}

func (o *options) zstdLevel() int {
	asked := int(o.values.Int(setting.CompressionZstdLevel))
	level := zstd.EncoderLevelFromZstd(asked)
	if stands := zstdLevels[level]; stands != asked {
		o.differ(setting.CompressionZstdLevel, strconv.Itoa(stands),
			fmt.Sprintf("the zstd library behind franz-go has four levels, about 1, 3, 7 and 11; %d falls to %d", asked, stands))
	}
	return int(level)
}
