"""Writes so many records with a Python client: produce.py confluent-python|kafka-python BROKERS TOPIC COUNT."""

import sys

import confluent_kafka
import kafka


def with_confluent(brokers, topic, count):
    failed = []
    producer = confluent_kafka.Producer({
        "bootstrap.servers": brokers, "client.id": "with-confluent", "acks": "1", "compression.type": "gzip", "linger.ms": 10,
        "allow.auto.create.topics": True,
    })
    for n in range(count):
        producer.produce(topic, key=str(n), value="value", on_delivery=lambda error, _: error and failed.append(error))
        producer.poll(0)
    if producer.flush(60) or failed:
        sys.exit(f"not all were delivered: {failed[:3]}")


def with_kafka_python(brokers, topic, count):
    producer = kafka.KafkaProducer(bootstrap_servers=brokers.split(","), client_id="with-kafka-python", acks="all", linger_ms=10)
    futures = [producer.send(topic, key=str(n).encode(), value=b"value") for n in range(count)]
    producer.flush(60)
    for future in futures:
        future.get(10)
    producer.close()


{"confluent-python": with_confluent, "kafka-python": with_kafka_python}[sys.argv[1]](sys.argv[2], sys.argv[3], int(sys.argv[4]))
