package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"kdyno/engine/workload"
)

// The bounds of reading.
const (
	keepEach    = time.Second            // how often what was read is put in order
	keepBytes   = 8 << 20                // or after so many bytes
	fetchBytes  = 1 << 20                // of a partition in one answer
	nearBytes   = 256 << 10              // of brokers that make it where they take records
	listenIn    = 500 * time.Millisecond // for the first fetches to be on their way
	surveyEach  = 5 * time.Second        // how often topics are asked whether they are as they were
	endEach     = 50 * time.Millisecond  // both, once the end is near
	askWithin   = 3 * time.Second        // for one question to the cluster
	stuckAfter  = 10 * time.Second       // without getting further at the end, it is given up
	quietAfter  = time.Second            // after the last record, those of acks=0 are taken for lost
	againAfter  = 100 * time.Millisecond // after an error
	goneAfter   = 2 * time.Second        // a topic that is not told of for so long is deleted
	releaseWith = time.Second            // for giving the retention back
)

// Error says why an audit can not begin.
type Error struct {
	Say  string
	Hint string
	err  error
}

func (e *Error) Error() string { return e.Say }

// Unwrap returns what the client said.
func (e *Error) Unwrap() error { return e.err }

// sitting is one stretch of reading, from Begin to End.
type sitting struct {
	*Audit
	client *kgo.Client
	admin  *kadm.Client
	ears   *ears
	hold   *hold

	ctx    context.Context // of everything
	cancel context.CancelFunc
	near   context.Context // ends when the end is asked for
	ask    context.CancelFunc
	last   context.Context // of the end; set before near ends
	done   chan end

	kept, surveyed time.Duration // when that was last done
	moved          time.Duration // when the reader last got further
	own            time.Duration // when a record of this audit was last read
	bytes          int64         // read since things were put in order
	pace           pace
	trouble        string
}

// sit connects and notes where the logs end.
func (a *Audit) sit(ctx context.Context) (*sitting, error) {
	ears := newEars()
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.ClientID("kdyno-audit"), kgo.DisableClientMetrics(), kgo.KeepControlRecords(), kgo.KeepRetryableFetchErrors(),
		// A broken batch is to be counted, not to be stuck at; each record of ours
		// has a checksum of its own.
		kgo.DisableFetchCRCValidation(),
		kgo.FetchMaxPartitionBytes(a.answerBytes()), kgo.FetchMaxWait(time.Second), kgo.WithHooks(ears), kgo.MaxVersions(unhinted()),
		kgo.MetadataMinAge(100 * time.Millisecond), kgo.RetryTimeout(askWithin), kgo.WithPools(newPool()),
	}, a.o.Client...)...)
	if err != nil {
		return nil, &Error{Say: fmt.Sprintf("the audit's reader can not be made: %v", err), err: err}
	}
	s := &sitting{Audit: a, client: client, admin: kadm.NewClient(client), ears: ears, done: make(chan end, 1)}
	s.hold = &hold{retention: a.o.Hold, note: a.o.Note}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.near, s.ask = context.WithCancel(s.ctx)
	if err := s.connect(ctx); err != nil {
		s.close() //nolint:contextcheck // the retention is given back even if ctx has ended
		return nil, err
	}
	return s, nil
}

// unhinted are the versions that the reader speaks: those of fetch that tell no
// new leader in a refusal (KIP-951). While its metadata is not answered franz-go
// asks the old leader again at once for each such hint, with one more goroutine
// each time.
func unhinted() *kversion.Versions {
	const lastWithoutHint = 15
	v := kversion.Stable()
	v.SetMaxKeyVersion(kmsg.Fetch.Int16(), lastWithoutHint)
	return v
}

// connect finds topics and offsets, and assigns them to the reader.
func (s *sitting) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	if err := s.meet(ctx, true); err != nil {
		return err
	}
	s.hold.take(ctx)
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.ears.open(ctx)
	now := s.o.Now()
	s.kept, s.surveyed, s.moved, s.own = now, now, now, now
	return nil
}

// begin notes the logs' ends and reads from there; where an earlier sitting left
// something open it goes on where that ended.
func (s *sitting) begin(ctx context.Context) error {
	ends, err := s.admin.ListEndOffsets(ctx, s.o.Topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return s.refused("where the logs end was not told", err)
	}
	// Asked after the ends: what is handed over from now on stands behind them.
	open := s.Unread()
	from := map[string]map[int32]kgo.Offset{}
	ends.Each(func(o kadm.ListedOffset) {
		part := s.topics[o.Topic].part(o.Partition)
		if part == nil {
			part = s.places.add(s.o.Index(o.Topic, o.Partition), o.Offset)
			s.topics[o.Topic].has(o.Partition, part)
		}
		if !open {
			part.next = max(part.next, o.Offset)
		}
		part.target = -1
		if from[o.Topic] == nil {
			from[o.Topic] = map[int32]kgo.Offset{}
		}
		from[o.Topic][o.Partition] = kgo.NewOffset().At(part.next)
	})
	s.client.AddConsumePartitions(from)
	return nil
}

// answerBytes is how much of a partition one answer may hold. The embedded brokers
// make answers in the goroutine in which they take records, so theirs are small.
func (a *Audit) answerBytes() int32 {
	if a.o.Hold != nil {
		return nearBytes
	}
	return fetchBytes
}

// refused puts into words why there can be no audit.
func (s *sitting) refused(what string, err error) *Error {
	topics := strings.Join(s.o.Topics, ", ")
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		return &Error{Say: what + ": this client has no right to", Hint: "ask for Describe and Read on topic " + topics, err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Say: fmt.Sprintf("%s within %v", what, askWithin), Hint: "look at the brokers, and try again", err: err}
	default:
		return &Error{Say: fmt.Sprintf("%s: %v", what, err), Hint: "look at the brokers, and try again", err: err}
	}
}

func (s *sitting) close() {
	s.cancel()
	ctx, cancel := context.WithTimeout(context.Background(), releaseWith)
	defer cancel()
	s.hold.release(ctx)
	s.client.Close()
}

// read is the reader, until the end that was asked for.
func (s *sitting) read() {
	for !s.over() {
		s.poll()
		s.keep()
	}
	e := s.ending()
	s.close()
	s.done <- e
}

// stop asks for the end and waits for it.
func (s *sitting) stop(ctx context.Context) end {
	s.last = ctx
	s.ask()
	return <-s.done
}

// asked tells whether the end was asked for.
func (s *sitting) asked() bool { return s.near.Err() != nil }

// poll reads what there is, or waits a while for it.
func (s *sitting) poll() {
	parent, within := s.near, keepEach
	if s.asked() {
		parent, within = s.last, endEach
	}
	ctx, cancel := context.WithTimeout(parent, within)
	defer cancel()
	fetches := s.client.PollFetches(ctx)
	now, complained := s.o.Now(), false
	s.pace.polled(now, fetches.NumRecords())
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		part := s.topics[f.Topic].part(f.Partition)
		if part == nil {
			return // the client says by such a one that the context has ended
		}
		if f.Err != nil {
			complained = true
			part.absent = !part.heard
			s.complain(part, f.Err)
			return
		}
		s.take(part, &f.FetchPartition, now)
	})
	switch {
	case complained:
		pause(parent, againAfter) // the client asks again at once, and may be told the same
	case !s.asked() && !s.pace.live && !s.pace.behind:
		pause(parent, paceEach)
	}
}

// pause waits a moment.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// take judges what was fetched of one partition.
func (s *sitting) take(part *partition, f *kgo.FetchPartition, now time.Duration) {
	part.logHead = max(part.logHead, f.LogStartOffset)
	from := part.next
	if len(f.Records) > 0 && f.Records[len(f.Records)-1].Offset+1 < f.HighWatermark {
		s.pace.behind = true
	}
	samples := s.o.Seen != nil && s.pace.live && !s.pace.waited && !part.absent
	for _, r := range f.Records {
		if r.Attrs.IsControl() {
			part.advance(r.Offset)
			r.Recycle()
			continue
		}
		e := entry{offset: r.Offset, key: r.Key}
		e.id, e.err = identity(r)
		bytes := int64(len(r.Key) + len(r.Value) + recordOverhead)
		part.bytes += bytes
		s.bytes += bytes
		if s.reading.saw(part, &e) {
			s.own = now
			if samples {
				s.o.Seen(e.id.Due, now, r.Offset < part.readable)
			}
		}
		r.Recycle()
	}
	part.headAt(f.LogStartOffset)
	part.readable = max(part.readable, f.HighWatermark)
	if part.next > from {
		s.moved = now
		part.heard, part.absent = true, false
	}
	s.hold.read(part, f.HighWatermark)
}

// recordOverhead is what a record takes beside key and value, about.
const recordOverhead = 10

// identity is what the record says of itself.
func identity(r *kgo.Record) (workload.Identity, error) {
	for i := range r.Headers {
		if h := &r.Headers[i]; h.Key == workload.IdentityHeader {
			return workload.ReadApart(h.Value, r.Value, r.Key)
		}
	}
	return workload.ReadIdentity(r.Value, r.Key)
}

// complain notes what keeps a partition from being read.
func (s *sitting) complain(part *partition, err error) {
	var cut *kgo.ErrDataLoss
	if errors.As(err, &cut) {
		s.reading.counts.back += max(cut.ConsumedTo-cut.ResetTo, 1)
		s.o.Note("audit: the log of %s-%d was cut back from offset %d to %d", cut.Topic, cut.Partition, cut.ConsumedTo, cut.ResetTo)
		return
	}
	var say string
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		say = fmt.Sprintf("this client has no right to Read topic %s, which the audit needs", part.topic.name)
	case kerr.IsRetriable(err):
		return // a leader moves, and it is read on elsewhere; or the next survey tells
	default:
		say = fmt.Sprintf("%s-%d can not be read: %v", part.topic.name, part.number, err)
	}
	if s.trouble != say {
		s.trouble = say
		s.o.Note("audit: %s", say)
	}
}
