package workload

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxSampleBytes bounds the memory that a file of records may take.
const maxSampleBytes = 64 << 20

// frameHead is the length in front of each record of a binary file: 32 bits,
// big-endian, of the bytes that follow it.
const frameHead = 4

// samples are the user's own records, end to end in memory. There is at least
// one.
type samples struct {
	bytes []byte
	spans []span
	most  int // bytes of the longest
}

type span struct{ from, to int }

// readSamples reads a file whole. It holds either one record a line or records
// behind their lengths; the two are told apart by the first byte, since a
// length that is taken begins with one of 0 to 4 and text does not. Errors name
// the file, and the line or record that is wrong with it.
func readSamples(path string) (samples, error) {
	file, err := os.Open(path)
	if err != nil {
		return samples{}, fmt.Errorf("read the records to send: %w", err)
	}
	// Nothing was written, so that closing cannot fail in a way that matters.
	defer func() { _ = file.Close() }()
	about, err := file.Stat()
	if err != nil {
		return samples{}, fmt.Errorf("read the records to send: %w", err)
	}
	if !about.Mode().IsRegular() {
		return samples{}, fmt.Errorf("%s is not a regular file: records are read from one, of lines or behind their lengths", path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSampleBytes+1))
	if err != nil {
		return samples{}, fmt.Errorf("read the records to send: %w", err)
	}
	if len(text) > maxSampleBytes {
		return samples{}, fmt.Errorf("%s is larger than the 64 MiB that are held in memory: cut a part of it, as head -n 100000 does", path)
	}
	s, err := parseSamples(text)
	if err != nil {
		return samples{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

var errNoSamples = errors.New("there is no record in the file: it takes one a line, or records behind lengths of 4 bytes")

func parseSamples(text []byte) (samples, error) {
	if len(text) == 0 {
		return samples{}, errNoSamples
	}
	split := splitLines
	if text[0] <= maxSampleBytes>>24 {
		split = splitFrames
	}
	spans, err := split(text)
	if err != nil {
		return samples{}, err
	}
	if len(spans) == 0 {
		return samples{}, errNoSamples
	}
	s := samples{bytes: text, spans: spans}
	for _, sp := range spans {
		s.most = max(s.most, sp.to-sp.from)
	}
	return s, nil
}

// splitLines leaves out empty lines, and the carriage returns of Windows.
func splitLines(text []byte) ([]span, error) {
	var spans []span
	for from, number := 0, 1; from < len(text); number++ {
		to := len(text)
		if at := bytes.IndexByte(text[from:], '\n'); at >= 0 {
			to = from + at
		}
		line := bytes.TrimSuffix(text[from:to], []byte("\r"))
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, fmt.Errorf("line %d holds a zero byte: save it as UTF-8, or put binary records behind lengths of 4 bytes, big-endian", number)
		}
		if len(line) > 0 {
			spans = append(spans, span{from, from + len(line)})
		}
		from = to + 1
	}
	return spans, nil
}

func splitFrames(text []byte) ([]span, error) {
	var spans []span
	for at := 0; at < len(text); {
		number, begin := len(spans)+1, at
		if len(text)-at < frameHead {
			return nil, fmt.Errorf("record %d, at byte %d: %d bytes are left where a length takes 4", number, begin, len(text)-at)
		}
		size := binary.BigEndian.Uint32(text[at:])
		at += frameHead
		if uint64(size) > uint64(len(text)-at) {
			return nil, fmt.Errorf("record %d, at byte %d: its length says %d bytes and %d are left", number, begin, size, len(text)-at)
		}
		spans = append(spans, span{at, at + int(size)})
		at += int(size)
	}
	return spans, nil
}

// put copies sample n, of as many as there are in turn.
func (s *samples) put(n uint64, value []byte) []byte {
	sp := s.spans[n%uint64(len(s.spans))]
	return append(value[:0], s.bytes[sp.from:sp.to]...)
}
