package step

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

func TestParseReadsEachVerb(t *testing.T) {
	tests := []struct {
		line string
		want Step
	}{
		{"set linger.ms=5", Step{Verb: Set, Set: []Assignment{{setting.LingerMs, "5"}}}},
		{"  set  linger.ms=5ms\tacks=1 ", Step{Verb: Set, Set: []Assignment{{setting.LingerMs, "5ms"}, {setting.Acks, "1"}}}},
		{`set client.id="my orders" batch.size=64KiB`, Step{Verb: Set, Set: []Assignment{{setting.ClientID, "my orders"}, {setting.BatchSize, "64KiB"}}}},
		{`set client.id=""`, Step{Verb: Set, Set: []Assignment{{setting.ClientID, ""}}}},
		{`set client.id=`, Step{Verb: Set, Set: []Assignment{{setting.ClientID, ""}}}},
		{`set client.id="say \"hi\"" acks=0`, Step{Verb: Set, Set: []Assignment{{setting.ClientID, `say "hi"`}, {setting.Acks, "0"}}}},
		{`set client.id=a=b`, Step{Verb: Set, Set: []Assignment{{setting.ClientID, "a=b"}}}},
		{`set client.id=a"b`, Step{Verb: Set, Set: []Assignment{{setting.ClientID, `a"b`}}}},
		{"preset low-latency", Step{Verb: Preset, Name: "low-latency"}},
		{"preset ./team/x.yaml", Step{Verb: Preset, Name: "./team/x.yaml"}},
		{`preset "my team"`, Step{Verb: Preset, Name: "my team"}},
		{"undo", Step{Verb: Undo}},
		{"redo ", Step{Verb: Redo}},
		{"pause", Step{Verb: Pause}},
		{" resume", Step{Verb: Resume}},
		{"mark broker 2 restarted", Step{Verb: Mark, Name: "broker 2 restarted"}},
		{`mark "  spaced "`, Step{Verb: Mark, Name: "  spaced "}},
		{`mark "fast" mode`, Step{Verb: Mark, Name: `"fast" mode`}},
		{"mark a\tb", Step{Verb: Mark, Name: "a b"}},
		{"send", Step{Verb: Send}},
		{"send key=a value=hello", Step{Verb: Send, With: []Parameter{{"key", "a"}, {"value", "hello"}}}},
		{`send  key="a b" value= header.trace="x\ny" header.trace=2 partition=3 topic=orders timestamp=-1h`, Step{Verb: Send, With: []Parameter{
			{"key", "a b"}, {"value", ""}, {"header.trace", "x\ny"}, {"header.trace", "2"}, {"partition", "3"}, {"topic", "orders"}, {"timestamp", "-1h"},
		}}},
		{`send value={"a":1} key=a=b`, Step{Verb: Send, With: []Parameter{{"value", `{"a":1}`}, {"key", "a=b"}}}},
		{`send value="\x00\xff"`, Step{Verb: Send, With: []Parameter{{"value", "\x00\xff"}}}},
		{"partitions 12 ", Step{Verb: Partitions, Count: 12}},
		{"crash", Step{Verb: Crash}},
		{" restart", Step{Verb: Restart}},
		{"fault stall", Step{Verb: Fault, Name: "stall"}},
		{" fault  slow-link\trtt=80ms broker=2 ", Step{Verb: Fault, Name: "slow-link", With: []Parameter{{"rtt", "80ms"}, {"broker", "2"}}}},
		{`fault error code="NOT LEADER" count=`, Step{Verb: Fault, Name: "error", With: []Parameter{{"code", "NOT LEADER"}, {"count", ""}}}},
		{"heal", Step{Verb: Heal}},
		{"heal slow-link ", Step{Verb: Heal, Name: "slow-link"}},
		{"audit on", Step{Verb: Audit, Name: On}},
		{"audit\toff ", Step{Verb: Audit, Name: Off}},
	}
	for _, tt := range tests {
		got, err := Parse(tt.line)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.line, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", tt.line, diff)
		}
	}
}

func TestParseNamesTheColumnOfWhatIsWrong(t *testing.T) {
	tests := []struct {
		line   string
		column int
		says   string
	}{
		{"", 1, "the steps are set, preset, undo, redo, pause, resume, mark, send, partitions, crash, restart, audit, fault, heal"},
		{"   ", 4, "there is no step here"},
		{"faults slow-link", 1, `"faults" is not a step`},
		{"send hello", 6, `"hello" is nothing that a record has`},
		{"send key=a b", 12, `"b" is nothing that a record has; write K=V with key, value, topic`},
		{"send key", 9, "K=V is expected here"},
		{"send key =a", 9, "without spaces around the =, such as key=1"},
		{"send key=a key=b", 12, "key is given twice"},
		{"send header.=a", 6, `"header." is nothing`},
		{"send Key=a", 6, `"Key" is nothing`},
		{"send =a", 6, `"" is nothing`},
		{"send partition=-1", 16, `"-1" is not a partition; a whole number, 0 or more`},
		{"send partition=two", 16, `"two" is not a partition`},
		{"send partition=9999999999", 16, "is not a partition"},
		{"send topic=", 12, "is not the name of a topic"},
		{`send topic="a\x1b"`, 12, "is not the name of a topic"},
		{"send timestamp=yesterday", 16, `"yesterday" is not a timestamp; now, -1h, +30m, milliseconds since 1970, or a time`},
		{"send timestamp=-1", 16, "is not a timestamp"},
		{"send timestamp=1999-13-01T00:00:00Z", 16, "is not a timestamp"},
		{"send timestamp=1960-01-01T00:00:00Z", 16, "is not a timestamp"},
		{`send value="a b`, 12, "quote is not closed"},
		{`send value="a"b`, 15, "something follows the closing quote"},
		{"send value=a\x1b", 13, "cannot be printed"},
		{"partitions", 11, "partitions has no number"},
		{"partitions many", 12, `"many" is not a whole number`},
		{"partitions 1.5", 12, `"1.5" is not a whole number`},
		{"partitions 0", 12, `"0" is out of range; from 1 to 10000`},
		{"partitions -3", 12, "out of range"},
		{"partitions 10001", 12, "out of range"},
		{"partitions 99999999999999999999", 12, "is not a whole number"},
		{"partitions 6 12", 14, "takes one number"},
		{"crash now", 7, "crash stands alone"},
		{"restart 5s", 9, "restart stands alone"},
		{"fault", 6, "fault has no name"},
		{"fault rtt=5ms", 7, "fault has no name"},
		{"fault Stall", 7, "fault has no name"},
		{"fault -stall", 7, "fault has no name"},
		{"fault stall for", 16, "K=V is expected here"},
		{"fault stall for = 5s", 16, "without spaces around the ="},
		{"fault stall =5s", 13, `"" is not the name of a parameter`},
		{"fault stall FOR=5s", 13, `"FOR" is not the name of a parameter`},
		{"fault stall for=5s broker=1 for=6s", 29, "for is given twice"},
		{`fault stall for="5s`, 17, "quote is not closed"},
		{`fault stall for="\x1b"`, 17, "cannot be printed"},
		{"audit", 6, "audit is on or off"},
		{"audit maybe", 7, "audit is on or off"},
		{"audit ON", 7, "audit is on or off"},
		{"audit on now", 10, "audit on stands alone"},
		{"heal stall reset", 12, "heal takes one name"},
		{"heal all!", 6, "not the name of a fault"},
		{"  SET acks=1", 3, "is not a step"},
		{"allow", 1, "is not a step"},
		{"set", 4, "nothing to set"},
		{"set ", 5, "nothing to set"},
		{"set linger=5", 5, "near: linger.ms"},
		{"set acks=1 lingr.ms=5", 12, "near: linger.ms"},
		{"set zzzzzzzz=5", 5, "kdyno settings lists them all"},
		{"set linger.ms=fast", 15, "linger.ms: \"fast\" is not a number; use a whole number of milliseconds, 0 or more"},
		{"set acks=all linger.ms=-1", 24, "out of range"},
		{"set request.timeout.ms=3000000000", 24, "from 0 to 2147483647"},
		{"set partitioner.class=prefix:KR=3-0,*=hash", 33, "partitioner.class: the range 3-0 is reversed"},
		{`set acks=1 partitioner.class="vip:g\u00e9=0,\u00e9=0,*=hash"`, 42, "shares partitions"},
		{"set linger.ms", 14, "KEY=VALUE is expected"},
		{"set linger.ms = 5", 14, "without spaces around the ="},
		{"set =5", 5, "KEY=VALUE is expected"},
		{"set acks=1 linger.ms=5 acks=0", 24, "acks is set twice"},
		{`set client.id="abc`, 15, "quote is not closed"},
		{`set client.id="a"b`, 18, "something follows the closing quote"},
		{`set client.id="\q"`, 15, "escape that is unknown"},
		{`set client.id="a\nb"`, 15, "cannot be printed"},
		{"set stand.brokers=5", 5, "cannot be changed once the session runs"},
		{"set bootstrap.servers=a:9092", 5, "cannot be changed once the session runs"},
		{"preset", 7, "preset has no name"},
		{`preset ""`, 8, "preset has no name"},
		{"preset a b", 10, "preset takes one name"},
		{`preset "a`, 8, "quote is not closed"},
		{"mark", 5, "mark has no text"},
		{`mark ""`, 6, "mark has no text"},
		{`mark "  "`, 6, "mark has no text"},
		{`preset " "`, 8, "preset has no name"},
		{`mark "a\x1b"`, 6, "cannot be printed"},
		{"undo now", 6, "undo stands alone"},
		{"pause 5s", 7, "pause stands alone"},
		{"mark a\nundo", 7, "cannot be printed"},
		{"set acks=1\x00", 11, "cannot be printed"},
		{"\xff", 1, "cannot be printed"},
		{"mark \u00e9\u00e9 \x1b[2J", 9, "cannot be printed"},
		{"pause \u00e9", 7, "pause stands alone"},
	}
	for _, tt := range tests {
		_, err := Parse(tt.line)
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("Parse(%q): got %v, want an *Error", tt.line, err)
			continue
		}
		if wrong.Column != tt.column || wrong.Line != tt.line {
			t.Errorf("Parse(%q): got column %d of %q, want %d", tt.line, wrong.Column, wrong.Line, tt.column)
		}
		if !strings.Contains(err.Error(), tt.says) {
			t.Errorf("Parse(%q): got %q, want %q in it", tt.line, err, tt.says)
		}
	}
}

func TestParseTimedReadsTheTimeFirst(t *testing.T) {
	tests := []struct {
		text string
		want Timed
	}{
		{"3s=set linger.ms=5", Timed{3 * time.Second, Step{Verb: Set, Set: []Assignment{{setting.LingerMs, "5"}}}}},
		{" 1m30s = mark half way", Timed{90 * time.Second, Step{Verb: Mark, Name: "half way"}}},
		{"0s=pause", Timed{0, Step{Verb: Pause}}},
	}
	for _, tt := range tests {
		got, err := ParseTimed(tt.text)
		if err != nil {
			t.Errorf("ParseTimed(%q): %v", tt.text, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseTimed(%q) (-want +got):\n%s", tt.text, diff)
		}
		if again, err := ParseTimed(got.String()); err != nil || !cmp.Equal(again, got) {
			t.Errorf("%q comes back as %v, %v", got.String(), again, err)
		}
	}
}

func TestParseTimedCountsColumnsFromTheTime(t *testing.T) {
	tests := []struct {
		text   string
		column int
		says   string
	}{
		{"", 1, "TIME=STEP"},
		{"3s", 1, "TIME=STEP"},
		{"soon=pause", 1, "does not begin with a time"},
		{"3=pause", 1, "does not begin with a time"},
		{"-3s=pause", 1, "does not begin with a time"},
		{"set linger.ms=5", 1, "does not begin with a time"},
		{"3s=set linger.ms=fast", 18, "not a number"},
		{"3s=boom", 4, "is not a step"},
		{"3s=", 4, "there is no step here"},
	}
	for _, tt := range tests {
		_, err := ParseTimed(tt.text)
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("ParseTimed(%q): got %v, want an *Error", tt.text, err)
			continue
		}
		if wrong.Column != tt.column || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("ParseTimed(%q): got %q, want column %d and %q", tt.text, err, tt.column, tt.says)
		}
	}
}

func TestWordsAreExactlyWhatParseKnows(t *testing.T) {
	lines := map[Verb]string{Set: "set acks=1", Preset: "preset a", Mark: "mark a", Fault: "fault a", Partitions: "partitions 3", Audit: "audit on"}
	for _, w := range Words() {
		line := lines[w.Verb]
		if line == "" {
			line = string(w.Verb)
		}
		if got, err := Parse(line); err != nil || got.Verb != w.Verb {
			t.Errorf("Parse(%q): got %q, %v, want %q", line, got.Verb, err, w.Verb)
		}
		if !strings.HasPrefix(w.Usage, string(w.Verb)) || w.Doc == "" {
			t.Errorf("%s: usage %q, doc %q", w.Verb, w.Usage, w.Doc)
		}
	}
	if got, want := len(Words()), 14; got != want {
		t.Errorf("got %d words, want %d", got, want)
	}
	Words()[0].Verb = "spoilt"
	if Words()[0].Verb != Set {
		t.Error("a caller changed the words")
	}
}

// TestStepsComeBackFromTheirLine draws steps whose texts are as awkward as a
// person can type them.
func TestStepsComeBackFromTheirLine(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	letters := []rune("ab \"\\='`#\u00e9\u4e16")
	text := func() string {
		runes := make([]rune, 1+r.IntN(8))
		for i := range runes {
			runes[i] = letters[r.IntN(len(letters))]
		}
		return string(runes)
	}
	for range 3000 {
		steps := []Step{
			{Verb: Mark, Name: text() + "a"},
			{Verb: Preset, Name: text() + "a"},
			{Verb: Set, Set: []Assignment{{setting.ClientID, text()}, {setting.LingerMs, "5ms"}}},
			{Verb: Undo},
			{Verb: Fault, Name: "lose-request", With: []Parameter{{"count", text()}, {"for", text()}}},
			{Verb: Heal, Name: "stall"},
			{Verb: Partitions, Count: 1 + r.IntN(MaxPartitions)},
			{Verb: Send, With: []Parameter{{"key", text()}, {"value", text() + "\n\x00\xff"}, {"header.a\u00e9-b", text()}, {"partition", "3"}}},
		}
		for _, want := range steps {
			got, err := Parse(want.String())
			if err != nil {
				t.Fatalf("%q: %v", want.String(), err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%q (-want +got):\n%s", want.String(), diff)
			}
		}
	}
}

// The parameters of send become a record; what is not said is null, and no
// text is taken for another.
func TestRecordOfASend(t *testing.T) {
	text := func(s string) *string { return &s }
	three := int32(3)
	tests := []struct {
		line string
		want Record
	}{
		{"send", Record{}},
		{"send key= value=", Record{Key: text(""), Value: text("")}},
		{"send value=null partition=3", Record{Value: text("null"), Partition: &three}},
		{"send topic=t header.a=1 header.a=2", Record{Topic: "t", Headers: []Header{{"a", "1"}, {"a", "2"}}}},
		{"send timestamp=now", Record{}},
		{"send timestamp=-90m", Record{Shift: -90 * time.Minute}},
		{"send timestamp=+1h", Record{Shift: time.Hour}},
		{"send timestamp=0", Record{At: time.UnixMilli(0)}},
		{"send timestamp=1700000000123", Record{At: time.UnixMilli(1700000000123)}},
		{"send timestamp=2026-01-31T12:00:00.5Z", Record{At: time.Date(2026, 1, 31, 12, 0, 0, 5e8, time.UTC)}},
	}
	for _, tt := range tests {
		s, err := Parse(tt.line)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.line, err)
			continue
		}
		got, err := s.Record()
		if err != nil {
			t.Errorf("%q: %v", tt.line, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.line, diff)
		}
	}
	bad := Step{Verb: Send, With: []Parameter{{"colour", "red"}}}
	if _, err := bad.Record(); err == nil {
		t.Errorf("%v was read as a record", bad)
	}
}

func TestEverySettingThatMayChangeCanBeSetByAStep(t *testing.T) {
	for _, row := range setting.Rows() {
		if row.AtStart {
			continue
		}
		want := Step{Verb: Set, Set: []Assignment{{row.Key, row.Default}}}
		got, err := Parse(want.String())
		if err != nil {
			t.Errorf("%q: %v", want.String(), err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", want.String(), diff)
		}
	}
}

// FuzzParse: a line is refused at a column that it has, in words that can be
// printed, or its step comes back from its own line.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"", "undo", "mark \"a\" b", "preset \"a b\"", `set client.id="a \"b\"" acks=1`, "set linger.ms=5 acks=0",
		"set linger=5", "mark \xff", "set client.id=\"\\u00e9", "mark `a`", "set\u00a0acks=1",
		"send", `send key="a b" value="\xff\n" header.x= topic=t partition=1 timestamp=-1h`, "send key=a key=b", "partitions 12", "partitions -1", "crash", "restart",
		"fault stall", `fault error code="a b" count= for=5s`, "fault a-b =", "heal", "heal a-b", "heal a b",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		s, err := Parse(line)
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) {
				t.Fatalf("%q: got %v, want an *Error", line, err)
			}
			if wrong.Column < 1 || wrong.Column > utf8.RuneCountInString(line)+1 {
				t.Fatalf("%q: column %d is outside", line, wrong.Column)
			}
			if !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Fatalf("%q: the message cannot be printed: %q", line, err)
			}
			return
		}
		again, err := Parse(s.String())
		if err != nil {
			t.Fatalf("%q: its line %q: %v", line, s.String(), err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Fatalf("%q comes back through %q otherwise (-first +again):\n%s", line, s.String(), diff)
		}
	})
}
