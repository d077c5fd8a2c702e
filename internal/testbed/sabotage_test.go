package testbed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// alias is a relay's receipt key under the name of a witness, with its line over a head: an Ed25519 cosignature does not say by which name.
func alias(t *testing.T, r *Party, head seal.Head) (vkey string, line []byte) {
	t.Helper()
	const name = "alias.witness.example"
	b, err := r.Keys.Beat(head, r.Now())
	if err != nil {
		t.Fatal(err)
	}
	public := append([]byte{0x04}, r.Keys.Keys().ReceiptEd25519...)
	id := sha256.Sum256(append([]byte(name+"\n"), public...))
	given := seal.LinesOf(b.Note(r.Keys.Keys()))[0]
	raw, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(given[bytes.LastIndexByte(given, ' ')+1:])))
	if err != nil {
		t.Fatal(err)
	}
	copy(raw, id[:4])
	return name + "+" + hex.EncodeToString(id[:4]) + "+" + base64.StdEncoding.EncodeToString(public), []byte("— " + name + " " + base64.StdEncoding.EncodeToString(raw) + "\n")
}

// An addressee whose relay lends it the receipt key as that of a witness makes no file of the sender useless: no reader counts such a line, and
// one that stands sinks the file (B-11).
func TestPeerSabotagesTheDates(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	w := b.Witness("sigma.witness.example")
	y.WitnessedBy(1, w)
	b.Faults = apart(x, y)
	ref := x.Appeal(y, "mitigate")
	b.Later(time.Hour)
	lodge(t, x, y)
	collect(t, y)
	b.Faults = nil
	x.Push(y)
	y.Date()
	calls := 0
	b.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return dating{p, func(l []exchange.Anchor) []exchange.Anchor {
			for i, a := range l {
				text, _, _ := bytes.Cut(a.Note, []byte("\n\n"))
				head, err := seal.ParseHead(string(text) + "\n")
				if err != nil {
					t.Fatal(err)
				}
				vkey, line := alias(t, r, head)
				l[i].Note, l[i].Witnesses = append(bytes.Clone(a.Note), line...), append(a.Witnesses, vkey)
			}
			return l
		}, &calls}
	}
	x.Follow(y)
	if dated, _ := datings(t, x); calls == 0 || len(dated[y.Name]) == 0 {
		t.Fatalf("the sender keeps %v", dated)
	}
	_, v := proves(t, x, ref)
	f := found(t, v, ref)
	if f.State != verdict.Received || len(f.Lodged) != 1 || f.NotAfter == nil || len(f.NotAfter.By) != 1 {
		t.Errorf("%+v", f)
	}
}

// A peer whose witness has the name and id of one that is known already, and another key, does not take its place: what that one has signed
// could not be shown any more.
func TestWitnessOfTheSameNameAndID(t *testing.T) {
	x, y := dealt(t)
	desk, _ := deskOf(x.Node, y)
	list, err := desk.Dated(t.Context(), x.Name+"/to/"+y.Name+"/1", 0)
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	vkey := list[0].Witnesses[0]
	parts := strings.SplitN(vkey, "+", 3)
	row := "witness/" + parts[0] + "+" + parts[1]
	const other = "another key of this name and id"
	x.Bed.must(y.Store.Update(context.Background(), func(tx *store.Tx) error { return tx.SetMeta(row, other) }))
	if _, err := y.Node.Follow(t.Context(), x.Name); exchange.KindOf(err) != exchange.BadSignature {
		t.Errorf("it is taken: %v", err)
	}
	x.Bed.must(y.Store.View(t.Context(), func(tx *store.Tx) error {
		if is, _, err := tx.Meta(row); err != nil || is != other {
			t.Errorf("it is %q now, %v", is, err)
		}
		return nil
	}))
}
