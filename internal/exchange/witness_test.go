package exchange_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"verbale/internal/exchange"
)

const aHash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="

// One case for each way in which a body is not of the form of W-1.
func TestReadAddCheckpoint(t *testing.T) {
	note := "aa.example/to/public/1\n3\n" + aHash + "\n\n— x AAAAAA==\n"
	for _, c := range []struct {
		name, body string
		ok         bool
	}{
		{"no proof", "old 0\n\n" + note, true},
		{"a proof", "old 20\n" + aHash + "\n" + aHash + "\n\n" + note, true},
		{"63 hashes", "old 20\n" + strings.Repeat(aHash+"\n", 63) + "\n" + note, true},
		{"largest size", "old 1099511627776\n\n" + note, true},
		{"a checkpoint is not looked at", "old 1\n\nanything", true},
		{"empty", "", false},
		{"no empty line", "old 0\n" + note[:50], false},
		{"no old line", note, false},
		{"64 hashes", "old 20\n" + strings.Repeat(aHash+"\n", 64) + "\n" + note, false},
		{"capital", "Old 0\n\n" + note, false},
		{"two spaces", "old  0\n\n" + note, false},
		{"leading zero", "old 00\n\n" + note, false},
		{"sign", "old +1\n\n" + note, false},
		{"minus", "old -1\n\n" + note, false},
		{"no number", "old \n\n" + note, false},
		{"too large", "old 1099511627777\n\n" + note, false},
		{"2^64", "old 18446744073709551616\n\n" + note, false},
		{"carriage return", "old 0\r\n\n" + note, false},
		{"space after it", "old 0 \n\n" + note, false},
		{"hash without padding", "old 1\n" + aHash[:43] + "\n\n" + note, false},
		{"hash with stray bits", "old 1\n" + aHash[:42] + "x=\n\n" + note, false},
		{"hash of 31 bytes", "old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkQ==\n\n" + note, false},
		{"hash in base64url", "old 1\n" + strings.Replace(aHash, "P", "-", 1) + "\n\n" + note, false},
		{"hash with a carriage return", "old 1\n" + aHash[:9] + "\r" + aHash[9:] + "\n\n" + note, false},
		{"too long a checkpoint", "old 1\n\n" + strings.Repeat("x", exchange.MaxWitnessNoteBytes+1), false},
		{"too long", strings.Repeat("x", exchange.MaxAddCheckpointBytes+1), false},
	} {
		a, err := exchange.ReadAddCheckpoint([]byte(c.body))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil {
			if e, ok := errors.AsType[*exchange.WitnessError](err); !ok || e.Status != exchange.WitnessMalformed || e.Again() {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if again, err := a.Encode(); err != nil || string(again) != c.body {
			t.Errorf("%s: written again it is %q, %v", c.name, again, err)
		}
	}
}

func TestAddCheckpointRefusesToWrite(t *testing.T) {
	for _, a := range []exchange.AddCheckpoint{{Old: -1}, {Old: 1<<40 + 1}, {Proof: make([][32]byte, 64)}, {Note: make([]byte, exchange.MaxWitnessNoteBytes+1)}} {
		if _, err := a.Encode(); err == nil {
			t.Errorf("old %d, %d hashes, %d bytes: it was written", a.Old, len(a.Proof), len(a.Note))
		}
	}
}

func TestAddCheckpointProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := exchange.AddCheckpoint{Old: rapid.Int64Range(0, 1<<40).Draw(t, "old"), Note: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "note")}
		for range rapid.IntRange(0, exchange.MaxWitnessProof).Draw(t, "hashes") {
			a.Proof = append(a.Proof, [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash")))
		}
		b, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := exchange.ReadAddCheckpoint(b)
		if err != nil || got.Old != a.Old || !slices.Equal(got.Proof, a.Proof) || !bytes.Equal(got.Note, a.Note) {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
}

func FuzzReadAddCheckpoint(f *testing.F) {
	f.Add([]byte("old 20\n" + aHash + "\n\nnote"))
	f.Add([]byte("old 0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := exchange.ReadAddCheckpoint(b)
		if err != nil {
			return
		}
		if again, err := a.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q is written %q, %v", b, again, err)
		}
	})
}
