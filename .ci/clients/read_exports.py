"""Lets librdkafka's own parser, and kafka-python, read every export in a folder.

NAME.conf is KEY=VALUE for librdkafka, NAME.confluent.py and NAME.kafka.py are run. Prints one JSON
array with the reason wherever a client refused.
"""

import json
import os
import pathlib
import sys

import confluent_kafka
import kafka
from kafka.producer.kafka import KafkaProducer


class Checked:
    """Stands for KafkaProducer, which would look for brokers: it looks at the names alone."""

    def __init__(self, **configs):
        unknown = set(configs) - set(KafkaProducer.DEFAULT_CONFIG)
        if unknown:
            raise ValueError("unrecognised: %s" % sorted(unknown))


def read(path):
    if path.suffix == ".conf":
        lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        conf = dict(line.split("=", 1) for line in lines)
        confluent_kafka.Producer({**conf, "log_level": 0, "bootstrap.servers": "127.0.0.1:1"})
        return
    program = path.read_text()
    exec(compile(program, str(path), "exec"), {})


def main():
    kafka.KafkaProducer = Checked
    for name in ("USERNAME", "PASSWORD"):
        os.environ["KAFKA_SASL_" + name] = "x"
    rows = []
    for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        try:
            read(path)
            rows.append({"file": path.name})
        except Exception as refused:  # whatever it is, the test tells it
            rows.append({"file": path.name, "refused": "%s: %s" % (type(refused).__name__, refused)})
    json.dump(rows, sys.stdout)


main()
