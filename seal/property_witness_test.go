package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawPolicy gives a policy over some of the test witnesses 0 to 5, as text.
func drawPolicy(t *rapid.T, keys []string) string {
	var b strings.Builder
	var free []string // defined, and in no group yet
	for i := range rapid.IntRange(1, len(keys)).Draw(t, "witnesses") {
		fmt.Fprintf(&b, "witness w%d %s\n", i, keys[i])
		free = append(free, "w"+strconv.Itoa(i))
	}
	names := slices.Clone(free)
	for i := range rapid.IntRange(0, 4).Draw(t, "groups") {
		if len(free) == 0 {
			break
		}
		members := rapid.SliceOfNDistinct(rapid.SampledFrom(free), 1, len(free), rapid.ID[string]).Draw(t, "members")
		name := "g" + strconv.Itoa(i)
		fmt.Fprintf(&b, "group %s %d %s\n", name, rapid.IntRange(1, len(members)).Draw(t, "k"), strings.Join(members, " "))
		free = slices.DeleteFunc(free, func(s string) bool { return slices.Contains(members, s) })
		free, names = append(free, name), append(names, name)
	}
	fmt.Fprintf(&b, "quorum %s\n", rapid.SampledFrom(append(names, "none")).Draw(t, "quorum"))
	return b.String()
}

// meets says whether a set of witnesses meets the quorum, straight from the
// words of tlog-policy.
func meets(p *Policy, name string, have map[string]bool) bool {
	for _, g := range p.Groups {
		if g.Name == name {
			n := 0
			for _, m := range g.Members {
				if meets(p, m, have) {
					n++
				}
			}
			return n >= g.Need
		}
	}
	return have[name]
}

// TestPolicyProperty compares Date with a search through all sets of lines: the
// quorum is met if some set meets it, and To is when the first set was complete.
func TestPolicyProperty(t *testing.T) {
	const n = 6
	h := registerHead(7)
	var keys []string
	var witnesses []*WitnessKey
	for i := range n {
		w := witnessOf(t, fmt.Sprintf("witness.example/w%d", i))
		witnesses, keys = append(witnesses, w), append(keys, w.cosigners[0].String())
	}
	rapid.Check(t, func(t *rapid.T) {
		p, err := ParsePolicy([]byte(drawPolicy(t, keys)))
		if err != nil {
			t.Fatal(err)
		}
		note, at := []byte(h.Text()+"\n"+strangers(1)), map[int]time.Time{}
		for i := range p.Witnesses {
			if rapid.Bool().Draw(t, "signs") {
				at[i] = testNow.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "seconds")) * time.Second)
				both, err := witnesses[i].Cosign(h, at[i])
				if err != nil {
					t.Fatal(err)
				}
				note = append(note, bytes.SplitAfter(both, []byte("\n"))[0]...)
			}
		}
		d, err := p.Date(note, h)
		if err != nil || len(d.By) != len(at) {
			t.Fatalf("%+v, %v", d, err)
		}
		if p.Quorum == noQuorum {
			if !d.Met || !d.From.IsZero() || !d.To.IsZero() {
				t.Fatalf("%+v", d)
			}
			return
		}
		met, from, to := search(p, at, n)
		if d.Met != met || !d.To.Equal(to) || !d.From.Equal(from) {
			t.Fatalf("%s%v: got %+v, want %v %v %v", p, at, d, met, from, to)
		}
	})
}

// search gives, of the smallest sets that meet the quorum, the end of the one
// that is complete first, and of those that end then the earliest beginning.
func search(p *Policy, at map[int]time.Time, n int) (met bool, from, to time.Time) {
	for set := uint(1); set < 1<<n; set++ {
		have, first, last := map[string]bool{}, time.Time{}, time.Time{}
		for i := range n {
			if t, ok := at[i]; ok && set>>i&1 == 1 {
				have["w"+strconv.Itoa(i)] = true
				if first.IsZero() || t.Before(first) {
					first = t
				}
				if t.After(last) {
					last = t
				}
			}
		}
		if len(have) != bits.OnesCount(set) || !meets(p, p.Quorum, have) || !minimal(p, have) {
			continue
		}
		if !met || last.Before(to) || last.Equal(to) && first.Before(from) {
			met, from, to = true, first, last
		}
	}
	return met, from, to
}

func minimal(p *Policy, have map[string]bool) bool {
	for name := range have {
		have[name] = false
		enough := meets(p, p.Quorum, have)
		have[name] = true
		if enough {
			return false
		}
	}
	return true
}

func TestCosignatureProperty(t *testing.T) {
	w := witnessOf(t, "witness.example/w1")
	rapid.Check(t, func(t *rapid.T) {
		h, now := drawHead(t), drawTime(t)
		lines, err := w.Cosign(h, now)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range w.Cosigners() {
			note := slices.Concat([]byte(h.Text()), []byte("\n"), bytes.SplitAfter(lines, []byte("\n"))[i])
			at, line, err := c.Open(note, h)
			if err != nil || !at.Equal(now) || !bytes.HasSuffix(note, line) {
				t.Fatalf("got %v, %v", at, err)
			}
			if _, _, err := c.Open(drawFlip(t, note), h); err == nil {
				t.Fatal("a flipped bit passed")
			}
		}
	})
}

func TestBeatProperty(t *testing.T) {
	b := bob(t)
	keys := b.Keys()
	rapid.Check(t, func(t *rapid.T) {
		h, now := drawHead(t), drawTime(t)
		beat, err := b.Beat(h, now)
		if err != nil {
			t.Fatal(err)
		}
		note := beat.Note(keys)
		got, err := keys.OpenBeat(b.Party(), note)
		if err != nil || got != beat || keys.CheckBeat(got) != nil {
			t.Fatalf("got %+v, %v", got, err)
		}
		if _, err := keys.OpenBeat(b.Party(), drawFlip(t, note)); err == nil {
			t.Fatal("a flipped bit passed")
		}
	})
}

func TestRecoveryProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := recoveryOf([32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")))
		words := r.Words()
		back, err := RecoveryFromWords(words)
		if err != nil || back.seed() != r.seed() {
			t.Fatal(err)
		}
		c := KeyChange{drawName(t, "party"), sha256.Sum256(nil), sha256.Sum256([]byte("x")), Loss, testNow}
		sig, err := r.Authorize(c)
		if err != nil || CheckRecovery(r.Public(), c, sig) != nil {
			t.Fatal(err)
		}
		if CheckRecovery(r.Public(), c, drawFlip(t, sig)) == nil {
			t.Fatal("a flipped bit passed")
		}
	})
}
