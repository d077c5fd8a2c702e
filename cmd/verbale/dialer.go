package main

import (
	"crypto/tls"
	"sync"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/peer"
	"verbale/seal"
	"verbale/verdict"
)

// dialer reaches peers, and keeps a client for each endpoint and key.
type dialer struct {
	cert    tls.Certificate
	earlier []tls.Certificate // of replaced keys (K-37)
	now     func() time.Time

	mu      sync.Mutex
	clients map[string]*peer.Client
	asked   []*peer.WitnessClient
}

func newDialer(cert tls.Certificate, now func() time.Time, earlier ...tls.Certificate) *dialer {
	return &dialer{cert: cert, earlier: earlier, now: now, clients: map[string]*peer.Client{}}
}

// dial is node.Config.Dial.
func (d *dialer) dial(p verdict.Profile) (exchange.Peer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := p.Endpoint + " " + string(p.Fingerprint[:])
	if c := d.clients[key]; c != nil {
		return c, nil
	}
	c, err := peer.NewClient(p.Endpoint, [32]byte(p.Keys.TLS), d.cert, d.now, d.earlier...)
	if err != nil {
		return nil, err
	}
	d.clients[key] = c
	return c, nil
}

// witness is node.Witnesses.Dial; folder.policy has seen that the addresses are ones.
func (d *dialer) witness(w seal.PolicyWitness) exchange.Witness {
	c, err := peer.NewWitnessClient(w.URL)
	if err != nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, c)
	return c
}

func (d *dialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.asked {
		c.Close()
	}
	for _, c := range d.clients {
		c.Close()
	}
}
