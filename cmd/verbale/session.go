package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"syscall"
	"time"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
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

// held is a data folder whose lock this process has, with its keys.
type held struct {
	store      *store.Store
	keys       heldKeys // none where they are lost
	party      string
	generation int // of the keys
	peers      *dialer
	policy     *seal.Policy
	sure       bool
	noSearch   bool
	lodgeAfter time.Duration
}

// hold takes the folder's lock and reads the keys.
func (a *app) hold(ctx context.Context, f folder) (*held, error) {
	return a.holdWith(ctx, f, a.keys)
}

// holdWithoutKeys is hold where the keys are lost.
func (a *app) holdWithoutKeys(ctx context.Context, f folder) (*held, error) {
	return a.holdWith(ctx, f, func(ctx context.Context, f folder, s *store.Store) (k heldKeys, err error) {
		return k, a.settleAloud(ctx, f, s, &k.passphrase)
	})
}

func (a *app) holdWith(ctx context.Context, f folder, keys func(context.Context, folder, *store.Store) (heldKeys, error)) (*held, error) {
	s, err := store.Open(ctx, string(f), store.Options{})
	if store.KindOf(err) == store.Locked {
		return nil, problem(node.Locked, "if that is another command, or serve is just starting, try again; commands share the folder while serve runs", "%v", err)
	}
	if err != nil {
		return nil, err
	}
	h := &held{store: s}
	if err := a.fill(ctx, f, h, keys); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return h, nil
}

// fill reads what there is beside the database.
func (a *app) fill(ctx context.Context, f folder, h *held, keys func(context.Context, folder, *store.Store) (heldKeys, error)) (err error) {
	if h.policy, err = f.policy(); err != nil {
		return err
	}
	if h.keys, err = keys(ctx, f, h.store); err != nil {
		return err
	}
	past, err := node.PastOf(ctx, h.store)
	if err != nil && node.AsError(err).Kind != node.NotFound { // a folder that has lost all but its keys
		return err
	}
	h.party, h.generation = past.Profile.Party, past.Generation()
	present, earlier := noCertificate(), []tls.Certificate(nil)
	if h.keys.Keyring != nil {
		if present, earlier, err = certificates(h.keys.Keyring, past.Replaced, a.Now()); err != nil {
			return err
		}
	}
	h.peers = newDialer(present, a.Now, earlier...)
	if h.sure, err = a.sure(f); err != nil {
		return err
	}
	if h.noSearch, err = f.noSearch(); err != nil {
		return err
	}
	h.lodgeAfter, err = f.lodgeAfter()
	return err
}

func (h *held) close() error {
	h.peers.close()
	return h.store.Close()
}

// open takes the folder's lock and starts the node. Nothing is exchanged by itself.
func (a *app) open(ctx context.Context, f folder, log *slog.Logger, tune ...func(*node.Config)) (*opened, error) {
	h, err := a.hold(ctx, f)
	if err != nil {
		return nil, err
	}
	o := &opened{store: h.store, peers: h.peers, encrypted: h.keys.encrypted}
	cfg := h.config(a, h.keys.Keyring)
	cfg.Log = log
	for _, change := range tune {
		change(&cfg)
	}
	o.node, err = node.Open(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, h.close())
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
