package seal

import (
	"bytes"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A Checkpoint is a head signed by both log keys of its author.
type Checkpoint struct {
	Head
	Time time.Time // the author's clock, from the ML-DSA-44 line; whole seconds, UTC
	Note []byte    // the text and the two log lines, Ed25519 first; nothing else
}

// OpenCheckpoint verifies a checkpoint by K-8 to K-10 with the keys of its
// author. The origin, and with it the names of the keys, is taken from the
// text: the caller checks that its author is the party whose keys these are.
// Lines of others are dropped.
func (k Keys) OpenCheckpoint(noteBytes []byte) (Checkpoint, error) {
	if err := k.ready(); err != nil {
		return Checkpoint{}, err
	}
	h, err := cutText(noteBytes)
	if err != nil {
		return Checkpoint{}, err
	}
	u := newLineup("K-9", ed25519Verifier(h.Origin, k.LogEd25519), mldsaVerifier(h.Origin, k.logMLDSA, k.LogMLDSA44, h))
	pair, err := u.open(noteBytes)
	if err != nil {
		return Checkpoint{}, err
	}
	kept, err := assemble(h.Text(), pair)
	if err != nil {
		return Checkpoint{}, err
	}
	blob, _ := blobOf(pair[1])
	return Checkpoint{Head: h, Time: timeOf(blob), Note: kept}, nil
}

// SignHead signs a head of one of our own outboxes with both log keys (K-9,
// K-10). It refuses an origin whose author is somebody else. It cannot know
// whether an older head was larger: that is the caller's duty.
func (k *Keyring) SignHead(h Head, now time.Time) (Checkpoint, error) {
	if err := h.check(); err != nil {
		return Checkpoint{}, err
	}
	o, err := ParseOrigin(h.Origin)
	if err != nil {
		return Checkpoint{}, err
	}
	if o.Author != k.party {
		return Checkpoint{}, fail(Refused, "K-5", "%s does not sign heads of %s; only the author signs its outbox", k.party, h.Origin)
	}
	sec, err := seconds("K-10", now)
	if err != nil {
		return Checkpoint{}, err
	}
	signed, err := note.Sign(&note.Note{Text: h.Text()},
		ed25519Signer(h.Origin, k.secret().logEd25519),
		mldsaSigner(h.Origin, k.secret().logMLDSA, k.keys.LogMLDSA44, h, sec))
	if err != nil {
		return Checkpoint{}, fail(Refused, "K-10", "cannot sign the head").because(err)
	}
	return Checkpoint{Head: h, Time: time.Unix(int64(sec), 0).UTC(), Note: signed}, nil
}

// check refuses a checkpoint that was put together by hand.
func (cp Checkpoint) check() error {
	if err := cp.Head.check(); err != nil {
		return err
	}
	if !bytes.HasPrefix(cp.Note, []byte(cp.Text()+"\n")) {
		return fail(Refused, "K-8", "the note and the head of this checkpoint say different things; take it from OpenCheckpoint")
	}
	return nil
}
