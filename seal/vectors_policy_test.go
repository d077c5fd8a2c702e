package seal

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

type policyFile struct {
	Description string         `json:"description"`
	Cases       []policyVector `json:"cases"`
	Head        string         `json:"head"`
	Datings     []datingVector `json:"datings"`
}

// A policy may have octets that are no UTF-8, so its text is given in base64 where it has.
type policyVector struct {
	Name    string `json:"name"`
	Rule    string `json:"rule"`
	Policy  string `json:"policy,omitzero"`
	Base64  string `json:"base64,omitzero"`
	Printed string `json:"printed,omitzero"`
	verdict
}

type datingVector struct {
	Name   string       `json:"name"`
	Rule   string       `json:"rule"`
	Policy string       `json:"policy"`
	Note   string       `json:"note"`
	By     []datingLine `json:"by,omitzero"`
	Met    bool         `json:"met"`
	From   string       `json:"from,omitzero"`
	To     string       `json:"to,omitzero"`
	verdict
}

type datingLine struct {
	Name string `json:"name"`
	Time string `json:"time"`
}

const policyDescription = "Policies (K-21), in `cases`: `policy` is the file as text, or `base64` in standard base64; of an accepted one `printed` is the file written anew: logs, witnesses, groups, quorum. " +
	"`datings` (K-22): which witnesses of `policy` have a line in `note` over the text `head`, whether they meet the quorum, and the date that they give."

func TestVectorsPolicy(t *testing.T) {
	file := checkedIn(t, "policy.json", policyFile{policyDescription, makePolicies(t), registerHead(7).Text(), makeDatings(t)})
	for _, v := range file.Cases {
		t.Run("policy/"+v.Name, func(t *testing.T) {
			text := v.Policy
			if v.Base64 != "" {
				text = string(must[[]byte](t)(base64.StdEncoding.DecodeString(v.Base64)))
			}
			p, err := ParsePolicy([]byte(text))
			if v.check(t, err); err != nil {
				return
			}
			if again := must[*Policy](t)(ParsePolicy([]byte(p.String()))); p.String() != v.Printed || again.String() != v.Printed {
				t.Fatalf("printed %s", p)
			}
		})
	}
	h := must[Head](t)(ParseHead(file.Head))
	for _, v := range file.Datings {
		t.Run("dating/"+v.Name, func(t *testing.T) {
			d, err := must[*Policy](t)(ParsePolicy([]byte(v.Policy))).Date([]byte(v.Note), h)
			if v.check(t, err); err != nil {
				return
			}
			got := datingOf(d)
			if !slices.Equal(got.By, v.By) || got.Met != v.Met || got.From != v.From || got.To != v.To {
				t.Fatalf("got %+v", d)
			}
		})
	}
}

// datingOf writes a dating as the vectors do.
func datingOf(d Dating) datingVector {
	v := datingVector{Met: d.Met}
	for _, c := range d.By {
		v.By = append(v.By, datingLine{c.Name, c.Time.Format(time.RFC3339)})
	}
	if !d.To.IsZero() {
		v.From, v.To = d.From.Format(time.RFC3339), d.To.Format(time.RFC3339)
	}
	return v
}

// vkeyOf is the Ed25519 key of the test witness with this number.
func vkeyOf(t testing.TB, n int) string {
	return witnessOf(t, fmt.Sprintf("witness.example/w%d", n)).cosigners[0].String()
}

func makePolicies(t *testing.T) []policyVector {
	w := [4]string{vkeyOf(t, 0), vkeyOf(t, 1), vkeyOf(t, 2), vkeyOf(t, 3)}
	log := alice(t).Keys().VerifierKeys(must[Origin](t)(ParseOrigin(registerHead(7).Origin)))
	var list []policyVector
	pass := func(name, text, printed string) {
		if printed == "" {
			printed = text
		}
		list = append(list, policyVector{Name: name, Rule: "K-21", Policy: text, Printed: printed, verdict: accepted()})
	}
	three := "witness a " + w[0] + "\nwitness b " + w[1] + "\nwitness c " + w[2] + "\n"
	pass("no witness", "quorum none\n", "")
	pass("one witness", "witness a "+w[0]+"\nquorum a\n", "")
	pass("a witness and none needed", "witness a "+w[0]+"\nquorum none\n", "")
	pass("with URLs", "log "+log[0]+" https://cert.alice.example:8443\nwitness a "+w[0]+" http://127.0.0.1:7380\nquorum a\n", "")
	pass("both keys of a log", "log "+log[0]+"\nlog "+log[1]+"\nquorum none\n", "")
	pass("a log of somebody else's form", "log "+verifierKey("example.com/behind-the-sofa", typeEd25519, carol(t).Keys().Record)+"\nquorum none\n", "")
	pass("both keys of a witness", "witness a "+w[0]+"\nwitness a-pq "+witnessOf(t, "witness.example/w0").cosigners[1].String()+"\ngroup both all a a-pq\nquorum both\n",
		"witness a "+w[0]+"\nwitness a-pq "+witnessOf(t, "witness.example/w0").cosigners[1].String()+"\ngroup both 2 a a-pq\nquorum both\n")
	pass("two of three", three+"group g 2 a b c\nquorum g\n", "")
	pass("any", three+"group g any a b c\nquorum g\n", three+"group g 1 a b c\nquorum g\n")
	pass("all", three+"group g all a b c\nquorum g\n", three+"group g 3 a b c\nquorum g\n")
	pass("groups of groups", three+"group g 1 a b\ngroup h 2 g c\nquorum h\n", "")
	pass("a quorum that is a member too", three+"group g 1 a b\nquorum a\n", "")
	pass("lines after the quorum", "witness a "+w[0]+"\nquorum a\nwitness b "+w[1]+"\n", "witness a "+w[0]+"\nwitness b "+w[1]+"\nquorum a\n")
	pass("white space and comments", "# who counts\n\n \t\nwitness\ta  "+w[0]+" \n\t # a comment\n quorum\ta\n", "witness a "+w[0]+"\nquorum a\n")
	pass("names that are keywords", "witness witness "+w[0]+"\nwitness all "+w[1]+"\ngroup group any witness all\nquorum group\n",
		"witness witness "+w[0]+"\nwitness all "+w[1]+"\ngroup group 1 witness all\nquorum group\n")
	pass("a name that is no ASCII", "witness wächter "+w[0]+"\nquorum wächter\n", "")
	list = append(list, policyVector{Name: "a comment that is no UTF-8", Rule: "K-21",
		Base64: base64.StdEncoding.EncodeToString([]byte("# \xff\nquorum none\n")), Printed: "quorum none\n", verdict: accepted()})
	list = append(list, badPolicies(t, w, log, three)...)
	return list
}

func badPolicies(t *testing.T, w [4]string, log []string, three string) []policyVector {
	one := "witness a " + w[0] + "\n"
	again := verifierKey("witness.example/another", typeCosignature, witnessOf(t, "witness.example/w0").cosigners[0].key)
	var many strings.Builder
	for i := range maxPolicyGroups + 1 {
		fmt.Fprintf(&many, "group g%d any %s\n", i, append([]string{"a"}, fmt.Sprintf("g%d", i-1))[min(i, 1)])
	}
	list := []policyVector{{Name: "a name that is no UTF-8", Rule: "K-21",
		Base64: base64.StdEncoding.EncodeToString([]byte("witness \xff " + w[0] + "\nquorum none\n")), verdict: rejected(Malformed)}}
	for _, v := range []struct {
		name, text string
		kind       Kind
	}{
		{"empty", "", Malformed},
		{"no quorum", one, Malformed},
		{"two quorums", one + "quorum a\nquorum none\n", Malformed},
		{"the same quorum twice", one + "quorum a\nquorum a\n", Malformed},
		{"quorum of two names", three + "quorum a b\n", Malformed},
		{"quorum without a name", one + "quorum\n", Malformed},
		{"quorum that is not defined", one + "quorum b\n", Malformed},
		{"quorum before its witness", "quorum a\n" + one, Malformed},
		{"quorum all", one + "quorum all\n", Malformed},
		{"last line cut off", one + "quorum a", Malformed},
		{"carriage returns", strings.ReplaceAll(one+"quorum a\n", "\n", "\r\n"), Malformed},
		{"NUL", one + "quorum a\x00\n", Malformed},
		{"form feed", one + "\fquorum a\n", Malformed},
		{"space of another script", one + "quorum\u00a0a\n", Malformed},
		{"unknown keyword", one + "quorum a\nmonitor m\n", Malformed},
		{"keyword in upper case", one + "Quorum a\n", Malformed},
		{"comment after the quorum", one + "quorum a # enough\n", Malformed},
		{"number sign in a name", "witness a#b " + w[0] + "\nquorum a#b\n", Malformed},
		{"witness without a key", "witness a\nquorum none\n", Malformed},
		{"witness without a name", "witness " + w[0] + "\nquorum none\n", Malformed},
		{"witness with two URLs", "witness a " + w[0] + " http://a http://b\nquorum a\n", Malformed},
		{"witness key of a log", "witness a " + log[0] + "\nquorum a\n", Malformed},
		{"witness key with a wrong id", "witness a " + strings.Replace(w[0], "w0", "w1", 1) + "\nquorum a\n", Malformed},
		{"log key of a witness", "log " + w[0] + "\nquorum none\n", Malformed},
		{"log without a key", "log\nquorum none\n", Malformed},
		{"witness none", "witness none " + w[0] + "\nquorum none\n", Malformed},
		{"name twice", one + "witness a " + w[1] + "\nquorum a\n", Malformed},
		{"group named as a witness", three + "group a any b\nquorum a\n", Malformed},
		{"key twice", one + "witness b " + w[0] + "\nquorum a\n", WeakKey},
		{"key twice under another key name", one + "witness b " + again + "\nquorum a\n", WeakKey},
		{"log key twice", "log " + log[0] + "\nlog " + log[0] + "\nquorum none\n", WeakKey},
		{"log key as a witness", "log " + log[0] + "\nwitness a " + verifierKey("witness.example", typeCosignature, alice(t).Keys().LogEd25519) + "\nquorum a\n", WeakKey},
		{"group without members", one + "group g any\nquorum g\n", Malformed},
		{"group of nothing", one + "group g 0\nquorum g\n", Malformed},
		{"threshold zero", three + "group g 0 a b\nquorum g\n", Malformed},
		{"threshold too large", three + "group g 3 a b\nquorum g\n", Malformed},
		{"threshold with a leading zero", three + "group g 02 a b\nquorum g\n", Malformed},
		{"threshold with a sign", three + "group g +2 a b\nquorum g\n", Malformed},
		{"threshold of 2^64 + 1", three + "group g 18446744073709551617 a b\nquorum g\n", Malformed},
		{"threshold in words", three + "group g two a b\nquorum g\n", Malformed},
		{"member not defined", three + "group g any a x\nquorum g\n", Malformed},
		{"member defined later", one + "group g any a h\ngroup h any a\nquorum g\n", Malformed},
		{"group in itself", three + "group g any a g\nquorum g\n", Malformed},
		{"member none", three + "group g any a none\nquorum g\n", Malformed},
		{"member twice", three + "group g 2 a a\nquorum g\n", Malformed},
		{"member of two groups", three + "group g 2 a b\ngroup h 2 a c\nquorum g\n", Malformed},
		{"33 groups", one + many.String() + "quorum a\n", Malformed},
	} {
		list = append(list, policyVector{Name: v.name, Rule: "K-21", Policy: v.text, verdict: rejected(v.kind)})
	}
	return list
}

// datingPen writes the lines of the test witnesses 0 to 3, one each: the last
// has ML-DSA-44, the others Ed25519.
type datingPen struct {
	t    testing.TB
	head Head
}

func (p datingPen) line(n, seconds int) string {
	w := witnessPen(p.t, witnessOf(p.t, fmt.Sprintf("witness.example/w%d", n)), uint64(testSec+seconds))
	if n == 3 {
		return w.second(uint64(testSec+seconds), p.head)
	}
	return w.first(p.head.Text())
}

func makeDatings(t *testing.T) []datingVector {
	p := datingPen{t, registerHead(7)}
	names := "witness a " + vkeyOf(t, 0) + "\nwitness b " + vkeyOf(t, 1) + "\nwitness c " + vkeyOf(t, 2) +
		"\nwitness d " + witnessOf(t, "witness.example/w3").cosigners[1].String() + "\n"
	log := string(bytes.Join(LinesOf(must[Checkpoint](t)(alice(t).SignHead(p.head, testNow)).Note), nil))
	text := p.head.Text() + "\n"
	var list []datingVector
	add := func(name, quorum, lines string) {
		v := datingVector{Name: name, Rule: "K-22", Policy: names + quorum, Note: text + lines, verdict: accepted()}
		d := must[Dating](t)(must[*Policy](t)(ParsePolicy([]byte(v.Policy))).Date([]byte(v.Note), p.head))
		got := datingOf(d)
		v.By, v.Met, v.From, v.To = got.By, got.Met, got.From, got.To
		list = append(list, v)
	}
	two := "group g 2 a b c d\nquorum g\n"
	add("nobody", two, log)
	add("nobody needed", "quorum none\n", log)
	add("one of two", two, log+p.line(1, 30))
	add("two of four", two, log+p.line(1, 30)+p.line(2, 10))
	add("the earliest two of three", two, p.line(1, 30)+p.line(2, 10)+p.line(0, 20))
	add("the earliest two of three, one with ML-DSA-44", two, p.line(1, 30)+p.line(3, -5)+p.line(0, 20))
	add("equal times", two, p.line(0, 0)+p.line(1, 0)+p.line(2, 0))
	add("a single witness", "quorum c\n", p.line(0, 1)+p.line(2, 60))
	add("only another than the single one", "quorum c\n", p.line(0, 1))
	nested := "group g any a b\ngroup h all g c\nquorum h\n"
	add("any in all", nested, p.line(0, 50)+p.line(1, 40)+p.line(2, 10))
	add("any in all, the outer one late", nested, p.line(0, 50)+p.line(1, 40)+p.line(2, 90))
	add("any in all, half", nested, p.line(0, 50)+p.line(1, 40))
	pairs := "group g all a b\ngroup h all c d\ngroup i any g h\nquorum i\n"
	add("the pair that was complete first", pairs, p.line(0, 0)+p.line(1, 60)+p.line(2, 30)+p.line(3, 40))
	add("two pairs complete at once", pairs, p.line(0, 10)+p.line(1, 40)+p.line(2, 30)+p.line(3, 40))
	add("strangers", two, strangers(12)+p.line(0, 0)+p.line(1, 1))
	bad := func(kind Kind, name, lines string) {
		list = append(list, datingVector{Name: name, Rule: "K-22", Policy: names + two, Note: lines, verdict: rejected(kind)})
	}
	bad(BadSignature, "a line with a flipped bit beside two good ones", text+p.line(0, 0)+p.line(1, 0)+flipped(t, p.line(2, 0)))
	bad(Malformed, "a witness twice", text+p.line(0, 0)+p.line(1, 0)+p.line(1, 10))
	bad(Malformed, "stray bits", text+p.line(0, 0)+stray(p.line(1, 0)))
	bad(Malformed, "17 lines", text+strangers(15)+p.line(0, 0)+p.line(1, 0))
	larger := datingPen{t, registerHead(8)}
	bad(Refused, "over another head", larger.head.Text()+"\n"+larger.line(0, 0)+larger.line(1, 0))
	bad(BadSignature, "lines over another head", text+larger.line(0, 0)+larger.line(1, 0))
	bad(Malformed, "no note", p.head.Text())
	return list
}
