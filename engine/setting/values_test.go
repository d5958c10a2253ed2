package setting

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// with sets KEY, TEXT pairs.
func with(t *testing.T, pairs ...string) Values {
	t.Helper()
	v := Defaults()
	for i := 0; i < len(pairs); i += 2 {
		var err error
		if v, err = v.With(Key(pairs[i]), pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func TestZeroValuesAreTheDefaults(t *testing.T) {
	var v Values
	if !v.Equal(Defaults()) {
		t.Error("the zero Values is not equal to Defaults()")
	}
	for _, r := range Rows() {
		if got := v.Text(r.Key); got != r.Default {
			t.Errorf("%s: got %q, want %q", r.Key, got, r.Default)
		}
	}
	if got := v.Set(); len(got) != 0 {
		t.Errorf("set of the defaults: got %v, want none", got)
	}
}

func TestWithLeavesTheOldValuesAlone(t *testing.T) {
	old := with(t, "linger.ms", "20")
	before := old.SetMap()
	next := with(t, "linger.ms", "20")
	next, err := next.With(LingerMs, "50")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.With(LingerMs, "70"); err != nil {
		t.Fatal(err)
	}
	old.Without(LingerMs)
	old.Merge(with(t, "acks", "1"))
	old.Effective()
	if diff := cmp.Diff(before, old.SetMap()); diff != "" {
		t.Errorf("old values changed (-want +got):\n%s", diff)
	}
	if got := next.Text(LingerMs); got != "50" {
		t.Errorf("linger.ms: got %q, want 50", got)
	}
}

func TestMapsAreTheCallersOwn(t *testing.T) {
	v := with(t, "acks", "1")
	v.SetMap()["acks"] = "0"
	v.Map()["acks"] = "0"
	if got := v.Text(Acks); got != "1" {
		t.Errorf("acks: got %q, want 1", got)
	}
	honoured := slices.DeleteFunc(Rows(), func(r Row) bool { return !r.Honoured() })
	if got, want := len(v.Map()), len(honoured); got != want {
		t.Errorf("Map holds %d keys, want the %d that are honoured", got, want)
	}
	apart := with(t, "metrics.num.samples", "3")
	if got := apart.Map()["metrics.num.samples"]; got != "3" {
		t.Errorf("metrics.num.samples: got %q, want 3, since it was set", got)
	}
}

func TestWithRefusesAnUnknownKeyAndNamesTheNearest(t *testing.T) {
	v := with(t, "acks", "1")
	got, err := v.With("linger", "5")
	var unknown *UnknownKeyError
	if !errors.As(err, &unknown) {
		t.Fatalf("got %v, want an *UnknownKeyError", err)
	}
	if unknown.Name != "linger" || len(unknown.Near) == 0 || unknown.Near[0] != LingerMs {
		t.Errorf("got %+v, want linger and linger.ms near it", unknown)
	}
	if !got.Equal(v) {
		t.Error("values changed in spite of the error")
	}
}

func TestWithRefusesABadValueAndKeepsTheOldOnes(t *testing.T) {
	v := with(t, "linger.ms", "20")
	got, err := v.With(LingerMs, "soon")
	if err == nil || !got.Equal(v) {
		t.Errorf("got %v, %v; want the old values and an error", got.SetMap(), err)
	}
}

func TestSettingToTheDefaultCountsAsSet(t *testing.T) {
	v := with(t, "enable.idempotence", "true")
	if !v.IsSet(EnableIdempotence) {
		t.Error("enable.idempotence=true does not count as set")
	}
	if v.Equal(Defaults()) {
		t.Error("values with an explicit default are equal to the defaults")
	}
	if got := v.Diff(Defaults()); len(got) != 0 {
		t.Errorf("Diff: got %v, want none, since no text differs", got)
	}
	if got := v.Without(EnableIdempotence); !got.Equal(Defaults()) {
		t.Errorf("without it: got %v, want the defaults", got.SetMap())
	}
}

func TestSetAndDiffKeepTheTablesOrder(t *testing.T) {
	v := with(t, "stand.link.rtt", "5ms", "linger.ms", "20", "acks", "1", "load.rate", "1k")
	want := []Key{Acks, LingerMs, LoadRate, StandLinkRTT}
	if diff := cmp.Diff(want, v.Set()); diff != "" {
		t.Errorf("Set (-want +got):\n%s", diff)
	}
	changes := []Change{
		{Acks, "all", "1"}, {LingerMs, "5", "20"}, {LoadRate, "5000", "1000"}, {StandLinkRTT, "0", "5ms"},
	}
	if diff := cmp.Diff(changes, v.Diff(Defaults())); diff != "" {
		t.Errorf("Diff (-want +got):\n%s", diff)
	}
}

func TestTypedViews(t *testing.T) {
	v := with(t, "linger.ms", "2s", "stand.link.rtt", "1.5ms", "load.keys", "uniform:1M", "bootstrap.servers", "a:1, b:2")
	if got, want := v.Duration(LingerMs), 2*time.Second; got != want {
		t.Errorf("linger.ms: got %v, want %v", got, want)
	}
	if got, want := v.Duration(StandLinkRTT), 1500*time.Microsecond; got != want {
		t.Errorf("stand.link.rtt: got %v, want %v", got, want)
	}
	if got := Defaults().Duration(StandLinkRTT); got != 0 {
		t.Errorf("stand.link.rtt by default: got %v, want 0", got)
	}
	if got, want := v.Int(BatchSize), int64(16384); got != want {
		t.Errorf("batch.size: got %d, want %d", got, want)
	}
	if !v.Bool(EnableIdempotence) || v.Bool(PartitionerIgnoreKeys) {
		t.Error("booleans are not at their defaults")
	}
	if diff := cmp.Diff([]string{"a:1", "b:2"}, v.Addresses()); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if got := Defaults().Addresses(); got != nil {
		t.Errorf("addresses by default: got %v, want none", got)
	}
}

func TestDurationOfAnEndlessTimeIsTheLongest(t *testing.T) {
	v := with(t, "max.block.ms", "9223372036854775807", "connections.max.idle.ms", "-9223372036854775808")
	if got := v.Duration(MaxBlockMs); got != math.MaxInt64 {
		t.Errorf("max.block.ms: got %d, want the longest duration", got)
	}
	if got := v.Duration(ConnectionsMaxIdleMs); got != math.MinInt64 {
		t.Errorf("connections.max.idle.ms: got %d, want the most negative duration", got)
	}
}

func TestEveryNumberAndSwitchHasItsTypedView(t *testing.T) {
	v := Defaults()
	for _, r := range Rows() {
		var got string
		switch r.Kind.Type() {
		case "int", "long":
			got = decimal(v.Int(r.Key))
			if r.Kind.Unit() == "ms" && v.Duration(r.Key).Milliseconds() != v.Int(r.Key) {
				t.Errorf("%s: got %v, want %s ms", r.Key, v.Duration(r.Key), r.Default)
			}
		case "boolean":
			got = strconv.FormatBool(v.Bool(r.Key))
		case "duration":
			got = spanText(v.Duration(r.Key))
		default:
			continue
		}
		if r.Default == "" {
			r.Default = "0" // Java's null
		}
		if got != r.Default {
			t.Errorf("%s: got %s, want %s", r.Key, got, r.Default)
		}
	}
}

func TestTypedViewOfAnotherTypePanics(t *testing.T) {
	for what, view := range map[string]func(){
		"Int of text":      func() { Defaults().Int(ClientID) },
		"Bool of a number": func() { Defaults().Bool(LingerMs) },
		"Duration of text": func() { Defaults().Duration(Acks) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: want a panic", what)
				}
			}()
			view()
		}()
	}
}

func TestMergeLetsWhatWasSetWin(t *testing.T) {
	got := with(t, "acks", "1", "linger.ms", "20").Merge(with(t, "acks", "all", "batch.size", "32KiB"))
	want := map[string]string{"acks": "all", "linger.ms": "20", "batch.size": "32768"}
	if diff := cmp.Diff(want, got.SetMap()); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

// randomValues sets some rows to values of their range, with a liking for the
// small, the default and the bounds.
func randomValues(r *rand.Rand) Values {
	v := Defaults()
	for _, row := range table {
		if r.IntN(3) > 0 {
			continue
		}
		if !row.Honoured() || row.Secret {
			continue
		}
		v = v.with(row.Key, randomText(r, row))
	}
	return v
}

func randomText(r *rand.Rand, row Row) string {
	k := row.Kind
	switch k.form {
	case wholeInt, wholeLong:
		if k.unset {
			return ""
		}
		near := []int64{k.least, k.most, 0, 1, 5, 6, 100, 16384, 1 << 20, 64 << 20, r.Int64N(200_000), r.Int64()}
		n := min(max(near[r.IntN(len(near))], k.least), k.most)
		if k.hole != nil && k.hole(n) {
			n++
		}
		return decimal(n)
	case boolean, choice, class:
		if row.Key == PartitionerClass {
			return partitionerTexts[r.IntN(len(partitionerTexts))]
		}
		words := k.Enum()
		canonical, _ := k.Parse(words[r.IntN(len(words))])
		return canonical
	case choiceList:
		return k.words[r.IntN(len(k.words))]
	case addresses:
		return []string{"", "a:9092", "a:9092,b:9092"}[r.IntN(3)]
	case span:
		return spanText(time.Duration(r.Int64N(k.most + 1)))
	case fraction:
		return row.Default
	case wordForm:
		texts := append([]string{row.Default}, wordTexts[row.Key]...)
		return texts[r.IntN(len(texts))]
	default:
		return []string{"", "orders"}[r.IntN(2)]
	}
}

func TestValuesComeBackFromWhatWasSet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 500 {
		v := randomValues(r)
		again := Defaults()
		for key, text := range v.SetMap() {
			var err error
			if again, err = again.With(Key(key), text); err != nil {
				t.Fatal(err)
			}
		}
		if !again.Equal(v) {
			t.Fatalf("got %v, want %v", again.SetMap(), v.SetMap())
		}
	}
}

func TestDiffAppliedToTheOldGivesTheNew(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	for range 500 {
		old, next := randomValues(r), randomValues(r)
		got := old
		for _, c := range next.Diff(old) {
			if c.Old == c.New || c.Old != old.Text(c.Key) {
				t.Fatalf("change %+v does not start from %q", c, old.Text(c.Key))
			}
			got = got.with(c.Key, c.New)
		}
		if diff := cmp.Diff(next.Map(), got.Map()); diff != "" {
			t.Fatalf("old with its changes (-want +got):\n%s", diff)
		}
	}
}
