package verdict

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"verbale/seal"
)

// vectorFile is spec/vectors/bundle.json.
type vectorFile struct {
	Description string   `json:"description"`
	Cases       []vector `json:"cases"`
}

type vector struct {
	Name      string        `json:"name"`
	Rule      string        `json:"rule"`
	Base      string        `json:"base,omitempty"`   // a file beside this one
	Edits     []splice      `json:"edits,omitempty"`  // in this order
	Beside    string        `json:"beside,omitempty"` // another file, to be judged with it as one (B-19)
	File      string        `json:"file,omitempty"`   // the bundle itself, where there is no base
	FileBytes string        `json:"file_b64u,omitempty"`
	Trusted   []vectorTrust `json:"trusted,omitempty"`
	Policy    string        `json:"policy,omitempty"` // of witnesses (K-21)
	Expect    string        `json:"expect"`
	Kind      Kind          `json:"kind,omitempty"`
	Item      string        `json:"item,omitempty"`
	Verdict   string        `json:"verdict,omitempty"` // a file beside this one
}

type vectorTrust struct {
	Party       string `json:"party"`
	Fingerprint string `json:"fingerprint"` // b64u
}

// A splice replaces bytes of the file.
type splice struct {
	At    int    `json:"at"`
	Cut   int    `json:"cut,omitzero"`
	Put   string `json:"put,omitempty"`
	Times int    `json:"times,omitzero"` // how often Put is put; 0 is once
}

const vectorText = "Bundles (spec/bundle.md). The file to judge is `file`, or `file_b64u`, or the file `base` after `edits`: at byte `at`, `cut` bytes are taken out " +
	"and the UTF-8 of `put` is put in `times` times (once if absent), one edit after the other; `beside` is a file that is judged with it as one (B-19). `trusted` are the keys that the person verifying vouches for, by fingerprint (K-16); `policy` is that person's policy of witnesses (K-21), if there is one. " +
	"An accepted bundle gives the verdict in the file `verdict` (members in any order, without `rests_on`, `not_proved` and `vouched_not_here` at its top, which are free); " +
	"of a rejected one `item` is the first bad item and `kind` the sort of fault (where the file is no JSON, an implementation may name the whole bundle). Records are encrypted to nobody here: `content` of a leaf is the digest of the plaintext. " +
	"The parties' keys are in bundle-keys.json, and are secret to nobody."

// baseBundles are the bundles that the vectors start from, with who is vouched for.
func baseBundles() []struct {
	name    string
	build   func(*world) *Bundle
	vouched []string
	most    int // how many of the witnesses are asked for; 0 is no policy
} {
	return []struct {
		name    string
		build   func(*world) *Bundle
		vouched []string
		most    int
	}{
		{"dispute", (*world).dispute, []string{aa}, 0},
		{"parts", (*world).parts, nil, 0},
		{"forked", (*world).forked, []string{aa}, 0},
		{"public", (*world).register, nil, 0},
		{"timeline", (*world).timeline, []string{aa}, 2},
		{"succession", (*world).succession, []string{aa}, 2},
		{"contradicted", (*world).contradicted, nil, 0},
		{"lodged", (*world).lodgedWith, nil, 0},
		{"polled", (*world).polled, nil, 0},
		{"arranged", (*world).arranged, []string{aa, bb}, 0},
		{"proposed", (*world).proposed, nil, 0},
		{"career", (*world).career, []string{aa}, 0},
		{"elsewhere", (*world).elsewhere, nil, 0},
		{"disorder", (*world).disorder, nil, 0},
	}
}

func baseFile(name string) string    { return "bundle-" + name + ".json" }
func verdictFile(name string) string { return "bundle-" + name + "-verdict.json" }

// TestVectorsAreCurrent makes the vectors anew and compares them with what is
// checked in (or writes them, with -update).
func TestVectorsAreCurrent(t *testing.T) {
	out := vectorFile{Description: vectorText}
	files := map[string][]byte{}
	for _, base := range baseBundles() {
		w := newWorld(t)
		b, trusted := base.build(w), w.trust(base.vouched...)
		if base.most > 0 {
			trusted.trusting(w.policy(base.most, w1, w2, w3))
		}
		files[base.name] = w.encode(b)
		golden(t, filepath.Join(vectors, baseFile(base.name)), files[base.name])
		golden(t, filepath.Join(vectors, verdictFile(base.name)), withoutSentences(t, w.judge(b, trusted)))
		out.Cases = append(out.Cases, vector{Name: base.name, Rule: "B-8", Base: baseFile(base.name), Trusted: trustOf(trusted), Policy: policyOf(trusted),
			Expect: "accept", Verdict: verdictFile(base.name)})
	}
	golden(t, filepath.Join(vectors, verdictFile("together")), withoutSentences(t, newWorld(t).judge(Merge(newWorld(t).lodgedWith(), newWorld(t).polled()))))
	out.Cases = append(out.Cases, vector{Name: "two files convict a relay", Rule: "B-19", Base: baseFile("lodged"), Beside: baseFile("polled"),
		Expect: "accept", Verdict: verdictFile("together")})
	out.Cases = append(out.Cases, stillPass(t, files)...)
	for _, s := range spoilers() {
		if !slices.Contains(notInVectors(), s.name) {
			out.Cases = append(out.Cases, vectorOf(t, s, files))
		}
	}
	for _, f := range forms() {
		if f.item != "" && len(f.file) < 10_000 {
			out.Cases = append(out.Cases, formVector(f))
		}
	}
	size := len(files["public"])
	out.Cases = append(out.Cases, vector{Name: "one byte too large", Rule: "B-1", Base: baseFile("public"),
		Edits: []splice{{At: size, Put: " ", Times: MaxBundle - size + 1}}, Expect: "reject", Kind: KindLimit, Item: "bundle"})
	b, err := json.Marshal(out, jsontext.WithIndent(" "))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join(vectors, "bundle.json"), append(b, '\n'))
}

// notInVectors names spoiled bundles that JSON cannot say, and large ones that
// another vector resembles.
func notInVectors() []string {
	return []string{"the checkpoint's number is negative", "the index is negative",
		"two profiles of one party, same keys", "the receipt is by the author itself", "seven relays", "two successors of the same keys",
		"a change of keys back to older ones", "a change of keys of which a part is not shown", "older keys that nothing links to those vouched for"}
}

func trustOf(trusted *Trust) (out []vectorTrust) {
	if trusted == nil {
		return nil
	}
	for _, t := range trusted.Keys {
		out = append(out, vectorTrust{t.Party, b64u(t.Fingerprint)})
	}
	return out
}

func policyOf(trusted *Trust) string {
	if trusted == nil || trusted.Policy == nil {
		return ""
	}
	return trusted.Policy.String()
}

// withoutSentences is the verdict without what is free.
func withoutSentences(t *testing.T, v *Verdict) []byte {
	t.Helper()
	bare := *v
	bare.RestsOn, bare.NotProved, bare.VouchedNotHere = nil, nil, nil
	b, err := json.Marshal(&bare, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Replace(b, []byte(",\n \"rests_on\": [],\n \"not_proved\": []"), nil, 1)
	return append(b, '\n')
}

// stillPass are cases that a verifier which is too strict would refuse.
func stillPass(t *testing.T, files map[string][]byte) []vector {
	t.Helper()
	const version = `"verbale":"bundle/v1",`
	dispute, parts := files["dispute"], files["parts"]
	size := len(files["public"])
	w := newWorld(t)
	vouched, timeline := trustOf(w.trust(aa)), w.trust(aa).trusting(w.policy(2, w1, w2, w3))
	b := w.parts()
	b.Records[2], b.Records[3] = b.Records[3], b.Records[2]
	b.Records = append(b.Records, b.Records[3])
	reversed, err := b.write()
	if err != nil {
		t.Fatal(err)
	}
	pass := func(name, rule, base string, trusted []vectorTrust, edits ...splice) vector {
		return vector{Name: "must still pass: " + name, Rule: rule, Base: baseFile(base), Edits: edits, Trusted: trusted, Expect: "accept", Verdict: verdictFile(base)}
	}
	return []vector{
		pass("white space", "B-5", "dispute", vouched, splice{At: len(dispute), Put: " \r\n"}, splice{At: 1, Put: "\n\t"}),
		pass("members in another order", "B-5", "dispute", vouched,
			splice{At: len(dispute) - 1, Put: "," + version[:len(version)-1]}, splice{At: 1, Cut: len(version)}),
		pass("needless escapes", "B-5", "dispute", vouched, splice{At: 2, Cut: 1, Put: `\u0076`}),
		pass("records in another order, one of them twice", "B-5", "parts", nil, diff(parts, reversed)),
		pass("keys vouched for of a party that is not in the file", "B-7", "public", trustOf(w.trust(cc))),
		pass("keys vouched for beside older ones of the same party", "B-7", "dispute",
			append(trustOf(&Trust{Keys: []VouchedKeys{{aa, seal.Fingerprint(aa, w.later.Keys())}}}), vouched...)),
		{Name: "must still pass: lines of witnesses in another order", Rule: "B-10", Base: baseFile("timeline"),
			Edits: []splice{turned(t, files["timeline"])}, Trusted: trustOf(timeline), Policy: policyOf(timeline), Expect: "accept", Verdict: verdictFile("timeline")},
		pass("exactly the largest size", "B-1", "public", nil, splice{At: size, Put: " ", Times: MaxBundle - size}),
	}
}

// turned swaps two lines of witnesses in a file.
func turned(t *testing.T, file []byte) splice {
	t.Helper()
	b, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(b.Checkpoints[stampedNote], "\n")
	first, second := lines[len(lines)-3], lines[len(lines)-2]
	quotedPair := strings.Trim(string(quoted(first+second)), `"`)
	at := bytes.Index(file, []byte(quotedPair))
	return splice{At: at, Cut: len(quotedPair), Put: strings.Trim(string(quoted(second+first)), `"`)}
}

// vectorOf writes a spoiled bundle as edits of the base that it resembles most.
func vectorOf(t *testing.T, s spoiler, files map[string][]byte) vector {
	t.Helper()
	b, trusted := s.spoil(newWorld(t))
	file, err := b.write()
	if err != nil {
		t.Fatal(err)
	}
	v := vector{Name: s.name, Rule: s.rule, Trusted: trustOf(trusted), Policy: policyOf(trusted), Expect: "reject", Kind: s.kind, Item: s.item}
	best := -1
	for _, base := range baseBundles() {
		d := diff(files[base.name], file)
		if best < 0 || len(d.Put) < best {
			best = len(d.Put)
			v.Base, v.Edits = baseFile(base.name), []splice{d}
		}
	}
	if v.Edits[0] == (splice{At: v.Edits[0].At}) {
		v.Edits = nil
	}
	return v
}

// diff is the one splice that makes b of a.
func diff(a, b []byte) splice {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	end := 0
	for end < min(len(a), len(b))-n && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	for end > 0 && !utf8.RuneStart(b[len(b)-end]) {
		end--
	}
	return splice{At: n, Cut: len(a) - n - end, Put: string(b[n : len(b)-end])}
}

func formVector(f form) vector {
	v := vector{Name: f.name, Rule: "B-1", Expect: "reject", Kind: KindForm, Item: f.item}
	if utf8.ValidString(f.file) && f.file != "" {
		v.File = f.file
	} else {
		v.FileBytes = base64.RawURLEncoding.EncodeToString([]byte(f.file))
	}
	return v
}

// TestVectors reads the vectors as anybody would.
func TestVectors(t *testing.T) {
	var in vectorFile
	if err := json.Unmarshal(readVector(t, "bundle.json"), &in, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	for _, c := range in.Cases {
		t.Run(c.Name, func(t *testing.T) {
			trusted := &Trust{}
			for _, v := range c.Trusted {
				b, err := base64.RawURLEncoding.Strict().DecodeString(v.Fingerprint)
				if err != nil {
					t.Fatal(err)
				}
				trusted.Keys = append(trusted.Keys, VouchedKeys{v.Party, [32]byte(b)})
			}
			if c.Policy != "" {
				p, err := seal.ParsePolicy([]byte(c.Policy))
				if err != nil {
					t.Fatal(err)
				}
				trusted.Policy = p
			}
			b, err := Parse(c.bytes(t))
			if c.Beside != "" {
				other, bad := Parse(readVector(t, c.Beside))
				if bad != nil {
					t.Fatal(bad)
				}
				b = Merge(b, other)
			}
			var v *Verdict
			if err == nil {
				v, err = Judge(b, trusted)
			}
			if c.Expect == "accept" {
				if err != nil {
					t.Fatal(err)
				}
				if got := withoutSentences(t, v); !bytes.Equal(got, readVector(t, c.Verdict)) {
					t.Errorf("another verdict:\n%s", got)
				}
				return
			}
			if e, ok := errors.AsType[*Error](err); !ok || e.Kind != c.Kind || e.Item != c.Item || e.Rule != c.Rule {
				t.Errorf("got %v, want %s at %s by %s", err, c.Kind, c.Item, c.Rule)
			}
		})
	}
}

func (c vector) bytes(t *testing.T) []byte {
	t.Helper()
	if c.Base == "" {
		if c.File != "" {
			return []byte(c.File)
		}
		b, err := base64.RawURLEncoding.Strict().DecodeString(c.FileBytes)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := readVector(t, c.Base)
	for _, s := range c.Edits {
		put := []byte(strings.Repeat(s.Put, max(1, s.Times)))
		b = slices.Concat(b[:s.At], put, b[s.At+s.Cut:])
	}
	return b
}

func readVector(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectors, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
