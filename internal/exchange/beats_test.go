package exchange

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is written is read back, and a byte more or less is refused.
func TestBeatsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		notes := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 40), 1, MaxBeats).Draw(t, "notes")
		b, err := EncodeBeats(notes)
		must(t, err)
		got, err := ReadBeats(bytes.NewReader(b))
		must(t, err)
		if !slices.EqualFunc(got, notes, bytes.Equal) {
			t.Errorf("%q was read as %q", notes, got)
		}
		for _, other := range [][]byte{b[:len(b)-1], append(slices.Clone(b), 'x')} {
			if got, err := ReadBeats(bytes.NewReader(other)); KindOf(err) != Malformed || got != nil {
				t.Errorf("%q: %v", other, err)
			}
		}
	})
}

// Every limit of §4, on both sides of its edge.
func TestBeatLimits(t *testing.T) {
	longest := strings.Repeat("x", MaxBeatBytes)
	full := strings.Repeat("1024\n"+longest, MaxBeats)
	for name, c := range map[string]struct {
		body string
		want Kind
	}{
		"the longest":        {"1024\n" + longest, ""},
		"the most":           {full, ""},
		"one byte too long":  {"1025\n" + longest + "x", Malformed},
		"one too many":       {strings.Repeat("1\nx", MaxBeats+1), TooLarge},
		"a byte too many":    {full + "x", TooLarge},
		"none":               {"", Malformed},
		"an empty one":       {"0\n", Malformed},
		"a leading zero":     {"01\nx", Malformed},
		"a sign":             {"+1\nx", Malformed},
		"a carriage return":  {"1\r\nx", Malformed},
		"no line feed":       {"1x", Malformed},
		"no number":          {"\nx", Malformed},
		"negative":           {"-1\nx", Malformed},
		"more than there is": {"3\nxy", Malformed},
		"far too large":      {"99999999999999999999\nx", Malformed},
	} {
		notes, err := ReadBeats(strings.NewReader(c.body))
		if KindOf(err) != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if (notes == nil) != (err != nil) {
			t.Errorf("%s: %d beats with %v", name, len(notes), err)
		}
	}
	for _, notes := range [][][]byte{{nil}, {make([]byte, MaxBeatBytes+1)}, make([][]byte, MaxBeats+1)} {
		if b, err := EncodeBeats(notes); KindOf(err) != TooLarge || b != nil {
			t.Errorf("%d beats were written: %v", len(notes), err)
		}
	}
}

// Whatever is read is printed as it was.
func FuzzReadBeats(f *testing.F) {
	for _, seed := range []string{"1\nx", "2\nxy1\nz", "", "0\n", "01\nx", "1024\n" + strings.Repeat("x", 1024), "3\nx\n1"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		notes, err := ReadBeats(bytes.NewReader(data))
		if err != nil {
			if k := KindOf(err); notes != nil || k != Malformed && k != TooLarge {
				t.Fatalf("%d beats with %v", len(notes), err)
			}
			return
		}
		if got, err := EncodeBeats(notes); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%q was read and printed as %q, %v", data, got, err)
		}
	})
}
