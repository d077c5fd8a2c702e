package node

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"sync"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// Config is what a node is built from. Store and Keys are needed; the rest has useful defaults.
type Config struct {
	Store *store.Store
	Keys  *seal.Keyring
	Now   func() time.Time
	Rand  io.Reader
	Log   *slog.Logger
	// Dial gives the way to a peer. Nil: this node reaches nobody (it can still be pushed to and pulled from).
	Dial func(verdict.Profile) (exchange.Peer, error)
}

// A Node is one party's node. Its methods may be called from many goroutines.
type Node struct {
	cfg     Config
	party   string
	filings chan *filing
	closing chan struct{} // closed when Close begins
	done    chan struct{} // closed when the writer has ended
	close   sync.Once
	replies sync.WaitGroup // acknowledgements of pings on their way to the writer

	mu    sync.Mutex
	links map[string]*link // by party; what the store holds of links, opened once
}

// Open starts a node on a store and reads its links. Close must follow.
func Open(ctx context.Context, cfg Config) (*Node, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	n := &Node{cfg: cfg, party: cfg.Keys.Party(), filings: make(chan *filing, filingQueue),
		closing: make(chan struct{}), done: make(chan struct{}), links: map[string]*link{}}
	if err := n.loadLinks(ctx); err != nil {
		return nil, err
	}
	go n.write()
	return n, nil
}

// Close ends the writer after what was handed to it is committed or refused. It does not close the store.
func (n *Node) Close() {
	n.close.Do(func() { close(n.closing) })
	n.replies.Wait()
	<-n.done
}

// Party is the name of the party whose node this is.
func (n *Node) Party() string { return n.party }

// now is the node's clock in whole seconds UTC, as records and signatures carry it.
func (n *Node) now() time.Time { return n.cfg.Now().UTC().Truncate(time.Second) }

// outboxTo is the origin of the outbox from this party to audience.
func (n *Node) outboxTo(audience string) seal.Origin {
	return seal.Origin{Author: n.party, Audience: audience, Generation: 1}
}

// mirrorOf is the origin of a peer's outbox to this party.
func (n *Node) mirrorOf(author string) seal.Origin {
	return seal.Origin{Author: author, Audience: n.party, Generation: 1}
}
