package outbox

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"verbale/seal"
)

type pathVector struct {
	Name  string `json:"name"`
	Rule  string `json:"rule"`
	Path  string `json:"path"`
	Level int    `json:"level"`
	N     int64  `json:"n"`
	Width int    `json:"width"`
	verdict
}

func (v pathVector) test(t *testing.T) {
	var id TileID
	var width int
	var err error
	var again string
	if v.Level < 0 {
		id.Level = -1
		id.N, width, err = ParseEntriesPath(v.Path)
		again = EntriesPath(v.N, v.Width)
	} else {
		id, width, err = ParseTilePath(v.Path)
		again = TilePath(v.Level, v.N, v.Width)
	}
	v.check(t, err)
	if err == nil && (id != TileID{v.Level, v.N} || width != v.Width || again != v.Path) {
		t.Fatalf("read as %v of width %d, written %q", id, width, again)
	}
}

func makePaths() (list []pathVector) {
	list = []pathVector{
		{"first full tile", "O-4", "tile/0/000", 0, 0, 256, accepted()},
		{"partial", "O-4", "tile/0/000.p/1", 0, 0, 1, accepted()},
		{"widest partial", "O-4", "tile/0/000.p/255", 0, 0, 255, accepted()},
		{"last of one group", "O-4", "tile/1/999", 1, 999, 256, accepted()},
		{"first of two groups", "O-4", "tile/1/x001/000", 1, 1000, 256, accepted()},
		{"three groups", "O-4", "tile/0/x001/x234/067", 0, 1234067, 256, accepted()},
		{"three groups, partial", "O-4", "tile/0/x001/x234/067.p/8", 0, 1234067, 8, accepted()},
		{"largest leaf tile", "O-7", "tile/0/x004/x294/x967/295", 0, 1<<32 - 1, 256, accepted()},
		{"root tile of 2^40", "O-7", "tile/5/000.p/1", 5, 0, 1, accepted()},
		{"entries", "O-4", "tile/entries/000", -1, 0, 256, accepted()},
		{"entries, partial", "O-4", "tile/entries/x123/x456/789.p/12", -1, 123456789, 12, accepted()},
	}
	for _, v := range []struct{ name, path string }{
		{"empty", ""}, {"no number", "tile/0/"}, {"no level", "tile/000"}, {"empty level", "tile//000"}, {"leading slash", "/tile/0/000"},
		{"trailing slash", "tile/0/000/"}, {"level with leading zero", "tile/00/000"}, {"level with sign", "tile/+1/000"},
		{"level minus one", "tile/-1/000"}, {"level six: no outbox is so large (O-7)", "tile/6/000"}, {"level of words", "tile/data/000"},
		{"two digits", "tile/0/00"}, {"four digits", "tile/0/0001"}, {"leading group of zeros", "tile/0/x000/001"},
		{"x on the last group", "tile/0/x001"}, {"no x", "tile/0/001/000"}, {"upper case x", "tile/0/X001/000"}, {"sign", "tile/0/+01"},
		{"width nought", "tile/0/000.p/0"}, {"width 256 is full", "tile/0/000.p/256"}, {"width with leading zero", "tile/0/000.p/01"},
		{"empty width", "tile/0/000.p/"}, {"no mark of a width", "tile/0/000/5"}, {"width twice", "tile/0/000.p/5.p/5"},
		{"beyond 2^40", "tile/0/x004/x294/x967/296"}, {"second tile where one hash is all", "tile/5/001.p/1"},
		{"second hash where one is all", "tile/5/000.p/2"}, {"beyond 64 bits", "tile/0/x018/x446/x744/x073/x709/x551/616"},
		{"sumdb style", "tile/8/0/000"}, {"climbing", "tile/0/../000"}, {"space", "tile/0/000 "}, {"newline", "tile/0/000\n"},
		{"digits of another script", "tile/0/٠٠٠"}, {"a query", "tile/0/000?x"},
	} {
		list = append(list, pathVector{Name: v.name, Rule: "O-4", Path: v.path, verdict: rejected(Malformed)})
	}
	for _, v := range []struct{ name, path string }{
		{"entries of a level", "tile/entries/0/000"}, {"entries without number", "tile/entries/"}, {"entries beyond 2^40", "tile/entries/x004/x294/x967/296"},
		{"entries in upper case", "tile/Entries/000"}, {"a tile is no bundle", "tile/0/000"},
	} {
		list = append(list, pathVector{Name: v.name, Rule: "O-4", Path: v.path, Level: -1, verdict: rejected(Malformed)})
	}
	return list
}

type bundleVector struct {
	Name    string  `json:"name"`
	Rule    string  `json:"rule"`
	Bundle  hexed   `json:"bundle"`
	Entries []hexed `json:"entries"`
	verdict
}

func (v bundleVector) test(t *testing.T) {
	entries, err := ParseEntries(v.Bundle.bytes(t))
	v.check(t, err)
	var got []hexed
	for _, e := range entries {
		got = append(got, hexOf(e))
	}
	if !slices.Equal(got, v.Entries) {
		t.Fatalf("got %v", got)
	}
	if err == nil && !bytes.Equal(must[[]byte](t)(FormatEntries(entries)), v.Bundle.bytes(t)) {
		t.Fatal("print and parse is not identity")
	}
}

func makeBundles() (list []bundleVector) {
	add := func(v verdict, name, bundle string, entries ...string) {
		c := bundleVector{name, "O-4", hexOf([]byte(bundle)), []hexed{}, v}
		for _, e := range entries {
			c.Entries = append(c.Entries, hexOf([]byte(e)))
		}
		list = append(list, c)
	}
	long := strings.Repeat("v", 258)
	add(accepted(), "one", "\x00\x07entry 0", "entry 0")
	add(accepted(), "three", "\x00\x07entry 0\x00\x07entry 1\x00\x01!", "entry 0", "entry 1", "!")
	add(accepted(), "an entry of no bytes", "\x00\x00", "")
	add(accepted(), "big-endian length", "\x01\x02"+long, long)
	add(accepted(), "256 entries", strings.Repeat("\x00\x01x", 256), slices.Repeat([]string{"x"}, 256)...)
	add(rejected(Malformed), "empty", "")
	add(rejected(Malformed), "257 entries", strings.Repeat("\x00\x01x", 257))
	add(rejected(Malformed), "half a length", "\x00\x01x\x00")
	add(rejected(Malformed), "one byte short", "\x00\x07entry ")
	add(rejected(Malformed), "one byte more", "\x00\x01xy")
	add(rejected(Malformed), "little-endian length", "\x02\x00ab")
	return list
}

// makeNotes gives the signed notes that forks are made of.
func makeNotes(t *testing.T) map[string]string {
	three, four, eleven := signed(t, aliceToBob, leavesOf(3)), signed(t, aliceToBob, leavesOf(4)), signed(t, aliceToBob, leavesOf(11))
	receipt := must[seal.Receipt](t)(bob(t).Countersign(four, testNow.Add(60e9)))
	other := signed(t, aliceToBob, otherLeaves(4, 2))
	return map[string]string{
		"nothing":            string(signed(t, aliceToBob, nil).Note),
		"odd nothing":        string(signedRoot(t, aliceToBob, 0, [32]byte{7}).Note),
		"3":                  string(three.Note),
		"4":                  string(four.Note),
		"4 with receipt":     string(seal.Countersigned(four, receipt)),
		"other 4":            string(other.Note),
		"11":                 string(eleven.Note),
		"other 11":           string(signed(t, aliceToBob, otherLeaves(11, 2)).Note),
		"register 4":         string(signed(t, otherOrigin, otherLeaves(4, 2)).Note),
		"4 without a line":   strings.Join(strings.SplitAfter(string(four.Note), "\n")[:5], ""),
		"4, lines of other":  four.Text() + string(other.Note[len(other.Text()):]),
		"4, extension line":  four.Text() + "extension\n" + string(four.Note[len(four.Text()):]),
		"4, not signed":      four.Text() + "\n",
		"size with a nought": strings.Replace(string(four.Note), "\n4\n", "\n04\n", 1),
	}
}

type forkVector struct {
	Name  string  `json:"name"`
	Rule  string  `json:"rule"`
	A     string  `json:"a"`
	B     string  `json:"b"`
	Proof []hexed `json:"proof"`
	verdict
}

func (v forkVector) test(t *testing.T, file outboxFile) {
	keys := must[seal.Keys](t)(seal.ParseKeys([]byte(file.Keys)))
	if file.Notes[v.A] == "" || file.Notes[v.B] == "" {
		t.Fatal("no such note")
	}
	v.check(t, Fork{[]byte(file.Notes[v.A]), []byte(file.Notes[v.B]), unhexes(t, v.Proof)}.Check(keys))
}

func makeForks(t *testing.T) (list []forkVector) {
	t.Helper()
	add := func(v verdict, name, a, b string, proof [][32]byte) {
		list = append(list, forkVector{name, "O-6", a, b, hexes(proof), v})
	}
	other := otherLeaves(11, 2)
	between := func(m int, d [][32]byte) [][32]byte {
		return append([][32]byte{naiveRoot(d[:m])}, naiveConsistency(m, d)...)
	}
	good := between(4, other)
	add(accepted(), "same size", "4", "other 4", nil)
	add(accepted(), "same size, the other first", "other 4", "4", nil)
	add(accepted(), "a receipt stands below one", "4 with receipt", "other 4", nil)
	add(accepted(), "smaller and larger", "4", "other 11", good)
	add(accepted(), "size 3", "3", "other 11", between(3, other))
	add(accepted(), "an empty log of another root", "odd nothing", "nothing", nil)
	add(accepted(), "an empty log of another root, and a larger", "odd nothing", "4", [][32]byte{naiveRoot(nil)})
	add(rejected(BadProof), "one log at two sizes", "4", "11", between(4, leavesOf(11)))
	add(rejected(BadProof), "one checkpoint twice", "4", "4", nil)
	add(rejected(BadProof), "one checkpoint with and without receipt", "4 with receipt", "4", nil)
	add(rejected(BadProof), "nothing and something", "nothing", "4", [][32]byte{naiveRoot(nil)})
	add(rejected(BadProof), "the larger first", "other 11", "4", good)
	add(rejected(BadProof), "two outboxes", "4", "register 4", nil)
	add(rejected(BadProof), "same size with a proof", "4", "other 4", good)
	add(rejected(BadProof), "no proof", "4", "other 11", nil)
	add(rejected(BadProof), "the other root alone", "4", "other 11", good[:1])
	add(rejected(BadProof), "the proof without the other root", "4", "other 11", good[1:])
	add(rejected(BadProof), "one hash too many", "4", "other 11", append(slices.Clone(good), good[0]))
	add(rejected(BadProof), "the proof of another log", "4", "other 11", between(4, leavesOf(11)))
	add(rejected(BadProof), "an invented root", "4", "other 11", slices.Concat([][32]byte{{9}}, good[1:]))
	add(rejected(BadProof), "an invented root of nothing", "nothing", "4", [][32]byte{{9}})
	add(rejected(seal.UnknownKey), "one line is missing", "4 without a line", "other 4", nil)
	add(rejected(seal.BadSignature), "signatures of the other", "4, lines of other", "other 4", nil)
	add(rejected(seal.Malformed), "an extension line", "4, extension line", "other 4", nil)
	add(rejected(seal.Malformed), "not signed", "4, not signed", "other 4", nil)
	add(rejected(seal.Malformed), "a leading zero", "size with a nought", "other 4", nil)
	return list
}

type proofVector struct {
	Name      string `json:"name"`
	Rule      string `json:"rule"`
	File      string `json:"file"`
	Leaf      string `json:"leaf"`
	OtherKeys bool   `json:"other_keys"`
	Index     int64  `json:"index"`
	Size      int64  `json:"size"`
	Extra     string `json:"extra"`
	verdict
}

func (v proofVector) test(t *testing.T, file outboxFile) {
	text := file.Keys
	if v.OtherKeys {
		text = file.OtherKeys
	}
	keys := must[seal.Keys](t)(seal.ParseKeys([]byte(text)))
	p, err := ParseProof([]byte(v.File))
	if err == nil {
		if string(p.Format()) != v.File {
			t.Fatal("print and parse is not identity")
		}
		var cp seal.Checkpoint
		if cp, err = p.Check(keys, []byte(v.Leaf)); err == nil && (cp.Size != v.Size || p.Index != v.Index || string(p.Extra) != v.Extra) {
			t.Fatalf("index %d of size %d, extra %q", p.Index, cp.Size, p.Extra)
		}
	}
	v.check(t, err)
}

func makeProofs(t *testing.T) (list []proofVector) {
	t.Helper()
	d := leavesOf(11)
	cp := signed(t, aliceToBob, d)
	good := string(FormatProof(5, naiveInclusion(5, d), cp.Note))
	first, one := signed(t, aliceToBob, d[:1]), leavesOf(1)
	add := func(v verdict, name, file string) *proofVector {
		list = append(list, proofVector{Name: name, Rule: "O-5", File: file, Leaf: "entry 5", verdict: v})
		c := &list[len(list)-1]
		if v.Error == "" {
			c.Index, c.Size = 5, 11
		}
		return c
	}
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in a proof", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	lines := strings.SplitAfter(good, "\n")
	hash := lines[2]
	add(accepted(), "good", good)
	add(accepted(), "extra", swap("index", "extra aGVsbG8=\nindex")).Extra = "hello"
	c := add(accepted(), "no hashes in a tree of one", string(FormatProof(0, naiveInclusion(0, one), first.Note)))
	c.Leaf, c.Index, c.Size = "entry 0", 0, 1
	receipt := must[seal.Receipt](t)(bob(t).Countersign(cp, testNow.Add(60e9)))
	add(accepted(), "a receipt below the checkpoint", string(FormatProof(5, naiveInclusion(5, d), seal.Countersigned(cp, receipt))))
	add(accepted(), "a line of somebody unknown", good+"— witness.example "+base64.StdEncoding.EncodeToString(make([]byte, 76))+"\n")
	add(rejected(BadProof), "another leaf", good).Leaf = "entry 6"
	add(rejected(BadProof), "extra that names the leaf", swap("index", "extra ZW50cnkgNg==\nindex")).Leaf = "entry 6"
	add(rejected(BadProof), "another index", swap("index 5", "index 6"))
	add(rejected(BadProof), "index is the size", swap("index 5", "index 11"))
	add(rejected(BadProof), "one hash too few", swap(hash, ""))
	add(rejected(BadProof), "one hash too many", swap(hash, hash+hash))
	add(rejected(BadProof), "a checkpoint of another size", string(FormatProof(5, naiveInclusion(5, d), signed(t, aliceToBob, d[:10]).Note)))
	add(rejected(seal.UnknownKey), "keys of somebody else", good).OtherKeys = true
	add(rejected(seal.BadSignature), "another size, signed as this", swap("\n11\n", "\n12\n"))
	for _, m := range []struct{ name, file string }{
		{"empty", ""}, {"no header", strings.Join(lines[1:], "")}, {"version 2", swap("@v1", "@v2")}, {"a space after the header", swap("@v1\n", "@v1 \n")},
		{"lines end as in DOS", strings.ReplaceAll(good, "\n", "\r\n")}, {"mark of byte order", "\ufeff" + good},
		{"no index", strings.Join(append(slices.Clone(lines[:1]), lines[2:]...), "")}, {"index twice", swap("index 5\n", "index 5\nindex 5\n")},
		{"index after the hashes", fmt.Sprint(lines[0], hash, lines[1], strings.Join(lines[3:], ""))}, {"index empty", swap("index 5", "index ")},
		{"index with leading zero", swap("index 5", "index 05")}, {"index with sign", swap("index 5", "index +5")}, {"index negative", swap("index 5", "index -5")},
		{"index in hex", swap("index 5", "index 0x5")}, {"index with spaces", swap("index 5", "index  5")}, {"index 2^40 (O-7)", swap("index 5", "index 1099511627776")},
		{"index beyond 64 bits", swap("index 5", "index 18446744073709551621")},
		{"extra empty", swap("index", "extra \nindex")}, {"extra without padding", swap("index", "extra aGVsbG8\nindex")}, {"extra twice", swap("index", "extra YQ==\nextra YQ==\nindex")},
		{"extra with stray bits", swap("index", "extra YR==\nindex")}, {"extra after the index", swap("index 5\n", "index 5\nextra YQ==\n")}, {"another line", swap("index", "note YQ==\nindex")},
		{"hash without padding", swap(hash, strings.TrimRight(hash, "=\n")+"\n")}, {"hash of 31 bytes", swap(hash, base64.StdEncoding.EncodeToString(make([]byte, 31))+"\n")},
		{"hash in hex", swap(hash, strings.Repeat("ab", 32)+"\n")}, {"hash in base64url", swap(hash, strings.Repeat("_", 42)+"8=\n")}, {"space before a hash", swap(hash, " "+hash)},
		{"carriage return after a hash", swap(hash, strings.TrimSpace(hash)+"\r\n")},
		{"carriage return in extra", swap("index", "extra Y\rQ==\nindex")}, {"no empty line", swap("\n\n", "\n")}, {"ends after the hashes", strings.Join(lines[:6], "")}, {"ends after the empty line", strings.Join(lines[:7], "")},
		{"65 hashes", swap(hash, strings.Repeat(hash, 62))},
	} {
		add(rejected(Malformed), m.name, m.file)
	}
	return list
}
