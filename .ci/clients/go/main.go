// Command produce writes so many records with a Go client: produce sarama|franz-go BROKERS TOPIC COUNT.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("usage: produce sarama|franz-go BROKERS TOPIC COUNT")
	}
	brokers, topic := strings.Split(args[1], ","), args[2]
	n, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	switch args[0] {
	case "sarama":
		return withSarama(brokers, topic, n)
	case "franz-go":
		return withFranz(brokers, topic, n)
	default:
		return fmt.Errorf("no client %q", args[0])
	}
}

func withSarama(brokers []string, topic string, n int) error {
	c := sarama.NewConfig()
	c.ClientID, c.Version = "with-sarama", sarama.V3_6_0_0
	c.Producer.RequiredAcks, c.Producer.Compression = sarama.WaitForAll, sarama.CompressionSnappy
	c.Producer.Return.Successes = true
	p, err := sarama.NewAsyncProducer(brokers, c)
	if err != nil {
		return err
	}
	go func() {
		for i := range n {
			p.Input() <- &sarama.ProducerMessage{Topic: topic, Key: sarama.StringEncoder(strconv.Itoa(i)), Value: sarama.StringEncoder("value")}
		}
	}()
	for range n {
		select {
		case <-p.Successes():
		case err := <-p.Errors():
			return err
		}
	}
	return p.Close()
}

func withFranz(brokers []string, topic string, n int) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ClientID("with-franz-go"), kgo.DefaultProduceTopic(topic),
		kgo.AllowAutoTopicCreation(), kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	if err != nil {
		return err
	}
	defer cl.Close()
	failed := make(chan error, n)
	for i := range n {
		cl.Produce(context.Background(), &kgo.Record{Key: []byte(strconv.Itoa(i)), Value: []byte("value")}, func(_ *kgo.Record, err error) {
			if err != nil {
				failed <- err
			}
		})
	}
	if err := cl.Flush(context.Background()); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}
