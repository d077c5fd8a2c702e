package outbox

import (
	"crypto/sha256"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// TileID names a tile: a run of up to 256 hashes of one level of the tree (C2SP tlog-tiles, height 8).
type TileID struct {
	Level int   // tile level: its hashes are those of 256^Level leaves each
	N     int64 // the how manieth tile of that level
}

// ReadTile gives a tile's hashes as stored, full or partial, 32 bytes each; nil when there is no such tile. The tree keeps what
// it is given, and does not write to it.
type ReadTile func(TileID) ([]byte, error)

// A Tree is the Merkle tree of an outbox: what is stored below a size, and what was appended since.
// It is not for use by several goroutines at once.
type Tree struct {
	size    int64
	read    ReadTile
	loaded  map[TileID][]byte // tiles as read or as grown
	changed map[TileID]bool   // tiles that Append has grown
	edge    []tlog.Hash       // roots of the complete subtrees that make up the tree, the largest first; nil before the first use
}

// OpenTree opens the tree of the first size leaves. read must give the tiles of at least that tree.
func OpenTree(size int64, read ReadTile) *Tree {
	return &Tree{size: size, read: read, loaded: map[TileID][]byte{}, changed: map[TileID]bool{}}
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// LeafHash is sha256(0x00 || leaf) (RFC 6962 §2.1).
func LeafHash(leaf []byte) [32]byte { return tlog.RecordHash(leaf) }

// Append adds a leaf by its hash. When it fails the tree is as it was before.
func (t *Tree) Append(leafHash [32]byte) error {
	if t.size < 0 || t.size >= MaxSize {
		return fail(Refused, "O-7", "an outbox has at most 2^40 entries")
	}
	if err := t.loadEdge(); err != nil {
		return err
	}
	hashes, err := guard(func() ([]tlog.Hash, error) {
		return tlog.StoredHashesForRecordHash(t.size, leafHash, tlog.HashReaderFunc(t.endOfEdge))
	})
	if err != nil {
		return err
	}
	// The new leaf completes a subtree of each height below len(hashes). Every eighth height is one of tiles.
	for height := 0; height < len(hashes); height += tileHeight {
		t.grow(height/tileHeight, t.size>>height, hashes[height])
	}
	last := len(hashes) - 1
	t.edge = append(t.edge[:len(t.edge)-last], hashes[last])
	t.size++
	return nil
}

// loadEdge reads the edge from the tiles, once: what TreeHash asks for is the edge.
func (t *Tree) loadEdge() error {
	if t.edge != nil {
		return nil
	}
	edge := []tlog.Hash{}
	_, err := guard(func() (tlog.Hash, error) {
		return tlog.TreeHash(t.size, tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
			hashes, err = t.hashes(indexes)
			edge = hashes
			return hashes, err
		}))
	})
	if err == nil {
		t.edge = edge
	}
	return err
}

// endOfEdge is a tlog.HashReader for what is asked at the size of the tree: the whole edge (TreeHash), or its last few, which
// the next leaf completes (StoredHashesForRecordHash).
func (t *Tree) endOfEdge(indexes []int64) ([]tlog.Hash, error) {
	return t.edge[len(t.edge)-len(indexes):], nil
}

// grow adds hash n of a level to its tile. A tile that has hashes before it holds a part of the edge, so loadEdge has read it and
// found it long enough. What ReadTile gave is not written to.
func (t *Tree) grow(level int, n int64, h tlog.Hash) {
	id := TileID{Level: level, N: n / tileWidth}
	at := int(n%tileWidth) * tlog.HashSize
	data := t.loaded[id]
	if !t.changed[id] {
		data = append(make([]byte, 0, tileWidth*tlog.HashSize), data[:at]...)
	}
	t.loaded[id] = append(data[:at], h[:]...)
	t.changed[id] = true
}

// tile gives a tile as it stands now.
func (t *Tree) tile(id TileID) ([]byte, error) {
	if data, ok := t.loaded[id]; ok {
		return data, nil
	}
	data, err := t.read(id)
	if err != nil {
		return nil, err
	}
	if len(data)%tlog.HashSize != 0 || len(data) > tileWidth*tlog.HashSize {
		return nil, fail(Damaged, "O-4", "tile %d/%d has %d bytes: the stored tree is damaged", id.Level, id.N, len(data))
	}
	t.loaded[id] = data
	return data, nil
}

// hashes is a tlog.HashReader over the tiles.
func (t *Tree) hashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, err := t.fromTile(index)
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

func (t *Tree) fromTile(index int64) (tlog.Hash, error) {
	tile := tlog.TileForIndex(tileHeight, index)
	data, err := t.tile(TileID{Level: tile.L, N: tile.N})
	if err != nil {
		return tlog.Hash{}, err
	}
	if len(data) < tile.W*tlog.HashSize {
		return tlog.Hash{}, fail(Damaged, "O-4", "tile %d/%d has %d hashes where %d are needed: the stored tree is damaged",
			tile.L, tile.N, len(data)/tlog.HashSize, tile.W)
	}
	return tlog.HashFromTile(tile, data[:tile.W*tlog.HashSize], index)
}

// Root is the root of the whole tree.
func (t *Tree) Root() ([32]byte, error) { return t.RootAt(t.size) }

// RootAt is the root of the first size leaves, for any size up to Size.
func (t *Tree) RootAt(size int64) ([32]byte, error) {
	if size < 0 || !t.reaches(size) {
		return [32]byte{}, fail(Refused, "O-3", "the tree has %d leaves, its root at %d was asked for", t.size, size)
	}
	if size == 0 {
		return sha256.Sum256(nil), nil
	}
	reader := t.hashes
	if size == t.size {
		if err := t.loadEdge(); err != nil {
			return [32]byte{}, err
		}
		reader = t.endOfEdge
	}
	return guard(func() (tlog.Hash, error) { return tlog.TreeHash(size, tlog.HashReaderFunc(reader)) })
}

// reaches says whether the tree has so many leaves. A tree opened at more than 2^40 has none to tlog: near 2^63 its search for
// the largest subtree would never end.
func (t *Tree) reaches(size int64) bool { return size <= t.size && t.size <= MaxSize }

// Changed gives the tiles that Append has grown, each whole. What is appended later does not change them.
func (t *Tree) Changed() map[TileID][]byte {
	out := make(map[TileID][]byte, len(t.changed))
	for id := range maps.Keys(t.changed) {
		out[id] = slices.Clip(t.loaded[id])
	}
	return out
}

// ProveInclusion proves that the leaf at index is in the tree of the first size leaves: hashes from its sibling upward.
func (t *Tree) ProveInclusion(index, size int64) ([][32]byte, error) {
	if !t.reaches(size) || index < 0 || index >= size {
		return nil, fail(Refused, "O-5", "a proof of entry %d at size %d was asked of a tree of %d", index, size, t.size)
	}
	proof, err := guard(func() (tlog.RecordProof, error) {
		return tlog.ProveRecord(size, index, tlog.HashReaderFunc(t.hashes))
	})
	return plain(proof), err
}

// ProveConsistency proves that the tree of the first to leaves begins with the first from leaves. From 0, and from equal to to,
// the proof is empty.
func (t *Tree) ProveConsistency(from, to int64) ([][32]byte, error) {
	if from < 0 || from > to || !t.reaches(to) {
		return nil, fail(Refused, "O-6", "a proof from %d to %d was asked of a tree of %d", from, to, t.size)
	}
	if from == 0 || from == to {
		return nil, nil
	}
	proof, err := guard(func() (tlog.TreeProof, error) {
		return tlog.ProveTree(to, from, tlog.HashReaderFunc(t.hashes))
	})
	return plain(proof), err
}

func plain(proof []tlog.Hash) [][32]byte {
	var out [][32]byte
	for _, h := range proof {
		out = append(out, h)
	}
	return out
}

func hashesOf(proof [][32]byte) []tlog.Hash {
	out := make([]tlog.Hash, 0, len(proof))
	for _, h := range proof {
		out = append(out, h)
	}
	return out
}

// guard turns a panic of tlog ("bad math" on a damaged tree) into an error.
func guard[T any](fn func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fail(Damaged, "O-4", "the tree arithmetic failed (%v): the stored tree is damaged", p)
		}
	}()
	return fn()
}

// CheckInclusion checks a proof made by ProveInclusion against a root.
func CheckInclusion(proof [][32]byte, size int64, root [32]byte, index int64, leafHash [32]byte) error {
	if size < 1 || size > MaxSize || index < 0 || index >= size || len(proof) > MaxProof {
		return fail(BadProof, "O-5", "entry %d cannot be in a tree of %d with a proof of %d hashes", index, size, len(proof))
	}
	_, err := guard(func() (struct{}, error) {
		return struct{}{}, tlog.CheckRecord(hashesOf(proof), size, root, index, leafHash)
	})
	if err != nil {
		return fail(BadProof, "O-5", "the proof does not show that this is entry %d of the %d under that root", index, size)
	}
	return nil
}

// CheckConsistency checks a proof made by ProveConsistency between two roots.
func CheckConsistency(proof [][32]byte, to int64, toRoot [32]byte, from int64, fromRoot [32]byte) error {
	bad := fail(BadProof, "O-6", "the proof does not show that the tree of %d begins with that of %d", to, from)
	switch {
	case from < 0 || from > to || to > MaxSize || len(proof) > 2*MaxProof:
		return bad
	case from == 0:
		if len(proof) != 0 || fromRoot != sha256.Sum256(nil) {
			return bad
		}
		return nil
	case from == to:
		if len(proof) != 0 || fromRoot != toRoot {
			return bad
		}
		return nil
	}
	_, err := guard(func() (struct{}, error) {
		return struct{}{}, tlog.CheckTree(hashesOf(proof), to, toRoot, from, fromRoot)
	})
	if err != nil {
		return bad
	}
	return nil
}
