package signpost

import (
	"encoding/binary"
	"fmt"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Broker is where a cluster says that one of its nodes is.
type Broker struct {
	ID   int32
	Host string
	Port int32
}

// Topic is what the metadata says of a topic.
type Topic struct {
	Name    string
	ID      [16]byte // zero before Metadata v10
	Leaders []int32  // by partition; -1 without
}

// Told is what an answer said that was looked at.
type Told struct {
	Cluster string // its id
	Topics  []Topic
}

// Place says where clients are to find a broker. A coordinator that is not
// available is not asked for.
type Place func(Broker) (host string, port int32)

// Rewrite returns the answer to a request with other places of the brokers, or
// the frame as it came where it names none. From ApiVersions it takes the
// versions of other requests whose answers it could not rewrite; an ApiVersions
// that is itself too new it answers as a broker does that does not know it, so
// that the client asks again. The error says why the answer stays as it is
// though it may name the brokers' own places.
func Rewrite(h Head, frame []byte, place Place) ([]byte, Told, error) {
	if h.IsNewer() {
		if kmsg.Key(h.Key) == kmsg.ApiVersions {
			return unsupported(frame), Told{}, nil
		}
		return frame, Told{}, fmt.Errorf("%s is newer than what is known here", h)
	}
	resp := kmsg.RequestForKey(h.Key).ResponseKind()
	resp.SetVersion(h.Version)
	if kmsg.Key(h.Key) == kmsg.ApiVersions && isUnsupported(frame) {
		resp.SetVersion(0)
	}
	r := kbin.Reader{Src: frame[min(len(frame), sizeBytes):]}
	r.Int32() // correlation
	if resp.IsFlexible() && kmsg.Key(h.Key) != kmsg.ApiVersions {
		kmsg.SkipTags(&r)
	}
	if !r.Ok() {
		return frame, Told{}, fmt.Errorf("an answer to %s is cut short", h)
	}
	header := len(frame) - len(r.Src)
	if err := resp.ReadFrom(r.Src); err != nil {
		return frame, Told{}, fmt.Errorf("an answer to %s cannot be read: %w", h, err)
	}
	told, changed := rename(resp, place)
	if !changed {
		return frame, told, nil
	}
	out := resp.AppendTo(append(make([]byte, 0, len(frame)+64), frame[:header]...))
	binary.BigEndian.PutUint32(out, uint32(len(out)-sizeBytes))
	return out, told, nil
}

// isUnsupported tells that a broker did not know the version of ApiVersions; it
// answers in that of v0 then.
func isUnsupported(frame []byte) bool {
	return len(frame) >= sizeBytes+6 && int16(binary.BigEndian.Uint16(frame[sizeBytes+4:])) == kerr.UnsupportedVersion.Code
}

// unsupported is the answer of a broker that knows ApiVersions as it is known
// here.
func unsupported(frame []byte) []byte {
	resp := kmsg.NewPtrApiVersionsResponse()
	resp.ErrorCode = kerr.UnsupportedVersion.Code
	own := kmsg.NewApiVersionsResponseApiKey()
	own.ApiKey, own.MaxVersion = resp.Key(), resp.MaxVersion()
	resp.ApiKeys = append(resp.ApiKeys, own)
	out := resp.AppendTo(append([]byte(nil), frame[:min(len(frame), sizeBytes+4)]...))
	binary.BigEndian.PutUint32(out, uint32(len(out)-sizeBytes))
	return out
}

// rename puts other places into an answer.
func rename(resp kmsg.Response, place Place) (told Told, changed bool) {
	switch resp := resp.(type) {
	case *kmsg.ApiVersionsResponse:
		return told, limit(resp)
	case *kmsg.MetadataResponse:
		told = read(resp)
	case *kmsg.DescribeClusterResponse:
		told.Cluster = resp.ClusterID
	}
	all := endpoints(resp)
	for _, e := range all {
		*e.host, *e.port = place(Broker{e.id, *e.host, *e.port})
	}
	return told, len(all) > 0
}

// endpoint is where an answer says that a broker is.
type endpoint struct {
	id   int32
	host *string
	port *int32
}

// endpoints are all that an answer names.
func endpoints(resp kmsg.Response) (all []endpoint) {
	switch resp := resp.(type) {
	case *kmsg.MetadataResponse:
		for i := range resp.Brokers {
			b := &resp.Brokers[i]
			all = append(all, endpoint{b.NodeID, &b.Host, &b.Port})
		}
	case *kmsg.FindCoordinatorResponse:
		return coordinators(resp)
	case *kmsg.DescribeClusterResponse:
		for i := range resp.Brokers {
			if b := &resp.Brokers[i]; resp.EndpointType != ofControllers {
				all = append(all, endpoint{b.NodeID, &b.Host, &b.Port})
			}
		}
	case *kmsg.ProduceResponse:
		for i := range resp.Brokers {
			b := &resp.Brokers[i]
			all = append(all, endpoint{b.NodeID, &b.Host, &b.Port})
		}
	case *kmsg.FetchResponse:
		for i := range resp.Brokers {
			b := &resp.Brokers[i]
			all = append(all, endpoint{b.NodeID, &b.Host, &b.Port})
		}
	case *kmsg.ShareFetchResponse:
		for i := range resp.NodeEndpoints {
			b := &resp.NodeEndpoints[i]
			all = append(all, endpoint{b.NodeID, &b.Host, &b.Port})
		}
	case *kmsg.ShareAcknowledgeResponse:
		for i := range resp.NodeEndpoints {
			b := &resp.NodeEndpoints[i]
			all = append(all, endpoint{b.NodeID, &b.Host, &b.Port})
		}
	}
	return all
}

// coordinators are those that are there; one that is not available has no place.
func coordinators(resp *kmsg.FindCoordinatorResponse) (all []endpoint) {
	if resp.NodeID >= 0 && resp.Host != "" {
		all = append(all, endpoint{resp.NodeID, &resp.Host, &resp.Port})
	}
	for i := range resp.Coordinators {
		if c := &resp.Coordinators[i]; c.NodeID >= 0 && c.Host != "" {
			all = append(all, endpoint{c.NodeID, &c.Host, &c.Port})
		}
	}
	return all
}

// ofControllers is the endpoint type of nodes that are reached by another
// listener than clients use (KIP-919).
const ofControllers = 2

// limit takes versions away whose answers could not be rewritten.
func limit(resp *kmsg.ApiVersionsResponse) (changed bool) {
	for i := range resp.ApiKeys {
		k := &resp.ApiKeys[i]
		if _, names := naming[kmsg.Key(k.ApiKey)]; !names {
			continue
		}
		if most := newest[k.ApiKey]; k.MaxVersion > most && k.MinVersion <= most {
			k.MaxVersion = most
			changed = true
		}
	}
	return changed
}

// read keeps what the metadata says of topics.
func read(resp *kmsg.MetadataResponse) Told {
	var told Told
	if resp.ClusterID != nil {
		told.Cluster = *resp.ClusterID
	}
	for _, t := range resp.Topics {
		if t.Topic == nil || t.ErrorCode != 0 && len(t.Partitions) == 0 {
			continue
		}
		topic := Topic{Name: *t.Topic, ID: t.TopicID, Leaders: make([]int32, len(t.Partitions))}
		for _, p := range t.Partitions {
			if p.Partition >= 0 && int(p.Partition) < len(topic.Leaders) {
				topic.Leaders[p.Partition] = p.Leader
			}
		}
		told.Topics = append(told.Topics, topic)
	}
	return told
}
