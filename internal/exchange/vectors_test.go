package exchange

import (
	"bytes"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"verbale/outbox"
	"verbale/seal"
)

var update = flag.Bool("update", false, "write spec/vectors/exchange.json anew; read the difference before it is committed")

// vectorFile is spec/vectors/exchange.json.
type vectorFile struct {
	Description string                  `json:"description"`
	Author      string                  `json:"author"`
	Keys        string                  `json:"keys"`
	ValidUntil  time.Time               `json:"keys_valid_until"`
	Mirrors     map[string]vectorMirror `json:"mirrors"`
	Cases       []vectorCase            `json:"cases"`
}

type vectorMirror struct {
	Origin   string           `json:"origin"`
	Leaves   []string         `json:"leaf_hashes"` // hex, from index 0 on
	Note     string           `json:"note,omitzero"`
	Receipts map[int64]string `json:"receipts"` // notes by size
	Newest   int64            `json:"newest,omitzero"`
	Relay    *vectorTerms     `json:"relay,omitzero"`
}

type vectorTerms struct {
	Audience string `json:"audience"`
	Keys     string `json:"keys"`
	Held     Load   `json:"held"`
	Quota    Load   `json:"quota"`
}

type vectorCase struct {
	Name    string    `json:"name"`
	Rule    string    `json:"rule"`
	Mirror  string    `json:"mirror"`
	Now     time.Time `json:"now"`
	Batch   []byte    `json:"batch"`
	BatchOf string    `json:"batch_of,omitzero"` // the case whose batch it is, where Batch is empty
	Expect  string    `json:"expect"`            // accept, resend or reject
	Error   Kind      `json:"error,omitzero"`    // of a reject
	Size    int64     `json:"size,omitzero"`     // accept: of the new head; resend: of the receipt; behind-or-ahead: of the mirror
	Proof   []string  `json:"proof,omitempty"`   // fork: the evidence, hex
}

const vectorText = "Batches (exchange.md §3, standard base64) and what a receiver answers (X-3, X-5), who holds `mirror` of an outbox of `author`" +
	" with these `keys` (text), valid until `keys_valid_until`, at `now`; `batch_of` names the case before it that has the same batch. A mirror is given by the hashes of its leaves (hex), the signed" +
	" checkpoint over all of them, and the receipts that were given, by size. `accept`: the mirror advances to `size`. `resend`: nothing" +
	" changes, the answer is the receipt of `size`. `reject`: nothing changes, `error` is the kind of the problem, `rule` the rule broken;" +
	" a fork comes with its proof (O-6, hex). The contents are random bytes: who verifies does not decrypt."

func TestVectors(t *testing.T) {
	checkVectors(t, checkedIn(t, "exchange.json", madeVectors(t)))
	checkVectors(t, checkedIn(t, "relay.json", madeRelayVectors(t)))
}

func checkVectors(t *testing.T, file vectorFile) {
	t.Helper()
	keys, err := seal.ParseKeys([]byte(file.Keys))
	must(t, err)
	author := Author{Party: file.Author, Keys: keys, ValidUntil: file.ValidUntil}
	batches := map[string][]byte{}
	for _, c := range file.Cases {
		if batches[c.Name] = c.Batch; c.BatchOf != "" {
			c.Batch = batches[c.BatchOf]
		}
		t.Run(c.Name, func(t *testing.T) { checkVector(t, c, author, file.Mirrors[c.Mirror].state(t)) })
	}
}

// checkVector pushes one vector through ReadBatch and Verify.
func checkVector(t *testing.T, c vectorCase, author Author, m Mirror) {
	t.Helper()
	var adv *Advance
	var again *Resend
	b, err := ReadBatch(bytes.NewReader(c.Batch))
	if err == nil {
		if !bytes.Equal(encode(t, b), c.Batch) {
			t.Error("printed otherwise than it was read")
		}
		adv, again, err = Verify(m, author, b, c.Now)
	}
	switch {
	case c.Expect == "accept" && err == nil && adv != nil:
		if adv.Base() != m.Head.Size || adv.Checkpoint().Size != c.Size {
			t.Errorf("from %d to %d, want to %d", adv.Base(), adv.Checkpoint().Size, c.Size)
		}
	case c.Expect == "resend" && err == nil && again != nil:
		if want, _ := m.ReceiptAt(c.Size); !bytes.Equal(again.Receipt, want) {
			t.Error("another receipt")
		}
	case c.Expect == "reject":
		checkRejected(t, c, author, wantRefusal(t, adv, again, err, c.Error, c.Rule), err)
	default:
		t.Errorf("advance %t, resend %t, %v, want %s", adv != nil, again != nil, err, c.Expect)
	}
}

func checkRejected(t *testing.T, c vectorCase, author Author, p *Problem, err error) {
	t.Helper()
	if p.Kind == BehindOrAhead && p.Size != c.Size {
		t.Errorf("size %d, want %d", p.Size, c.Size)
	}
	fork, ok := errors.AsType[*ForkError](err)
	if ok != (c.Error == ForkFound) {
		t.Fatalf("evidence: %t", ok)
	}
	if !ok {
		return
	}
	if err := fork.Evidence.Check(author.Keys); err != nil {
		t.Error(err)
	}
	if got := hexes(fork.Evidence.Proof); len(got) != len(c.Proof) || len(got) > 0 && got[0] != c.Proof[0] {
		t.Errorf("proof %v, want %v", got, c.Proof)
	}
}

func hexes(hashes [][32]byte) (out []string) {
	for _, h := range hashes {
		out = append(out, hex.EncodeToString(h[:]))
	}
	return out
}

// state builds the mirror from what the file says of it, and nothing else.
func (v vectorMirror) state(t *testing.T) Mirror {
	t.Helper()
	tree := outbox.OpenTree(0, noTiles)
	for _, s := range v.Leaves {
		h, err := hex.DecodeString(s)
		must(t, err)
		must(t, tree.Append([32]byte(h)))
	}
	root, err := tree.Root()
	must(t, err)
	origin, err := seal.ParseOrigin(v.Origin)
	must(t, err)
	tiles := tree.Changed()
	m := Mirror{Origin: origin, Head: seal.Head{Origin: v.Origin, Size: tree.Size(), Root: root},
		Tiles: func(id outbox.TileID) ([]byte, error) { return tiles[id], nil },
		ReceiptAt: func(size int64) ([]byte, error) {
			if s, ok := v.Receipts[size]; ok {
				return []byte(s), nil
			}
			return nil, nil
		}}
	if v.Note != "" {
		m.Note, m.Newest = []byte(v.Note), []byte(v.Receipts[v.Newest])
	}
	if r := v.Relay; r != nil {
		keys, err := seal.ParseKeys([]byte(r.Keys))
		must(t, err)
		m.Terms = &Terms{Audience: r.Audience, Keys: keys, Held: r.Held, Quota: r.Quota}
	}
	return m
}

// vectorOf writes a mirror of the tests down.
func vectorOf(m *mirror) vectorMirror {
	v := vectorMirror{Origin: m.origin.String(), Leaves: []string{}, Note: string(m.note), Receipts: map[int64]string{}, Newest: m.head.Size}
	for _, leaf := range m.leaves {
		v.Leaves = append(v.Leaves, hexes([][32]byte{outbox.LeafHash(leaf)})...)
	}
	for size, note := range m.receipts {
		v.Receipts[size] = string(note)
	}
	return v
}

// checkedIn compares the vectors that this test makes with the file that is checked in, and gives the file's.
func checkedIn[T any](t *testing.T, name string, made T) T {
	t.Helper()
	want, err := json.Marshal(made, json.Deterministic(true), jsontext.WithIndent(" "))
	must(t, err)
	want = append(want, '\n')
	if *update {
		must(t, os.WriteFile(vectorsDir+name, want, 0o644))
	}
	got, err := os.ReadFile(vectorsDir + name)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the code makes; look why, then run go test ./internal/exchange -update", name)
	}
	if len(got) > 200_000 {
		t.Errorf("%s has %d bytes: vectors are for people, too", name, len(got))
	}
	var file T
	must(t, json.Unmarshal(got, &file, json.RejectUnknownMembers(true)))
	return file
}
