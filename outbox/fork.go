package outbox

import "verbale/seal"

// A Fork is the evidence that an author signed two logs of one origin (O-6): two signed checkpoints that cannot belong together.
type Fork struct {
	A, B []byte // signed notes; the size of A is at most that of B
	// Proof is empty where the sizes are equal; else its first hash is the root that B's log has at A's size, the others
	// the consistency proof from that root to B.
	Proof [][32]byte
}

// Check returns nil when the evidence holds against the author with these keys.
func (f Fork) Check(author seal.Keys) error {
	a, err := author.OpenCheckpoint(f.A)
	if err != nil {
		return err
	}
	b, err := author.OpenCheckpoint(f.B)
	if err != nil {
		return err
	}
	switch {
	case a.Origin != b.Origin:
		return fail(BadProof, "O-6", "the two checkpoints are of different outboxes")
	case a.Size > b.Size:
		return fail(BadProof, "O-6", "the smaller checkpoint must come first")
	case a.Size == b.Size:
		return differ(a.Root, b.Root, len(f.Proof) == 0)
	case len(f.Proof) == 0:
		return fail(BadProof, "O-6", "checkpoints of different sizes need the other root and a proof")
	}
	if err := CheckConsistency(f.Proof[1:], b.Size, b.Root, a.Size, f.Proof[0]); err != nil {
		return err
	}
	return differ(a.Root, f.Proof[0], true)
}

func differ(a, b [32]byte, proofFits bool) error {
	if a == b || !proofFits {
		return fail(BadProof, "O-6", "the two checkpoints belong to one log: this is no fork")
	}
	return nil
}
