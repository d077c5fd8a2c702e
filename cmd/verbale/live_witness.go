package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/internal/witness"
	"verbale/seal"
)

// policyFile is the file of a story with the witnesses that its outsider believes.
const policyFile = "witnesses.policy"

// A liveWitness is a witness of ours in this process, served over HTTP on a free loopback port.
type liveWitness struct {
	name   string
	key    *seal.WitnessKey
	store  *store.Store
	url    string
	stop   context.CancelFunc
	served sync.WaitGroup
}

func startWitness(ctx context.Context, dir, name string, now func() time.Time) (*liveWitness, error) {
	w := &liveWitness{name: name}
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return nil, err
	}
	if w.key, err = seal.NewWitnessKey(name, rand.Reader); err != nil {
		return nil, err
	}
	if w.store, err = store.Open(ctx, dir, store.Options{}); err != nil {
		return nil, err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.url = "http://" + ln.Addr().String()
	ours := witness.New(w.store, w.key, now)
	ctx, w.stop = context.WithCancel(ctx)
	server := peer.NewWitnessServer(peer.WitnessServerConfig{Witness: ours, Latest: ours.Latest, Log: slog.New(slog.DiscardHandler)})
	w.served.Go(func() { _ = server.Serve(ctx, ln) })
	return w, nil
}

// down ends the witness's server.
func (w *liveWitness) down() {
	w.stop()
	w.served.Wait()
}

func (w *liveWitness) close() error {
	w.down()
	return w.store.Close()
}

// policyOf asks for more than half of the witnesses, by their Ed25519 keys: one line each, so that bundles stay small.
func policyOf(witnesses []*liveWitness) (*seal.Policy, error) {
	p := &seal.Policy{Quorum: "neutral"}
	g := seal.PolicyGroup{Name: p.Quorum, Need: len(witnesses)/2 + 1}
	for _, w := range witnesses {
		p.Witnesses = append(p.Witnesses, seal.PolicyWitness{Name: w.name, Key: w.key.Cosigners()[0], URL: w.url})
		g.Members = append(g.Members, w.name)
	}
	p.Groups = append(p.Groups, g)
	return seal.ParsePolicy([]byte(p.String()))
}

// foundWitnesses founds three witnesses; parties founded later are dated by two of them.
func (st *stage) foundWitnesses() error {
	for _, name := range []string{"north.example/witness", "south.example/witness", "west.example/witness"} {
		short, _, _ := strings.Cut(name, ".")
		w, err := startWitness(st.ctx, st.folder("witness-"+short), name, st.now)
		if err != nil {
			return err
		}
		st.witnesses = append(st.witnesses, w)
	}
	var err error
	if st.policy, err = policyOf(st.witnesses); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(st.dir, policyFile), []byte(st.policy.String()), 0o600); err != nil {
		return err
	}
	st.tell("witnesses", "three witnesses stand by; what two of them have cosigned is dated: they see registers and nothing else")
	return nil
}

// enter makes the witnesses trust the register of a party.
func (st *stage) enter(l *live) error {
	o, err := seal.ParseOrigin(l.profile.Opened.Record.Outbox())
	if err != nil {
		return err
	}
	for _, w := range st.witnesses {
		if _, err := witness.AddLog(st.ctx, w.store, l.profile.Keys.VerifierKeys(o)...); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}
