package engine

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kdyno/engine/client"
	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/workload"
	"kdyno/telemetry/report"
)

// maxFollowed bounds the stories that are kept; the oldest go first.
const maxFollowed = 500

// follow adds a record that is on its way, and returns what tells its story.
func (j *journal) follow(f report.Followed) (tell func(report.Followed)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.followed) >= maxFollowed {
		j.followed = append(j.followed[:0], j.followed[len(j.followed)-maxFollowed/2:]...)
	}
	place := new(report.Followed)
	*place = f
	j.followed = append(j.followed, place)
	return func(f report.Followed) {
		j.mu.Lock()
		defer j.mu.Unlock()
		*place = f
	}
}

// stories are those of the records that were followed.
func (j *journal) stories() []report.Followed {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []report.Followed
	for _, f := range j.followed {
		out = append(out, *f)
	}
	return out
}

// send sends the record of a step, and follows it.
func (s *Session) send(st step.Step) error {
	rec, err := st.Record()
	if err != nil {
		return &Error{Kind: Usage, Say: err.Error()}
	}
	if s.load.begun.Load() == 0 {
		return notBegun()
	}
	if s.died() {
		return &Error{Kind: Usage, Say: "the producer is dead; nothing can be sent", Hint: "restart starts another"}
	}
	topics := s.load.topics
	if rec.Topic == "" {
		rec.Topic = topics[0]
	} else if !slices.Contains(topics, rec.Topic) {
		return &Error{
			Kind: Usage, Say: fmt.Sprintf("this session does not write to topic %s", shown(rec.Topic)),
			Hint: "its topics are " + strings.Join(topics, ", ") + "; --topic names them at the start",
		}
	}
	p := &parcel{content: contentOf(rec), record: rec, asked: s.now()}
	if s.fits(p.room()) {
		return s.post(p)
	}
	s.life.orders.add(func() { s.postLarge(p) })
	return nil
}

func notBegun() *Error {
	return &Error{Kind: Usage, Say: "the load has not begun: no producer runs yet", Hint: "try again once it does"}
}

// parcel is a record that a step sends.
type parcel struct {
	content workload.Content
	record  step.Record
	asked   int64 // since when it is due
}

// contentOf is what the record holds.
func contentOf(r step.Record) workload.Content {
	c := workload.Content{Shift: r.Shift}
	if r.Key != nil {
		c.Key = []byte(*r.Key)
	}
	if r.Value != nil {
		c.Value = []byte(*r.Value)
	}
	for _, h := range r.Headers {
		c.Headers = append(c.Headers, workload.Header{Key: h.Name, Value: []byte(h.Value)})
	}
	if r.Partition != nil {
		c.Partition, c.Pinned = *r.Partition, true
	}
	return c
}

// post sends a parcel with the first producer, from a goroutine of its own,
// since send() may have to wait.
func (s *Session) post(p *parcel) error {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	if s.load.ended.Load() > 0 {
		return loadEnded()
	}
	f := report.Followed{AtS: float64(p.asked) / 1e9, Outcome: report.OnItsWay}
	p.address(&f)
	tell := s.journal.follow(f)
	ctx := s.load.ctx
	s.load.app.asked.Add(1)
	c := s.newCourier(0)
	s.load.senders.Go(func() {
		defer c.lane.Retire()
		rec := new(run.Record)
		rec.Topic = p.record.Topic
		rec.Due, rec.Called = p.asked, s.now()
		if at := p.record.At; !at.IsZero() {
			p.content.Shift = at.Sub(s.start.Add(time.Duration(rec.Called)))
		}
		rec.Put(p.content)
		c.underAudit(rec)
		rec.Follow(s.partitionsOf(rec.Topic), func(f report.Followed) { s.arrived(p, f, tell) })
		admitted := s.now()
		rec.Serialized(admitted - rec.Called)
		if c.deliver(ctx, rec, admitted); c.refusal != "" {
			s.arrived(p, rec.Abandoned(c.refusal, s.now()), tell)
		}
	})
	return nil
}

// postLarge makes producers for a record that the present ones were not made
// for, and sends it with them. It is the session's own goroutine that does.
func (s *Session) postLarge(p *parcel) {
	s.changing.begin()
	defer s.changing.end()
	v := s.history.live().values
	load, err := s.makeLoad(v)
	if err == nil && s.crash.dead {
		err = errors.New("the producer is dead")
	}
	var note runNote
	if err == nil {
		load.largest = p.room()
		note, err = s.swap(v, load)
		s.sayRunning()
	}
	if err == nil {
		note.revision = s.history.live().number
		s.noteRun(note)
		s.journal.note(s.elapsed(), "notice", "a new producer was made for a record of %d bytes, larger than any before", p.bytes())
		err = s.post(p)
	}
	if err != nil {
		s.journal.note(s.elapsed(), "notice", "send was refused: %v", err)
	}
}

// arrived tells the end of a parcel's story. It may be called on the goroutine
// of the promises, so it does not wait.
func (s *Session) arrived(p *parcel, f report.Followed, tell func(report.Followed)) {
	p.address(&f)
	if f.Partition != nil {
		if leader, known := s.leaders()[place{f.Topic, *f.Partition}]; known && leader >= 0 {
			f.Broker = &leader
		}
	}
	tell(f)
	s.journal.note(s.elapsed(), "notice", "%s", storyOf(f))
}

// address adds what is known of a parcel before it is sent.
func (p *parcel) address(f *report.Followed) {
	f.Topic = p.record.Topic
	if p.record.Key != nil {
		key := shown(*p.record.Key)
		f.Key = &key
	}
	for _, h := range p.record.Headers {
		f.Headers = append(f.Headers, shown(h.Name)+"="+shown(h.Value))
	}
	f.Bytes = p.bytes()
}

// bytes is the size of key, value and headers.
func (p *parcel) bytes() int {
	n := len(p.content.Key) + len(p.content.Value)
	for _, h := range p.content.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}

// room is what it may take: under audit it has an identity beside what it holds.
func (p *parcel) room() int { return p.bytes() + identityRoom }

// shown is a text that may hold anything, in one that can be printed: as it is,
// or in quotes with escapes.
func shown(text string) string {
	odd := func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }
	if utf8.ValidString(text) && !strings.ContainsFunc(text, odd) {
		return text
	}
	return strconv.Quote(text)
}

// storyOf is the story in a line for the event list.
func storyOf(f report.Followed) string {
	who := "send without a key"
	if f.Key != nil {
		who = "send key=" + *f.Key
	}
	if f.Error != nil {
		return fmt.Sprintf("%s: %s after %.1f ms, %s: %s", who, f.Outcome, *f.LatencyMs, f.Error.Kind, f.Error.Say)
	}
	at := "no offset, with acks=0"
	if f.Offset != nil {
		at = "offset " + strconv.FormatInt(*f.Offset, 10)
	}
	tries := "1 try"
	if f.Tries != 1 {
		tries = strconv.Itoa(f.Tries) + " tries"
	}
	return fmt.Sprintf("%s: partition %d, %s, record %d of %d in a batch closed by %s, %s, %.1f ms; %s",
		who, *f.Partition, at, f.BatchRecord, f.BatchRecords, f.BatchClosed, tries, *f.LatencyMs, f.Why)
}

// fits tells whether the producers were made for a record of this size, or will
// refuse it for its size anyway.
func (s *Session) fits(size int) bool {
	// What a record's batch and its headers' lengths need beyond its bytes is
	// within what a batch has to spare for the largest record.
	const slack = 200
	v := s.Values().Effective()
	s.load.mu.Lock()
	largest := s.load.largest
	s.load.mu.Unlock()
	return size+slack <= client.BatchBytes(v, largest) ||
		int64(size) > min(v.Int(setting.MaxRequestSize), v.Int(setting.BufferMemory))
}

// partitionsOf is how many partitions a topic has, 0 where that is not known.
func (s *Session) partitionsOf(topic string) int {
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	if stand == nil {
		return 0
	}
	for _, t := range stand.Topics() {
		if t.Name == topic {
			return len(t.Leaders)
		}
	}
	return 0
}
