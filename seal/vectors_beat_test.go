package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

type beatFile struct {
	Description string       `json:"description"`
	Party       string       `json:"party"`
	Keys        string       `json:"keys"`
	Cases       []beatVector `json:"cases"`
}

type beatVector struct {
	Name      string `json:"name"`
	Rule      string `json:"rule"`
	Note      string `json:"note"`
	Origin    string `json:"origin,omitzero"`
	Size      int64  `json:"size,omitzero"`
	Root      string `json:"root,omitzero"`
	Time      string `json:"time,omitzero"`
	Signature string `json:"signature,omitzero"`
	verdict
}

const beatDescription = "Beats (K-23) of `party`, opened with its `keys` (text). Of an accepted one the parts are given; the root and the signature in hex."

func TestVectorsBeat(t *testing.T) {
	ring := bob(t)
	file := checkedIn(t, "beat.json", beatFile{beatDescription, ring.Party(), string(ring.Keys().JSON()), makeBeats(t)})
	k := must[Keys](t)(ParseKeys([]byte(file.Keys)))
	for _, v := range file.Cases {
		t.Run(v.Name, func(t *testing.T) {
			b, err := k.OpenBeat(file.Party, []byte(v.Note))
			if v.check(t, err); err != nil {
				return
			}
			if got := beatOf(v.Name, b, v.Note); got != v {
				t.Fatalf("opened %+v", b)
			}
			if string(b.Note(k)) != v.Note || k.CheckBeat(b) != nil {
				t.Fatalf("from its parts: %q, %v", b.Note(k), k.CheckBeat(b))
			}
		})
	}
}

func beatOf(name string, b Beat, note string) beatVector {
	return beatVector{name, "K-23", note, b.Origin, b.Size, hex.EncodeToString(b.Root[:]), b.Time.Format(time.RFC3339), hex.EncodeToString(b.Signature[:]), accepted()}
}

func makeBeats(t *testing.T) []beatVector {
	b, h := receiptPen(t, bob(t), testSec), testHead(7)
	text := h.Text()
	ed, pq := b.first(text), b.second(testSec, h)
	own := h
	own.Origin = "cert.bob.example/to/cert.alice.example/1"
	var list []beatVector
	for _, v := range []struct {
		name string
		head Head
		sec  uint64
	}{
		{"of the audience", h, testSec}, {"of the author", own, testSec}, {"over nothing", testHead(0), testSec},
		{"of a relay", Head{"cert.alice.example/to/cert.carol.example/1", 7, h.Root}, testSec},
		{"first second", h, 1}, {"last second", h, maxTime},
	} {
		text := v.head.Text()
		note := text + "\n" + receiptPen(t, bob(t), v.sec).first(text)
		list = append(list, beatOf(v.name, must[Beat](t)(bob(t).Keys().OpenBeat("cert.bob.example", []byte(note))), note))
	}
	log := logPen(t, alice(t), h.Origin)
	plain := line(b.name, b.ed.id, ed25519.Sign(bob(t).secret().receiptEd25519, []byte(text)))
	later := withTime(testSec+1, must[[]byte](t)(b.ed.sign([]byte(text)))[8:])
	for _, v := range []struct {
		kind       Kind
		name, note string
	}{
		{Malformed, "a receipt", text + "\n" + ed + pq},
		{Malformed, "after the log's lines", text + "\n" + log.first(text) + log.second(testSec, h) + ed},
		{Malformed, "twice", text + "\n" + ed + ed},
		{Malformed, "two times", text + "\n" + ed + receiptPen(t, bob(t), testSec+1).first(text)},
		{Malformed, "stray bits", text + "\n" + stray(ed)},
		{Malformed, "no last newline", text + "\n" + strings.TrimSuffix(ed, "\n")},
		{Malformed, "a newline more", text + "\n" + ed + "\n"},
		{Malformed, "extension line", text + "extension\n\n" + b.first(text+"extension\n")},
		{Malformed, "no line", text + "\n"},
		{Malformed, "empty", ""},
		{UnknownKey, "the ML-DSA-44 line alone", text + "\n" + pq},
		{UnknownKey, "of the log", text + "\n" + log.first(text)},
		{UnknownKey, "of another party", text + "\n" + receiptPen(t, carol(t), testSec).first(text)},
		{BadSignature, "with a flipped bit", text + "\n" + flipped(t, ed)},
		{BadSignature, "without time", text + "\n" + plain},
		{BadSignature, "time zero", text + "\n" + receiptPen(t, bob(t), 0).first(text)},
		{BadSignature, "after year 9999", text + "\n" + receiptPen(t, bob(t), maxTime+1).first(text)},
		{BadSignature, "time changed after signing", text + "\n" + line(b.name, b.ed.id, later)},
		{BadSignature, "over another head", text + "\n" + b.first(testHead(8).Text())},
	} {
		list = append(list, beatVector{Name: v.name, Rule: "K-23", Note: v.note, verdict: rejected(v.kind)})
	}
	return list
}

// TestBeatIsHalfAReceipt holds K-23: the Ed25519 line of a receipt is a beat,
// and a beat is no receipt.
func TestBeatIsHalfAReceipt(t *testing.T) {
	b, h := bob(t), testHead(7)
	cp := must[Checkpoint](t)(alice(t).SignHead(h, testNow))
	r := must[Receipt](t)(b.Countersign(cp, testNow))
	beat := must[Beat](t)(b.Beat(h, testNow))
	note := beat.Note(b.Keys())
	if !bytes.HasPrefix(r.Lines, LinesOf(note)[0]) {
		t.Fatal("another line")
	}
	if _, err := b.Keys().OpenReceipt(b.Party(), note, h); kindOf(t, err) != UnknownKey {
		t.Fatalf("a beat was taken for a receipt: %v", err)
	}
}

// TestBeatOfAReceipt takes that line from a receipt, and refuses what is none.
func TestBeatOfAReceipt(t *testing.T) {
	k := bob(t)
	receipt := must[Receipt](t)(k.Countersign(must[Checkpoint](t)(alice(t).SignHead(testHead(7), testNow)), testNow))
	b := must[Beat](t)(receipt.Beat())
	if b.By != k.Party() || !b.Time.Equal(receipt.Time) || b.Head != receipt.Head || k.Keys().CheckBeat(b) != nil {
		t.Errorf("%+v", b)
	}
	for name, spoil := range map[string]func(*Receipt){
		"of another":  func(r *Receipt) { r.By = "c.example" },
		"no lines":    func(r *Receipt) { r.Lines = nil },
		"cut":         func(r *Receipt) { r.Lines = r.Lines[:40] },
		"the other":   func(r *Receipt) { r.Lines = r.Lines[bytes.IndexByte(r.Lines, '\n')+1:] },
		"not base64":  func(r *Receipt) { r.Lines = append([]byte("— "+ReceiptName(k.Party())+" !!!!"), r.Lines...) },
		"only a name": func(r *Receipt) { r.Lines = []byte("— " + ReceiptName(k.Party())) },
	} {
		bad := receipt
		bad.Lines = bytes.Clone(receipt.Lines)
		spoil(&bad)
		if b, err := bad.Beat(); err == nil {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func TestCheckBeat(t *testing.T) {
	b := bob(t)
	good := must[Beat](t)(b.Beat(testHead(7), testNow))
	for name, v := range map[string]struct {
		change func(*Beat)
		want   Kind
	}{
		"good":           {func(*Beat) {}, ""},
		"another clock":  {func(x *Beat) { x.Time = x.Time.In(time.FixedZone("", 3600)).Add(time.Millisecond) }, ""},
		"size":           {func(x *Beat) { x.Size++ }, BadSignature},
		"root":           {func(x *Beat) { x.Root[0] ^= 1 }, BadSignature},
		"origin":         {func(x *Beat) { x.Origin = "cert.alice.example/to/cert.bob.example/2" }, BadSignature},
		"no origin":      {func(x *Beat) { x.Origin = "" }, Malformed},
		"time":           {func(x *Beat) { x.Time = x.Time.Add(time.Second) }, BadSignature},
		"no time":        {func(x *Beat) { x.Time = time.Time{} }, Refused},
		"signature":      {func(x *Beat) { x.Signature[9] ^= 1 }, BadSignature},
		"no such party":  {func(x *Beat) { x.By = "public" }, Malformed},
		"size too large": {func(x *Beat) { x.Size = maxSize + 1 }, Malformed},
	} {
		x := good
		v.change(&x)
		if err := b.Keys().CheckBeat(x); kindOf(t, err) != v.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := alice(t).Keys().CheckBeat(good); kindOf(t, err) != BadSignature {
		t.Errorf("keys of another: %v", err)
	}
	if err := (Keys{}).CheckBeat(good); kindOf(t, err) != Refused {
		t.Errorf("keys that nobody checked: %v", err)
	}
}
