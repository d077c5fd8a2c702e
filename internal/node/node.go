package node

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
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
	// Witnesses date the register, and with it everything else. Without any, nothing is dated from outside.
	Witnesses Witnesses
	// NotRestored is the operator's word that the store is no old copy: what it holds is signed for without asking the others first.
	NotRestored bool
	// Relay makes this node take entries for the parties that it is linked with, of authors that these name (spec/relay.md).
	Relay bool
	// Quota is how much a relay holds of one author for one audience; members that are zero are MaxLodgedEntries and MaxLodgedBytes.
	Quota exchange.Load
	// NoSearch keeps no words: nothing that was decrypted is written beside the database.
	NoSearch bool
	// LodgeAfter is how long an entry waits for the peer's receipt before it is lodged; zero: LodgeAfter of limits.go.
	LodgeAfter time.Duration
}

// A Node is one party's node. Its methods may be called from many goroutines.
type Node struct {
	cfg     Config
	party   string
	own     generations // of our own keys; read once, for new keys come with a new start
	filings chan *filing
	leaving chan struct{} // closed when Close begins: no replies are begun any more
	closing chan struct{} // closed when the replies are filed: nothing is
	done    chan struct{} // closed when the writer has ended
	close   sync.Once
	replies sync.WaitGroup // those who do what this node answers by itself; see later

	latest    atomic.Int64 // what now gave last
	copies    copies
	snapshots snapshots
	search    *store.Search // nil where it is switched off
	feeding   sync.Mutex    // held while the search is fed
	rules     rules
	witnesses []*witness // those that are asked

	publishing sync.Mutex // one entry of the directory at a time

	linking sync.Mutex // held while a link, or our own profile, is made or changed in the store

	mu        sync.Mutex                // never held while the store is asked: a View may wait for it
	links     map[string]*link          // by party; what the store holds of links, opened once
	admitted  map[admission]generations // who may lodge here for whom; they are never changed, only replaced
	polls     map[string]poll           // by origin: who asked us as a relay, last
	beatsKept map[string]poll           // by origin and party: the last beat that was kept here as a relay, by our clock
	expires   time.Time                 // our own keys_valid_until; zero before there is a profile
}

// Open starts a node on a store and reads its links. Close must follow.
func Open(ctx context.Context, cfg Config) (*Node, error) {
	n := newNode(cfg)
	if err := n.checkPolicy(); err != nil {
		return nil, err
	}
	if err := n.loadLinks(ctx); err != nil {
		return nil, err
	}
	if cfg.NotRestored {
		n.cfg.Log.Warn("the operator says that this data folder is no old copy: what was signed before is not compared with what others hold (X-18)")
	}
	if err := n.loadLodgings(ctx); err != nil {
		return nil, err
	}
	if !cfg.NoSearch {
		n.search = store.OpenSearch(cfg.Store)
	}
	if err := n.refold(ctx); err != nil {
		return nil, err
	}
	go n.write()
	return n, nil
}

// newNode is a node without links whose writer does not run yet.
func newNode(cfg Config) *Node {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Node{cfg: cfg, party: cfg.Keys.Party(), filings: make(chan *filing, filingQueue), leaving: make(chan struct{}),
		closing: make(chan struct{}), done: make(chan struct{}), witnesses: cfg.Witnesses.reached(), links: map[string]*link{},
		copies: copies{all: map[string]*standing{}}, admitted: map[admission]generations{}, polls: map[string]poll{}, beatsKept: map[string]poll{}}
}

// Close ends the writer after what was handed to it is committed or refused, and closes the search. It does not close the store.
func (n *Node) Close() {
	n.close.Do(func() {
		n.mu.Lock()
		close(n.leaving)
		n.mu.Unlock()
		n.replies.Wait()
		close(n.closing)
	})
	<-n.done
	if n.search != nil {
		if err := n.search.Close(); err != nil {
			n.cfg.Log.Warn("the search could not be closed", "error", err.Error())
		}
	}
}

// later runs fn beside what is going on; Close waits for it. False: the node is leaving, and fn does not run.
func (n *Node) later(fn func()) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.left() {
		return false
	}
	n.replies.Go(fn)
	return true
}

func (n *Node) left() bool {
	select {
	case <-n.leaving:
		return true
	default:
		return false
	}
}

// expired refuses to sign with keys that are past their keys_valid_until.
func (n *Node) expired() error {
	until := n.validUntil()
	if until.IsZero() || !n.now().After(until) {
		return nil
	}
	return fail(Stopped, nil, "it is too late for `verbale profile renew`; for new keys: verbale keys rotate, and then every peer compares the new words",
		"the keys of this node were valid until %s and sign nothing new", until.UTC().Format(time.RFC3339))
}

func (n *Node) validUntil() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.expires
}

// Party is the name of the party whose node this is.
func (n *Node) Party() string { return n.party }

// now is the node's clock in whole seconds UTC, as records and signatures carry it. A clock that is put back a little stands still until it has
// caught up: else what was signed last would be dated before what was signed earlier, and that convicts.
func (n *Node) now() time.Time {
	at := n.cfg.Now().Unix()
	for {
		last := n.latest.Load()
		if at < last && last-at <= int64(clockStep/time.Second) {
			return time.Unix(last, 0).UTC()
		}
		if n.latest.CompareAndSwap(last, at) {
			return time.Unix(at, 0).UTC()
		}
	}
}
