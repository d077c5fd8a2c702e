package verdict

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json/jsontext"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// named gives a keyring its name; the keys are those of cc.
func (w *world) named(party string) *seal.Keyring {
	ring := must(w.t)(seal.ParseKeyring([]byte(strings.Replace(string(w.rings[cc].Marshal()), cc, party, 1))))
	w.rings[party] = ring
	return ring
}

// A name so long that a line breaks inside it must not leave the name of
// somebody else at the beginning of the next line.
func TestLongNameIsNoOtherName(t *testing.T) {
	for _, lang := range Languages() {
		for n := 70; n < 82; n++ {
			w := newWorld(t)
			long := strings.Repeat("x", 40) + "." + strings.Repeat("y", n-41) + "." + bb
			f := profileFields(w.named(long))
			f.SetText("title", "CSIRT")
			e := w.write(long, aa, appealFields(morning))
			v := w.judge(&Bundle{Profiles: []string{w.profileBy(w.rings[long], w.box(long, seal.Public), f)}, Checkpoints: []string{string(w.head(e.box, morning).Note)},
				Records: []Exhibit{w.exhibit(e, 0, 1, "*")}})
			lines := strings.Split(inLanguage(t, v, lang), "\n")
			for i, line := range lines {
				if strings.HasPrefix(strings.TrimLeft(line, " .1-"), bb) && !strings.HasSuffix(lines[i-1], `\`) {
					t.Errorf("%s: %q\n%q", lang, lines[i-1], line)
				}
				if columns(line) > maxLineWidth && line != long {
					t.Errorf("%s: %d columns: %q", lang, columns(line), line)
				}
			}
		}
	}
}

// Public keys can be copied from a profile: whose name stands beside them is
// no proof that its holder has them.
func TestCopiedKeys(t *testing.T) {
	w := newWorld(t)
	f := profileFields(w.rings[cc])
	keys := string(w.rings[cc].Keys().JSON())
	mine, theirs := memberOf(w, keys, "log_ed25519"), memberOf(w, string(w.rings[aa].Keys().JSON()), "log_ed25519")
	f["keys"] = jsontext.Value(strings.Replace(keys, mine, theirs, 1))
	v := w.judge(&Bundle{Profiles: []string{w.profile(aa), w.profileBy(w.rings[cc], w.box(cc, seal.Public), f)}})
	if len(v.Parties[0].SharesKeysWith) != 1 || !strings.Contains(flat(v.Text()), "or one of them has copied it from the other") {
		t.Error("the text accuses the party whose public key was copied")
	}
}

func memberOf(w *world, keys, name string) string {
	for n, v := range members(jsontext.Value(keys)) {
		if n == name {
			return string(v)
		}
	}
	w.t.Fatal("no member " + name)
	return ""
}

// Replies are judged by generation and index: 10 comes after 9.
func TestGenerationsInOrder(t *testing.T) {
	w := newWorld(t)
	appeal := w.write(bb, aa, appealFields(morning))
	var entries []*entry
	b := &Bundle{Profiles: []string{w.profile(aa), w.profile(bb)}}
	for _, g := range []int{9, 10} {
		box := newBox(seal.Origin{Author: bb, Audience: aa, Generation: g})
		file := w.profileBy(w.rings[bb], newBox(seal.Origin{Author: bb, Audience: seal.Public, Generation: g}), profileFields(w.rings[bb]))
		b.Profiles = append(b.Profiles, file)
		entries = append(entries, w.writeInto(w.rings[bb], box, replyFields("withdraw", appeal.ref(), morning.Add(time.Hour))))
	}
	for i, e := range append([]*entry{appeal}, entries...) {
		b.Checkpoints = append(b.Checkpoints, string(w.head(e.box, morning).Note))
		b.Records = append(b.Records, w.exhibit(e, i, 1, "*"))
	}
	for _, m := range w.judge(b).Cases[0].Moves {
		if late := strings.HasSuffix(m.Outbox, "/10"); (m.Irregular == ruleEnded) != late {
			t.Errorf("%s: %q", m.Outbox, m.Irregular)
		}
	}
}

// The fingerprint words of a record stand for the keys of its author only.
func TestProfileOfAnother(t *testing.T) {
	w := newWorld(t)
	f := profileFields(w.rings[bb])
	e := w.write(aa, bb, f)
	v := w.judge(&Bundle{Profiles: []string{w.profile(aa)}, Checkpoints: []string{string(w.head(e.box, morning).Note)},
		Records: []Exhibit{w.exhibit(e, 0, 1, "*")}})
	text := v.Text()
	if strings.Contains(flat(text), "a profile of itself") || strings.Contains(text[strings.Index(text, english().records):], "Fingerprint") {
		t.Error("the profile of bb in an outbox of aa is taken for one of aa")
	}
}

// Characters that nobody sees are shown by their numbers.
func TestInvisible(t *testing.T) {
	for _, s := range []string{"\u034f", "\u17b4", "\ufe0f", "\uffa0", "\ufff0", "\U0001bca0", "\U0001d173", "\U000e0101", "\u2800"} {
		if got := visible("a" + s + "b"); !strings.HasPrefix(got, "a<U+") {
			t.Errorf("%+q is not shown: %q", s, got)
		}
	}
}

// A party vouched for that is not in the file may be who the reader believes
// to read of: names can be alike.
func TestVouchedForSomebodyElse(t *testing.T) {
	w := newWorld(t)
	v := w.judge(w.parts(), w.trust(aa, cc))
	if !slices.Equal(v.VouchedNotHere, []string{cc}) {
		t.Errorf("got %q", v.VouchedNotHere)
	}
	for _, lang := range Languages() {
		if !strings.Contains(flat(inLanguage(t, v, lang)), fill(lexiconOf(lang).vouchedNotHere, "party", cc)) {
			t.Errorf("%s: not said that nothing in the file is by %s", lang, cc)
		}
	}
}

// Two values of one field under one leaf: its author has two faces.
func TestTwoFaces(t *testing.T) {
	w := newWorld(t)
	honest := w.write(aa, bb, appealFields(morning))
	b := &Bundle{Profiles: []string{w.profile(aa)}, Checkpoints: []string{string(w.head(honest.box, morning).Note)},
		Records: []Exhibit{w.exhibit(honest, 0, 1, "act", "kind", "targets[0]"), w.exhibit(honest, 0, 1, "act", "kind", "targets[1]")}}
	for _, r := range w.judge(b).Records {
		if r.TwoFaces != nil {
			t.Errorf("two parts of one record are two faces: %q", r.TwoFaces)
		}
	}

	box := newBox(seal.Origin{Author: aa, Audience: bb, Generation: 1})
	one, two := w.twoFaced(box)
	b = &Bundle{Profiles: []string{w.profile(aa)}, Checkpoints: []string{string(w.head(box, morning).Note)}, Records: []Exhibit{{Record: one}, {Record: two}}}
	v := w.judge(b)
	for _, r := range v.Records {
		if !slices.Equal(r.TwoFaces, []string{"act"}) {
			t.Errorf("got %q", r.TwoFaces)
		}
	}
	for _, lang := range Languages() {
		if !strings.Contains(flat(inLanguage(t, v, lang)), fill(lexiconOf(lang).twoFaces, "author", aa, "name", "act")) {
			t.Errorf("%s: the two faces are not named", lang)
		}
	}
}

// twoFaced writes a leaf that commits to two acts, and shows each.
func (w *world) twoFaced(b *box) (one, two string) {
	w.t.Helper()
	var contents []string
	var digests []string
	for _, act := range []string{`"consult"`, `"recall"`} {
		c, err := record.ComposeUnknown(record.Fields{"act": jsontext.Value(act)}, w.rand)
		w.check(err)
		content := strings.TrimRight(string(c.Content()), " ")
		sum := sha256.Sum256([]byte(strings.TrimSuffix(content, "~")))
		contents, digests = append(contents, content), append(digests, b64u(sum))
	}
	for i := range 14 {
		digests = append(digests, b64u([32]byte{byte(i)}))
	}
	slices.Sort(digests)
	b64 := base64.RawURLEncoding.EncodeToString
	input := b64([]byte(`{"alg":"Ed25519","kid":"`+w.rings[aa].Keys().RecordKeyID()+`","typ":"verbale-v1+sd-jwt"}`)) + "." +
		b64([]byte(`{"_sd":["`+strings.Join(digests, `","`)+`"],"_sd_alg":"sha-256","content":{"sha256":"`+b64u([32]byte{})+
			`","size":1},"jti":"`+b64(make([]byte, 16))+`","outbox":"`+b.origin.String()+`"}`))
	sig, err := w.rings[aa].SignRecord([]byte(input))
	w.check(err)
	leaf := input + "." + b64(sig)
	w.check(b.tree.Append(outbox.LeafHash([]byte(leaf))))
	return leaf + "~" + contents[0], leaf + "~" + contents[1]
}

// A bundle of line feeds does not become a text of half a gigabyte.
func TestTextIsBounded(t *testing.T) {
	w := newWorld(t)
	f := record.Fields{"act": jsontext.Value(`"consult"`)}
	for i := range 10 {
		f.SetTexts(strings.Repeat("b", 39)+string(rune('a'+i)), slices.Repeat([]string{strings.Repeat("\n", 1900)}, 50)...)
	}
	e := w.write(aa, bb, f)
	v := w.judge(&Bundle{Profiles: []string{w.profile(aa)}, Checkpoints: []string{string(w.head(e.box, morning).Note)},
		Records: []Exhibit{w.exhibit(e, 0, 1, "*")}})
	text := v.Text()
	if lines := strings.Count(text, "\n"); lines > maxTextLines+5_000 || !strings.Contains(text, "characters in all") {
		t.Errorf("%d lines", lines)
	}
}
