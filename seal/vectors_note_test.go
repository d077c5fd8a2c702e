package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

type checkpointFile struct {
	Description string             `json:"description"`
	Keys        string             `json:"keys"`
	Cases       []checkpointVector `json:"cases"`
}

type checkpointVector struct {
	Name   string `json:"name"`
	Rule   string `json:"rule"`
	Note   string `json:"note"`
	Origin string `json:"origin,omitzero"`
	Size   int64  `json:"size,omitzero"`
	Root   string `json:"root,omitzero"`
	Time   string `json:"time,omitzero"`
	Kept   string `json:"kept,omitzero"`
	verdict
}

type receiptFile struct {
	Description string          `json:"description"`
	Party       string          `json:"party"`
	Keys        string          `json:"keys"`
	Head        string          `json:"head"`
	Cases       []receiptVector `json:"cases"`
}

type receiptVector struct {
	Name  string `json:"name"`
	Rule  string `json:"rule"`
	Note  string `json:"note"`
	Time  string `json:"time,omitzero"`
	Lines string `json:"lines,omitzero"`
	verdict
}

const (
	checkpointDescription = "Checkpoints (K-8 to K-10), opened with the author's `keys` (text). Of an accepted one the head is given (`root` in hex), the time of the ML-DSA-44 line, " +
		"and in `kept`, if it is not `note` itself, the canonical note: the text, the Ed25519 line, the ML-DSA-44 line."
	receiptDescription = "Receipts (K-11) of `party` over the checkpoint text `head`, opened with the party's `keys` (text). Of an accepted one the time is given, and in `lines` its two lines."
)

func TestVectorsCheckpoint(t *testing.T) {
	k := alice(t).Keys()
	file := checkedIn(t, "checkpoint.json", checkpointFile{checkpointDescription, string(k.JSON()), makeCheckpoints(t)})
	k = must[Keys](t)(ParseKeys([]byte(file.Keys)))
	for _, v := range file.Cases {
		t.Run(v.Name, func(t *testing.T) {
			cp, err := k.OpenCheckpoint([]byte(v.Note))
			v.check(t, err)
			if err != nil {
				return
			}
			kept := v.Kept
			if kept == "" {
				kept = v.Note
			}
			if cp.Origin != v.Origin || cp.Size != v.Size || hex.EncodeToString(cp.Root[:]) != v.Root || cp.Time.Format(time.RFC3339) != v.Time || string(cp.Note) != kept {
				t.Fatalf("opened %+v", cp)
			}
		})
	}
}

func TestVectorsReceipt(t *testing.T) {
	ring, h := bob(t), testHead(7)
	file := checkedIn(t, "receipt.json", receiptFile{receiptDescription, ring.Party(), string(ring.Keys().JSON()), h.Text(), makeReceipts(t)})
	k := must[Keys](t)(ParseKeys([]byte(file.Keys)))
	h = must[Head](t)(ParseHead(file.Head))
	for _, v := range file.Cases {
		t.Run(v.Name, func(t *testing.T) {
			r, err := k.OpenReceipt(file.Party, []byte(v.Note), h)
			v.check(t, err)
			if err == nil && (r.Head != h || r.By != file.Party || r.Time.Format(time.RFC3339) != v.Time || string(r.Lines) != v.Lines) {
				t.Fatalf("opened %+v", r)
			}
		})
	}
}

// testSec is testNow as it stands in a line.
const testSec = 1772366400

// line writes one signature line.
func line(name string, id [4]byte, blob []byte) string {
	return "— " + name + " " + base64.StdEncoding.EncodeToString(slices.Concat(id[:], blob)) + "\n"
}

// signed writes the line of s below text.
func signed(t testing.TB, s *signer, text string) string {
	t.Helper()
	return line(s.name, s.id, must[[]byte](t)(s.sign([]byte(text))))
}

// stray sets an unused bit in the padded base64 at the end of a line.
func stray(l string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	body := strings.TrimRight(l, "=\n")
	i := strings.IndexByte(alphabet, body[len(body)-1])
	return body[:len(body)-1] + alphabet[i+1:i+2] + l[len(body):]
}

// strangers writes n lines of keys that nobody knows.
func strangers(n int) string {
	var b strings.Builder
	for i := range n {
		blob := sha512.Sum512(fmt.Appendf(nil, "stranger %d", i))
		b.WriteString(line("witness.example/w", [4]byte{0xff, 0, 0, byte(i)}, blob[:]))
	}
	return b.String()
}

// flipped flips one bit of the signature in a line.
func flipped(t testing.TB, l string) string {
	t.Helper()
	head, b64, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(l, "— "), "\n"), " ")
	raw, err := base64.StdEncoding.DecodeString(b64)
	if !ok || err != nil {
		t.Fatalf("no line: %q", l)
	}
	raw[len(raw)/2] ^= 1
	return line(head, [4]byte(raw), raw[4:])
}

// A pen writes the two lines of one pair of keys below any text.
type pen struct {
	t    testing.TB
	name string
	ed   *signer
	pq   func(sec uint64, h Head) *signer
	key  *mldsa.PrivateKey
	id   [4]byte // of the ML-DSA-44 key
}

func logPen(t testing.TB, ring *Keyring, origin string) pen {
	raw := ring.keys.LogMLDSA44
	return pen{
		t: t, name: origin, key: ring.secret().logMLDSA, id: keyID(origin, typeMLDSA44, raw),
		ed: ed25519Signer(origin, ring.secret().logEd25519),
		pq: func(sec uint64, h Head) *signer { return mldsaSigner(origin, ring.secret().logMLDSA, raw, h, sec) },
	}
}

func receiptPen(t testing.TB, ring *Keyring, sec uint64) pen {
	raw, name := ring.keys.ReceiptMLDSA44, ring.party+receiptSuffix
	return pen{
		t: t, name: name, key: ring.secret().receiptMLDSA, id: keyID(name, typeMLDSA44, raw),
		ed: cosignatureSigner(name, ring.secret().receiptEd25519, sec),
		pq: func(sec uint64, h Head) *signer { return mldsaSigner(name, ring.secret().receiptMLDSA, raw, h, sec) },
	}
}

func (p pen) first(text string) string { return signed(p.t, p.ed, text) }
func (p pen) second(sec uint64, h Head) string {
	return signed(p.t, p.pq(sec, h), "")
}

// over signs any message with the ML-DSA key of the pen, as a line with sec.
func (p pen) over(sec uint64, msg []byte, opts *mldsa.Options) string {
	sig, err := p.key.SignDeterministic(msg, opts)
	if err != nil {
		p.t.Fatal(err)
	}
	return line(p.name, p.id, withTime(sec, sig))
}

// odd gives lines of the ML-DSA key over messages that are not the one of K-10.
func (p pen) odd(h Head, other Head) map[string]string {
	good := subtreeMessage(p.name, testSec, h)
	label := append([]byte("subtree/v2\n\x00"), good[12:]...)
	start := slices.Clone(good)
	binary.BigEndian.PutUint64(start[len(start)-48:], 1)
	end := slices.Clone(good)
	binary.BigEndian.PutUint64(end[len(end)-40:], uint64(h.Size)+1)
	blob := must[[]byte](p.t)(p.pq(testSec, h).sign(nil))
	return map[string]string{
		"ML-DSA-44 over another label":       p.over(testSec, label, nil),
		"ML-DSA-44 over start 1":             p.over(testSec, start, nil),
		"ML-DSA-44 over another end":         p.over(testSec, end, nil),
		"ML-DSA-44 over another root":        p.second(testSec, Head{h.Origin, h.Size, other.Root}),
		"ML-DSA-44 over another origin":      p.second(testSec, Head{other.Origin, h.Size, h.Root}),
		"ML-DSA-44 over another cosigner":    p.over(testSec, subtreeMessage("cert.carol.example", testSec, h), nil),
		"ML-DSA-44 over another time":        p.over(testSec+1, good, nil),
		"ML-DSA-44 over the text":            p.over(testSec, []byte(h.Text()), nil),
		"ML-DSA-44 with a context":           p.over(testSec, good, &mldsa.Options{Context: "verbale"}),
		"ML-DSA-44 with time zero":           p.second(0, h),
		"ML-DSA-44 after year 9999":          p.second(maxTime+1, h),
		"ML-DSA-44 with the top bit of time": p.second(1<<63, h),
		"ML-DSA-44 without time":             line(p.name, p.id, blob[8:]),
		"ML-DSA-44 truncated":                line(p.name, p.id, blob[:len(blob)-1]),
		"ML-DSA-44 with one byte more":       line(p.name, p.id, append(slices.Clone(blob), 0)),
		"ML-DSA-44 of one byte":              line(p.name, p.id, []byte{1}),
		"ML-DSA-44 with a flipped bit":       flipped(p.t, p.second(testSec, h)),
		"ML-DSA-44 of noise":                 line(p.name, p.id, bytes.Repeat([]byte{1}, 2428)),
	}
}

// caseList gathers checkpoints.
type caseList struct {
	checkpoints []checkpointVector
	receipts    []receiptVector
}

func (c *caseList) refuse(kind Kind, rule, name, note string) {
	c.checkpoints = append(c.checkpoints, checkpointVector{Name: name, Rule: rule, Note: note, verdict: rejected(kind)})
}

func (c *caseList) pass(rule, name string, h Head, note, kept string) {
	if kept == note {
		kept = ""
	}
	c.checkpoints = append(c.checkpoints, checkpointVector{
		Name: name, Rule: rule, Note: note, Kept: kept,
		Origin: h.Origin, Size: h.Size, Root: hex.EncodeToString(h.Root[:]), Time: testNow.Format(time.RFC3339), verdict: accepted(),
	})
}

func makeCheckpoints(t testing.TB) []checkpointVector {
	c := new(caseList)
	h := testHead(7)
	p := logPen(t, alice(t), h.Origin)
	c.goodCheckpoints(p, h)
	c.textCases(p, h)
	c.lineCases(p, h)
	text, ed := h.Text(), p.first(h.Text())
	odd := p.odd(h, Head{"cert.alice.example/to/cert.bob.example/2", 8, testHead(8).Root})
	for _, name := range sortedKeys(odd) {
		c.refuse(BadSignature, "K-10", name, text+"\n"+ed+odd[name])
	}
	return c.checkpoints
}

func sortedKeys(m map[string]string) []string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func (c *caseList) goodCheckpoints(p pen, h Head) {
	for _, size := range []int64{0, 1, 7, maxSize} {
		h := testHead(size)
		text := h.Text()
		note := text + "\n" + p.first(text) + p.second(testSec, h)
		c.pass("K-9", fmt.Sprintf("size %d", size), h, note, note)
	}
	text := h.Text()
	ed, pq := p.first(text), p.second(testSec, h)
	kept := text + "\n" + ed + pq
	register := Head{"cert.alice.example/to/public/1", 7, h.Root}
	rp := logPen(p.t, alice(p.t), register.Origin)
	note := register.Text() + "\n" + rp.first(register.Text()) + rp.second(testSec, register)
	c.pass("K-9", "register", register, note, note)
	r := receiptPen(p.t, bob(p.t), testSec)
	c.pass("K-9", "ML-DSA-44 line first", h, text+"\n"+pq+ed, kept)
	c.pass("K-9", "with a receipt", h, kept+r.first(text)+r.second(testSec, h), kept)
	c.pass("K-9", "14 lines of strangers before", h, text+"\n"+strangers(14)+ed+pq, kept)
	c.pass("K-9", "14 lines of strangers around", h, text+"\n"+ed+strangers(14)+pq, kept)
	c.pass("K-9", "the same stranger 14 times", h, text+"\n"+ed+pq+strings.Repeat(strangers(1), 14), kept)
	c.pass("K-9", "our name with an unknown key id", h, text+"\n"+ed+line(h.Origin, [4]byte{1, 2, 3, 4}, make([]byte, 64))+pq, kept)
	c.pass("K-9", "our key id with an unknown name", h, text+"\n"+ed+line("cert.carol.example", p.ed.id, make([]byte, 64))+pq, kept)
	c.pass("K-9", "a stranger's stray bits", h, text+"\n"+ed+stray(strangers(1))+pq, kept)
}

// textCases are about the three lines; both keys signed every text as it is.
func (c *caseList) textCases(p pen, h Head) {
	root := base64.StdEncoding.EncodeToString(h.Root[:])
	for _, v := range []struct{ name, text string }{
		{"extension line", h.Text() + "extension\n"},
		{"two lines", h.Origin + "\n7\n"},
		{"empty third line", h.Origin + "\n7\n\n"},
		{"leading zero", h.Origin + "\n07\n" + root + "\n"},
		{"sign", h.Origin + "\n+7\n" + root + "\n"},
		{"negative size", h.Origin + "\n-7\n" + root + "\n"},
		{"size 2^40 + 1", h.Origin + "\n1099511627777\n" + root + "\n"},
		{"size 2^64 + 7", h.Origin + "\n18446744073709551623\n" + root + "\n"},
		{"size not a number", h.Origin + "\nseven\n" + root + "\n"},
		{"empty size", h.Origin + "\n\n" + root + "\n"},
		{"space after the size", h.Origin + "\n7 \n" + root + "\n"},
		{"root without padding", h.Origin + "\n7\n" + strings.TrimRight(root, "=") + "\n"},
		{"root in base64url", h.Origin + "\n7\n" + strings.NewReplacer("+", "-", "/", "_").Replace(root) + "\n"},
		{"root with stray bits", h.Origin + "\n7\n" + stray(root+"\n")},
		{"root of 31 bytes", h.Origin + "\n7\n" + base64.StdEncoding.EncodeToString(h.Root[:31]) + "\n"},
		{"root of 33 bytes", h.Origin + "\n7\n" + base64.StdEncoding.EncodeToString(append(h.Root[:], 0)) + "\n"},
		{"carriage return inside the root", h.Origin + "\n7\n" + root[:9] + "\r" + root[9:] + "\n"},
		{"carriage returns", strings.ReplaceAll(h.Text(), "\n", "\r\n")},
		{"empty origin", "\n7\n" + root + "\n"},
		{"origin without generation", "cert.alice.example/to/cert.bob.example\n7\n" + root + "\n"},
		{"long origin", strings.Repeat("a", 600) + ".example/to/public/1\n7\n" + root + "\n"},
	} {
		c.refuse(Malformed, "K-8", v.name, v.text+"\n"+p.first(v.text)+p.second(testSec, h))
	}
}

// lineCases are about which lines stand below the text.
func (c *caseList) lineCases(p pen, h Head) {
	text := h.Text()
	ed, pq := p.first(text), p.second(testSec, h)
	second := strings.Replace(h.Origin, "/1", "/2", 1)
	other := logPen(p.t, alice(p.t), second)
	r := receiptPen(p.t, bob(p.t), testSec)
	stranger := logPen(p.t, carol(p.t), h.Origin)
	cosigned := signed(p.t, cosignatureSigner(h.Origin, alice(p.t).secret().logEd25519, testSec), text)
	c.refuse(UnknownKey, "K-9", "only Ed25519", text+"\n"+ed)
	c.refuse(UnknownKey, "K-9", "only ML-DSA-44", text+"\n"+pq)
	c.refuse(UnknownKey, "K-9", "only strangers", text+"\n"+strangers(2))
	c.refuse(UnknownKey, "K-9", "keys of another party", text+"\n"+stranger.first(text)+stranger.second(testSec, h))
	c.refuse(UnknownKey, "K-9", "lines named by another generation", text+"\n"+other.first(text)+other.second(testSec, h))
	c.refuse(UnknownKey, "K-9", "only a receipt", text+"\n"+r.first(text)+r.second(testSec, h))
	c.refuse(UnknownKey, "K-10", "0x04 for 0x01", text+"\n"+cosigned+pq)
	c.refuse(Malformed, "K-9", "17 lines", text+"\n"+ed+pq+strangers(15))
	c.refuse(Malformed, "K-9", "17 lines of one stranger", text+"\n"+ed+pq+strings.Repeat(strangers(1), 15))
	c.refuse(Malformed, "K-9", "Ed25519 line twice", text+"\n"+ed+ed+pq)
	c.refuse(Malformed, "K-9", "ML-DSA-44 line twice", text+"\n"+ed+pq+pq)
	c.refuse(Malformed, "K-9", "second ML-DSA-44 line of another time", text+"\n"+ed+pq+p.second(testSec+1, h))
	c.refuse(Malformed, "K-9", "second Ed25519 line that is bad", text+"\n"+ed+pq+flipped(p.t, ed))
	c.refuse(BadSignature, "K-9", "Ed25519 with a flipped bit", text+"\n"+flipped(p.t, ed)+pq)
	c.refuse(BadSignature, "K-9", "Ed25519 over another text", text+"\n"+p.first(testHead(8).Text())+pq)
	c.refuse(BadSignature, "K-9", "Ed25519 truncated", text+"\n"+line(p.name, p.ed.id, make([]byte, 63))+pq)
	c.refuse(BadSignature, "K-9", "Ed25519 with a time", text+"\n"+line(p.name, p.ed.id, make([]byte, 72))+pq)
	c.refuse(BadSignature, "K-9", "text changed after signing", testHead(8).Text()+"\n"+ed+pq)
	c.refuse(Malformed, "K-9", "Ed25519 line with stray bits", text+"\n"+stray(ed)+pq)
	c.refuse(Malformed, "K-9", "hyphen for em dash", text+"\n"+strings.Replace(ed, "—", "-", 1)+pq)
	c.refuse(Malformed, "K-9", "line without padding", text+"\n"+strings.Replace(ed, "=\n", "\n", 1)+pq)
	c.refuse(Malformed, "K-9", "empty line between", text+"\n"+ed+"\n"+pq)
	c.refuse(Malformed, "K-9", "carriage return after a line", text+"\n"+strings.Replace(ed, "\n", "\r\n", 1)+pq)
	c.refuse(Malformed, "K-9", "space after a line", text+"\n"+strings.Replace(ed, "\n", " \n", 1)+pq)
	c.refuse(Malformed, "K-9", "stranger with a plus in its name", text+"\n"+ed+pq+line("a+b", [4]byte{}, make([]byte, 64)))
	c.refuse(Malformed, "K-9", "stranger without signature", text+"\n"+ed+pq+"— witness.example\n")
	c.refuse(Malformed, "K-9", "no last newline", strings.TrimSuffix(text+"\n"+ed+pq, "\n"))
	c.refuse(Malformed, "K-8", "no empty line", text+ed+pq)
	c.refuse(Malformed, "K-8", "no lines", text)
	c.refuse(Malformed, "K-9", "no lines after the empty line", text+"\n")
	c.refuse(Malformed, "K-8", "empty", "")
	c.refuse(Malformed, "K-9", "larger than 64 KiB", text+"\n"+ed+pq+line("witness.example/w", [4]byte{}, make([]byte, 49152)))
}

func (c *caseList) receipt(v verdict, name, note, lines string) {
	r := receiptVector{Name: name, Rule: "K-11", Note: note, verdict: v}
	if v.accept() {
		r.Time, r.Lines = testNow.Format(time.RFC3339), lines
	}
	c.receipts = append(c.receipts, r)
}

func makeReceipts(t testing.TB) []receiptVector {
	c := new(caseList)
	h := testHead(7)
	a, b := logPen(t, alice(t), h.Origin), receiptPen(t, bob(t), testSec)
	text := h.Text()
	log := a.first(text) + a.second(testSec, h)
	ed, pq := b.first(text), b.second(testSec, h)
	c.receipt(accepted(), "after the log's lines", text+"\n"+log+ed+pq, ed+pq)
	c.receipt(accepted(), "alone", text+"\n"+ed+pq, ed+pq)
	c.receipt(accepted(), "ML-DSA-44 line first", text+"\n"+log+pq+ed, ed+pq)
	c.receipt(accepted(), "before the log's lines", text+"\n"+ed+pq+log, ed+pq)
	c.receipt(accepted(), "12 lines of strangers", text+"\n"+log+strangers(12)+ed+pq, ed+pq)
	c.receipt(accepted(), "the log's lines are not looked at", text+"\n"+flipped(t, a.first(text))+ed+pq, ed+pq)
	c.receiptLines(a, b, h)
	c.receiptTimes(b, h)
	odd := b.odd(h, Head{"cert.alice.example/to/cert.bob.example/2", 8, testHead(8).Root})
	for _, name := range sortedKeys(odd) {
		c.receipt(rejected(BadSignature), name, text+"\n"+ed+odd[name], "")
	}
	return c.receipts
}

func (c *caseList) receiptLines(a, b pen, h Head) {
	text, t := h.Text(), b.t
	ed, pq := b.first(text), b.second(testSec, h)
	third := receiptPen(t, carol(t), testSec)
	larger := testHead(8)
	forged := Head{h.Origin, h.Size, larger.Root}
	next := Head{strings.Replace(h.Origin, "/1", "/2", 1), h.Size, h.Root}
	plain := line(b.name, b.ed.id, ed25519.Sign(bob(t).secret().receiptEd25519, []byte(text)))
	c.receipt(rejected(UnknownKey), "only Ed25519", text+"\n"+ed, "")
	c.receipt(rejected(UnknownKey), "only ML-DSA-44", text+"\n"+pq, "")
	c.receipt(rejected(UnknownKey), "only the log's lines", text+"\n"+a.first(text)+a.second(testSec, h), "")
	c.receipt(rejected(UnknownKey), "of another party", text+"\n"+third.first(text)+third.second(testSec, h), "")
	c.receipt(rejected(UnknownKey), "named as the party itself", text+"\n"+strings.ReplaceAll(ed+pq, b.name+" ", "cert.bob.example "), "")
	c.receipt(rejected(Malformed), "Ed25519 line twice", text+"\n"+ed+ed+pq, "")
	c.receipt(rejected(Malformed), "ML-DSA-44 line twice", text+"\n"+ed+pq+pq, "")
	c.receipt(rejected(Malformed), "17 lines", text+"\n"+ed+pq+strangers(15), "")
	c.receipt(rejected(Malformed), "Ed25519 line with stray bits", text+"\n"+stray(ed)+pq, "")
	c.receipt(rejected(BadSignature), "Ed25519 with a flipped bit", text+"\n"+flipped(t, ed)+pq, "")
	c.receipt(rejected(BadSignature), "Ed25519 without time", text+"\n"+plain+pq, "")
	c.receipt(rejected(BadSignature), "Ed25519 over another text", text+"\n"+b.first(larger.Text())+pq, "")
	for _, v := range []struct {
		name string
		head Head
	}{{"over a larger head", larger}, {"over another root", forged}, {"over another generation", next}} {
		other := v.head.Text()
		c.receipt(rejected(Refused), v.name, other+"\n"+b.first(other)+b.second(testSec, v.head), "")
	}
	c.receipt(rejected(Malformed), "extension line", text+"extension\n\n"+b.first(text+"extension\n")+pq, "")
	c.receipt(rejected(Malformed), "lines without a text", ed+pq, "")
	c.receipt(rejected(Malformed), "empty", "", "")
}

func (c *caseList) receiptTimes(b pen, h Head) {
	text, ring := h.Text(), bob(b.t)
	at := func(sec uint64) string { return receiptPen(b.t, ring, sec).first(text) }
	pair := func(ed, pq uint64) string { return text + "\n" + at(ed) + b.second(pq, h) }
	c.receipt(rejected(Malformed), "two times", pair(testSec, testSec+1), "")
	c.receipt(rejected(BadSignature), "time zero in both", pair(0, 0), "")
	c.receipt(rejected(BadSignature), "time zero in Ed25519", pair(0, testSec), "")
	c.receipt(rejected(BadSignature), "after year 9999 in both", pair(maxTime+1, maxTime+1), "")
	blob := withTime(testSec+1, must[[]byte](b.t)(b.ed.sign([]byte(text)))[8:])
	c.receipt(rejected(BadSignature), "time changed after signing", text+"\n"+line(b.name, b.ed.id, blob)+b.second(testSec+1, h), "")
}
