package outbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"verbale/seal"
)

var update = flag.Bool("update", false, "write spec/vectors/outbox.json anew; read the difference before it is committed")

// outboxFile is spec/vectors/outbox.json. It is made from fixed input; the test fails if the file is not what the code makes, and
// then runs what the file says.
type outboxFile struct {
	Description string              `json:"description"`
	Keys        string              `json:"keys"`
	OtherKeys   string              `json:"other_keys"`
	Notes       map[string]string   `json:"notes"`
	Trees       []treeVector        `json:"trees"`
	Inclusion   []inclusionVector   `json:"inclusion"`
	Consistency []consistencyVector `json:"consistency"`
	Paths       []pathVector        `json:"paths"`
	Bundles     []bundleVector      `json:"bundles"`
	Forks       []forkVector        `json:"forks"`
	Cases       []proofVector       `json:"cases"`
}

const outboxDescription = "Outboxes (spec/outbox.md). Bytes and hashes are hex; leaf n of every tree is the ASCII text `entry n`. " +
	"`trees` gives roots and the SHA-256 of every tile of C2SP tlog-tiles. `inclusion` and `consistency` are proofs to check. " +
	"`paths` are tile paths (`level`) and entry bundle paths (`level` -1), read and written. " +
	"`forks` are checked with `keys` (K-4, as text): a and b name signed `notes`. " +
	"`cases` are tlog-proof files, read, and then checked for the `leaf` with `keys`, or `other_keys` where it says so."

// hexed are bytes that stand in the file as hex.
type hexed string

func hexOf(b []byte) hexed { return hexed(hex.EncodeToString(b)) }

func (h hexed) bytes(t *testing.T) []byte { return must[[]byte](t)(hex.DecodeString(string(h))) }

func (h hexed) hash(t *testing.T) [32]byte { return [32]byte(h.bytes(t)) }

func hexes(hashes [][32]byte) []hexed {
	out := []hexed{}
	for _, h := range hashes {
		out = append(out, hexOf(h[:]))
	}
	return out
}

func unhexes(t *testing.T, list []hexed) (hashes [][32]byte) {
	for _, h := range list {
		hashes = append(hashes, h.hash(t))
	}
	return hashes
}

// A verdict is how a case must end. Error is the kind of the error, of this room or of seal.
type verdict struct {
	Expect string `json:"expect"`
	Error  string `json:"error,omitzero"`
}

func accepted() verdict                  { return verdict{Expect: "accept"} }
func rejected[K ~string](kind K) verdict { return verdict{Expect: "reject", Error: string(kind)} }

func (v verdict) check(t *testing.T, err error) {
	t.Helper()
	var ours *Error
	var theirs *seal.Error
	got := ""
	switch {
	case errors.As(err, &ours):
		got = string(ours.Kind)
	case errors.As(err, &theirs):
		got = string(theirs.Kind)
	case err != nil:
		t.Fatalf("an error of nobody's: %T %v", err, err)
	}
	if v.Expect != "accept" && v.Expect != "reject" || (v.Expect == "accept") != (err == nil) || got != v.Error {
		t.Fatalf("want %s %s, got %v", v.Expect, v.Error, err)
	}
}

func TestVectors(t *testing.T) {
	d := leavesOf(70000)
	file := checkedIn(t, outboxFile{
		Description: outboxDescription, Keys: string(alice(t).Keys().JSON()), OtherKeys: string(bob(t).Keys().JSON()),
		Notes: makeNotes(t), Trees: makeTrees(t, d), Inclusion: makeInclusion(t), Consistency: makeConsistency(t),
		Paths: makePaths(), Bundles: makeBundles(), Forks: makeForks(t), Cases: makeProofs(t),
	})
	for _, v := range file.Trees {
		t.Run(fmt.Sprintf("tree/%d", v.Size), func(t *testing.T) { v.test(t, d) })
	}
	for _, v := range file.Inclusion {
		t.Run("inclusion/"+v.Name, func(t *testing.T) { v.test(t) })
	}
	for _, v := range file.Consistency {
		t.Run("consistency/"+v.Name, func(t *testing.T) { v.test(t) })
	}
	for _, v := range file.Paths {
		t.Run("path/"+strings.ReplaceAll(v.Path, "/", "_"), func(t *testing.T) { v.test(t) })
	}
	for _, v := range file.Bundles {
		t.Run("bundle/"+v.Name, func(t *testing.T) { v.test(t) })
	}
	for _, v := range file.Forks {
		t.Run("fork/"+v.Name, func(t *testing.T) { v.test(t, file) })
	}
	for _, v := range file.Cases {
		t.Run("proof/"+v.Name, func(t *testing.T) { v.test(t, file) })
	}
}

func checkedIn(t *testing.T, made outboxFile) (file outboxFile) {
	t.Helper()
	want := append(must[[]byte](t)(json.Marshal(made, json.Deterministic(true), jsontext.WithIndent(" "))), '\n')
	path := filepath.Join("..", "spec", "vectors", "outbox.json")
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := must[[]byte](t)(os.ReadFile(path))
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the code makes; look why, then run go test ./outbox -update", path)
	}
	if err := json.Unmarshal(got, &file, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return file
}

type treeVector struct {
	Name  string       `json:"name"`
	Rule  string       `json:"rule"`
	Size  int          `json:"size"`
	Root  hexed        `json:"root"`
	Tiles []tileVector `json:"tiles"`
	verdict
}

type tileVector struct {
	Path   string `json:"path"`
	SHA256 hexed  `json:"sha256"`
}

func makeTrees(t *testing.T, d [][32]byte) (list []treeVector) {
	for _, size := range []int{0, 1, 2, 3, 7, 8, 255, 256, 257, 1000, 65535, 65536, 65537, 70000} {
		_, s := grown(t, d[:size])
		root := naiveRoot(d[:size])
		v := treeVector{fmt.Sprintf("%d leaves", size), "O-4", size, hexOf(root[:]), []tileVector{}, accepted()}
		for id, data := range s {
			if size > 1000 && id.Level == 0 && len(data) == tileWidth*32 && id.N > 0 {
				continue // the full tiles of large trees are like the first
			}
			sum := sha256.Sum256(data)
			v.Tiles = append(v.Tiles, tileVector{TilePath(id.Level, id.N, len(data)/32), hexOf(sum[:])})
		}
		slices.SortFunc(v.Tiles, func(a, b tileVector) int { return strings.Compare(a.Path, b.Path) })
		list = append(list, v)
	}
	return list
}

func (v treeVector) test(t *testing.T, d [][32]byte) {
	tree, s := grown(t, d[:v.Size])
	if must[[32]byte](t)(tree.Root()) != v.Root.hash(t) {
		t.Fatal("another root")
	}
	for _, want := range v.Tiles {
		id, width, err := ParseTilePath(want.Path)
		if sum := sha256.Sum256(s[id]); err != nil || len(s[id]) != width*32 || sum != want.SHA256.hash(t) {
			t.Fatalf("tile %s is another: %v", want.Path, err)
		}
	}
}

type inclusionVector struct {
	Name  string  `json:"name"`
	Rule  string  `json:"rule"`
	Index int64   `json:"index"`
	Size  int64   `json:"size"`
	Root  hexed   `json:"root"`
	Leaf  hexed   `json:"leaf"`
	Proof []hexed `json:"proof"`
	verdict
}

func (v inclusionVector) test(t *testing.T) {
	v.check(t, CheckInclusion(unhexes(t, v.Proof), v.Size, v.Root.hash(t), v.Index, LeafHash(v.Leaf.bytes(t))))
}

func makeInclusion(t *testing.T) (list []inclusionVector) {
	t.Helper()
	add := func(v verdict, name string, at, size int, twist func(*inclusionVector)) {
		d := leavesOf(size)
		root := naiveRoot(d)
		c := inclusionVector{name, "O-5", int64(at), int64(size), hexOf(root[:]), hexOf(fmt.Appendf(nil, "entry %d", at)), hexes(naiveInclusion(at, d)), v}
		if twist != nil {
			twist(&c)
		}
		list = append(list, c)
	}
	for _, c := range [][2]int{{0, 1}, {0, 2}, {1, 2}, {2, 3}, {0, 7}, {6, 7}, {3, 8}, {255, 256}, {256, 257}, {0, 257}, {700, 1000}} {
		add(accepted(), fmt.Sprintf("%d of %d", c[0], c[1]), c[0], c[1], nil)
	}
	add(accepted(), "a size of the same shape: the signature binds the size, not the proof", 0, 3, func(c *inclusionVector) { c.Size = 4 })
	for _, c := range []struct {
		name  string
		twist func(*inclusionVector)
	}{
		{"another leaf", func(c *inclusionVector) { c.Leaf = hexOf([]byte("entry 4")) }},
		{"another index", func(c *inclusionVector) { c.Index = 4 }},
		{"a size of other shape", func(c *inclusionVector) { c.Size = 16 }},
		{"index is the size", func(c *inclusionVector) { c.Index = c.Size }},
		{"negative index", func(c *inclusionVector) { c.Index = -1 }},
		{"size nought", func(c *inclusionVector) { c.Size = 0 }},
		{"more than 2^40", func(c *inclusionVector) { c.Size = MaxSize + 1 }},
		{"one hash too few", func(c *inclusionVector) { c.Proof = c.Proof[:len(c.Proof)-1] }},
		{"one hash too many", func(c *inclusionVector) { c.Proof = append(c.Proof, c.Proof[0]) }},
		{"no hashes", func(c *inclusionVector) { c.Proof = []hexed{} }},
		{"hashes from the root", func(c *inclusionVector) { slices.Reverse(c.Proof) }},
		{"the hash of no prefix", func(c *inclusionVector) { sum := sha256.Sum256([]byte("entry 4")); c.Proof[0] = hexOf(sum[:]) }},
		{"a node shown as a leaf", nodeAsLeaf},
		{"another root", func(c *inclusionVector) { c.Root = hexed(strings.Repeat("00", 32)) }},
	} {
		add(rejected(BadProof), c.name, 5, 8, c.twist)
	}
	return list
}

// nodeAsLeaf shows the node above entries 4 and 5 as the leaf of a tree of half the size. Were there no prefixes (RFC 6962 §2.1),
// it would be one.
func nodeAsLeaf(c *inclusionVector) {
	d := leavesOf(6)
	c.Leaf = hexOf(slices.Concat(d[4][:], d[5][:]))
	c.Index, c.Size, c.Proof = 2, 4, c.Proof[1:]
}

type consistencyVector struct {
	Name     string  `json:"name"`
	Rule     string  `json:"rule"`
	From     int64   `json:"from"`
	To       int64   `json:"to"`
	FromRoot hexed   `json:"from_root"`
	ToRoot   hexed   `json:"to_root"`
	Proof    []hexed `json:"proof"`
	verdict
}

func (v consistencyVector) test(t *testing.T) {
	v.check(t, CheckConsistency(unhexes(t, v.Proof), v.To, v.ToRoot.hash(t), v.From, v.FromRoot.hash(t)))
}

func makeConsistency(t *testing.T) (list []consistencyVector) {
	t.Helper()
	add := func(v verdict, name string, from, to int, twist func(*consistencyVector)) {
		d := leavesOf(to)
		a, b := naiveRoot(d[:from]), naiveRoot(d)
		c := consistencyVector{name, "O-6", int64(from), int64(to), hexOf(a[:]), hexOf(b[:]), hexes(naiveConsistency(from, d)), v}
		if twist != nil {
			twist(&c)
		}
		list = append(list, c)
	}
	for _, c := range [][2]int{{0, 0}, {0, 5}, {1, 1}, {1, 2}, {3, 7}, {4, 8}, {6, 8}, {255, 256}, {256, 257}, {257, 257}, {511, 1000}} {
		add(accepted(), fmt.Sprintf("%d to %d", c[0], c[1]), c[0], c[1], nil)
	}
	nought := hexed(strings.Repeat("00", 32))
	add(accepted(), "from nothing anything is reached", 0, 5, func(c *consistencyVector) { c.ToRoot = nought })
	for _, c := range []struct {
		name  string
		twist func(*consistencyVector)
	}{
		{"other root of the smaller", func(c *consistencyVector) { c.FromRoot = nought }},
		{"other root of the larger", func(c *consistencyVector) { c.ToRoot = nought }},
		{"roots changed over", func(c *consistencyVector) { c.FromRoot, c.ToRoot = c.ToRoot, c.FromRoot }},
		{"sizes changed over", func(c *consistencyVector) { c.From, c.To = c.To, c.From }},
		{"negative size", func(c *consistencyVector) { c.From = -1 }},
		{"more than 2^40", func(c *consistencyVector) { c.To = MaxSize + 1 }},
		{"another smaller size", func(c *consistencyVector) { c.From = 5 }},
		{"one hash too few", func(c *consistencyVector) { c.Proof = c.Proof[1:] }},
		{"one hash too many", func(c *consistencyVector) { c.Proof = append(c.Proof, c.Proof[0]) }},
		{"no hashes", func(c *consistencyVector) { c.Proof = []hexed{} }},
		{"hashes turned round", func(c *consistencyVector) { slices.Reverse(c.Proof) }},
		{"from nothing with a proof", func(c *consistencyVector) { c.From, c.FromRoot = 0, hexOf(sha256.New().Sum(nil)) }},
		{"from nothing with another root", func(c *consistencyVector) { c.From, c.FromRoot, c.Proof = 0, nought, []hexed{} }},
		{"equal sizes with a proof", func(c *consistencyVector) { c.From, c.FromRoot = c.To, c.ToRoot }},
		{"equal sizes, other roots", func(c *consistencyVector) { c.From, c.Proof = c.To, []hexed{} }},
	} {
		add(rejected(BadProof), c.name, 6, 11, c.twist)
	}
	return list
}
