package conformance

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"verbale/outbox"
)

// TestTilePaths: torchwood writes the same paths and reads ours (O-4).
func TestTilePaths(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		level := random.IntN(4)
		n := random.Int64N(outbox.MaxSize>>(8*level+8)) >> random.IntN(30)
		width := 1 + random.IntN(256)
		ours := outbox.TilePath(level, n, width)
		tile := tlog.Tile{H: 8, L: level, N: n, W: width}
		if theirs := torchwood.TilePath(tile); ours != theirs {
			t.Fatalf("torchwood writes %q, we %q", theirs, ours)
		}
		if read := must[tlog.Tile](t)(torchwood.ParseTilePath(ours)); read != tile {
			t.Fatalf("%q: torchwood reads %v", ours, read)
		}
		tile = tlog.Tile{H: 8, L: -1, N: n, W: width}
		if theirs := torchwood.TilePath(tile); outbox.EntriesPath(n, width) != theirs {
			t.Fatalf("torchwood writes %q, we %q", theirs, outbox.EntriesPath(n, width))
		}
	}
}

// TestPathVectors: torchwood reads what we read, and refuses what we refuse, but for a few.
func TestPathVectors(t *testing.T) {
	file := vectors[struct {
		Paths []struct {
			Name   string `json:"name"`
			Path   string `json:"path"`
			Level  int    `json:"level"`
			N      int64  `json:"n"`
			Width  int    `json:"width"`
			Expect string `json:"expect"`
		} `json:"paths"`
	}](t, "outbox.json")
	looser := []string{
		// O-7 bounds what an outbox can hold; the format does not.
		"level six: no outbox is so large (O-7)", "beyond 2^40", "second tile where one hash is all", "second hash where one is all", "entries beyond 2^40",
		// We have a function for each sort of path, torchwood has one for both.
		"a tile is no bundle",
		// A path of the Go checksum database, which torchwood lets through and tlog-tiles does not know.
		"level of words",
	}
	for _, v := range file.Paths {
		tile, err := torchwood.ParseTilePath(v.Path)
		switch {
		case v.Expect == "accept" && (err != nil || tile != tlog.Tile{H: 8, L: v.Level, N: v.N, W: v.Width}):
			t.Errorf("%s: torchwood reads %q as %v, %v", v.Name, v.Path, tile, err)
		case v.Expect == "reject" && (err == nil) != slices.Contains(looser, v.Name):
			t.Errorf("%s: torchwood on %q: %v, %v", v.Name, v.Path, tile, err)
		}
	}
}

// served lays an outbox out as an auditor would fetch it.
func served(t testing.TB, tree *outbox.Tree, leaves [][]byte) fstest.MapFS {
	t.Helper()
	dir := fstest.MapFS{}
	for id, data := range tree.Changed() {
		path := outbox.TilePath(id.Level, id.N, len(data)/32)
		dir[path] = &fstest.MapFile{Data: data}
	}
	for n := 0; n*256 < len(leaves); n++ {
		entries := leaves[n*256 : min(len(leaves), n*256+256)]
		bundle := must[[]byte](t)(outbox.FormatEntries(entries))
		dir[outbox.EntriesPath(int64(n), len(entries))] = &fstest.MapFile{Data: bundle}
	}
	return dir
}

// TestTilesReadByOthers: the client of torchwood audits an outbox from its files, entry by entry, against our signed root.
func TestTilesReadByOthers(t *testing.T) {
	for _, size := range []int{1, 255, 256, 257, 700, 65536 + 300} {
		l := theirLog(t, size)
		tree := ourTree(t, l.leaves)
		root := must[[32]byte](t)(tree.Root())
		if root != l.root(t, size) {
			t.Fatalf("the roots of %d leaves differ", size)
		}
		cp := alice(t).sign(t, aliceToBob, int64(size), root)
		checkpoint, _, err := torchwood.VerifyCheckpoint(cp.Note, logPolicy(t, alice(t).Keys(), aliceToBob))
		if err != nil {
			t.Fatal(err)
		}
		dir := served(t, tree, l.leaves)
		client := must[*torchwood.Client](t)(torchwood.NewClient(must[*torchwood.TileFS](t)(torchwood.NewTileFS(dir))))
		next := int64(0)
		for i, entry := range client.AllEntries(context.Background(), checkpoint.Tree, 0) {
			if i != next || !bytes.Equal(entry, l.leaves[i]) {
				t.Fatalf("entry %d of %d: the client read %d, %q", next, size, i, entry)
			}
			next++
		}
		if client.Err() != nil || next != int64(size) {
			t.Fatalf("the client read %d of %d entries: %v", next, size, client.Err())
		}
		for index := int64(0); index < int64(size); index += 1 + int64(size)/5 {
			entry, proof, err := client.Entry(context.Background(), checkpoint.Tree, index)
			if err != nil || !bytes.Equal(entry, l.leaves[index]) {
				t.Fatalf("entry %d of %d: %q, %v", index, size, entry, err)
			}
			if ours := must[[][32]byte](t)(tree.ProveInclusion(index, int64(size))); !sameProof(ours, proof) {
				t.Fatalf("the proofs of entry %d of %d differ", index, size)
			}
		}
		forgeTiles(t, dir, checkpoint.Tree)
	}
}

// forgeTiles changes one byte of each file of a small outbox: the client of torchwood must notice.
func forgeTiles(t *testing.T, dir fstest.MapFS, tree tlog.Tree) {
	t.Helper()
	if tree.N > 700 {
		return
	}
	for path, file := range dir {
		data := file.Data
		file.Data = slices.Clone(data)
		file.Data[len(data)-1] ^= 1
		client := must[*torchwood.Client](t)(torchwood.NewClient(must[*torchwood.TileFS](t)(torchwood.NewTileFS(dir))))
		for range client.AllEntries(context.Background(), tree, 0) {
		}
		if client.Err() == nil {
			t.Errorf("nobody noticed the change in %s of %d leaves", path, tree.N)
		}
		file.Data = data
	}
}

// TestTilesOfOthers: x/mod cuts the tiles of a log that torchwood grew, torchwood names them and writes the bundles; we open
// the tree from them and prove.
func TestTilesOfOthers(t *testing.T) {
	for _, size := range []int{1, 255, 256, 257, 700} {
		l := theirLog(t, size)
		dir := map[string][]byte{}
		for _, tile := range tlog.NewTiles(8, 0, int64(size)) {
			dir[torchwood.TilePath(tile)] = must[[]byte](t)(tlog.ReadTileData(tile, l))
		}
		tree := outbox.OpenTree(int64(size), func(id outbox.TileID) ([]byte, error) {
			for path, data := range dir {
				if got, _, err := outbox.ParseTilePath(path); err == nil && got == id {
					return data, nil
				}
			}
			return nil, fmt.Errorf("no tile %v", id)
		})
		root := must[[32]byte](t)(tree.Root())
		if root != l.root(t, size) {
			t.Fatalf("the roots of %d leaves differ", size)
		}
		for at := 0; at < size; at += 1 + size/9 {
			proof := must[[][32]byte](t)(tree.ProveInclusion(int64(at), int64(size)))
			if err := tlog.CheckRecord(hashes(proof), int64(size), root, int64(at), tlog.RecordHash(l.leaves[at])); err != nil {
				t.Fatal(err)
			}
			if at == 0 {
				continue
			}
			proof = must[[][32]byte](t)(tree.ProveConsistency(int64(at), int64(size)))
			if err := tlog.CheckTree(hashes(proof), int64(size), root, int64(at), l.root(t, at)); err != nil {
				t.Fatal(err)
			}
			theirs := must[tlog.TreeProof](t)(tlog.ProveTree(int64(size), int64(at), l))
			if !sameProof(proof, theirs) {
				t.Fatalf("the proofs from %d to %d differ", at, size)
			}
		}
		var bundle []byte
		for _, leaf := range l.leaves[:min(size, 256)] {
			bundle = must[[]byte](t)(torchwood.AppendTileEntry(bundle, leaf))
		}
		if got := must[[][]byte](t)(outbox.ParseEntries(bundle)); !slices.EqualFunc(got, l.leaves[:min(size, 256)], bytes.Equal) {
			t.Fatalf("we read other entries of a bundle of %d", size)
		}
	}
}
