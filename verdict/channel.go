package verdict

import (
	"bytes"
	"cmp"
	"runtime"
	"slices"
	"sync"
	"time"

	"verbale/seal"
)

// A beat is verified, with the keys that gave it.
type beat struct {
	seal.Beat
	by *party
}

// AddBeats puts beats into the bundle; [Bundle.Encode] puts those of one party
// over one head together.
func (b *Bundle) AddBeats(beats ...seal.Beat) {
	for _, x := range beats {
		p := Pulse{Time: x.Time, Signature: x.Signature}
		text := x.Text()
		if last := len(b.Beats) - 1; last >= 0 && b.Beats[last].By == x.By && b.Beats[last].Head == text {
			b.Beats[last].Beats = append(b.Beats[last].Beats, p)
			continue
		}
		b.Beats = append(b.Beats, BeatExhibit{By: x.By, Head: text, Beats: []Pulse{p}})
	}
}

// readBeats checks B-12. The signatures are many and are verified by all
// processors.
func (j *judge) readBeats(b *Bundle) error {
	var items []string
	for i, x := range b.Beats {
		item := place("beats", i)
		head, err := seal.ParseHead(x.Head)
		if err != nil {
			return badBeat(item+".head", "expected the three lines of a head").because(err)
		}
		if len(j.roster[x.By]) == 0 {
			return badBeat(item+".by", "expected the profile of %s in the bundle, who gave these beats; add it", brief(x.By))
		}
		if len(x.Beats) == 0 {
			return badBeat(item, "there is no beat in it; leave it out")
		}
		for n, p := range x.Beats {
			j.beats = append(j.beats, beat{Beat: seal.Beat{Head: head, By: x.By, Time: p.Time.UTC(), Signature: p.Signature}})
			items = append(items, place(item+".beats", n))
		}
	}
	if i, err := j.verifyBeats(); err != nil {
		return badBeat(items[i], "expected a beat of %s over size %d of %s", j.beats[i].By, j.beats[i].Size, j.beats[i].Origin).because(err)
	}
	j.sortBeats()
	return nil
}

// verifyBeats gives the first beat that does not verify, and why.
func (j *judge) verifyBeats() (at int, err error) {
	workers := max(1, min(runtime.GOMAXPROCS(0), len(j.beats)))
	type failure struct {
		at  int
		err error
	}
	failures := make([]failure, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(j.beats); i += workers {
				if err := j.verifyBeat(&j.beats[i]); err != nil {
					failures[w] = failure{i, err}
					return
				}
			}
		})
	}
	wg.Wait()
	for _, f := range failures {
		if f.err != nil && (err == nil || f.at < at) {
			at, err = f.at, f.err
		}
	}
	return at, err
}

// verifyBeat finds the keys that gave a beat: those of any generation.
func (j *judge) verifyBeat(b *beat) (err error) {
	for _, p := range slices.Backward(j.roster[b.By]) {
		if err = p.Keys.CheckBeat(b.Beat); err == nil {
			b.by = p
			return nil
		}
	}
	return err
}

// sortBeats orders them by outbox, party, time and size, and drops repetitions.
func (j *judge) sortBeats() {
	compare := func(a, b beat) int {
		return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.By, b.By), a.Time.Compare(b.Time), cmp.Compare(a.Size, b.Size), bytes.Compare(a.Root[:], b.Root[:]))
	}
	slices.SortFunc(j.beats, compare)
	j.beats = slices.CompactFunc(j.beats, func(a, b beat) bool { return compare(a, b) == 0 })
}

// channel sums up the beats of each party over each outbox (B-16).
func (j *judge) channel() []ChannelFinding {
	var list []ChannelFinding
	for rest := j.beats; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(b beat) bool { return b.Origin != rest[0].Origin || b.By != rest[0].By })
		if n < 0 {
			n = len(rest)
		}
		list = append(list, j.channelOf(rest[:n]))
		rest = rest[n:]
	}
	return list
}

func (j *judge) channelOf(beats []beat) ChannelFinding {
	first, last := beats[0], beats[len(beats)-1]
	f := ChannelFinding{Outbox: first.Origin, By: first.By, Count: len(beats), First: first.Time, Last: last.Time}
	if origin, err := seal.ParseOrigin(first.Origin); err == nil {
		f.Role = roleOf(origin, first.By)
	}
	var by []*party
	for i, b := range beats {
		if i > 0 {
			f.LongestGap = max(f.LongestGap, int64(b.Time.Sub(beats[i-1].Time)/time.Second))
		}
		if i == 0 || b.Head != beats[i-1].Head {
			f.Sizes = append(f.Sizes, SizeFinding{Size: b.Size, Root: b64(b.Root), From: b.Time})
		}
		run := &f.Sizes[len(f.Sizes)-1]
		run.Count++
		run.To = b.Time
		if !slices.Contains(by, b.by) {
			by = append(by, b.by)
		}
		if old := j.standing(b.by, b.Time, nil); old != nil && f.OldKeys == nil {
			f.OldKeys = old
		}
	}
	f.RestsOn = bases(by...)
	return f
}
