package seal

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"
	"time"
)

func FuzzParseVerifierKey(f *testing.F) {
	for _, s := range seedsOf(f, "policy.json", "policy") {
		for _, item := range strings.Fields(s) {
			f.Add(item)
		}
	}
	for _, vkey := range alice(f).Keys().VerifierKeys(Origin{"cert.alice.example", Public, 1}) {
		f.Add(vkey)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCosigner(s)
		if kindOf(t, err); err == nil && c.String() != s {
			t.Fatalf("%q is written %q", s, c)
		}
		l, err := ParseLogKey(s)
		if kindOf(t, err); err == nil && l.String() != s {
			t.Fatalf("%q is written %q", s, l)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	for _, s := range seedsOf(f, "policy.json", "policy") {
		f.Add([]byte(s))
	}
	h := registerHead(7)
	note := slices.Concat([]byte(h.Text()), []byte("\n"), must[[]byte](f)(witnessOf(f, "witness.example/w0").Cosign(h, testNow)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePolicy(b)
		if kindOf(t, err); err != nil {
			return
		}
		again, err := ParsePolicy([]byte(p.String()))
		if err != nil || again.String() != p.String() {
			t.Fatalf("printed %q: %v", p, err)
		}
		d, err := p.Date(note, h)
		if kindOf(t, err) != "" || d.To.Before(d.From) || len(d.By) > len(p.Witnesses) {
			t.Fatalf("%+v, %v", d, err)
		}
	})
}

func FuzzDate(f *testing.F) {
	h := registerHead(7)
	for _, file := range []string{"cosignature.json", "checkpoint.json"} {
		for _, s := range seedsOf(f, file, "note") {
			f.Add([]byte(s))
		}
	}
	w := witnessOf(f, "witness.example/w1").Cosigners()
	p := must[*Policy](f)(ParsePolicy([]byte("witness a " + w[0].String() + "\nwitness b " + w[1].String() + "\ngroup g any a b\nquorum g\n")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if joined := bytes.Join(LinesOf(b), nil); !bytes.HasSuffix(b, joined) && bytes.HasSuffix(b, []byte("\n")) {
			t.Fatalf("lines %q", joined)
		}
		d, err := p.Date(b, h)
		if kindOf(t, err); err == nil && len(d.By) > 0 && (!d.Met || d.From.After(d.To)) {
			t.Fatalf("%+v", d)
		}
		for i, c := range w {
			at, line, err := c.Open(b, h)
			if kindOf(t, err); err != nil {
				continue
			}
			again, same, err := c.Open(slices.Concat([]byte(h.Text()), []byte("\n"), line), h)
			if err != nil || !again.Equal(at) || !bytes.Equal(same, line) || !bytes.Contains(b, line) {
				t.Fatalf("key %d: its line alone does not open: %v", i, err)
			}
		}
	})
}

func FuzzParseWitnessKey(f *testing.F) {
	f.Add(witnessOf(f, "witness.example/w1").Marshal())
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseWitnessKey(b)
		if kindOf(t, err); err == nil && !bytes.Equal(k.Marshal(), b) {
			t.Fatal("print and parse is not identity")
		}
	})
}

func FuzzOpenBeat(f *testing.F) {
	for _, s := range seedsOf(f, "beat.json", "note") {
		f.Add([]byte(s))
	}
	keys := bob(f).Keys()
	f.Fuzz(func(t *testing.T, b []byte) {
		beat, err := keys.OpenBeat("cert.bob.example", b)
		if kindOf(t, err); err == nil && (!bytes.Equal(beat.Note(keys), b) || keys.CheckBeat(beat) != nil) {
			t.Fatalf("%q is written %q", b, beat.Note(keys))
		}
	})
}

func FuzzRecoveryFromWords(f *testing.F) {
	b := readVectors(f, "keychange.json")
	for _, v := range parseVectors[keyChangeFile](f, b).Words {
		f.Add(v.Words)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := RecoveryFromWords(strings.Split(s, " "))
		if kindOf(t, err); err == nil && strings.Join(r.Words(), " ") != strings.ToLower(s) {
			t.Fatalf("%q is written %q", s, r.Words())
		}
	})
}

func FuzzCheckAuthorization(f *testing.F) {
	c := keyChange(f)
	f.Add(c.Party, c.Reason, int64(testSec), must[[]byte](f)(alice(f).Authorize(c)))
	f.Add("", "", int64(-1)<<62, []byte{})
	keys, public := alice(f).Keys(), recoveryKey().Public()
	f.Fuzz(func(t *testing.T, party, reason string, sec int64, sig []byte) {
		c := KeyChange{party, c.From, c.To, reason, time.Unix(sec, 0)}
		if err := keys.CheckAuthorization(c, sig); err == nil && (c.Reason != Rotation || sec != testSec || len(sig) != ed25519.SignatureSize) {
			t.Fatalf("forged: %+v", c)
		} else {
			kindOf(t, err)
		}
		kindOf(t, CheckRecovery(public, c, sig))
	})
}

// FuzzBeatOfReceipt takes the beat from lines that anybody could have written: what it gives writes the very line that it was read from.
func FuzzBeatOfReceipt(f *testing.F) {
	k := bob(f)
	r := must[Receipt](f)(k.Countersign(must[Checkpoint](f)(alice(f).SignHead(testHead(7), testNow)), testNow))
	f.Add(r.Lines)
	f.Add([]byte("— " + ReceiptName(k.Party()) + " "))
	f.Fuzz(func(t *testing.T, lines []byte) {
		r.Lines = lines
		b, err := r.Beat()
		if err != nil {
			return
		}
		if b.By != k.Party() || b.Head != r.Head {
			t.Errorf("%+v", b)
		}
	})
}
