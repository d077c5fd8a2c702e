package exchange

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

// EncodeBeats writes notes as spec/exchange.md §4 has them. It refuses what no reader would take.
func EncodeBeats(notes [][]byte) ([]byte, error) {
	if len(notes) > MaxBeats {
		return nil, tooManyBeats(len(notes))
	}
	var b []byte
	for _, note := range notes {
		if len(note) == 0 || len(note) > MaxBeatBytes {
			return nil, Refuse(TooLarge, "X-16", nil, "a beat has 1 to %d bytes, this one has %d", MaxBeatBytes, len(note))
		}
		b = strconv.AppendInt(b, int64(len(note)), 10)
		b = append(b, '\n')
		b = append(b, note...)
	}
	return b, nil
}

// ReadBeats reads beats until r ends: their form only, no signature is checked. It never reads more than MaxBeatsBody.
func ReadBeats(r io.Reader) ([][]byte, error) {
	all, err := io.ReadAll(io.LimitReader(r, MaxBeatsBody+1))
	if err != nil {
		return nil, Refuse(Malformed, "X-16", err, "the end of the beats did not come")
	}
	if len(all) > MaxBeatsBody {
		return nil, Refuse(TooLarge, "X-16", nil, "beats have at most %d bytes in all", MaxBeatsBody)
	}
	var notes [][]byte
	for len(all) > 0 {
		note, rest, err := cutBeat(all)
		if err != nil {
			return nil, Refuse(Malformed, "X-16", err, "beat %d does not begin with the number of its bytes, from 1 to %d, or is cut short", len(notes), MaxBeatBytes)
		}
		if notes = append(notes, note); len(notes) > MaxBeats {
			return nil, tooManyBeats(len(notes))
		}
		all = rest
	}
	if len(notes) == 0 {
		return nil, Refuse(Malformed, "X-16", nil, "there is at least one beat, here is none")
	}
	return notes, nil
}

func tooManyBeats(n int) *Problem {
	return Refuse(TooLarge, "X-16", nil, "at most %d beats are sent at a time, these are %d or more", MaxBeats, n)
}

// cutBeat takes the first beat off b.
func cutBeat(b []byte) (note, rest []byte, err error) {
	digits, _, found := bytes.Cut(b[:min(len(b), len("1024\n"))], []byte("\n"))
	if !found {
		return nil, nil, errors.New("no line feed after the number")
	}
	rest = b[len(digits)+1:]
	n, err := strconv.Atoi(string(digits))
	switch {
	case err != nil || strconv.Itoa(n) != string(digits):
		return nil, nil, errors.New("not a number in its one form")
	case n < 1 || n > MaxBeatBytes || n > len(rest):
		return nil, nil, errors.New("more bytes than there may be or are")
	}
	return rest[:n:n], rest[n:], nil
}
