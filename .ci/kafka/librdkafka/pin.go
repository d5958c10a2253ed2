// Package librdkafka pins the version of librdkafka that kdyno is measured beside. Nothing here is
// built: flatout takes the header and the library out of the module that brings them.
package librdkafka

import _ "github.com/confluentinc/confluent-kafka-go/v2/kafka/librdkafka_vendor" // the folder that has them
