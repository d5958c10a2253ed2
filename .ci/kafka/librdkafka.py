"""Prints as JSON where librdkafka's partitioners put keys: its own functions are called, in the
library that the package confluent-kafka brings along."""
import ctypes
import glob
import json
import os
import random

import confluent_kafka

COUNTS = [1, 2, 3, 6, 7, 12, 50, 128, 1000]
KEYS = [
    "a", "ab", "abc", "abcd", "21", "foobar", "key-000000", "KR-17", "gr\u00fc\u00dfe", "\u4f60\u597d",
    "a-little-bit-long-string", "\0", "\0\0", "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
    "qqk42v",  # its fnv1a is the number that has no positive counterpart
]

folder = os.path.dirname(confluent_kafka.__file__)
lib = ctypes.CDLL(glob.glob(folder + "/../confluent_kafka.libs/librdkafka-*.so*")[0])
lib.rd_kafka_topic_new.restype = ctypes.c_void_p
lib.rd_kafka_new.restype = ctypes.c_void_p
lib.rd_kafka_conf_new.restype = ctypes.c_void_p
why = ctypes.create_string_buffer(512)
producer = lib.rd_kafka_new(0, ctypes.c_void_p(lib.rd_kafka_conf_new()), why, len(why))
topic = lib.rd_kafka_topic_new(ctypes.c_void_p(producer), b"t", None)


def place(name, key, count):
    function = getattr(lib, "rd_kafka_msg_partitioner_" + name)
    function.restype = ctypes.c_int32
    size = ctypes.c_size_t(len(key) if key is not None else 0)
    return function(ctypes.c_void_p(topic), key, size, ctypes.c_int32(count), None, None)


def fixed(name, key):
    """The key's one place among a thousand partitions, or None: it is put anywhere."""
    places = {place(name, key, 1000) for _ in range(50)}
    return places.pop() if len(places) == 1 else None


rng = random.Random(794)
keys = [k.encode() for k in KEYS] + [rng.randbytes(1 + i % 40) for i in range(60)]
rows = [
    {
        "hex": k.hex(),
        "crc32": [place("consistent_random", k, n) for n in COUNTS],
        "fnv1a": [place("fnv1a_random", k, n) for n in COUNTS],
    }
    for k in keys
]
special = {
    name: {"null": fixed(function, None), "empty": fixed(function, b"")}
    for name, function in {"crc32": "consistent_random", "fnv1a": "fnv1a_random"}.items()
}
print('{\n"version": %s,\n"counts": %s,\n"special": %s,\n"keys": [' % (
    json.dumps(confluent_kafka.libversion()[0]), json.dumps(COUNTS), json.dumps(special)))
print(",\n".join("  " + json.dumps(row) for row in rows))
print("]\n}")
