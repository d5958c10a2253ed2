import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * Prints the Java producer's own table of settings as JSON, one setting a line and sorted by name,
 * so that the settings table of kdyno is held against Kafka and not against somebody's memory.
 * A setting without a default is "required"; a default of null and a missing one are both null.
 */
public class ConfigDefDump {
    public static void main(String[] args) {
        List<String> rows = new ArrayList<>();
        for (ConfigDef.ConfigKey key : new TreeMap<>(ProducerConfig.configDef().configKeys()).values()) {
            rows.add(row(key));
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.print("[\n" + String.join(",\n", rows) + "\n]\n");
    }

    private static String row(ConfigDef.ConfigKey key) {
        boolean required = !key.hasDefault();
        String standard = required ? null : ConfigDef.convertToString(key.defaultValue, key.type);
        String validator = key.validator == null ? null : key.validator.toString();
        return "  {\"name\": " + quote(key.name)
            + ", \"type\": " + quote(key.type.name())
            + ", \"default\": " + quote(standard)
            + ", \"required\": " + required
            + ", \"validator\": " + quote(validator)
            + ", \"importance\": " + quote(key.importance.name())
            + ", \"internal\": " + key.internalConfig
            + ", \"doc\": " + quote(firstSentence(key.documentation))
            + "}";
    }

    private static String firstSentence(String html) {
        if (html == null) {
            return "";
        }
        String text = html.replaceAll("<[^>]*>", "").replace("&nbsp;", " ").replaceAll("\\s+", " ").strip();
        int stop = text.indexOf(". ");
        return stop < 0 ? text : text.substring(0, stop + 1);
    }

    private static String quote(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
