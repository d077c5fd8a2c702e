package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// A live node is a whole node in this process, on a data folder and a free loopback port of its own: what the demo's stories and the
// benchmark run on.
type live struct {
	*node.Node
	dir     string
	profile verdict.Profile
	keys    *seal.Keyring
	store   *store.Store
	cast    casting
	words   seal.RecoveryKey // which its operator keeps elsewhere
	stop    context.CancelFunc
	served  sync.WaitGroup
	peers   *dialer
	between func(to string, p exchange.Peer) exchange.Peer // stands between this node and its peers; nil is nothing
}

// A casting says how a live node is to be.
type casting struct {
	dir    string // new
	party  string
	who    node.Identity
	now    func() time.Time
	policy *seal.Policy // of its witnesses; nil is nobody

	relay       bool // it takes lodgings
	notRestored bool // its operator's word that its folder is no old copy
}

// startLive founds a party in a new folder and serves it.
func startLive(ctx context.Context, c casting) (*live, error) {
	dir, now := c.dir, c.now
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	keys, err := seal.NewKeyring(c.party, rand.Reader)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, plainKeys), keys.Marshal(), 0o600); err != nil {
		return nil, err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	listen := fmt.Sprintf("{\"listen\":%q}\n", ln.Addr()) // so that `verbale serve` can go on with the folder
	if err := os.WriteFile(filepath.Join(dir, configFile), []byte(listen), 0o600); err != nil {
		return nil, err
	}
	l := &live{dir: dir, keys: keys, cast: c}
	if l.words, err = seal.NewRecoveryKey(rand.Reader); err != nil {
		return nil, err
	}
	c.who.Endpoint, c.who.Recovery = "https://"+ln.Addr().String(), l.words.Public()
	if l.store, err = store.Open(ctx, dir, store.Options{}); err != nil {
		return nil, err
	}
	cert, err := peer.Certificate(keys.TLSKey(), c.party, now().Add(-clockSkew), now().Add(node.KeysValidFor))
	if err != nil {
		return nil, err
	}
	l.peers = newDialer(cert, now)
	if l.profile, err = node.Found(ctx, l.config(), c.who); err != nil {
		return nil, err
	}
	return l, l.start(ctx, ln)
}

func (l *live) config() node.Config {
	return node.Config{Store: l.store, Keys: l.keys, Now: l.cast.now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Dial: l.dial,
		Witnesses: node.Witnesses{Policy: l.cast.policy, Dial: l.peers.witness}, NotRestored: l.cast.notRestored, Relay: l.cast.relay}
}

// dial reaches a peer, or what stands between.
func (l *live) dial(to verdict.Profile) (exchange.Peer, error) {
	p, err := l.peers.dial(to)
	if err == nil && l.between != nil {
		p = l.between(to.Party, p)
	}
	return p, err
}

// start opens the node and answers peers until down.
func (l *live) start(ctx context.Context, ln net.Listener) (err error) {
	if l.Node, err = node.Open(ctx, l.config()); err != nil {
		return err
	}
	ctx, l.stop = context.WithCancel(ctx)
	server := peer.NewServer(peer.ServerConfig{Certificate: l.peers.cert, Find: l.Desk, Now: l.cast.now, Log: slog.New(slog.DiscardHandler), MaxConcurrent: peerCalls})
	l.served.Go(func() { _ = server.Serve(ctx, ln) })
	return nil
}

// down ends the node and its server: nobody reaches it any more.
func (l *live) down() {
	l.stop()
	l.served.Wait()
	l.Close()
	l.peers.close()
	l.stop = nil
}

// up starts the node again where its profile says that it is.
func (l *live) up(ctx context.Context) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", l.profile.Endpoint[len("https://"):])
	if err != nil {
		return err
	}
	return l.start(ctx, ln)
}

// close ends all of it; the folder stays.
func (l *live) close() error {
	if l.stop != nil {
		l.down()
	}
	return l.store.Close()
}

// linkLive makes the link between two nodes on both sides, words compared.
func linkLive(ctx context.Context, a, b *live) error {
	for _, pair := range [][2]*live{{a, b}, {b, a}} {
		p, err := pair[0].AddLink(ctx, pair[1].profile.File)
		if err != nil {
			return err
		}
		if err := pair[0].ConfirmLink(ctx, p.Party, pair[1].profile.Words); err != nil {
			return err
		}
	}
	return nil
}
