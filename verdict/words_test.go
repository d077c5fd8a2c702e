package verdict

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"verbale/record"
)

func inLanguage(t *testing.T, v *Verdict, lang string) string {
	t.Helper()
	text, err := v.TextIn(lang)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestLanguages(t *testing.T) {
	if got := Languages(); !slices.Equal(got, []string{"en", "it"}) {
		t.Errorf("languages: %q", got)
	}
	w := newWorld(t)
	v := w.judge(w.dispute())
	if inLanguage(t, v, "en") != v.Text() {
		t.Error("Text is not the English one")
	}
	for _, lang := range []string{"", "IT", "it_IT", "fr"} {
		text, err := v.TextIn(lang)
		if text != "" || err == nil || !strings.Contains(err.Error(), "known are: en, it") {
			t.Errorf("%q: %q, %v", lang, text, err)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// sentences are all sentences of a language, by the field of the lexicon and,
// in a table, the key. The glosses are no sentences.
func (l *lexicon) sentences() map[string]string {
	all := map[string]string{}
	v := reflect.ValueOf(*l)
	for i := range v.NumField() {
		field := v.Type().Field(i).Name
		switch f := v.Field(i); {
		case field == "fields" || field == "words":
		case f.Kind() == reflect.String:
			all[field] = f.String()
		case f.Kind() == reflect.Slice:
			for j := range f.Len() {
				all[fmt.Sprint(field, ".", j)] = f.Index(j).String()
			}
		case f.Kind() == reflect.Map:
			for _, k := range f.MapKeys() {
				all[field+"."+k.String()] = f.MapIndex(k).String()
			}
		}
	}
	return all
}

// Every language has every sentence, with the same values to put in, and no
// other; and every sentence closes its braces.
func TestLexicons(t *testing.T) {
	want := english().sentences()
	for _, lang := range Languages() {
		got := lexiconOf(lang).sentences()
		for key := range got {
			if _, ok := want[key]; !ok {
				t.Errorf("%s: %s is not in English", lang, key)
			}
		}
		for key, sentence := range want {
			s := got[key]
			if s == "" || strings.TrimSpace(s) != s && key != "forkLeaf" || strings.Contains(s, "  ") || strings.ContainsAny(placeholder.ReplaceAllString(s, ""), "{}|\n'\"") && !strings.HasPrefix(key, "preface") {
				t.Errorf("%s: %s: %q", lang, key, s)
			}
			if a, b := placeholders(sentence), placeholders(s); !slices.Equal(a, b) {
				t.Errorf("%s: %s has %q, and in English %q", lang, key, b, a)
			}
		}
		if strings.Count(got["preface"], "( | )") != 1 || strings.Count(got["prefaceDated"], "( | )") != 1 {
			t.Errorf("%s: the preface does not show the bar", lang)
		}
	}
}

func placeholders(s string) []string {
	names := placeholder.FindAllString(s, -1)
	slices.Sort(names)
	return slices.Compact(names)
}

// The tables have a sentence for what there is, and for nothing else.
func TestLexiconKeys(t *testing.T) {
	var replies []string
	for _, act := range record.Words("act") {
		if slices.ContainsFunc(record.Schema(act, ""), func(f record.FieldSpec) bool { return f.Name == "in_reply_to" }) {
			replies = append(replies, act)
		}
	}
	for _, lang := range Languages() {
		l := lexiconOf(lang)
		sameKeys(t, lang+": wrote", l.wrote, record.Words("act"))
		sameKeys(t, lang+": moves", l.moves, replies)
		sameKeys(t, lang+": tlp", l.tlp, record.Words("tlp"))
		sameKeys(t, lang+": class", l.class, record.Words("class"))
		sameKeys(t, lang+": notReceived", l.notReceived, []NoReceipt{NoReceiptLines, NoReceiptKeys, NoAudience})
		sameKeys(t, lang+": fork", l.fork, []HowForked{ForkEvidence, ForkHeads, ForkRecords})
		sameKeys(t, lang+": irregular", l.irregular, irregularities())
		sameKeys(t, lang+": state", l.state, []State{Sent, Lodged, Received})
		sameKeys(t, lang+": clock", l.clock, []ClockStatement{ClockReleased, ClockTaken, ClockCheckpoint, ClockReceipt, ClockEarly})
		sameKeys(t, lang+": statuses", l.statuses, statuses())
		for _, byRole := range []map[Role]string{l.beatsMean, l.sizes, l.takenBack} {
			sameKeys(t, lang+": roles", byRole, []Role{Author, Audience, Relay})
		}
		sameKeys(t, lang+": statement", l.statement, []StatementKind{SaidReceipt, SaidCheckpoint, SaidHeads, SaidBeat})
		sameKeys(t, lang+": authorized", l.authorized, record.Words("authorized_by"))
		sameKeys(t, lang+": followsNew", l.followsNew, record.Words("authorized_by"))
		sameKeys(t, lang+": problem", l.problem, []string{ProblemNoProfile, ProblemGeneration, ProblemNoRecovery, ProblemSignature})
		sameKeys(t, lang+": oldKeys", l.oldKeys, []Standing{Stands, StandsIf, Revoked, AfterChange})
		for en, s := range l.irregular {
			if rule, _, _ := strings.Cut(en, ":"); !strings.HasPrefix(s, rule+": ") {
				t.Errorf("%s: %q does not name the rule %s", lang, s, rule)
			}
		}
	}
}

func sameKeys[K ~string](t *testing.T, where string, table map[K]string, want []K) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	if got := slices.Sorted(maps.Keys(table)); !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", where, got, want)
	}
}

// schemaFields are all fields of all acts.
func schemaFields() map[string]record.FieldSpec {
	all := map[string]record.FieldSpec{}
	for _, act := range record.Words("act") {
		kinds := []string{""}
		if act == "appeal" {
			kinds = record.Words("kind")
		}
		for _, kind := range kinds {
			for _, f := range record.Schema(act, kind) {
				all[f.Name] = f
			}
		}
	}
	return all
}

// A language other than English explains every field and every word that a
// field can hold, in few enough columns that the value has room beside it.
func TestGlosses(t *testing.T) {
	if l := english(); l.fields != nil || l.words != nil {
		t.Error("the words of the protocol are English already")
	}
	all := schemaFields()
	for _, lang := range Languages() {
		if lang == "en" {
			continue
		}
		l := lexiconOf(lang)
		sameKeys(t, lang+": fields", l.fields, slices.Collect(maps.Keys(all)))
		for name, f := range all {
			sameKeys(t, lang+": words of "+name, l.words[name], f.Words)
			room := maxLineWidth - columns(indent+indent+" | ")
			for _, value := range append(f.Words, "") {
				if left := room - columns(l.name(name, value)); left < max(len(value), maxBrief/2, digest(f)) {
					t.Errorf("%s: %q leaves %d columns", lang, l.name(name, value), left)
				}
			}
		}
		for name := range l.words {
			if _, ok := all[name]; !ok {
				t.Errorf("%s: words of %s, which is no field", lang, name)
			}
		}
	}
}

// Every member of the lexicon is used somewhere beside the tables.
func TestLexiconIsUsed(t *testing.T) {
	used := map[string]bool{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := file.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch x := sel.X.(type) {
			case *ast.Ident: // l.title
				used[sel.Sel.Name] = used[sel.Sel.Name] || x.Name == "l"
			case *ast.SelectorExpr: // p.l.title
				used[sel.Sel.Name] = used[sel.Sel.Name] || x.Sel.Name == "l"
			}
			return true
		})
	}
	for i := range reflect.TypeFor[lexicon]().NumField() {
		if name := reflect.TypeFor[lexicon]().Field(i).Name; !used[name] {
			t.Errorf("%s is used nowhere", name)
		}
	}
}

// digest is the width of a value that nobody wants broken.
func digest(f record.FieldSpec) int {
	switch {
	case f.Form == record.FormDigest:
		return 43
	case f.Type == record.TypeRef:
		return len("leaf: ") + 43
	}
	return 0
}

var builds = []func(*world) *Bundle{(*world).dispute, (*world).parts, (*world).forked, (*world).public, (*world).register, (*world).everything,
	(*world).timeline, (*world).succession, (*world).contradicted,
	(*world).arranged, (*world).proposed, (*world).career, (*world).elsewhere, (*world).disorder}

// Words that this program must never say of its own.
func TestForbiddenWords(t *testing.T) {
	for _, build := range builds {
		w := newWorld(t)
		saysNothingForbidden(t, w.judge(build(w)))
	}
	for _, h := range histories(t) {
		if !h.beyond() {
			w := newWorld(t)
			entries, _ := h.write(w)
			saysNothingForbidden(t, w.judge(w.exchanged(entries...)))
		}
	}
}

func saysNothingForbidden(t *testing.T, v *Verdict) {
	t.Helper()
	letters := regexp.MustCompile(`\pL+`)
	for lang, forbidden := range map[string]struct{ words, but string }{
		"en": {"OK delivered success guaranteed certified confirmed accepted", "was carried out, accepted or agreed"},
		"it": {"OK consegnato consegnata recapitato recapitata notificato notificata garantito garantita certificato certificata " + //nolint:misspell // Italian
			"confermato confermata accettato accettata successo accolto accolta appello",
			"Che qualcosa sia stato eseguito o accettato, o che qualcuno"},
	} {
		words := strings.Fields(forbidden.words)
		for line := range strings.SplitSeq(inLanguage(t, v, lang), "\n") {
			if strings.Contains(line, "| ") || strings.Contains(line, forbidden.but) {
				continue // the words of a party, and the one place that denies it
			}
			for _, word := range letters.FindAllString(line, -1) {
				if slices.Contains(words, word) {
					t.Errorf("%s: %q in %q", lang, word, line)
				}
			}
		}
	}
}

var moment = regexp.MustCompile(`\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC`)

// A translation names as many times, all in UTC, and the same ones; it has
// what the parties wrote, all of it; and no line is too long.
func TestLanguagesSayTheSame(t *testing.T) {
	for i, build := range builds {
		w := newWorld(t)
		v := w.judge(build(w))
		want := facts(v.Text())
		for _, lang := range Languages() {
			text := inLanguage(t, v, lang)
			if got := facts(text); !slices.Equal(got, want) {
				t.Errorf("bundle %d, %s: got %q\nwant %q", i, lang, got, want)
			}
			for line := range strings.SplitSeq(text, "\n") {
				if columns(line) > maxLineWidth || strings.TrimRight(line, " ") != line {
					t.Errorf("bundle %d, %s: %q", i, lang, line)
				}
			}
			if strings.ContainsAny(text, "{}") && !strings.ContainsAny(v.Text(), "{}") {
				t.Errorf("bundle %d, %s: a brace", i, lang)
			}
		}
	}
}

// facts are the times in a text, and then what stands behind bars without
// spaces, since lines break elsewhere.
func facts(text string) []string {
	list := moment.FindAllString(flat(text), -1)
	slices.Sort(list)
	var quoted strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if _, theirs, ok := strings.Cut(line, "| "); ok && !strings.Contains(line, "( | )") {
			quoted.WriteString(strings.ReplaceAll(theirs, " ", ""))
		}
	}
	return append(list, quoted.String())
}

// irregularities lists all that verdict/moves.go has.
func irregularities() []string {
	return []string{rulePing, ruleTally, ruleNoAppeal, ruleProposal, ruleWithdraw, ruleAuthor, ruleAddressee, ruleEnded, ruleCopy,
		ruleAgain, ruleNoAbout, ruleAbout, ruleTwice, ruleInstead, ruleInvented, ruleLevel, ruleLength}
}

// statuses lists all that verdict/status.go has.
func statuses() []Status {
	return []Status{StatusSent, StatusLodged, StatusReceived, StatusAcknowledged, StatusRedirected, StatusIncomplete, StatusSupplemented, StatusAccepted,
		StatusConditional, StatusOnTerms, StatusOffTerms, StatusPartly, StatusPostponed, StatusExecuting, StatusInterim, StatusAnswered, StatusRefused,
		StatusSatisfied, StatusPartial, StatusDisputed, StatusWithdrawn, StatusSuperseded, StatusAgreed, StatusDeclined}
}
