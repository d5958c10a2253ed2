package signpost

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const correlation = 7

// framed is an answer as a broker writes it.
func framed(resp kmsg.Response) []byte {
	out := []byte{0, 0, 0, 0, 0, 0, 0, correlation}
	if resp.IsFlexible() && resp.Key() != int16(kmsg.ApiVersions) {
		out = append(out, 0)
	}
	out = resp.AppendTo(out)
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out
}

func asked(req kmsg.Request) []byte {
	return kmsg.NewRequestFormatter(kmsg.FormatterClientID("orders")).AppendRequest(nil, req, correlation)
}

func headOf(t *testing.T, frame []byte) Head {
	t.Helper()
	h, err := ReadHead(frame)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func text(s string) *string { return &s }

// unknownTag is a tagged field of a newer Kafka.
func unknownTag() (t kmsg.Tags) {
	t.Set(99, []byte("kept"))
	return t
}

// The answers that name brokers, each with the nodes 1 and 2 where it names two.
var answers = map[kmsg.Key]func(version int16) kmsg.Response{
	kmsg.Metadata: func(int16) kmsg.Response {
		r := kmsg.NewPtrMetadataResponse()
		r.ClusterID, r.ControllerID, r.UnknownTags = text("a cluster"), 2, unknownTag()
		for id := int32(1); id <= 2; id++ {
			b := kmsg.NewMetadataResponseBroker()
			b.NodeID, b.Host, b.Port, b.Rack = id, "kafka.prod", 9090+id, text("rack")
			r.Brokers = append(r.Brokers, b)
		}
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic, topic.TopicID = text("orders"), [16]byte{4}
		p := kmsg.NewMetadataResponseTopicPartition()
		p.Leader, p.Replicas, p.ISR = 2, []int32{1, 2}, []int32{2}
		topic.Partitions = append(topic.Partitions, p)
		r.Topics = append(r.Topics, topic)
		return r
	},
	kmsg.FindCoordinator: func(version int16) kmsg.Response {
		r := kmsg.NewPtrFindCoordinatorResponse()
		if version < 4 {
			r.NodeID, r.Host, r.Port = 1, "kafka.prod", 9091
			return r
		}
		for id := int32(1); id <= 2; id++ {
			c := kmsg.NewFindCoordinatorResponseCoordinator()
			c.Key, c.NodeID, c.Host, c.Port = "group", id, "kafka.prod", 9090+id
			r.Coordinators = append(r.Coordinators, c)
		}
		return r
	},
	kmsg.DescribeCluster: func(int16) kmsg.Response {
		r := kmsg.NewPtrDescribeClusterResponse()
		r.ClusterID = "a cluster"
		for id := int32(1); id <= 2; id++ {
			b := kmsg.NewDescribeClusterResponseBroker()
			b.NodeID, b.Host, b.Port = id, "kafka.prod", 9090+id
			r.Brokers = append(r.Brokers, b)
		}
		return r
	},
	kmsg.Produce: func(int16) kmsg.Response {
		r := kmsg.NewPtrProduceResponse()
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic, topic.TopicID = "orders", [16]byte{4}
		p := kmsg.NewProduceResponseTopicPartition()
		p.ErrorCode, p.CurrentLeader.LeaderID, p.CurrentLeader.LeaderEpoch = kerr.NotLeaderForPartition.Code, 1, 5
		topic.Partitions = append(topic.Partitions, p)
		r.Topics = append(r.Topics, topic)
		b := kmsg.NewProduceResponseBroker()
		b.NodeID, b.Host, b.Port = 1, "kafka.prod", 9091
		r.Brokers = append(r.Brokers, b)
		return r
	},
	kmsg.Fetch: func(int16) kmsg.Response {
		r := kmsg.NewPtrFetchResponse()
		topic := kmsg.NewFetchResponseTopic()
		topic.TopicID = [16]byte{4}
		p := kmsg.NewFetchResponseTopicPartition()
		p.ErrorCode, p.CurrentLeader.LeaderID, p.RecordBatches = kerr.NotLeaderForPartition.Code, 1, []byte("records")
		topic.Partitions = append(topic.Partitions, p)
		r.Topics = append(r.Topics, topic)
		b := kmsg.NewFetchResponseBroker()
		b.NodeID, b.Host, b.Port = 1, "kafka.prod", 9091
		r.Brokers = append(r.Brokers, b)
		return r
	},
	kmsg.ShareFetch: func(int16) kmsg.Response {
		r := kmsg.NewPtrShareFetchResponse()
		e := kmsg.NewShareFetchResponseNodeEndpoint()
		e.NodeID, e.Host, e.Port = 2, "kafka.prod", 9092
		r.NodeEndpoints = append(r.NodeEndpoints, e)
		return r
	},
	kmsg.ShareAcknowledge: func(int16) kmsg.Response {
		r := kmsg.NewPtrShareAcknowledgeResponse()
		e := kmsg.NewShareAcknowledgeResponseNodeEndpoint()
		e.NodeID, e.Host, e.Port = 2, "kafka.prod", 9092
		r.NodeEndpoints = append(r.NodeEndpoints, e)
		return r
	},
}

// TestAnswersNameOtherPlacesInEveryVersion holds that each broker in an answer
// is at its new place, that nothing else changed, and that an answer whose
// places stay as they are is the same bytes.
func TestAnswersNameOtherPlacesInEveryVersion(t *testing.T) {
	for key, from := range naming {
		if key == kmsg.ApiVersions {
			continue
		}
		for version := from; version <= kmsg.RequestForKey(key.Int16()).MaxVersion(); version++ {
			h := Head{Key: key.Int16(), Version: version, Correlation: correlation}
			if !h.Names() || h.IsNewer() {
				t.Fatalf("%s: names %v, newer %v", h, h.Names(), h.IsNewer())
			}
			resp := answers[key](version)
			resp.SetVersion(version)
			frame := framed(resp)
			var met []Broker
			out, _, err := Rewrite(h, bytes.Clone(frame), func(b Broker) (string, int32) {
				met = append(met, b)
				return "127.0.0.1", b.Port + 10000
			})
			if err != nil || len(met) == 0 {
				t.Fatalf("%s: met %v, %v", h, met, err)
			}
			for _, b := range met {
				if b.Host != "kafka.prod" || b.Port != 9090+b.ID {
					t.Errorf("%s: was asked for %v", h, b)
				}
			}
			back, _, err := Rewrite(h, out, func(b Broker) (string, int32) {
				if b.Host != "127.0.0.1" || b.Port != 19090+b.ID {
					t.Errorf("%s: the answer names %v", h, b)
				}
				return "kafka.prod", b.Port - 10000
			})
			if err != nil || !bytes.Equal(back, frame) {
				t.Errorf("%s: there and back gives other bytes (%v)\n%q\n%q", h, err, back, frame)
			}
		}
	}
}

func TestMetadataIsTold(t *testing.T) {
	resp := answers[kmsg.Metadata](12)
	resp.SetVersion(12)
	_, told, err := Rewrite(Head{Key: 3, Version: 12}, framed(resp), func(b Broker) (string, int32) { return b.Host, b.Port })
	want := Told{Cluster: "a cluster", Topics: []Topic{{Name: "orders", ID: [16]byte{4}, Leaders: []int32{2}}}}
	if d := cmp.Diff(want, told); d != "" || err != nil {
		t.Errorf("told (-want +got):\n%s%v", d, err)
	}
}

// Controllers have listeners of their own, which clients do not use.
func TestControllersStayWhereTheyAre(t *testing.T) {
	resp := answers[kmsg.DescribeCluster](1).(*kmsg.DescribeClusterResponse)
	resp.SetVersion(1)
	resp.EndpointType = ofControllers
	frame := framed(resp)
	out, _, err := Rewrite(Head{Key: 60, Version: 1}, frame, nil)
	if err != nil || !bytes.Equal(out, frame) {
		t.Errorf("the answer changed, %v", err)
	}
}

func TestCoordinatorThatIsAwayHasNoPlace(t *testing.T) {
	for version := int16(0); version <= 6; version++ {
		resp := kmsg.NewPtrFindCoordinatorResponse()
		resp.SetVersion(version)
		resp.NodeID, resp.Port, resp.ErrorCode = -1, -1, kerr.CoordinatorNotAvailable.Code
		if version >= 4 {
			c := kmsg.NewFindCoordinatorResponseCoordinator()
			c.NodeID, c.Port, c.ErrorCode = -1, -1, kerr.CoordinatorNotAvailable.Code
			resp.NodeID, resp.Coordinators = 0, append(resp.Coordinators, c)
		}
		frame := framed(resp)
		out, _, err := Rewrite(Head{Key: 10, Version: version}, frame, nil)
		if err != nil || !bytes.Equal(out, frame) {
			t.Errorf("v%d: the answer changed, %v", version, err)
		}
	}
}

// Versions that a newer broker offers are taken back where their answers name
// brokers; all others stay.
func TestOfferedVersionsAreThoseThatCanBeRewritten(t *testing.T) {
	for version := int16(0); version <= 5; version++ {
		resp := kmsg.NewPtrApiVersionsResponse()
		resp.SetVersion(version)
		for key := range int16(93) {
			k := kmsg.NewApiVersionsResponseApiKey()
			k.ApiKey, k.MaxVersion = key, 30
			resp.ApiKeys = append(resp.ApiKeys, k)
		}
		out, _, err := Rewrite(Head{Key: 18, Version: version}, framed(resp), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := kmsg.NewPtrApiVersionsResponse()
		got.SetVersion(version)
		if err := got.ReadFrom(out[8:]); err != nil {
			t.Fatal(err)
		}
		for _, k := range got.ApiKeys {
			want := int16(30)
			if _, names := naming[kmsg.Key(k.ApiKey)]; names {
				want = kmsg.RequestForKey(k.ApiKey).MaxVersion()
			}
			if k.MaxVersion != want {
				t.Errorf("v%d: %s is offered up to v%d, want v%d", version, kmsg.NameForKey(k.ApiKey), k.MaxVersion, want)
			}
		}
	}
}

// A client that asks in a version that the broker does not know is answered in
// v0, and so is one that asks in one that is not known here.
func TestApiVersionsThatNobodyKnows(t *testing.T) {
	old := kmsg.NewPtrApiVersionsResponse()
	old.ErrorCode = kerr.UnsupportedVersion.Code
	k := kmsg.NewApiVersionsResponseApiKey()
	k.ApiKey, k.MaxVersion = int16(kmsg.Metadata), 99
	old.ApiKeys = append(old.ApiKeys, k)
	tests := map[string]struct {
		version int16
		frame   []byte
		want    string
	}{
		"not to the broker": {4, framed(old), "35 3:0-13"},
		"not here":          {6, []byte{0, 0, 0, 9, 0, 0, 0, correlation, 1, 2, 3, 4, 5}, "35 18:0-5"},
	}
	for name, tt := range tests {
		out, _, err := Rewrite(Head{Key: 18, Version: tt.version, Correlation: correlation}, tt.frame, nil)
		if err != nil || int(binary.BigEndian.Uint32(out)) != len(out)-4 || out[7] != correlation {
			t.Errorf("%s: got %q, %v", name, out, err)
			continue
		}
		got := kmsg.NewPtrApiVersionsResponse()
		if err := got.ReadFrom(out[8:]); err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprintf("%d %d:%d-%d", got.ErrorCode, got.ApiKeys[0].ApiKey, got.ApiKeys[0].MinVersion, got.ApiKeys[0].MaxVersion)
		if said != tt.want {
			t.Errorf("%s: answered %s, want %s", name, said, tt.want)
		}
	}
}

func TestAnswersThatCannotBeReadStay(t *testing.T) {
	whole := answers[kmsg.Metadata](9)
	whole.SetVersion(9)
	for name, tt := range map[string]struct {
		h     Head
		frame []byte
	}{
		"cut":           {Head{Key: 3, Version: 9}, framed(whole)[:30]},
		"too short":     {Head{Key: 3, Version: 9}, []byte{0, 0, 0, 4, 0, 0}},
		"empty":         {Head{Key: 3, Version: 9}, nil},
		"a new version": {Head{Key: 3, Version: 14}, framed(whole)},
		"a new request": {Head{Key: 500}, framed(whole)},
	} {
		out, _, err := Rewrite(tt.h, tt.frame, nil)
		if err == nil || !bytes.Equal(out, tt.frame) {
			t.Errorf("%s: got %q, %v; want the frame and why", name, out, err)
		}
	}
}

func TestRequestsTellWhoAsks(t *testing.T) {
	hello := kmsg.NewPtrApiVersionsRequest()
	hello.ClientSoftwareName, hello.ClientSoftwareVersion = "apache-kafka-java", "4.3.1"
	starts := kmsg.NewPtrInitProducerIDRequest()
	starts.TransactionalID, starts.TransactionTimeoutMillis = text("payments"), 60000
	plain := kmsg.NewPtrInitProducerIDRequest()
	ends := kmsg.NewPtrEndTxnRequest()
	ends.TransactionalID, ends.Commit = "payments", true
	looks := kmsg.NewPtrMetadataRequest()
	looks.AllowAutoTopicCreation = true
	for _, name := range []string{"orders", "bills"} {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = text(name)
		looks.Topics = append(looks.Topics, topic)
	}
	for _, tt := range []struct {
		req  kmsg.Request
		from int16
		want Question
	}{
		{hello, 3, Question{ClientID: "orders", Software: "apache-kafka-java", Release: "4.3.1"}},
		{starts, 0, Question{ClientID: "orders", Starts: true, TransactionalID: "payments", TransactionMs: 60000}},
		{plain, 0, Question{ClientID: "orders", Starts: true}},
		{ends, 0, Question{ClientID: "orders", Ends: true, Commits: true, TransactionalID: "payments"}},
		{looks, 0, Question{ClientID: "orders", Topics: []string{"orders", "bills"}, MayCreate: true}},
	} {
		for version := tt.from; version <= tt.req.MaxVersion(); version++ {
			tt.req.SetVersion(version)
			frame := asked(tt.req)
			h := headOf(t, frame)
			got, ok := Ask(h, frame)
			if d := cmp.Diff(tt.want, got); d != "" || !ok || !h.Tells() {
				t.Errorf("%s: read %v, tells %v (-want +got):\n%s", h, ok, h.Tells(), d)
			}
		}
	}
	looks.AllowAutoTopicCreation = false
	looks.SetVersion(9)
	frame := asked(looks)
	if got, _ := Ask(headOf(t, frame), frame); got.MayCreate {
		t.Error("topics may be made though the client does not want it")
	}
}

func TestStrangersAreKnownByTheirFirstBytes(t *testing.T) {
	request := asked(kmsg.NewPtrApiVersionsRequest())
	long := bytes.Clone(request)
	binary.BigEndian.PutUint32(long, maxFrame+1)
	short := bytes.Clone(request)
	binary.BigEndian.PutUint32(short, 9)
	odd := bytes.Clone(request)
	odd[4] = 0x70
	for name, tt := range map[string]struct {
		frame []byte
		want  error // nil: any
		fine  bool
	}{
		"a request":         {frame: request, fine: true},
		"HTTP":              {frame: []byte("GET / HTTP/1.1\r\nHost: x\r\n"), want: ErrHTTP},
		"HTTP/2":            {frame: []byte("PRI * HTTP/2.0\r\n\r\n"), want: ErrHTTP},
		"TLS":               {frame: []byte{0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 1, 2, 3}, want: ErrTLS},
		"too long":          {frame: long},
		"too short":         {frame: short},
		"negative":          {frame: bytes.Repeat([]byte{0xff}, HeadBytes)},
		"no such request":   {frame: odd},
		"text of any kind":  {frame: []byte("hello, is anybody there?")},
		"nothing but zeros": {frame: make([]byte, HeadBytes)},
	} {
		_, err := ReadHead(tt.frame)
		if (err == nil) != tt.fine || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// countsFar tells of frames that may hold a count of millions, through which
// kmsg goes one by one whatever is left to read. Brokers are trusted not to.
func countsFar(frame []byte) bool {
	run := 0
	for _, b := range frame {
		if b < 0x80 {
			run = 0
			continue
		}
		if run++; run == 3 {
			return true
		}
	}
	return false
}

func FuzzRewrite(f *testing.F) {
	for key, answer := range answers {
		for version := naming[key]; version <= kmsg.RequestForKey(key.Int16()).MaxVersion(); version++ {
			resp := answer(version)
			resp.SetVersion(version)
			f.Add(key.Int16(), version, framed(resp))
		}
	}
	f.Fuzz(func(t *testing.T, key, version int16, frame []byte) {
		if len(frame) > 1<<16 || version < 0 || countsFar(frame) {
			return
		}
		h := Head{Key: key, Version: version}
		out, _, err := Rewrite(h, frame, func(Broker) (string, int32) { return "127.0.0.1", 9092 })
		if err != nil && !bytes.Equal(out, frame) {
			t.Fatalf("%s: the answer changed though %v", h, err)
		}
		if err == nil && h.Names() && len(out) >= 4 && int(binary.BigEndian.Uint32(out)) != len(out)-4 && !bytes.Equal(out, frame) {
			t.Fatalf("%s: a frame of %d bytes says it has %d", h, len(out)-4, binary.BigEndian.Uint32(out))
		}
	})
}

func FuzzAsk(f *testing.F) {
	for _, req := range []kmsg.Request{
		kmsg.NewPtrApiVersionsRequest(), kmsg.NewPtrInitProducerIDRequest(), kmsg.NewPtrEndTxnRequest(), kmsg.NewPtrMetadataRequest(),
	} {
		for version := int16(0); version <= req.MaxVersion(); version++ {
			req.SetVersion(version)
			f.Add(asked(req))
		}
	}
	f.Fuzz(func(_ *testing.T, frame []byte) {
		if len(frame) < HeadBytes || len(frame) > 1<<16 {
			return
		}
		h, err := ReadHead(frame)
		if err != nil {
			return
		}
		_, _ = Ask(h, frame)
		_, _ = h.IsNewer(), h.Names()
	})
}
