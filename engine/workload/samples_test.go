package workload

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// frames puts each record behind its length.
func frames(records ...string) []byte {
	var b []byte
	for _, r := range records {
		b = binary.BigEndian.AppendUint32(b, uint32(len(r)))
		b = append(b, r...)
	}
	return b
}

func texts(s samples) []string {
	var out []string
	for n := range uint64(len(s.spans)) {
		out = append(out, string(s.put(n, nil)))
	}
	return out
}

func TestSamplesAreReadFromLinesAndFrames(t *testing.T) {
	tests := map[string]struct {
		file []byte
		want []string
	}{
		"lines":             {[]byte("a\nbc\n"), []string{"a", "bc"}},
		"no last newline":   {[]byte("a\nbc"), []string{"a", "bc"}},
		"windows":           {[]byte("a\r\nbc\r\n"), []string{"a", "bc"}},
		"empty lines":       {[]byte("\n\na\n\n"), []string{"a"}},
		"a tab first":       {[]byte("\tx"), []string{"\tx"}},
		"utf-8":             {[]byte("\u00e9\u4e16\n"), []string{"\u00e9\u4e16"}},
		"frames":            {frames("a", "", "b\nc\x00d"), []string{"a", "", "b\nc\x00d"}},
		"one empty frame":   {frames(""), []string{""}},
		"frames of 64 KiB":  {frames(strings.Repeat("x", 1<<16)), []string{strings.Repeat("x", 1<<16)}},
		"frames like lines": {frames("a\n", "b\n"), []string{"a\n", "b\n"}},
	}
	for name, tt := range tests {
		s, err := parseSamples(tt.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, texts(s)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSamplesThatCannotBeReadNameFileAndPlace(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct {
		file []byte
		want []string
	}{
		"empty":          {nil, []string{"no record"}},
		"empty lines":    {[]byte("\n\r\n\n"), []string{"no record"}},
		"binary line":    {[]byte("a\nb\x00c\n"), []string{"line 2", "zero byte"}},
		"short length":   {append(frames("abc"), 0, 0), []string{"record 2, at byte 7", "2 bytes are left"}},
		"short record":   {frames("abc", "defg")[:13], []string{"record 2, at byte 7", "says 4 bytes and 2 are left"}},
		"enormous frame": {[]byte{3, 255, 255, 255, 1}, []string{"record 1, at byte 0", "says 67108863 bytes"}},
		"too large":      {make([]byte, maxSampleBytes+1), []string{"larger than the 64 MiB", "head -n"}},
	}
	for name, tt := range tests {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, tt.file, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := NewSource(Load{Payload: File, File: path})
		if err == nil {
			t.Errorf("%s: got no error", name)
			continue
		}
		for _, want := range append(tt.want, path) {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q, want %q in it", name, err, want)
			}
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "missing")} {
		if _, err := NewSource(Load{Payload: File, File: path}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want an error that names it", path, err)
		}
	}
}

func TestSamplesComeInTurn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	if err := os.WriteFile(path, []byte("one\nthree\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSource(t, Load{Payload: File, File: path, Sizes: fixed(512), Keys: Keys{Kind: Sequence}})
	var got []string
	var c Content
	for n := range uint64(5) {
		s.Fill(n, &c)
		got = append(got, string(c.Key)+string(c.Value))
	}
	if diff := cmp.Diff([]string{"0one", "1three", "2two", "3one", "4three"}, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if got, want := s.MaxBytes(), 20+len("three"); got != want {
		t.Errorf("got at most %d bytes, want %d", got, want)
	}
	// What the sender stamps over a value must not change the file's record.
	copy(c.Value, "XXXXX")
	if s.Fill(1, &c); string(c.Value) != "three" {
		t.Errorf("got %q after a value was written over, want three", c.Value)
	}
}

func FuzzSamples(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n"))
	f.Add(frames("a", "", "bc"))
	f.Add([]byte{0, 0, 0, 9, 1})
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := parseSamples(file)
		if err != nil {
			return
		}
		total := 0
		for n, sp := range s.spans {
			if sp.from < 0 || sp.to < sp.from || sp.to > len(file) || sp.to-sp.from > s.most {
				t.Fatalf("record %d lies at %+v of %d bytes, the longest has %d", n, sp, len(file), s.most)
			}
			total += sp.to - sp.from
		}
		if len(s.spans) == 0 || total > len(file) {
			t.Fatalf("got %d records of %d bytes out of %d", len(s.spans), total, len(file))
		}
	})
}
