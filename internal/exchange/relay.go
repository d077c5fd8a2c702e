package exchange

import (
	"bytes"
	"math"
	"slices"

	"verbale/seal"
)

// Terms are what a relay takes entries by (spec/relay.md): whose receipt excuses absent contents, and how much there is room for.
type Terms struct {
	Audience string
	Keys     seal.Keys // the audience's
	Held     Load      // what the relay holds of this author for this audience, and the audience has not receipted
	Quota    Load      // the most that Held may be
}

// A Load is entries and the bytes of their leaves and contents.
type Load struct {
	Entries int64 `json:"entries"`
	Bytes   int64 `json:"bytes"`
}

// Unbounded is a quota that nothing reaches: the audience itself, and an author that takes its own outbox back, have room.
func Unbounded() Load { return Load{Entries: math.MaxInt64, Bytes: math.MaxInt64} }

// open verifies the audience's receipt that may stand in the note of a batch (L-6). The zero Receipt: there is none.
func (t *Terms) open(note []byte, cp seal.Checkpoint) (seal.Receipt, error) {
	if t == nil || !HasReceipt(note, t.Audience) {
		return seal.Receipt{}, nil
	}
	r, err := t.Keys.OpenReceipt(t.Audience, note, cp.Head)
	if err != nil {
		return r, Refuse(BadSignature, "L-6", err, "the lines of %s below the checkpoint are no valid receipt of it", t.Audience)
	}
	return r, nil
}

// HasReceipt tells whether a note has a line by the name of a party's receipt keys, valid or not.
func HasReceipt(note []byte, party string) bool {
	begins := []byte("— " + seal.ReceiptName(party) + " ")
	return slices.ContainsFunc(seal.LinesOf(note), func(line []byte) bool { return bytes.HasPrefix(line, begins) })
}

// room refuses a batch that would go beyond the quota (L-9). What the audience has received does not count.
func (t *Terms) room(b *Batch, received bool) error {
	if t == nil || received {
		return nil
	}
	comes := Load{Entries: int64(len(b.Entries))}
	for _, e := range b.Entries {
		comes.Bytes += int64(len(e.Leaf) + len(e.Content))
	}
	switch {
	case t.Held.Entries+comes.Entries > t.Quota.Entries:
		return Refuse(OverQuota, "L-9", nil, "this relay holds %d entries of yours that %s has not receipted, the batch has %d, and it holds at most %d; nothing was stored",
			t.Held.Entries, t.Audience, comes.Entries, t.Quota.Entries)
	case t.Held.Bytes+comes.Bytes > t.Quota.Bytes:
		return Refuse(OverQuota, "L-9", nil, "this relay holds %d bytes of yours that %s has not receipted, the batch has %d, and it holds at most %d; nothing was stored",
			t.Held.Bytes, t.Audience, comes.Bytes, t.Quota.Bytes)
	}
	return nil
}
