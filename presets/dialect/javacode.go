package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// javaFields are the constants that are not the setting's name in capitals with
// _CONFIG behind it.
var javaFields = map[setting.Key]string{
	setting.MetadataMaxAgeMs: "METADATA_MAX_AGE_CONFIG", "metadata.max.idle.ms": "METADATA_MAX_IDLE_CONFIG",
	setting.SendBufferBytes: "SEND_BUFFER_CONFIG", setting.ReceiveBufferBytes: "RECEIVE_BUFFER_CONFIG",
	"metric.reporters": "METRIC_REPORTER_CLASSES_CONFIG", setting.MaxInFlight: "MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION",
	"key.serializer": "KEY_SERIALIZER_CLASS_CONFIG", "value.serializer": "VALUE_SERIALIZER_CLASS_CONFIG",
	"transaction.timeout.ms": "TRANSACTION_TIMEOUT_CONFIG",
}

// javaConstant is the class and field that hold a setting's name.
func javaConstant(k setting.Key) (class, field string) {
	upper := strings.ToUpper(strings.ReplaceAll(string(k), ".", "_"))
	class, field = "ProducerConfig", upper+"_CONFIG"
	switch {
	case javaFields[k] != "":
		field = javaFields[k]
	case strings.HasPrefix(string(k), "sasl."):
		class, field = "SaslConfigs", upper
	case strings.HasPrefix(string(k), "ssl."):
		class = "SslConfigs"
	case k == setting.SecurityProtocol || strings.HasPrefix(string(k), "metadata.recovery."):
		class = "CommonClientConfigs"
	}
	return class, field
}

// javaNames finds a setting by its constant.
var javaNames = func() map[string]setting.Key {
	m := map[string]setting.Key{"PARTITIONER_ADPATIVE_PARTITIONING_ENABLE_CONFIG": "partitioner.adaptive.partitioning.enable"}
	for _, row := range setting.Rows() {
		if row.Scope == setting.Producer {
			_, field := javaConstant(row.Key)
			m[field] = row.Key
		}
	}
	return m
}()

// javaClasses are the packages of the classes that people name without one.
var javaClasses = map[string]string{
	"Serializer.class": "org.apache.kafka.common.serialization.", "RoundRobinPartitioner.class": "org.apache.kafka.clients.producer.",
}

// javaPutters are the methods that give a setting its value.
var javaPutters = []string{"put", "setProperty", "putIfAbsent", "entry", "Pair", "with", "set"}

// findJavaCode finds what a program in Java, Kotlin, Scala or Groovy sets.
func findJavaCode(s *source) ([]entry, *Error) {
	var entries []entry
	add := func(f fact, key, v value) {
		if known, ok := javaKey(key); ok {
			entries = append(entries, entry{name: known, value: javaValue(v), line: f.line, column: f.column})
		}
	}
	bad := readCode(javas, s.text, func(f fact) {
		last := f.path[strings.LastIndexByte(f.path, '.')+1:]
		switch {
		case f.kind == paired:
			add(f, f.key, f.args[0])
		case f.kind != called:
		case last == "of" && strings.HasSuffix(f.path, "Map.of"):
			for n := 0; n+1 < len(f.args); n += 2 {
				add(f, f.args[n], f.args[n+1])
			}
		case len(f.args) == 2 && slices.Contains(javaPutters, last):
			add(f, f.args[0], f.args[1])
		}
	})
	return entries, bad
}

// javaKey is the setting that a key of a map means. Texts without a dot, apart
// from acks and retries, are somebody else's.
func javaKey(key value) (string, bool) {
	switch key.kind {
	case written, literal:
		return key.text, strings.ContainsRune(key.text, '.') || key.text == "acks" || key.text == "retries"
	case name:
		class, field := "", key.text
		if at := strings.LastIndexByte(key.text, '.'); at >= 0 {
			class, field = key.text[:at], key.text[at+1:]
			class = class[strings.LastIndexByte(class, '.')+1:]
		}
		if known, ok := javaNames[field]; ok {
			return string(known), true
		}
		if class == "ConsumerConfig" || class == "StreamsConfig" || class == "AdminClientConfig" {
			return class + "." + field, true
		}
		return key.text, strings.HasSuffix(class, "Config") || strings.HasSuffix(class, "Configs")
	default:
		return "", false
	}
}

// javaValue turns names of Java into what Kafka makes of them.
func javaValue(v value) value {
	if v.kind != name {
		return v
	}
	for end, from := range javaClasses {
		if strings.HasSuffix(v.text, end) {
			class := strings.TrimSuffix(v.text, ".class")
			if !strings.ContainsRune(class, '.') {
				class = from + class
			}
			return value{kind: written, text: class}
		}
	}
	if class, ok := strings.CutSuffix(v.text, ".class"); ok {
		return value{kind: written, text: class}
	}
	parts := strings.Split(v.text, ".")
	if len(parts) == 3 && parts[2] == "name" && (parts[0] == "CompressionType" || parts[0] == "SecurityProtocol") {
		text := parts[1]
		if parts[0] == "CompressionType" {
			text = strings.ToLower(text)
		}
		return value{kind: written, text: text}
	}
	return value{kind: code, text: v.text}
}

// putJavaCode writes a class that compiles.
func putJavaCode(e *exporter) string {
	var b strings.Builder
	b.WriteString(`import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

final class ProducerSettings {
    static Properties properties() {
        Properties p = new Properties();
`)
	for _, l := range e.lines {
		class, field := javaConstant(l.key)
		text := javaQuote(l.text)
		if l.fill != "" {
			text = "System.getenv(" + javaQuote(l.fill) + ")"
		}
		fmt.Fprintf(&b, "        p.put(%s.%s, %s);%s\n", class, field, text, behind("//", l.why))
	}
	b.WriteString("        return p;\n    }\n}\n")
	return b.String()
}

// behind is a remark behind a line of code.
func behind(mark, why string) string {
	if why == "" {
		return ""
	}
	return " " + mark + " " + why
}

// javaQuote writes a text of Java, in ASCII.
func javaQuote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c > '~':
			for _, unit := range utf16Units(c) {
				b.WriteString(`\u` + strings.ToUpper(strconv.FormatUint(uint64(unit)|0x10000, 16)[1:]))
			}
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
