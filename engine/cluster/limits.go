package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Limits are what the embedded brokers take. Zero leaves a limit as it is: at
// the start Kafka's default, 2 MiB of retention, and no quota.
type Limits struct {
	MaxMessageBytes int64 // of a batch, as it comes: message.max.bytes
	RetentionBytes  int64 // of a partition, in memory; whole segments of 1 MiB are dropped
	QuotaBytes      int64 // that each broker takes in a second from producers; always as given, 0: no bound
}

const defaultRetention = 2 << 20

// SetQuota bounds what each embedded broker takes, in bytes a second, from the
// next request on; 0: it does not. A real cluster has its own quotas.
func (s *Stand) SetQuota(bytes int64) {
	if s.own == nil {
		return
	}
	s.own.do(func() {
		if s.own.quota != bytes {
			s.own.quota = bytes
			s.own.turn()
		}
	})
}

// Limit changes the topics' configuration on the embedded brokers and reads it
// back; the quota is SetQuota's. While the logs are held a retention is noted and
// in force once they are not. It may take as long as ctx.
func (s *Stand) Limit(ctx context.Context, l Limits) error {
	if s.own == nil {
		return nil
	}
	s.own.do(func() { s.own.limits.take(l) })
	names := s.named()
	if len(names) == 0 {
		return nil
	}
	if err := s.alter(ctx, l, names...); err != nil {
		return err
	}
	s.configs(ctx)
	return nil
}

// alter changes what topics take, but for limits that are zero.
func (s *Stand) alter(ctx context.Context, l Limits, topics ...string) error {
	var configs []kadm.AlterConfig
	set := func(name string, n int64) {
		if n > 0 {
			text := strconv.FormatInt(n, 10)
			configs = append(configs, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: &text})
		}
	}
	set("max.message.bytes", l.MaxMessageBytes)
	if l.RetentionBytes > 0 && !s.own.holds(strconv.FormatInt(l.RetentionBytes, 10)) {
		set("retention.bytes", l.RetentionBytes)
	}
	if len(configs) == 0 {
		return nil
	}
	answers, err := kadm.NewClient(s.admin).AlterTopicConfigs(ctx, configs, topics...)
	for _, a := range answers {
		err = errors.Join(err, a.Err)
	}
	if err != nil {
		return fmt.Errorf("change the topics' configuration: %w", err)
	}
	return nil
}

// take makes what another one says that of topics that are made later.
func (l *Limits) take(o Limits) {
	l.MaxMessageBytes = cmp.Or(o.MaxMessageBytes, l.MaxMessageBytes)
	l.RetentionBytes = cmp.Or(o.RetentionBytes, l.RetentionBytes)
}

// hold says that the logs are held, or are no more; then it returns what
// retention.bytes was asked for meanwhile, "" for none.
func (e *embedded) hold(on bool) (wanted string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	wanted, e.keep = e.keep.wanted, keeping{held: on}
	return wanted
}

// holds notes a retention for later where the logs are held.
func (e *embedded) holds(retention string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.keep.held {
		e.keep.wanted = retention
	}
	return e.keep.held
}
