import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * Loads a topic with the Java producer just as kdyno run does with its own, and prints as JSON what
 * came of it. The pacer pauses for a millisecond, or for --pause microseconds, and sends all records
 * that are due by then, each with its own due time; latency is the callback's instant less that.
 * Keys are those of the same load.keys and seed, record by record. Percentiles and averages leave
 * the warm-up out: the producer's own metrics are windowed to the time after it, and read as the load ends.
 * Without arguments it reads them from standard input, a load a line, so that the later ones find a
 * virtual machine that has compiled what they need.
 */
public class Paced {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private final Map<String, String> options = new LinkedHashMap<>();
    private final Properties properties = new Properties();
    private final double rate;
    private final double seconds;
    private final double warmUp;
    private final int total;
    private final boolean sequence; // a record's key is its number
    private final long keys; // of uniform:N; 0: none
    private final String shown; // a key's form
    private final long base; // of the keys' draws

    private final long[] took; // by record, ns; 0: no callback yet, negative: failed after so long
    private final long[] lag;
    private final Map<String, Integer> errors = new TreeMap<>();
    // Callbacks come on the producer's thread, and on the caller's where send() itself fails.
    private final AtomicInteger ended = new AtomicInteger();

    private Paced(String[] args) {
        read(args);
        rate = number("rate", 5000);
        seconds = number("for", 10);
        warmUp = number("warm-up", 3);
        total = (int) Math.round(rate * seconds);
        String spread = options.getOrDefault("keys", "none");
        sequence = spread.equals("sequence");
        keys = spread.startsWith("uniform:") ? Long.parseLong(spread.substring("uniform:".length())) : 0;
        shown = "key-%0" + Math.max(6, Long.toString(Math.max(keys, 1) - 1).length()) + "d";
        base = mix((long) number("seed", 1));
        took = new long[total];
        lag = new long[total];
        properties.put("bootstrap.servers", options.get("brokers"));
        properties.put("key.serializer", ByteArraySerializer.class.getName());
        properties.put("value.serializer", ByteArraySerializer.class.getName());
        properties.put("metrics.sample.window.ms", "1000");
        properties.put("metrics.num.samples", Long.toString(Math.max(Math.round(seconds - warmUp), 1)));
    }

    private void read(String[] args) {
        for (int i = 0; i + 1 < args.length; i += 2) {
            String[] pair = args[i + 1].split("=", 2);
            if (args[i].equals("--set") && pair.length == 2) {
                properties.put(pair[0], pair[1]);
            } else if (args[i].startsWith("--")) {
                options.put(args[i].substring(2), args[i + 1]);
            }
        }
        if (args.length % 2 != 0 || !options.containsKey("brokers") || !options.containsKey("topic")) {
            System.err.println("usage: paced --brokers HOST:PORT,... --topic NAME [--rate N] [--bytes N] [--keys none|sequence|uniform:N]"
                + " [--seed N] [--for SECONDS] [--warm-up SECONDS] [--set KEY=VALUE]...");
            System.exit(2);
        }
    }

    private double number(String name, double otherwise) {
        return options.containsKey(name) ? Double.parseDouble(options.get(name)) : otherwise;
    }

    public static void main(String[] args) throws IOException {
        if (args.length > 0) {
            new Paced(args).run();
            return;
        }
        BufferedReader loads = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String load = loads.readLine(); load != null; load = loads.readLine()) {
            new Paced(load.split(" ")).run();
        }
    }

    private void run() {
        String topic = options.get("topic");
        byte[] value = new byte[(int) number("bytes", 200)];
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties)) {
            producer.partitionsFor(topic);
            long pause = (long) (number("pause", 1000) * 1000);
            long start = System.nanoTime();
            for (int n = 0; n < total; ) {
                long now = System.nanoTime() - start;
                for (; n < total && due(n) <= now; n++) {
                    send(producer, topic, value, n, start);
                    now = System.nanoTime() - start;
                }
                LockSupport.parkNanos(pause);
            }
            Map<String, Double> metrics = metrics(producer);
            producer.flush();
            awaitCallbacks();
            print(metrics);
            producer.close(Duration.ofSeconds(1));
        }
    }

    private long due(int n) {
        return Math.round(n * 1e9 / rate);
    }

    private void send(KafkaProducer<byte[], byte[]> producer, String topic, byte[] value, int n, long start) {
        long due = start + due(n);
        lag[n] = System.nanoTime() - due;
        producer.send(new ProducerRecord<>(topic, key(n), value), (metadata, failure) -> {
            long after = System.nanoTime() - due;
            took[n] = failure == null ? after : -after;
            if (failure != null) {
                failed(failure);
            }
            ended.incrementAndGet();
        });
    }

    private synchronized void failed(Exception failure) {
        errors.merge(failure.getClass().getSimpleName() + ": " + failure.getMessage().replaceAll("\\d+", "N"), 1, Integer::sum);
    }

    /** A flush ends as the last batch does, a moment before its last callback. */
    private void awaitCallbacks() {
        while (ended.get() < total) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private byte[] key(int n) {
        if (sequence) {
            return Integer.toString(n).getBytes(StandardCharsets.UTF_8);
        }
        if (keys == 0) {
            return null;
        }
        long draw = mix(mix(base + GOLDEN * n) + GOLDEN);
        // The high half of the unsigned product.
        long pick = Math.multiplyHigh(draw, keys) + (draw < 0 ? keys : 0);
        return String.format(shown, pick).getBytes(StandardCharsets.UTF_8);
    }

    private static long mix(long x) {
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }

    private static Map<String, Double> metrics(KafkaProducer<byte[], byte[]> producer) {
        Map<String, Double> values = new TreeMap<>();
        producer.metrics().forEach((name, metric) -> {
            if (name.group().equals("producer-metrics") && metric.metricValue() instanceof Double value) {
                values.put(name.name(), value);
            }
        });
        return values;
    }

    private void print(Map<String, Double> metrics) {
        int from = (int) Math.round(rate * warmUp);
        long[] acked = Arrays.stream(took, Math.min(from, total), total).filter(t -> t > 0).sorted().toArray();
        long[] failed = Arrays.stream(took).filter(t -> t < 0).map(t -> -t).sorted().toArray();
        StringBuilder out = new StringBuilder("{\"client\": \"Java " + AppInfoParser.getVersion() + "\"");
        put(out, "records_per_s", acked.length / Math.max(seconds - warmUp, 1e-9));
        put(out, "acked", Arrays.stream(took).filter(t -> t > 0).count());
        put(out, "failed", failed.length);
        put(out, "lag_mean_ms", Arrays.stream(lag, Math.min(from, total), total).average().orElse(0) / 1e6);
        put(out, "mean_ms", Arrays.stream(acked).average().orElse(0) / 1e6);
        put(out, "p50_ms", quantile(acked, 0.5));
        put(out, "p99_ms", quantile(acked, 0.99));
        put(out, "failed_first_ms", quantile(failed, 0));
        put(out, "failed_last_ms", quantile(failed, 1));
        for (String name : new String[] {
            "batch-size-avg", "records-per-request-avg", "record-queue-time-avg", "request-latency-avg",
            "compression-rate-avg", "record-retry-total", "request-total",
        }) {
            put(out, name, metrics.getOrDefault(name, 0.0));
        }
        out.append(", \"errors\": {");
        String between = "";
        for (Map.Entry<String, Integer> error : errors.entrySet()) {
            out.append(between).append('"').append(error.getKey().replace("\\", "\\\\").replace("\"", "'")).append("\": ").append(error.getValue());
            between = ", ";
        }
        System.out.println(out.append("}}"));
    }

    private static double quantile(long[] sorted, double q) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))] / 1e6;
    }

    private static void put(StringBuilder out, String name, double value) {
        out.append(", \"").append(name).append("\": ").append(Double.isFinite(value) ? String.format("%.4f", value) : "null");
    }
}
