package dialect

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

func TestDefaultsOfOtherClients(t *testing.T) {
	for k, want := range map[setting.Key]string{
		setting.LingerMs:          "franz-go 10 ms, sarama 0 ms, kafka-python 0 ms",
		setting.PartitionerClass:  "librdkafka hash:crc32, sarama hash:fnv1a",
		setting.EnableIdempotence: "librdkafka false, sarama false",
		setting.ClientID:          "",
		setting.LoadRate:          "",
	} {
		if got := DefaultsLine(k); got != want {
			t.Errorf("%s: got %q, want %q", k, got, want)
		}
	}
	want := []Default{
		{Client: "librdkafka", Cannot: "produce() does not wait: where the queue is full it fails at once, and the application tries again"},
		{Client: "franz-go", Value: "no limit"},
		{Client: "sarama", Value: "no limit"},
		{Client: "kafka-python", Name: "max_block_ms", Value: "60000"},
	}
	if diff := cmp.Diff(want, Defaults(setting.MaxBlockMs)); diff != "" {
		t.Errorf("max.block.ms (-want +got):\n%s", diff)
	}
	for _, row := range setting.Rows() {
		if all := Defaults(row.Key); (row.Scope == setting.Producer && !row.Secret) != (len(all) == len(others)) {
			t.Errorf("%s: got %d defaults", row.Key, len(all))
		}
	}
}
