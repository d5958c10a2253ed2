package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBrokenNamesEachEquation(t *testing.T) {
	good := Records{
		Due: 100, Waiting: 10, Sent: 90, Refused: 3, Blocked: 2, Accepted: 85, Acked: 70, Failed: 4, Unknown: 1, InBuffer: 10,
	}
	for _, c := range []struct {
		name   string
		change func(*Records)
		want   []string
	}{
		{"whole", func(*Records) {}, nil},
		{"nothing", func(r *Records) { *r = Records{} }, nil},
		{"due", func(r *Records) { r.Due++ }, []string{"due = 101, sent + waiting = 100"}},
		{"refused", func(r *Records) { r.Refused-- }, []string{"sent = 90, accepted + refused + blocked = 89"}},
		{"lost", func(r *Records) { r.Acked-- }, []string{"accepted = 85, acked + failed + unknown + in_buffer = 84"}},
		{"accepted", func(r *Records) { r.Accepted++ }, []string{
			"sent = 90, accepted + refused + blocked = 91",
			"accepted = 86, acked + failed + unknown + in_buffer = 85",
		}},
		{"negative", func(r *Records) { r.Waiting, r.Due = -1, 89 }, []string{"waiting = -1, below 0"}},
	} {
		r := good
		c.change(&r)
		if diff := cmp.Diff(c.want, r.Broken()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSkewIsBusiestByMean(t *testing.T) {
	for _, c := range []struct {
		records []int64
		want    float64
	}{{nil, 0}, {[]int64{0, 0}, 0}, {[]int64{5, 5, 5}, 1}, {[]int64{9, 0, 0}, 3}, {[]int64{1, 3}, 1.5}} {
		var rows []Partition
		for _, n := range c.records {
			rows = append(rows, Partition{Records: n})
		}
		if got := Skew(rows); got != c.want {
			t.Errorf("%v: got %v, want %v", c.records, got, c.want)
		}
	}
}

// Every error that Kafka's producer can meet is explained, and in words that
// say what to do or that nothing need be done.
func TestExplainKnowsWhatAProducerMeets(t *testing.T) {
	for code, want := range map[string]string{
		"NETWORK_EXCEPTION": "retriable", "REQUEST_TIMED_OUT": "retriable", "NOT_LEADER_OR_FOLLOWER": "retriable",
		"LEADER_NOT_AVAILABLE": "retriable", "UNKNOWN_TOPIC_OR_PARTITION": "retriable", "NOT_ENOUGH_REPLICAS": "retriable",
		"NOT_ENOUGH_REPLICAS_AFTER_APPEND": "retriable", "CORRUPT_MESSAGE": "retriable", "CONNECTION_LOST": "retriable",
		"MESSAGE_TOO_LARGE": "fatal", "TOPIC_AUTHORIZATION_FAILED": "fatal", "CLUSTER_AUTHORIZATION_FAILED": "fatal",
		"SASL_AUTHENTICATION_FAILED": "fatal", "INVALID_TOPIC_EXCEPTION": "fatal", "UNSUPPORTED_VERSION": "fatal",
		"INVALID_PRODUCER_EPOCH": "fatal", "PRODUCER_FENCED": "fatal", "INVALID_REQUIRED_ACKS": "fatal",
		"BUFFER_EXHAUSTED": "fatal", "METADATA_TIMEOUT": "fatal", "RECORD_TOO_LARGE": "fatal",
		"OUT_OF_ORDER_SEQUENCE_NUMBER": "unknown", "UNKNOWN_PRODUCER_ID": "unknown", "DELIVERY_TIMEOUT": "unknown",
	} {
		if class, _, _ := Explain(code); class != want {
			t.Errorf("%s: got class %q, want %q", code, class, want)
		}
	}
	places := map[string]bool{"serialize": true, "metadata": true, "buffer": true, "partition": true, "wire": true, "broker": true}
	for code := range causes {
		class, where, say := Explain(code)
		if !places[where] || say[len(say)-1] != '.' || class == "" {
			t.Errorf("%s: got class %q, where %q, say %q", code, class, where, say)
		}
	}
	if class, where, say := Explain("NO_SUCH_CODE"); class != "unknown" || where != "broker" || say == "" {
		t.Errorf("unknown code: got %q, %q, %q", class, where, say)
	}
}
