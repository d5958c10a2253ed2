package draw

import (
	"math"
	"testing"
	"time"
)

func TestFiguresHaveFewSigns(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{SI(0), "0"},
		{SI(0.5), "0.5"},
		{SI(950), "950"},
		{SI(999.96), "1.0k"},
		{SI(5000), "5.0k"},
		{SI(180_000), "180.0k"},
		{SI(1_250_000), "1.2M"},
		{SI(-5000), "-5.0k"},
		{SI(math.NaN()), Unknown},
		{SI(math.Inf(1)), Unknown},
		{Bytes(512), "512 B"},
		{Bytes(38_400), "37.5 KiB"},
		{Bytes(32 << 20), "32.0 MiB"},
		{BytesOf(608_000, 32<<20), "0.6 of 32 MiB"},
		{BytesOf(0, 0), "0 B"},
		{BytesOf(16_384, 0), "16.0 KiB"},
		{BytesOf(16_900, 32<<20), "16.5 KiB of 32 MiB"},
		{MsOf(14.92), "14.9"},
		{MsOf(0.04), "0.04"},
		{MsOf(0), "0.0"},
		{MsOf(1234.4), "1,234"},
		{MsOf(99.96), "100"},
		{Ms(nil), Unknown},
		{Count(0), "0"},
		{Count(999), "999"},
		{Count(1204), "1,204"},
		{Count(-1204), "-1,204"},
		{Count(1234567), "1,234,567"},
		{Count(-123), "-123"},
		{Clock(271 * time.Second), "04:31"},
		{Clock(3*time.Hour + 61*time.Second), "3:01:01"},
		{Clock(-time.Second), "00:00"},
		{Plural(1, "record"), "1 record"},
		{Plural(1204, "record"), "1,204 records"},
		{Percent(nil), Unknown},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPercentOfNothingIsUnknown(t *testing.T) {
	nan, share := math.NaN(), 0.153
	if got := Percent(&nan); got != Unknown {
		t.Errorf("got %q, want %q", got, Unknown)
	}
	if got := Percent(&share); got != "15 %" {
		t.Errorf("got %q, want 15 %%", got)
	}
}
