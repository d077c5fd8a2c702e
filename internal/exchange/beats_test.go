package exchange

import (
	"bytes"
	"encoding/json/v2"
	"os"
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

// beatVectors is spec/vectors/beats.json.
type beatVectors struct {
	Description string       `json:"description"`
	Cases       []beatVector `json:"cases"`
}

type beatVector struct {
	Name   string   `json:"name"`
	Rule   string   `json:"rule"`
	Body   string   `json:"body"`
	Expect string   `json:"expect"`
	Beats  []string `json:"beats"`
	Error  Kind     `json:"error"`
}

func TestBeatVectors(t *testing.T) {
	raw, err := os.ReadFile("../../spec/vectors/beats.json")
	must(t, err)
	var file beatVectors
	must(t, json.Unmarshal(raw, &file, json.RejectUnknownMembers(true)))
	for _, c := range file.Cases {
		notes, err := ReadBeats(strings.NewReader(c.Body))
		if KindOf(err) != c.Error || (err == nil) != (c.Expect == "accept") {
			t.Errorf("%s: %v, want %s %q", c.Name, err, c.Expect, c.Error)
		}
		var got []string
		for _, note := range notes {
			got = append(got, string(note))
		}
		if !slices.Equal(got, c.Beats) {
			t.Errorf("%s: read %d beats, want %d", c.Name, len(got), len(c.Beats))
		}
	}
	if len(file.Cases) < 19 {
		t.Errorf("%d cases", len(file.Cases))
	}
}

// The largest body of all, and what is over each limit, for who reads and for who writes.
func TestBeatLimits(t *testing.T) {
	full := strings.Repeat("1024\n"+strings.Repeat("x", MaxBeatBytes), MaxBeats)
	if notes, err := ReadBeats(strings.NewReader(full)); err != nil || len(notes) != MaxBeats || len(full) != MaxBeatsBody {
		t.Errorf("%d beats, %v", len(notes), err)
	}
	if notes, err := ReadBeats(strings.NewReader(full + "x")); KindOf(err) != TooLarge || notes != nil {
		t.Errorf("a byte too many: %v", err)
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
