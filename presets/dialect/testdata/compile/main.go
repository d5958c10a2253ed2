// Command compile is written anew by the test; this one keeps the modules.
package main

import (
	_ "github.com/IBM/sarama"
	_ "github.com/twmb/franz-go/pkg/kgo"
	_ "github.com/twmb/franz-go/pkg/sasl/plain"
	_ "github.com/twmb/franz-go/pkg/sasl/scram"
)

func main() {}
