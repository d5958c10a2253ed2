import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.internals.BufferPool;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.ExponentialBackoff;
import org.apache.kafka.common.utils.Time;

/**
 * Constructs a KafkaProducer of each line's KEY=VALUE pairs and writes into the file what became of
 * it behind an arrow: refused, with the innermost reason, or that it starts, with the
 * values that are others than asked for or Kafka's defaults. A first batch is taken from the
 * buffer as send() takes it, since that refuses what the constructor lets pass.
 */
public class JudgeConfigs {
    private static final String ARROW = " => ";
    private static final String LOGINS = "org.apache.kafka.common.security.";
    private static final Map<String, String> JAAS = Map.of(
        "plain-login", LOGINS + "plain.PlainLoginModule required username=\"u\" password=\"p\";",
        "scram-login", LOGINS + "scram.ScramLoginModule required username=\"u\" password=\"p\";",
        "oauth-login", LOGINS + "oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"u\";",
        "no-login", "nonsense");

    public static void main(String[] args) throws IOException {
        Path table = Path.of(args[0]);
        List<String> judged = new ArrayList<>();
        for (String line : Files.readAllLines(table)) {
            if (line.isBlank() || line.startsWith("#")) {
                judged.add(line);
                continue;
            }
            String set = line.contains(ARROW) ? line.substring(0, line.indexOf(ARROW)) : line;
            judged.add(set + ARROW + verdict(properties(set)));
        }
        Files.write(table, judged);
    }

    private static Properties properties(String set) {
        Properties p = new Properties();
        p.put("bootstrap.servers", "127.0.0.1:1,127.0.0.1:2");
        p.put("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        p.put("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        for (String pair : set.split(" ")) {
            int equals = pair.indexOf('=');
            if (equals < 0) {
                continue; // the defaults
            }
            String key = pair.substring(0, equals);
            String value = pair.substring(equals + 1);
            p.put(key, key.equals("sasl.jaas.config") ? JAAS.get(value) : value);
        }
        return p;
    }

    private static String verdict(Properties p) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(p)) {
            Object accumulator = field(producer, "accumulator");
            BufferPool pool = (BufferPool) field(accumulator, "free");
            int batch = (int) field(accumulator, "batchSize");
            try (Metrics metrics = new Metrics()) {
                new BufferPool(pool.totalMemory(), pool.poolableSize(), metrics, Time.SYSTEM, "judge").allocate(batch, 0);
            } catch (IllegalArgumentException refused) {
                return "refused by send(): " + refused.getMessage();
            }
            return "starts" + changes(p, (ProducerConfig) field(producer, "producerConfig"), waits(producer, accumulator));
        } catch (ReflectiveOperationException | InterruptedException e) {
            throw new IllegalStateException(e);
        } catch (RuntimeException refused) {
            Throwable reason = refused;
            while (reason.getCause() != null && reason.getCause() != reason) {
                reason = reason.getCause();
            }
            return "refused: " + reason.getMessage().replace('\n', ' ');
        }
    }

    /** What stands in no configuration: it is worked out when the parts are made. */
    private static Map<String, Long> waits(Object producer, Object accumulator) throws ReflectiveOperationException {
        Object connections = field(field(field(producer, "sender"), "client"), "connectionStates");
        return Map.of(
            "delivery.timeout.ms", (long) (int) field(accumulator, "deliveryTimeoutMs"),
            "retry.backoff.ms", ((ExponentialBackoff) field(accumulator, "retryBackoff")).initialInterval(),
            "reconnect.backoff.ms", ((ExponentialBackoff) field(connections, "reconnectBackoff")).initialInterval(),
            "socket.connection.setup.timeout.ms", ((ExponentialBackoff) field(connections, "connectionSetupTimeout")).initialInterval());
    }

    /** What the client changed by itself, by name. */
    private static String changes(Properties asked, ProducerConfig config, Map<String, Long> waits) {
        Map<String, String> is = new TreeMap<>();
        Map<String, ConfigDef.ConfigKey> keys = ProducerConfig.configDef().configKeys();
        for (Map.Entry<String, ?> e : config.values().entrySet()) {
            is.put(e.getKey(), ConfigDef.convertToString(e.getValue(), keys.get(e.getKey()).type));
        }
        waits.forEach((name, ms) -> is.put(name, String.valueOf(ms)));
        List<String> changed = new ArrayList<>();
        for (Map.Entry<String, String> e : is.entrySet()) {
            ConfigDef.ConfigKey key = keys.get(e.getKey());
            String was = asked.containsKey(e.getKey())
                ? ConfigDef.convertToString(ConfigDef.parseType(key.name, asked.get(key.name), key.type), key.type)
                : key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, key.type) : null;
            boolean named = key.name.equals("client.id"); // producer-1, producer-2
            boolean spelt = key.name.equals("acks") && "all".equals(was);
            if (!named && !spelt && !String.valueOf(was).equals(String.valueOf(e.getValue()))) {
                changed.add(key.name + "=" + e.getValue());
            }
        }
        return changed.isEmpty() ? "" : " with " + String.join(" ", changed);
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field f = of.getClass().getDeclaredField(name);
        f.setAccessible(true);
        return f.get(of);
    }
}
