package exchange

import "context"

// Peer is one end of a link as the other end sees it. Every method may be called again with the same arguments and
// then gives the same answer. Errors are a *Problem where the other end answered, anything else where it could not
// be reached.
//
// Implementations: node.Desk (this node, for one caller), node.barred (the same, for a key that was given up), node.LodgerDesk (a relay,
// for one author), peer.Client (another node, over HTTPS).
type Peer interface {
	// Push hands over entries of an outbox of the caller's. The answer is the checkpoint's note with the receiver's two receipt
	// lines, sent only after everything below its size is durable there.
	Push(ctx context.Context, b *Batch) (receipt []byte, err error)
	// Pull asks for entries from start on of an outbox whose audience is the caller. Nil, nil: there is nothing beyond start.
	Pull(ctx context.Context, origin string, start int64) (*Batch, error)
	// Head gives the newest signed checkpoint that the other end holds of origin, with its receipt lines if it is the audience.
	Head(ctx context.Context, origin string) (note []byte, err error)
	// Dated gives what dates, by the other end's register, the heads of an outbox of the link with at least after entries (G-14), the
	// smaller heads first. An empty list: there is nothing of that kind.
	Dated(ctx context.Context, origin string, after int64) ([]Anchor, error)
	// Return hands over the caller's receipt for entries that it pulled.
	Return(ctx context.Context, receipt []byte) error
	// Beat hands over beats of the caller, as notes, and gives those of the other end over the outboxes that it shares with the
	// caller; there may be none.
	Beat(ctx context.Context, notes [][]byte) ([][]byte, error)
	// Admit tells a relay to take entries for the caller from the party of this profile file (L-3).
	Admit(ctx context.Context, profile string) error
}
