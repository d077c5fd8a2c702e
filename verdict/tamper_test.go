package verdict

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// outcome is all that a reader can learn from a file: a verdict or an error.
func outcome(t testing.TB, file []byte, trusted *Trust) (verdict []byte, err error) {
	t.Helper()
	b, err := Parse(file)
	if err != nil {
		return nil, err
	}
	v, err := Judge(b, trusted)
	if err != nil {
		return nil, err
	}
	j, err := v.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return append(j, v.Text()...), nil
}

// Whoever changes a byte of a bundle gets a refusal or the same verdict, never
// another conclusion. The sample is fixed; its step is a prime, so that all
// positions in base64 are met.
func TestEveryByteMatters(t *testing.T) {
	step := 29
	if testing.Short() {
		step = 499
	}
	for _, build := range []func(*world) *Bundle{(*world).dispute, (*world).parts, (*world).forked, (*world).public, (*world).timeline, (*world).succession, (*world).contradicted} {
		w := newWorld(t)
		trusted := w.trust(aa, bb)
		file := w.encode(build(w))
		step := step
		if len(file) > 60_000 {
			step = 211 // a prime, too
		}
		want, err := outcome(t, file, trusted)
		w.check(err)
		refused := 0
		for at := 0; at < len(file); at += step {
			for _, flip := range []byte{1, 4, 32, 128} {
				changed := bytes.Clone(file)
				changed[at] ^= flip
				got, err := outcome(t, changed, trusted)
				if _, typed := errors.AsType[*Error](err); err != nil && !typed {
					t.Fatalf("byte %d ^ %d: error %T", at, flip, err)
				}
				if err == nil && !bytes.Equal(got, want) {
					t.Fatalf("byte %d ^ %d (%q) gave another verdict", at, flip, file[max(0, at-20):min(len(file), at+20)])
				}
				if err != nil {
					refused++
				}
			}
		}
		t.Logf("%d bytes, %d changes refused", len(file), refused)
	}
}

// A file that was cut off anywhere is refused.
func TestTruncated(t *testing.T) {
	w := newWorld(t)
	file := w.encode(w.dispute())
	for at := 0; at < len(file); at += 97 {
		if _, err := outcome(t, file[:at], nil); err == nil {
			t.Fatalf("%d of %d bytes were accepted", at, len(file))
		}
	}
}

// everything is a bundle with a fork, and a dispute between two others.
func (w *world) everything() *Bundle {
	w.t.Helper()
	b := w.forked()
	more := w.dispute2()
	b.Profiles = append(b.Profiles, more.Profiles...)
	for _, e := range more.Records {
		e.Checkpoint += len(b.Checkpoints)
		b.Records = append(b.Records, e)
	}
	b.Checkpoints = append(b.Checkpoints, more.Checkpoints...)
	return b
}

// dispute2 is a dispute between cc and bb.
func (w *world) dispute2() *Bundle {
	w.t.Helper()
	appeal := w.write(cc, bb, appealFields(morning))
	other := w.write(cc, bb, appealFields(morning))
	answer := w.write(bb, cc, replyFields("answer", appeal.ref(), morning))
	refuse := w.write(bb, cc, replyFields("refuse", other.ref(), morning))
	return &Bundle{
		Profiles: []string{w.profile(bb), w.profile(cc)},
		Checkpoints: []string{
			w.received(w.head(appeal.box, morning), bb, morning),
			w.received(w.head(answer.box, morning), cc, morning),
			string(w.head(answer.box, morning).Note),
		},
		Records: []Exhibit{
			w.exhibit(appeal, 0, 2, "*"), w.exhibit(other, 0, 2, "act", "kind"), w.exhibit(answer, 1, 2, "*"),
			w.exhibit(refuse, 2, 2, "*"), w.exhibit(refuse, 1, 2, "act", "in_reply_to"), w.exhibit(answer, 2, 2, "act"),
		},
	}
}

// In whatever order evidence was collected, and how often, it encodes to the
// same bytes and gives the same verdict.
func TestOrderDoesNotMatter(t *testing.T) {
	for name, build := range map[string]func(*world) *Bundle{
		"everything": (*world).everything, "timeline": (*world).timeline, "succession": (*world).succession, "contradicted": (*world).contradicted,
	} {
		t.Run(name, func(t *testing.T) { orderDoesNotMatter(t, build) })
	}
}

func orderDoesNotMatter(t *testing.T, build func(*world) *Bundle) {
	w := newWorld(t)
	b := build(w)
	file := w.encode(b)
	trusted := w.trust(aa, cc).trusting(w.policy(2, w1, w2))
	want, err := outcome(t, file, trusted)
	w.check(err)
	rapid.Check(t, func(r *rapid.T) {
		s := shuffled(r, b)
		got, err := s.Encode()
		if err != nil || !bytes.Equal(got, file) {
			r.Fatalf("encodes otherwise (%v)", err)
		}
		v, err := Judge(s, trusted)
		if err != nil {
			r.Fatal(err)
		}
		j, err := v.JSON()
		if err != nil || !bytes.Equal(append(j, v.Text()...), want) {
			r.Fatalf("another verdict (%v)", err)
		}
	})
}

// shuffled permutes all items and repeats some.
func shuffled(r *rapid.T, b *Bundle) *Bundle {
	pick := func(n int, what string) []int {
		order := rapid.Permutation(numbers(n)).Draw(r, what)
		if n > 0 && rapid.Bool().Draw(r, "repeat") {
			order = append(order, order[0])
		}
		return order
	}
	s := &Bundle{}
	for _, i := range pick(len(b.Profiles), "profiles") {
		s.Profiles = append(s.Profiles, b.Profiles[i])
	}
	places := make([]int, len(b.Checkpoints))
	for at, i := range pick(len(b.Checkpoints), "checkpoints") {
		places[i] = at
		s.Checkpoints = append(s.Checkpoints, b.Checkpoints[i])
	}
	for _, i := range pick(len(b.Records), "records") {
		e := b.Records[i]
		e.Checkpoint = places[e.Checkpoint]
		s.Records = append(s.Records, e)
	}
	for _, i := range pick(len(b.Forks), "forks") {
		s.Forks = append(s.Forks, b.Forks[i])
	}
	for _, i := range pick(len(b.Witnesses), "witnesses") {
		s.Witnesses = append(s.Witnesses, b.Witnesses[i])
	}
	for _, i := range pick(len(b.Beats), "beats") {
		x := b.Beats[i]
		for _, n := range pick(len(x.Beats), "pulses") {
			s.Beats = append(s.Beats, BeatExhibit{By: x.By, Head: x.Head, Beats: x.Beats[n : n+1]})
		}
	}
	return s
}

func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// Encode does not change the bundle that it is given.
func TestEncodeLeavesTheBundle(t *testing.T) {
	w := newWorld(t)
	b := w.everything()
	slices.Reverse(b.Records)
	first := b.Records[0]
	w.encode(b)
	if b.Records[0].Record != first.Record || b.Records[0].Checkpoint != first.Checkpoint {
		t.Error("the bundle was sorted in place")
	}
}

// What Parse takes, Encode writes in one way, with the same verdict.
func FuzzParse(f *testing.F) {
	w := newWorld(f)
	for _, build := range []func(*world) *Bundle{(*world).public, (*world).parts, (*world).forked, (*world).polled, (*world).stampedRegister} {
		f.Add(newWorldFile(f, build))
	}
	f.Add([]byte(`{"verbale":"bundle/v1","profiles":["a~"],"checkpoints":["b"],"records":[{"checkpoint":0,"index":1,"record":"c"}],"forks":[{"a":"d","b":"e"}]}`))
	f.Add([]byte(`{"verbale":"bundle/v1","profiles":["a~"],"witnesses":["w"],"beats":[{"by":"b","head":"c","beats":[["2026-07-12T09:00:00Z","AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="]]}]}`))
	trusted := w.trust(aa).trusting(w.policy(1, w1, w2))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := Parse(file)
		if err != nil {
			if _, typed := errors.AsType[*Error](err); !typed {
				t.Fatalf("error %T", err)
			}
			return
		}
		want, judgeErr := outcome(t, file, trusted)
		canonical, err := b.Encode()
		if err != nil {
			if judgeErr == nil {
				t.Fatalf("judged but not encoded: %v", err)
			}
			return
		}
		again, err := Parse(canonical)
		if err != nil {
			t.Fatalf("what Encode wrote is refused: %v", err)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(twice, canonical) {
			t.Fatalf("encodes in two ways (%v)", err)
		}
		if got, err := outcome(t, canonical, trusted); (err == nil) != (judgeErr == nil) || !bytes.Equal(got, want) {
			t.Fatalf("the canonical file gives another verdict: %v, %v", err, judgeErr)
		}
	})
}

// Judge never panics, and refuses with a typed error: some text of a good
// bundle is changed, and its numbers.
func FuzzJudge(f *testing.F) {
	w := newWorld(f)
	trusted := w.trust(aa, bb).trusting(w.policy(1, w1, w2))
	good := Merge(w.everything(), newWorld(f).timeline(), newWorld(f).contradicted())
	texts := len(good.Profiles) + len(good.Witnesses) + len(good.Checkpoints) + len(good.Records) + 2*len(good.Forks) + 2*len(good.Beats)
	for i := range texts {
		f.Add(i, 100*i, 3, "abc", int64(i), i)
	}
	f.Fuzz(func(t *testing.T, which, at, cut int, put string, index int64, checkpoint int) {
		b := copyOf(good)
		text := b.text(uint(which) % uint(texts))
		from := int(uint(at) % uint(len(*text)+1))
		to := from + int(uint(cut)%uint(len(*text)-from+1))
		*text = (*text)[:from] + put + (*text)[to:]
		e := &b.Records[int(uint(which)%uint(len(b.Records)))]
		e.Index, e.Checkpoint = index, checkpoint
		v, err := Judge(b, trusted)
		if err != nil {
			if _, typed := errors.AsType[*Error](err); !typed || v != nil {
				t.Fatalf("error %T with verdict %v", err, v != nil)
			}
			return
		}
		if _, err := v.JSON(); err != nil {
			t.Fatal(err)
		}
		_ = v.Text()
	})
}

func copyOf(b *Bundle) *Bundle {
	c := &Bundle{Profiles: slices.Clone(b.Profiles), Witnesses: slices.Clone(b.Witnesses), Checkpoints: slices.Clone(b.Checkpoints),
		Records: slices.Clone(b.Records), Forks: slices.Clone(b.Forks), Beats: slices.Clone(b.Beats)}
	for i := range c.Beats {
		c.Beats[i].Beats = slices.Clone(c.Beats[i].Beats)
	}
	return c
}

// text is the i-th text of a bundle.
func (b *Bundle) text(i uint) *string {
	var all []*string
	for j := range b.Profiles {
		all = append(all, &b.Profiles[j])
	}
	for j := range b.Witnesses {
		all = append(all, &b.Witnesses[j])
	}
	for j := range b.Checkpoints {
		all = append(all, &b.Checkpoints[j])
	}
	for j := range b.Records {
		all = append(all, &b.Records[j].Record)
	}
	for j := range b.Forks {
		all = append(all, &b.Forks[j].A, &b.Forks[j].B)
	}
	for j := range b.Beats {
		all = append(all, &b.Beats[j].By, &b.Beats[j].Head)
	}
	return all[i]
}

func newWorldFile(t testing.TB, build func(*world) *Bundle) []byte {
	w := newWorld(t)
	return w.encode(build(w))
}
