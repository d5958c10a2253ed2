/* Sends records with librdkafka as fast as it takes them and prints as JSON how long that took, from
 * the first send to the last delivery report: flatout TOPIC RECORDS BYTES EVERY KEY=VALUE..., the
 * pairs being librdkafka's settings. Delivery reports are served after every so many records. With 1
 * that is the loop of librdkafka's own rdkafka_performance, which also looks at the clock as often as
 * this does: once a record sent and once a record delivered. More than 1 is what whoever tunes the
 * loop would do, and then no clock is looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rdkafka.h"

static long delivered, failed, every;
static double last;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
    (void)rk;
    (void)opaque;
    if (every == 1) last = now();
    if (m->err) {
        failed++;
    } else {
        delivered++;
    }
}

static void die(const char *what, const char *why) {
    fprintf(stderr, "flatout: %s: %s\n", what, why);
    exit(1);
}

int main(int argc, char **argv) {
    char why[512];
    if (argc < 6) {
        fprintf(stderr, "usage: flatout TOPIC RECORDS BYTES EVERY bootstrap.servers=HOST:PORT,... [KEY=VALUE]...\n");
        return 2;
    }
    long records = atol(argv[2]);
    size_t bytes = (size_t)atol(argv[3]);
    every = atol(argv[4]);
    if (every < 1) die(argv[4], "is not a number of records");
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (int i = 5; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) die(argv[i], "is not KEY=VALUE");
        *value++ = 0;
        if (rd_kafka_conf_set(conf, argv[i], value, why, sizeof why) != RD_KAFKA_CONF_OK) die(argv[i], why);
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!rk) die("no producer", why);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[1], NULL);
    if (!topic) die(argv[1], rd_kafka_err2str(rd_kafka_last_error()));
    const struct rd_kafka_metadata *known;
    rd_kafka_resp_err_t err = rd_kafka_metadata(rk, 0, topic, &known, 10000);
    if (err) die("no metadata", rd_kafka_err2str(err));
    rd_kafka_metadata_destroy(known);

    char *payload = malloc(bytes);
    memset(payload, 'x', bytes);
    double began = now();
    for (long n = 0; n < records; n++) {
        /* The payload stays as it is, so nothing has to be copied. */
        while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, 0, payload, bytes, NULL, 0, NULL) != 0) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) die("send", rd_kafka_err2str(rd_kafka_last_error()));
            rd_kafka_poll(rk, 10);
        }
        if (n % every == 0) rd_kafka_poll(rk, 0);
        if (every == 1) last = now();
    }
    while (rd_kafka_outq_len(rk) > 0) rd_kafka_poll(rk, 10);
    double took = now() - began;
    printf("{\"client\": \"librdkafka %s\", \"delivered\": %ld, \"failed\": %ld, \"seconds\": %.4f}\n",
           rd_kafka_version_str(), delivered, failed, took);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    return 0;
}
