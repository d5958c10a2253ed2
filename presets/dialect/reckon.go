package dialect

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// numeralOf reads a number as any of the languages writes it: 64_000L, 0x10,
// 1.5e3.
func numeralOf(text string) value {
	plain := strings.ReplaceAll(text, "_", "")
	if !strings.HasPrefix(plain, "0x") && !strings.HasPrefix(plain, "0X") {
		plain = strings.TrimRight(plain, "lLfFdDmMuU")
	}
	if n, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return value{kind: numeral, text: strconv.FormatInt(n, 10)}
	}
	if f, err := strconv.ParseFloat(plain, 64); err == nil && !math.IsInf(f, 0) {
		return value{kind: numeral, text: strconv.FormatFloat(f, 'f', -1, 64)}
	}
	if strings.Trim(plain, "0123456789") == "" && len(plain) <= 40 {
		return value{kind: numeral, text: plain} // too large for anything, and told as such
	}
	return value{kind: code, text: plain}
}

// constants are names that have the same value in every program.
var constants = map[string]value{
	"true": {boolean, "true"}, "false": {boolean, "false"}, "True": {boolean, "true"}, "False": {boolean, "false"},
	"None": {nothing, "None"}, "null": {nothing, "null"}, "nil": {nothing, "nil"},
	"Integer.MAX_VALUE": {numeral, "2147483647"}, "int.MaxValue": {numeral, "2147483647"}, "Int32.MaxValue": {numeral, "2147483647"}, "math.MaxInt32": {numeral, "2147483647"},
	"Long.MAX_VALUE": {numeral, "9223372036854775807"}, "long.MaxValue": {numeral, "9223372036854775807"}, "math.MaxInt64": {numeral, "9223372036854775807"},
	"math.MaxInt": {numeral, "9223372036854775807"}, "sys.maxsize": {numeral, "9223372036854775807"}, "math.inf": {numeral, "inf"},
	"Boolean.TRUE": {boolean, "true"}, "Boolean.FALSE": {boolean, "false"},
	"time.Nanosecond": spanOf(1), "time.Microsecond": spanOf(time.Microsecond), "time.Millisecond": spanOf(time.Millisecond),
	"time.Second": spanOf(time.Second), "time.Minute": spanOf(time.Minute), "time.Hour": spanOf(time.Hour),
}

// lengths are functions that make a length of time of a number.
var lengths = map[string]time.Duration{
	"Duration.ofMillis": time.Millisecond, "Duration.ofSeconds": time.Second, "Duration.ofMinutes": time.Minute, "Duration.ofHours": time.Hour,
	"TimeUnit.SECONDS.toMillis": time.Second, "TimeUnit.MINUTES.toMillis": time.Minute, "TimeUnit.HOURS.toMillis": time.Hour, "TimeUnit.MILLISECONDS.toMillis": time.Millisecond,
	"TimeSpan.FromMilliseconds": time.Millisecond, "TimeSpan.FromSeconds": time.Second, "TimeSpan.FromMinutes": time.Minute,
}

// environment are functions that ask for a variable.
var environment = map[string]bool{
	"System.getenv": true, "os.getenv": true, "os.environ.get": true, "os.environ": true, "os.Getenv": true, "os.LookupEnv": true,
	"Environment.GetEnvironmentVariable": true, "getenv": true,
}

// through are functions that only change the type of what they get.
var through = map[string]bool{
	"String.valueOf": true, "Integer.toString": true, "Integer.valueOf": true, "Integer.parseInt": true, "Long.toString": true, "Long.valueOf": true,
	"Boolean.toString": true, "Boolean.valueOf": true, "str": true, "int": true, "int32": true, "int64": true, "strconv.Itoa": true, "fmt.Sprint": true, "time.Duration": true,
}

var lists = map[string]bool{"List.of": true, "Arrays.asList": true, "Collections.singletonList": true, "Set.of": true, "listOf": true}

func spanOf(d time.Duration) value {
	return value{kind: nanos, text: strconv.FormatInt(int64(d), 10)}
}

// memberOf is NAME.of, and what stands for it where it is a constant.
func memberOf(v value, of string) value {
	switch {
	case v.kind == name:
		full := v.text + "." + of
		if c, ok := constants[full]; ok {
			return c
		}
		return value{kind: name, text: full}
	case v.kind == nanos && (of == "toMillis" || of == "TotalMilliseconds"):
		return v
	case v.kind == code && len(v.text) >= mostShown:
		return v
	default:
		return value{kind: code, text: clipped(v.text + "." + of)}
	}
}

// worked is what a call comes to, where that can be told without running it.
func worked(path string, of value, args []value) value {
	if len(args) > 0 && environment[path] {
		return variableOf(args[0])
	}
	if lists[path] {
		return listOf(args)
	}
	if len(args) == 1 {
		if v, ok := workedOne(path, args[0]); ok {
			return v
		}
	}
	switch {
	case of.kind != name && of.kind != code:
		return of // a member that changes the type alone
	case strings.HasSuffix(path, ".class.getName") || strings.HasSuffix(path, ".class.getCanonicalName"):
		return value{kind: name, text: path[:strings.LastIndexByte(path, '.')]}
	case of.kind == code && len(of.text) >= mostShown:
		return of
	default:
		return value{kind: code, text: clipped(path + "(" + joined(args) + ")")}
	}
}

// workedOne knows the functions of one argument.
func workedOne(path string, arg value) (value, bool) {
	switch {
	case through[path]:
		return arg, true
	case path == "float" && arg.text == "inf":
		return value{kind: numeral, text: "inf"}, true
	case lengths[path] != 0:
		return reckon("*", arg, spanOf(lengths[path])), true
	default:
		return value{}, false
	}
}

func variableOf(of value) value {
	if of.isText() && !strings.ContainsAny(of.text, "}\n") {
		return value{kind: elsewhere, text: "${" + clipped(of.text) + "}"}
	}
	return value{kind: code, text: "a variable of the environment"}
}

// indexed is PATH[ARGS].
func indexed(path string, args []value) value {
	if environment[path] && len(args) == 1 {
		return variableOf(args[0])
	}
	return value{kind: code, text: clipped(path + "[" + joined(args) + "]")}
}

// listOf is the text of a list, as Kafka writes lists.
func listOf(args []value) value {
	texts := make([]string, len(args))
	for n, a := range args {
		if a.kind == code || a.kind == elsewhere {
			return value{kind: code, text: clipped("[" + joined(args) + "]")}
		}
		texts[n] = a.text
	}
	return value{kind: literal, text: strings.Join(texts, ",")}
}

// joined shows arguments. Texts are left out: they may be secrets.
func joined(args []value) string {
	texts := make([]string, 0, len(args))
	for _, a := range args {
		if a.isText() {
			a.text = `"..."`
		}
		texts = append(texts, a.text)
		if len(texts) > mostShown {
			break
		}
	}
	return strings.Join(texts, ",")
}

// mostShown bounds what is kept of an expression that is not worked out.
const mostShown = 160

func clipped(text string) string {
	if len(text) > mostShown {
		return strings.ToValidUTF8(text[:mostShown], "") + "..."
	}
	return text
}

// mostJoined bounds a text that a program puts together of pieces.
const mostJoined = 16 << 10

// reckon works out a sum or product of numbers, of lengths of time, or texts
// that are put together.
func reckon(op string, a, b value) value {
	if op == "+" && putTogether(a, b) {
		return value{kind: literal, text: a.text + b.text}
	}
	if !countable(a) || !countable(b) {
		return unreckoned(op, a, b)
	}
	if v, ok := reckonSmall(op, a, b); ok {
		return v
	}
	z, ok := reckonExactly(op, a.text, b.text)
	if !ok || z.Num().BitLen() > 128 {
		return unreckoned(op, a, b)
	}
	kind := numeral
	if a.kind == nanos || b.kind == nanos {
		kind = nanos
	}
	if op == "/" && a.kind == b.kind {
		kind = numeral
	}
	if z.IsInt() || kind == nanos {
		return value{kind: kind, text: new(big.Int).Quo(z.Num(), z.Denom()).String()}
	}
	return value{kind: kind, text: strings.TrimRight(z.FloatString(6), "0")}
}

// putTogether says whether two values make one text.
func putTogether(a, b value) bool {
	texts := a.isText() && (b.isText() || b.kind == numeral) || a.kind == numeral && b.isText()
	return texts && len(a.text)+len(b.text) <= mostJoined
}

// reckonExactly works with numbers of any size; without ok there is no result.
func reckonExactly(op, a, b string) (*big.Rat, bool) {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	z := new(big.Rat)
	if !okX || !okY {
		return z, false
	}
	switch op {
	case "+":
		return z.Add(x, y), true
	case "-":
		return z.Sub(x, y), true
	case "*":
		return z.Mul(x, y), true
	case "/":
		if y.Sign() == 0 {
			return z, false
		}
		return z.Quo(x, y), true
	default: // <<
		if !y.IsInt() || y.Sign() < 0 || y.Num().Cmp(big.NewInt(62)) > 0 {
			return z, false
		}
		return z.Mul(x, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(y.Num().Int64())))), true
	}
}

// reckonSmall works out what small whole numbers come to, which nearly all are.
func reckonSmall(op string, a, b value) (value, bool) {
	const digits = 9
	if a.kind != numeral || b.kind != numeral || len(a.text) > digits || len(b.text) > digits {
		return value{}, false
	}
	x, errX := strconv.ParseInt(a.text, 10, 64)
	y, errY := strconv.ParseInt(b.text, 10, 64)
	if errX != nil || errY != nil {
		return value{}, false
	}
	switch op {
	case "+":
		x += y
	case "-":
		x -= y
	case "*":
		x *= y
	default:
		return value{}, false
	}
	return value{kind: numeral, text: strconv.FormatInt(x, 10)}, true
}

// unreckoned shows a sum without the texts in it, which may be secrets.
func unreckoned(op string, a, b value) value {
	if a.kind == code && len(a.text) >= mostShown {
		return a
	}
	return value{kind: code, text: clipped(joined([]value{a}) + op + joined([]value{b}))}
}

func countable(v value) bool {
	return (v.kind == numeral || v.kind == nanos) && v.text != "inf" && len(v.text) <= 60 && !strings.ContainsAny(v.text, "eE/")
}
