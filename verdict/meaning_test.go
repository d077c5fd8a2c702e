package verdict

import (
	"strings"
	"testing"
	"time"
)

// shownOf judges a bundle of an appeal by aa and an answer by bb, of each of
// which these fields are shown.
func shownOf(w *world, class string, appealFieldsShown, answerFieldsShown []string) *Verdict {
	f := appealFields(morning)
	f.SetText("class", class)
	appeal := w.write(aa, bb, f)
	g := replyFields("answer", appeal.ref(), morning.Add(time.Hour))
	g.SetText("class", class)
	answer := w.write(bb, aa, g)
	return w.judge(&Bundle{
		Profiles:    []string{w.profile(aa), w.profile(bb)},
		Checkpoints: []string{w.received(w.head(appeal.box, morning), bb, morning), string(w.head(answer.box, morning).Note)},
		Records:     []Exhibit{w.exhibit(appeal, 0, 1, appealFieldsShown...), w.exhibit(answer, 1, 1, answerFieldsShown...)},
	})
}

// A test is called a test, wherever it stands: it must not pass for an appeal
// in earnest.
func TestClassIsSaid(t *testing.T) {
	for class, times := range map[string]int{"test": 4, "service": 4, "substantive": 3 /* of a reply it is not said */} {
		v := shownOf(newWorld(t), class, []string{"*"}, []string{"*"})
		for _, lang := range Languages() {
			sentence := lexiconOf(lang).class[class]
			if n := strings.Count(flat(inLanguage(t, v, lang)), sentence); n != times {
				t.Errorf("%s: %q stands %d times, want %d", lang, sentence, n, times)
			}
		}
		if v.Records[0].Class != class || v.Cases[0].Class != class || v.Cases[0].Moves[0].Class != class {
			t.Errorf("the JSON does not name the class %s", class)
		}
	}
}

// Whoever leaves out what changes the meaning gets that said.
func TestHiddenMeaning(t *testing.T) {
	v := shownOf(newWorld(t), "test", []string{"act", "kind", "subject"}, []string{"act", "in_reply_to", "text"})
	for _, lang := range Languages() {
		l, text := lexiconOf(lang), flat(inLanguage(t, v, lang))
		if n := strings.Count(text, l.classHidden); n != 4 {
			t.Errorf("%s: %d times that the class is not shown, want 4", lang, n)
		}
		if n := strings.Count(text, l.finalityHidden); n != 1 {
			t.Errorf("%s: %d times that it is not shown whether the answer is final, want 1", lang, n)
		}
	}

	v = shownOf(newWorld(t), "test", []string{"act", "subject"}, []string{"in_reply_to"})
	for _, lang := range Languages() {
		l, text := lexiconOf(lang), flat(inLanguage(t, v, lang))
		if !strings.Contains(text, l.kindHidden) {
			t.Errorf("%s: not said that the kind is not shown", lang)
		}
		if n := strings.Count(text, l.classHidden); n != 3 { // the case, and both records
			t.Errorf("%s: %d times that the class is not shown, want 3", lang, n)
		}
	}
}

// A ping is a test by the rules: that needs no words.
func TestPingHasNoClass(t *testing.T) {
	w := newWorld(t)
	e := w.write(aa, bb, pingFields(morning))
	v := w.judge(&Bundle{Profiles: []string{w.profile(aa)}, Checkpoints: []string{string(w.head(e.box, morning).Note)},
		Records: []Exhibit{w.exhibit(e, 0, 1, "act")}})
	if strings.Contains(flat(v.Text()), english().classHidden) {
		t.Error("the class of a ping is asked for")
	}
}

// A receipt is for encrypted bytes: that the receiver could read in them what
// is shown here is not proved by it (B-9).
func TestReceiptIsForBytes(t *testing.T) {
	w := newWorld(t)
	v := w.judge(w.dispute())
	const want = "a receipt is for encrypted bytes"
	if !strings.Contains(flat(v.Text()), want) || !strings.Contains(strings.Join(v.NotProved, " "), want) {
		t.Error("not said that a receipt is for bytes which may hold something else")
	}
}
