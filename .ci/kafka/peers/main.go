// Command peers sends records flat out with a Go client that kdyno is measured
// beside, and prints how long that took: peers CLIENT TOPIC RECORDS BYTES HOST:PORT,...
// The clients are confluent-kafka-go, which is librdkafka for Go, and franz-go,
// which kdyno itself drives. Both have acks=all, idempotence, batches of 16 KiB
// and a linger of 5 ms. The module brings librdkafka's library for flatout too.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	batchBytes  = 16 << 10
	linger      = 5 * time.Millisecond
	mostWaiting = 500_000 // records in the buffer
	endWithin   = time.Minute
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 6 {
		log.Fatal("usage: peers CLIENT TOPIC RECORDS BYTES HOST:PORT,...")
	}
	records, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	size, err := strconv.Atoi(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	send := map[string]func(brokers, topic string, records int, value []byte) (time.Duration, error){
		"confluent-kafka-go": confluent, "franz-go": franz,
	}[os.Args[1]]
	if send == nil {
		log.Fatalf("there is no client %q", os.Args[1])
	}
	took, err := send(os.Args[5], os.Args[2], records, []byte(strings.Repeat("x", size)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"client\": %q, \"delivered\": %d, \"seconds\": %.4f}\n", os.Args[1], records, took.Seconds())
}

// confluent produces as the library's own example does: each record with
// Produce, each delivery report from Events.
func confluent(brokers, topic string, records int, value []byte) (time.Duration, error) {
	p, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": brokers, "acks": "all", "enable.idempotence": true,
		"linger.ms": int(linger.Milliseconds()), "batch.size": batchBytes, "queue.buffering.max.messages": mostWaiting,
	})
	if err != nil {
		return 0, err
	}
	defer p.Close()
	if _, err := p.GetMetadata(&topic, false, int(endWithin.Milliseconds())); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	go func() {
		for n := 0; n < records; {
			if m, ok := (<-p.Events()).(*kafka.Message); ok {
				if m.TopicPartition.Error != nil {
					log.Fatal(m.TopicPartition.Error) // nobody would make room for the rest
				}
				n++
			}
		}
		close(ended)
	}()
	start := time.Now()
	for range records {
		m := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny}, Value: value}
		for {
			err := p.Produce(m, nil)
			if err == nil {
				break
			}
			var refused kafka.Error
			if !errors.As(err, &refused) || refused.Code() != kafka.ErrQueueFull {
				return 0, err
			}
			time.Sleep(time.Millisecond)
		}
	}
	<-ended
	return time.Since(start), nil
}

// franz produces pooled records, which is the least that this client takes.
func franz(brokers, topic string, records int, value []byte) (time.Duration, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(brokers, ",")...), kgo.DefaultProduceTopic(topic), kgo.DisableClientMetrics(),
		kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(linger), kgo.ProducerBatchMaxBytes(batchBytes),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.MaxBufferedRecords(mostWaiting),
	)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), endWithin)
	defer cancel()
	if err := client.Ping(ctx); err != nil {
		return 0, err
	}
	var failed atomic.Pointer[error]
	var pool sync.Pool
	done := func(r *kgo.Record, err error) {
		if err != nil {
			failed.Store(&err)
		}
		*r = kgo.Record{}
		pool.Put(r)
	}
	start := time.Now()
	for range records {
		r, ok := pool.Get().(*kgo.Record)
		if !ok {
			r = new(kgo.Record)
		}
		r.Value = value
		client.Produce(ctx, r, done)
	}
	if err := client.Flush(ctx); err != nil {
		return 0, err
	}
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return time.Since(start), nil
}
