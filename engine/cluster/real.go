package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// checkAddresses holds what can be said of addresses without asking.
func checkAddresses(brokers []string) error {
	for _, b := range brokers {
		if strings.TrimSpace(b) == "" {
			return &Refusal{
				Kind: Usage, Say: "the list of brokers has an empty address",
				Hint: "give --brokers host:port[,host:port...]; leave it out for the embedded cluster",
			}
		}
	}
	return nil
}

// checkNames holds the rails that need no cluster.
func checkNames(names []string) error {
	if len(names) == 0 {
		return &Refusal{
			Kind: Usage, Say: "no topic is named for the cluster",
			Hint: "name one that may be written to with --topic NAME",
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "__") {
			return &Refusal{
				Kind: Rail, Say: fmt.Sprintf("%s is one of Kafka's own topics; a load would damage it", name),
				Hint: "name a topic of your own with --topic",
			}
		}
	}
	return nil
}

// maxAnswer bounds what is read of an answer, and with it what a port that is no
// broker makes this process hold: some hundred times as much, once it is decoded.
// The metadata of a topic with 40,000 partitions fits.
const maxAnswer = 2 << 20

// connect makes the client that asks; it dials on the first question.
func (s *Stand) connect() error {
	admin, err := kgo.NewClient(append(slices.Clone(s.guard.login),
		kgo.SeedBrokers(s.Seeds...), kgo.Dialer(s.ask), kgo.ClientID("kdyno-admin"), kgo.DisableClientMetrics(),
		// An answer may take as long as the connection, so that both fit into
		// the five seconds that Open has.
		kgo.RequestTimeoutOverhead(askWithin), kgo.RequestRetries(1), kgo.RetryTimeout(answerWithin),
		kgo.MetadataMinAge(10*time.Millisecond),
		kgo.BrokerMaxReadBytes(maxAnswer), kgo.FetchMaxBytes(maxAnswer),
	)...)
	if err != nil {
		return &Refusal{Kind: Usage, Say: fmt.Sprintf("brokers %s: %v", strings.Join(s.Seeds, ","), err), Hint: "give --brokers host:port"}
	}
	s.admin = admin
	return nil
}

// ask opens a connection for a question.
func (s *Stand) ask(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	began := time.Now()
	c, err := s.dial(ctx, network, address)
	if err == nil {
		s.shook(time.Since(began))
	}
	if err != nil || s.guard.secure == nil {
		return c, err
	}
	return s.guard.secure(ctx, c, address)
}

// shook takes note of how long a TCP handshake with a real cluster took; the
// quickest is nearest to the network's round trip.
func (s *Stand) shook(took time.Duration) {
	if s.Embedded {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.learnt.rtt == 0 || took < s.learnt.rtt {
		s.learnt.rtt = took
	}
}

// find asks the cluster who it is and for its topics, and makes those that
// are missing if it may. A silent port does not answer to a context, so the
// question is left behind when ctx ends; Close unblocks it.
func (s *Stand) find(ctx context.Context, create bool) error {
	done := make(chan error, 1)
	go func() { done <- s.describe(ctx, create) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return s.unreachable(ctx.Err())
	}
}

// explained looks once more at what refused: at a broker that lacks a mechanism,
// for those that it has, and at a port that did not answer, since some web servers
// wait for a whole line before they say anything.
func (s *Stand) explained(ctx context.Context, err error) error {
	if errors.Is(err, kerr.UnsupportedSaslMechanism) {
		return s.lacking(ctx, err)
	}
	if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, greetWithin)
	defer cancel()
	for _, seed := range s.Seeds {
		if s.greet(ctx, seed) {
			return notKafka(seed, err)
		}
	}
	return err
}

// greet tells whether a web server listens at the address.
func (s *Stand) greet(ctx context.Context, address string) bool {
	c, err := s.dial(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	end, _ := ctx.Deadline()
	answer := make([]byte, len("HTTP/"))
	if c.SetDeadline(end) != nil {
		return false
	}
	if _, err := io.WriteString(c, "HEAD / HTTP/1.0\r\n\r\n"); err != nil {
		return false
	}
	_, err = io.ReadFull(c, answer)
	return err == nil && string(answer) == "HTTP/"
}

func (s *Stand) describe(ctx context.Context, create bool) error {
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	missing := s.missing()
	if len(missing) > 0 {
		if !create {
			return &Refusal{
				Kind: Usage, Say: fmt.Sprintf("topic %s does not exist on the cluster at %s", strings.Join(missing, ", "), strings.Join(s.Seeds, ",")),
				Hint: "create it, or let kdyno do so with --create",
			}
		}
		if err := s.create(ctx, missing); err != nil {
			return err
		}
	}
	if denied := s.readOnly(); len(denied) > 0 {
		return mayNotWrite(denied)
	}
	s.version(ctx)
	s.configs(ctx)
	s.brokerConfigs(ctx)
	return nil
}

// create makes topics with the cluster's own default partitions and copies,
// and waits until every partition has a leader.
func (s *Stand) create(ctx context.Context, names []string) error {
	made, err := kadm.NewClient(s.admin).CreateTopics(ctx, -1, -1, nil, names...)
	if err != nil {
		return s.unreachable(err)
	}
	for _, t := range made {
		if errors.Is(t.Err, kerr.TopicAuthorizationFailed) || errors.Is(t.Err, kerr.ClusterAuthorizationFailed) {
			return &Refusal{
				Kind: Unreachable, Say: fmt.Sprintf("the cluster does not let this client create topic %s", t.Topic),
				Hint: "ask for the right Create on it, have it created, or name one that exists", err: t.Err,
			}
		}
		if t.Err != nil && !errors.Is(t.Err, kerr.TopicAlreadyExists) {
			return &Refusal{
				Kind: Usage, Say: fmt.Sprintf("topic %s can not be created: %s", t.Topic, spoken(t.Err, t.ErrMessage)),
				Hint: "create it by hand, or name one that exists", err: t.Err,
			}
		}
	}
	for {
		if err := s.Refresh(ctx); err != nil {
			return err
		}
		if len(s.missing()) == 0 && s.led() {
			return nil
		}
		select {
		case <-ctx.Done():
			return &Refusal{
				Kind: Unreachable, Say: fmt.Sprintf("topic %s was created and has no leader yet", strings.Join(names, ", ")),
				Hint: "try again in a moment; if it stays so, look at the brokers' own logs", err: ctx.Err(),
			}
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// tellWithin bounds how long a broker may take to say which version it is; one
// that is down must not hold up the others.
const tellWithin = time.Second

// version guesses the brokers' versions from the requests that they know, each
// asked by itself: in the middle of an upgrade they differ. The cluster's is the
// first one's.
func (s *Stand) version(ctx context.Context) {
	if s.Embedded {
		s.Version = "kfake"
		return
	}
	brokers := slices.Clone(s.Brokers()) // the present ones are others' to read
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	var asked sync.WaitGroup
	for i := range brokers {
		asked.Go(func() {
			req := kmsg.NewPtrApiVersionsRequest()
			req.ClientSoftwareName, req.ClientSoftwareVersion = "kdyno", "1" // KIP-511: refused without
			resp, err := req.RequestWith(ctx, s.admin.Broker(int(brokers[i].ID)))
			if err == nil && resp.ErrorCode == 0 {
				brokers[i].Version = kversion.FromApiVersionsResponse(resp).VersionGuess()
			}
		})
	}
	asked.Wait()
	for _, b := range brokers {
		if s.Version == "" {
			s.Version = b.Version
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brokers = brokers
}

// configs reads what of a topic changes the meaning of a figure. A cluster
// that does not tell leaves them unknown.
func (s *Stand) configs(ctx context.Context) {
	if len(s.named()) == 0 {
		return // without names all topics would be meant
	}
	all, err := kadm.NewClient(s.admin).DescribeTopicConfigs(ctx, s.named()...)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	topics := slices.Clone(s.topics) // the present ones are others' to read
	for i := range topics {
		t := &topics[i]
		rc, err := all.On(t.Name, nil)
		if err != nil || rc.Err != nil {
			continue
		}
		for _, c := range rc.Configs {
			t.learn(c.Key, c.MaybeValue())
		}
	}
	s.topics = topics
}

// brokerConfigs reads what of a broker's settings bounds a producer's. It takes
// the right to describe the cluster; without it they stay unknown.
func (s *Stand) brokerConfigs(ctx context.Context) {
	brokers := s.Brokers()
	if s.Embedded || len(brokers) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	all, err := kadm.NewClient(s.admin).DescribeBrokerConfigs(ctx, brokers[0].ID)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rc := range all {
		for _, c := range rc.Configs {
			s.learnt.learn(c.Key, c.MaybeValue())
		}
	}
}

func (l *learnt) learn(key, value string) {
	switch key {
	case "replica.lag.time.max.ms":
		l.replicaLagMs, _ = strconv.ParseInt(value, 10, 64)
	case "transaction.state.log.replication.factor":
		l.transactionReplication, _ = strconv.Atoi(value)
	case "transaction.max.timeout.ms":
		l.transactionMaxMs, _ = strconv.ParseInt(value, 10, 64)
	}
}

func (t *Topic) learn(key, value string) {
	switch key {
	case "min.insync.replicas":
		t.MinInsync, _ = strconv.Atoi(value)
	case "compression.type":
		t.Compression = value
	case "message.timestamp.type":
		t.TimestampType = value
	case "max.message.bytes":
		t.MaxMessageBytes, _ = strconv.ParseInt(value, 10, 64)
	}
}
