import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * Lets the Java client's own ProducerConfig read every export in a folder: NAME.properties as they
 * are, NAME.java compiled, by the Properties that its method gives, and NAME.perf, the words of a
 * kafka-producer-perf-test command, one a line, through that tool's own reader. Prints one JSON
 * array with what the client made of each, or why it refused.
 */
public class ReadExports {
    public static void main(String[] args) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(Path.of(args[0]))) {
            files = all.sorted().collect(Collectors.toList());
        }
        List<String> rows = new ArrayList<>();
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(".properties") || name.endsWith(".java") || name.endsWith(".perf")) {
                rows.add(row(file, name));
            }
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.print("[\n" + String.join(",\n", rows) + "\n]\n");
    }

    private static String row(Path file, String name) {
        try {
            Properties p = name.endsWith(".java") ? compiled(file) : name.endsWith(".perf") ? commanded(file) : loaded(file);
            return "{\"file\": " + quote(name) + ", \"values\": {" + values(new ProducerConfig(p)) + "}}";
        } catch (Exception refused) {
            return "{\"file\": " + quote(name) + ", \"refused\": " + quote(refused.toString()) + "}";
        }
    }

    private static Properties loaded(Path file) throws IOException {
        Properties p = new Properties();
        try (var in = Files.newInputStream(file)) {
            p.load(in);
        }
        return p;
    }

    private static Properties compiled(Path file) throws Exception {
        Path to = Files.createTempDirectory("classes");
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, System.err,
            "-cp", System.getProperty("java.class.path"), "-d", to.toString(), file.toString());
        if (status != 0) {
            throw new IllegalStateException("does not compile");
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {to.toUri().toURL()})) {
            Method properties = loader.loadClass("ProducerSettings").getDeclaredMethod("properties");
            properties.setAccessible(true);
            return (Properties) properties.invoke(null);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static Properties commanded(Path file) throws Exception {
        Class<?> tool = Class.forName("org.apache.kafka.tools.ProducerPerformance");
        Method parser = tool.getDeclaredMethod("argParser");
        parser.setAccessible(true);
        Constructor<?> read = Class.forName(tool.getName() + "$ConfigPostProcessor").getDeclaredConstructors()[0];
        read.setAccessible(true);
        try {
            Object command = read.newInstance(parser.invoke(null), Files.readAllLines(file).toArray(new String[0]));
            Field properties = command.getClass().getDeclaredField("producerProps");
            properties.setAccessible(true);
            return (Properties) properties.get(command);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static String values(ProducerConfig config) {
        Map<String, ConfigDef.ConfigKey> keys = ProducerConfig.configDef().configKeys();
        List<String> pairs = new ArrayList<>();
        for (Map.Entry<String, ?> e : new TreeMap<>(config.values()).entrySet()) {
            String text = ConfigDef.convertToString(e.getValue(), keys.get(e.getKey()).type);
            pairs.add(quote(e.getKey()) + ": " + (text == null ? "\"\"" : quote(text)));
        }
        return String.join(", ", pairs);
    }

    private static String quote(String text) {
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
