package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"syscall"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/internal/store"
)

// session is a command's way to the node.
type session struct {
	*console.Client
	local bool // no serve runs: the node is in this process, and nobody else exchanges with the peers
	close func() error
}

// connect reaches the node: over the control socket when serve runs, else by opening the data folder.
func (a *app) connect(ctx context.Context) (*session, error) {
	f, err := a.folder()
	if err != nil {
		return nil, err
	}
	if err := f.party(); err != nil {
		return nil, err
	}
	if served, err := answers(ctx, f.path(socketFile)); err != nil {
		return nil, err
	} else if served {
		if a.notRestored {
			a.say("warning: --not-restored does nothing here, because verbale serve runs: it is for serve itself")
		}
		c := console.Dial(f.path(socketFile))
		return &session{Client: c, close: func() error { c.Close(); return nil }}, nil
	}
	r, err := a.open(ctx, f, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return &session{Client: console.InProcess(console.NewHandler(r.node, slog.New(slog.DiscardHandler))), local: true, close: r.close}, nil
}

// with runs do with a session and closes it.
func (a *app) with(ctx context.Context, do func(*session) error) error {
	s, err := a.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.close())
}

// answers tells whether somebody serves the socket. One that was left behind by a killed process is nobody.
func answers(ctx context.Context, socket string) (bool, error) {
	if len(socket) > maxSocketPath {
		return false, nil // serve refuses to start there
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", socket)
	switch {
	case err == nil:
		return true, c.Close()
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return false, nil
	case errors.Is(err, fs.ErrPermission):
		return false, problem(node.Internal, "run this as the user that runs verbale serve", "the control socket of this folder is not yours: %v", err)
	}
	return false, err
}

// opened is a data folder that this process has.
type opened struct {
	node      *node.Node
	store     *store.Store
	peers     *dialer
	encrypted bool // the key file
}

// open takes the folder's lock and starts the node. Nothing is exchanged by itself.
func (a *app) open(ctx context.Context, f folder, log *slog.Logger) (*opened, error) {
	keys, encrypted, err := a.keys(ctx, f)
	if err != nil {
		return nil, err
	}
	now := a.Now()
	cert, err := peer.Certificate(keys.TLSKey(), keys.Party(), now.Add(-clockSkew), now.Add(node.KeysValidFor))
	if err != nil {
		return nil, err
	}
	policy, err := f.policy()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, string(f), store.Options{})
	if store.KindOf(err) == store.Locked {
		return nil, problem(node.Locked, "if that is another command, or serve is just starting, try again; commands share the folder while serve runs", "%v", err)
	}
	if err != nil {
		return nil, err
	}
	sure, err := a.sure(f)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	o := &opened{store: s, peers: newDialer(cert, a.Now), encrypted: encrypted}
	o.node, err = node.Open(ctx, node.Config{Store: s, Keys: keys, Now: a.Now, Rand: a.Rand, Log: log, Dial: o.peers.dial,
		Witnesses: node.Witnesses{Policy: policy, Dial: o.peers.witness}, NotRestored: sure})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return o, nil
}

// sure tells whether the operator says that the folder is no old copy: by the flag, or in config.json, which a folder need not have for
// commands without serve.
func (a *app) sure(f folder) (bool, error) {
	c, err := f.config()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if a.notRestored || c.NotRestored {
		a.say("warning: it is taken on your word that %s is no old copy: nothing is compared with what the peers hold before it is signed", f)
	}
	return a.notRestored || c.NotRestored, nil
}

func (o *opened) close() error {
	o.node.Close()
	o.peers.close()
	return o.store.Close()
}
