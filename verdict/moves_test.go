package verdict

import (
	"slices"
	"strings"
	"testing"

	"verbale/record"
)

// outcomeOf is the status of the first case and, in the order of their outboxes, which rule each of its moves breaks.
func outcomeOf(v *Verdict) string {
	c := v.Cases[0]
	moves := slices.Clone(c.Moves)
	slices.SortStableFunc(moves, func(a, b MoveFinding) int { return a.ReleasedAt.Compare(b.ReleasedAt) })
	out := []string{string(c.Status)}
	for _, m := range moves {
		rule, _, _ := strings.Cut(m.Irregular, ":")
		out = append(out, m.Act+" "+rule)
	}
	return strings.Join(out, "; ")
}

func TestMoves(t *testing.T) {
	for name, c := range map[string]struct {
		build func(*world) *Bundle
		want  string
	}{
		"arranged":  {(*world).arranged, "agreed; acknowledge ; agree "},
		"proposed":  {(*world).proposed, "declined; decline "},
		"career":    {(*world).career, "closed satisfied; acknowledge ; incomplete ; supplement ; accept ; agree ; progress ; answer ; dispute ; answer ; close "},
		"elsewhere": {(*world).elsewhere, "redirected; redirect "},
		"disorder": {(*world).disorder, "closed partial; incomplete ; supplement ; supplement A-8; incomplete A-9; escalate A-11; agree A-8; agree A-8; progress A-1; " +
			"answer ; answer A-3; close ; dispute A-3"},
	} {
		w := newWorld(t)
		if got := outcomeOf(w.judge(c.build(w))); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

// A dispute that is given up is none any more, and a leaf that was written again takes nothing back.
func TestWhatStandsAfterADispute(t *testing.T) {
	for want, build := range map[string]func(w *world, to, answer record.Ref) []*entry{
		"answered; answer ; dispute ; withdraw ": func(w *world, to, _ record.Ref) []*entry {
			return []*entry{w.write(aa, bb, replyFields("withdraw", to, hour(4)))}
		},
		"closed partial; answer ; dispute ; progress ; close ": func(w *world, to, answer record.Ref) []*entry {
			dispute := w.box(aa, bb).entries[1].ref()
			return []*entry{w.write(bb, aa, w.naming("progress", to, dispute, 4, map[string]string{"stage": "under-way", "text": "We look again."})),
				w.write(aa, bb, w.naming("close", to, answer, 5, map[string]string{"satisfaction": "partial"}))}
		},
		"disputed; answer ; answer A-4; dispute ": func(w *world, _, _ record.Ref) []*entry {
			b := w.box(bb, aa)
			w.check(b.tree.Append(b.entries[0].opened.Record.LeafHash()))
			again := &entry{box: b, index: 1, opened: b.entries[0].opened}
			b.entries = append(b.entries, again)
			return []*entry{again}
		},
	} {
		w := newWorld(t)
		appeal := w.write(aa, bb, appealFields(morning))
		answer := w.write(bb, aa, replyFields("answer", appeal.ref(), hour(2)))
		list := []*entry{appeal, answer, w.write(aa, bb, w.naming("dispute", appeal.ref(), answer.ref(), 3, map[string]string{"text": "It is not done."}))}
		if got := outcomeOf(w.judge(w.exchanged(append(list, build(w, appeal.ref(), answer.ref())...)...))); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestStatusesOfOthers(t *testing.T) {
	w := newWorld(t)
	v := w.judge(w.elsewhere())
	var got []Status
	for _, c := range v.Cases {
		got = append(got, c.Status)
	}
	if want := []Status{StatusRedirected, StatusPostponed, StatusSuperseded, StatusPartly}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if v = w.judge(newWorld(t).proposed()); v.Cases[1].Status != StatusReceived || !v.Cases[1].InForceFrom.IsZero() || !v.Cases[1].Until.IsZero() {
		t.Errorf("a proposal that nobody agreed to: %+v", v.Cases[1])
	}
}

// An arrangement is in force from the later of its own date and the agreement, by the words of both, and a text says on whose signatures that rests.
func TestArrangementIsNamedAsWhatItIs(t *testing.T) {
	w := newWorld(t)
	v := w.judge(w.arranged())
	c := v.Cases[0]
	if want := hour(48); !c.InForceFrom.Equal(want) || !c.Until.Equal(hour(365*24)) {
		t.Errorf("in force from %v until %v", c.InForceFrom, c.Until)
	}
	if s := flat(v.Text()); !strings.Contains(s, "It is a proposal by cert.aa.example, with its signature, and csirt.bb.example has signed its agreement to it "+
		"(released at 2026-07-13 15:00:00 UTC as csirt.bb.example states). By their own words it is in force from 2026-07-14 09:00:00 UTC until 2027-07-12 09:00:00 UTC.") {
		t.Error("the text does not say so")
	}
	if s := flat(newWorld(t).judge(newWorld(t).proposed()).Text()); strings.Count(s, "One signature binds nobody. Where it stands") != 2 {
		t.Error("the text does not say that a proposal binds nobody")
	}
}

// What is left out of a bundle makes nothing irregular: the same case, with one thing not shown.
func TestPartlyShownIsNotIrregular(t *testing.T) {
	act := func(b *Bundle, w *world, e int, names ...string) {
		x := &b.Records[e]
		box := w.box(bb, aa)
		entry := box.entries[x.Index]
		*x = w.exhibit(entry, x.Checkpoint, box.tree.Size(), names...)
	}
	for name, c := range map[string]struct {
		build func(*world) *Bundle
		hide  func(*world, *Bundle)
		want  string
	}{
		"a second answer that may name a dispute":         {(*world).disorder, func(w *world, b *Bundle) { act(b, w, 10, "act", "in_reply_to", "finality", "released_at") }, "answer "},
		"a second notice after one that is shown in part": {(*world).disorder, func(w *world, b *Bundle) { act(b, w, 1, "act", "in_reply_to", "missing", "released_at") }, "incomplete "},
		"a second notice after one that may not be the first": {func(w *world) *Bundle {
			w.write(bb, aa, pingFields(morning)) // it is not in the file, and might have been the first notice
			return w.disorder()
		}, func(*world, *Bundle) {}, "incomplete "},
		"an answer after a dispute that is not in the file": {(*world).career, func(_ *world, b *Bundle) { b.Records = slices.Delete(b.Records, 8, 9) }, "answer "},
	} {
		w := newWorld(t)
		b := c.build(w)
		c.hide(w, b)
		if got := outcomeOf(w.judge(b)); !strings.Contains(got, c.want+";") && !strings.HasSuffix(got, c.want) || strings.Contains(got, c.want+"A-3") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A court reads that a proposal was withdrawn beside the agreement to it, and that an appeal which another party is to answer has ended here.
func TestWhatCrosses(t *testing.T) {
	w := newWorld(t)
	proposal := w.write(aa, bb, arrangementFields(1, hour(0)))
	withdraw := w.write(aa, bb, replyFields("withdraw", proposal.ref(), hour(29)))
	agree := w.write(bb, aa, replyFields("agree", proposal.ref(), hour(30)))
	v := w.judge(w.exchanged(proposal, withdraw, agree))
	for _, lang := range Languages() {
		l, text := lexiconOf(lang), flat(inLanguage(t, v, lang))
		if want := fill(l.bothWithdrawn, "from", aa); v.Cases[0].Status != StatusAgreed || !strings.Contains(text, want) {
			t.Errorf("%s: %q, and the text does not say %q", lang, v.Cases[0].Status, want)
		}
	}
	w = newWorld(t)
	v = w.judge(w.elsewhere())
	for _, lang := range Languages() {
		l, text := lexiconOf(lang), flat(inLanguage(t, v, lang))
		if !strings.Contains(text, fill(l.redirectedAway, "to", bb)) {
			t.Errorf("%s: it is not said that the case has ended for the addressee", lang)
		}
	}
}

// How far somebody says that it will act decides how it is to be read: it does not pass in silence that this is not shown.
func TestExtentHidden(t *testing.T) {
	w := newWorld(t)
	appeal := w.write(aa, bb, appealFields(morning))
	accept := w.write(bb, aa, moving("accept", appeal.ref(), 6, map[string]string{"extent": "partly", "terms": "Two of the three."}))
	b := w.exchanged(appeal, accept)
	b.Records[1] = w.exhibit(accept, 1, 1, "act", "in_reply_to", "class")
	v := w.judge(b)
	for _, lang := range Languages() {
		l, text := lexiconOf(lang), flat(inLanguage(t, v, lang))
		if v.Cases[0].Status != "" || !strings.Contains(text, l.extentHidden) || !strings.Contains(text, l.standsHidden) {
			t.Errorf("%s: stands at %q, in silence", lang, v.Cases[0].Status)
		}
	}
}
