package docket

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var (
	openings = []string{"appeal(mitigate)", "appeal(preserve)", "appeal(notice)", "arrangement(2)", "ping", "profile", "suspend", "resume", "tally(2021-06)", "tally(2021-07)", "unknown", "appeal(takedown)",
		"unreadable(mitigate)", "unreadable(ping)", "erased(indicators)"}
	moves = []string{"redirect", "redirect(other)", "incomplete(law)", "incomplete(law+offence)", "supplement", "accept(full)", "accept(conditions)", "accept(partly)", "agree",
		"decline", "postpone", "progress", "close(satisfied)", "close(partial)", "dispute", "correct", "supersede", "escalate(operational)", "escalate(judicial)"}
	replies = []string{"ack", "answer(interim)", "answer(final)", "refuse(no-data)", "withdraw", "same", "differ", "unknown"}
)

// drawLine draws any history at all, sensible or not.
func drawLine(t *rapid.T) string {
	var words []string
	for n := range rapid.IntRange(1, 14).Draw(t, "records") {
		word := rapid.SampledFrom([]string{"A:", "B:"}).Draw(t, "by")
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case n == 0 || kind < 3:
			word += rapid.SampledFrom(openings).Draw(t, "opening")
		case kind == 9:
			word += fmt.Sprintf("again@%d", rapid.IntRange(1, n).Draw(t, "of"))
		default:
			word += rapid.SampledFrom(slices.Concat(replies, moves)).Draw(t, "reply") + fmt.Sprintf("@%d", rapid.IntRange(0, n).Draw(t, "to")) +
				drawAbout(t, n) + rapid.SampledFrom([]string{"", "", "", "", "!index", "!outbox"}).Draw(t, "wrong")
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// drawAbout draws what a move names as answered: one of the n records, or nothing.
func drawAbout(t *rapid.T, n int) string {
	if rapid.Bool().Draw(t, "answers") {
		return fmt.Sprintf("~%d", rapid.IntRange(0, n).Draw(t, "about"))
	}
	return ""
}

// sameCases compares two folds, byte for byte.
func sameCases(tb testing.TB, t *rapid.T, got, want map[string]Case) {
	if len(got) != len(want) {
		t.Fatalf("%d cases and %d", len(got), len(want))
	}
	for key, c := range want {
		if g, w := stored(tb, got[key]), stored(tb, c); !bytes.Equal(g, w) {
			t.Fatalf("case %s:\n%s\n%s", key, g, w)
		}
	}
}

// Any interleaving of the two outboxes, indeed any order of all records, folds to the same bytes, and so does folding again.
func TestOrderAndRepetitionDoNotCount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := read(t, drawLine(rt))
		for _, side := range []string{partyA, partyB} {
			entries := h.as(side)
			want := fold(entries)
			sameCases(t, rt, fold(rapid.Permutation(entries).Draw(rt, "order")), want)
			sameCases(t, rt, fold(slices.Concat(entries, rapid.Permutation(entries).Draw(rt, "again"))), want)
		}
	})
}

// A case is read back as it was stored, and folding goes on from there as if it had never been away.
func TestStoredCases(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entries := read(t, drawLine(rt)).as(partyB)
		kept := map[string][]byte{}
		for _, e := range entries {
			c := Case{}
			if b := kept[Key(e)]; b != nil {
				var err error
				c, err = ParseCase(b)
				must(t, err)
				if again := stored(t, c); !bytes.Equal(again, b) {
					rt.Fatalf("%s was read and stored as %s", b, again)
				}
			}
			kept[Key(e)] = stored(t, Apply(c, e))
		}
		got := map[string]Case{}
		for key, b := range kept {
			c, err := ParseCase(b)
			must(t, err)
			got[key] = c
		}
		sameCases(t, rt, got, fold(entries))
	})
}

// hostile draws a record that has no business in the case of the first record, which A opened; n records are there already.
func hostile(t *rapid.T, n int) string {
	a := []string{"A:ack@1", "A:answer(final)@1", "A:refuse(no-data)@1", "A:again@1", "A:withdraw@1!index", "A:withdraw@1!outbox", "A:accept(full)@1", "A:incomplete(law)@1",
		"A:redirect@1", "A:postpone@1", "A:progress@1", "A:supplement@1~1", "A:agree@1~1", "A:close(satisfied)@1~1", "A:dispute@1~1", "A:escalate(technical)@1"}
	b := []string{"B:withdraw@1", "B:answer(final)@1!index", "B:refuse(no-data)@1!outbox", "B:ack@1!index", "B:correct@1", "B:close(satisfied)@1~1",
		"B:dispute@1~1", "B:supplement@1~1", "B:escalate(judicial)@1", "B:supersede@1~1", "B:progress@1~1"}
	either := []string{"unknown@1", "appeal(takedown)", "unreadable(mitigate)", "erased(mitigate)", "ping", "answer(final)@0", "withdraw@0"}
	if n > 1 {
		to := rapid.IntRange(2, n).Draw(t, "to")
		either = append(either, fmt.Sprintf("answer(final)@%d", to), fmt.Sprintf("withdraw@%d", to), fmt.Sprintf("refuse(no-data)@%d", to))
	}
	all := slices.Concat(a, b)
	for _, word := range either {
		all = append(all, "A:"+word, "B:"+word)
	}
	return rapid.SampledFrom(all).Draw(t, "hostile")
}

// Whatever else is written on the link, before or after, a case stands as if it had not been: unknown acts, what nobody can read,
// replies to nothing, to replies, by the wrong side, to the wrong place, and the opening once more.
func TestNothingCorruptsACase(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words, honest := []string{"A:appeal(mitigate)"}, []int{0}
		for range rapid.IntRange(0, 5).Draw(rt, "moves") {
			words = append(words, rapid.SampledFrom([]string{"B:ack", "B:answer(interim)", "B:answer(final)", "B:refuse(no-data)", "A:withdraw", "B:accept(full)", "B:accept(conditions)",
				"B:incomplete(law)", "B:postpone", "B:progress", "B:redirect", "A:correct", "A:escalate(political)"}).Draw(rt, "move"))
		}
		alone := strings.Join(words, " ")
		mixed := words[:1:1]
		for _, word := range words[1:] {
			for rapid.IntRange(0, 2).Draw(rt, "more") == 0 {
				mixed = append(mixed, hostile(rt, len(mixed)))
			}
			honest = append(honest, len(mixed))
			mixed = append(mixed, word)
		}
		for range rapid.IntRange(0, 3).Draw(rt, "after") {
			mixed = append(mixed, hostile(rt, len(mixed)))
		}
		line := strings.Join(mixed, " ")
		if got, want := standing(read(t, line), honest), standing(read(t, alone), nil); got != want {
			rt.Fatalf("%s stands as %q\n%s stands as %q", line, got, alone, want)
		}
	})
}

// standing is the status, the turn, and the fault of every record of the first case; of the records named, if any are.
func standing(h *history, only []int) string {
	c := fold(h.as(partyB))[Key(h.entries[0])]
	v := c.View(Marks{Received: morning}, Terms{}, morning)
	out := []string{string(v.Status), v.Turn, v.Must, v.By.String()}
	for i, e := range h.entries {
		if only != nil && !slices.Contains(only, i) {
			continue
		}
		for _, m := range c.Moves {
			if m.Outbox == e.Ref.Outbox && m.Index == e.Ref.Index {
				out = append(out, m.Act+m.Irregular)
			}
		}
	}
	return strings.Join(out, "; ")
}

// What Allow permits is never irregular, to neither side, whatever was on its way meanwhile.
func TestAllowedIsRegular(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var words []string
		for range rapid.IntRange(1, 16).Draw(rt, "records") {
			word := drawLineWord(rt, len(words))
			h := read(t, strings.Join(append(slices.Clone(words), word), " "))
			if foreign := strings.Contains(word, "unknown") || strings.Contains(word, "takedown"); foreign || allowedTo(rt, h) {
				words = append(words, word)
			}
		}
		h := read(t, strings.Join(words, " "))
		for _, side := range []string{partyA, partyB} {
			cases := fold(h.as(side))
			for _, key := range slices.Sorted(maps.Keys(cases)) {
				for _, m := range cases[key].Moves {
					if m.Irregular != "" {
						rt.Fatalf("%s: %s of %s is irregular to %s: %s", strings.Join(words, " "), m.Act, letter(m.By), letter(side), m.Irregular)
					}
				}
			}
		}
	})
}

// drawLineWord draws the next record: an opening, or a reply to a record that is there.
func drawLineWord(t *rapid.T, n int) string {
	by := rapid.SampledFrom([]string{"A:", "B:"}).Draw(t, "by")
	if n == 0 || rapid.IntRange(0, 3).Draw(t, "open") == 0 {
		return by + rapid.SampledFrom(slices.DeleteFunc(slices.Clone(openings), func(s string) bool { return strings.HasPrefix(s, "erased") })).Draw(t, "opening")
	}
	return by + rapid.SampledFrom(slices.Concat(replies[:5], moves)).Draw(t, "reply") + fmt.Sprintf("@%d", rapid.IntRange(0, n).Draw(t, "to")) + drawAbout(t, n)
}

// allowedTo asks the author of the last record, who has seen all of its own outbox and a beginning of the other one.
func allowedTo(t *rapid.T, h *history) bool {
	last := len(h.entries) - 1
	e := h.as(h.entries[last].Author)[last]
	var seen []Entry
	arrived := rapid.Int64Range(0, int64(last)).Draw(t, "arrived")
	for _, s := range h.as(e.Author)[:last] {
		if s.Author == e.Author || s.Ref.Index < arrived {
			seen = append(seen, s)
		}
	}
	return Allow(fold(seen)[Key(e)], e) == nil
}
