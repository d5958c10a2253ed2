package signpost

import (
	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Question is what a request says of who asks and of what is to be done. What
// it does not say is empty.
type Question struct {
	ClientID string
	// Software and Release are how the client introduces itself, in ApiVersions
	// from v3 on.
	Software, Release string
	// Starts tells that a producer id is asked for; with a transactional id
	// transactions of at most so long.
	Starts          bool
	TransactionalID string
	TransactionMs   int32
	// Ends tells that a transaction is committed or aborted.
	Ends, Commits bool
	// Topics are those whose metadata is asked for, and MayCreate that a broker
	// may make those that are missing, if it is set to.
	Topics    []string
	MayCreate bool
}

// Tells reports whether Ask would find something in such a request.
func (h Head) Tells() bool {
	switch kmsg.Key(h.Key) {
	case kmsg.ApiVersions, kmsg.InitProducerID, kmsg.EndTxn, kmsg.Metadata:
		return !h.IsNewer()
	default:
		return false
	}
}

// Ask reads a whole frame; false: it cannot be read. It reads by hand what a
// stranger sent: kmsg counts tagged fields to their end, be there four billion.
func Ask(h Head, frame []byte) (q Question, ok bool) {
	req := kmsg.RequestForKey(h.Key)
	if req == nil || len(frame) < HeadBytes {
		return q, false
	}
	req.SetVersion(h.Version)
	r := reader{kbin.Reader{Src: frame[HeadBytes-2:]}, req.IsFlexible()}
	q.ClientID = value(r.NullableString()) // no compact string in any version
	r.tags()
	switch kmsg.Key(h.Key) {
	case kmsg.ApiVersions:
		if h.Version >= 3 {
			q.Software, q.Release = value(r.text()), value(r.text())
		}
	case kmsg.InitProducerID:
		q.Starts, q.TransactionalID = true, value(r.text())
		if ms := r.Int32(); q.TransactionalID != "" {
			q.TransactionMs = ms
		}
	case kmsg.EndTxn:
		q.Ends, q.TransactionalID = true, value(r.text())
		r.Int64() // producer id
		r.Int16() // epoch
		q.Commits = r.Bool()
	case kmsg.Metadata:
		q.Topics = r.topics(h.Version)
		// Before v4 nobody is asked whether they may be made.
		q.MayCreate = h.Version < 4 || r.Bool()
	default: // Tells knows of no other
	}
	return q, r.Ok()
}

// reader reads the fields of a request.
type reader struct {
	kbin.Reader
	flexible bool
}

func (r *reader) text() *string {
	if r.flexible {
		return r.CompactNullableString()
	}
	return r.NullableString()
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// tags passes over tagged fields, as many as there are bytes for.
func (r *reader) tags() {
	if !r.flexible {
		return
	}
	for n := r.Uvarint(); n > 0 && r.Ok(); n-- {
		r.Uvarint()
		r.Span(int(r.Uvarint()))
	}
}

// topics are the names that metadata is asked for; no array stands for all.
func (r *reader) topics(version int16) (names []string) {
	count := r.ArrayLen
	if r.flexible {
		count = r.CompactArrayLen
	}
	for n := count(); n > 0 && r.Ok(); n-- {
		if version >= 10 {
			r.Uuid()
		}
		if name := r.text(); name != nil {
			names = append(names, *name)
		}
		r.tags()
	}
	return names
}
