package testbed

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/internal/witness"
	"verbale/record"
	"verbale/seal"
)

// A Witness is one of ours, on a store of its own, reached over HTTP.
type Witness struct {
	Bed   *Bed
	Name  string
	Key   *seal.WitnessKey
	Store *store.Store
	URL   string

	hanging atomic.Bool
	signed  chan struct{} // a checkpoint was cosigned; kept up to its capacity
	cancel  context.CancelFunc
	served  sync.WaitGroup
}

// Witness makes one and serves it on a free loopback port.
func (b *Bed) Witness(name string) *Witness {
	b.t.Helper()
	key, err := seal.NewWitnessKey(name, b.seed)
	b.must(err)
	w := &Witness{Bed: b, Name: name, Key: key, Store: b.open("", store.Options{}), signed: make(chan struct{}, 64)}
	ln := b.listen("127.0.0.1:0")
	w.URL = "http://" + ln.Addr().String()
	w.start(ln)
	b.t.Cleanup(func() {
		w.Stop()
		if err := w.Store.Close(); err != nil {
			b.t.Errorf("%s: close: %v", name, err)
		}
	})
	return w
}

// Restart serves it again at its address.
func (w *Witness) Restart() {
	w.Bed.t.Helper()
	w.start(w.Bed.listen(strings.TrimPrefix(w.URL, "http://")))
}

func (w *Witness) start(ln net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	here := witness.New(w.Store, w.Key, w.Bed.Now)
	server := peer.NewWitnessServer(peer.WitnessServerConfig{Witness: hesitant{here, w}, Latest: here.Latest, Log: w.Bed.Log})
	w.served.Go(func() { _ = server.Serve(ctx, ln) })
}

// Stop ends it; what it stored stays.
func (w *Witness) Stop() {
	w.cancel()
	w.served.Wait()
}

// Hang makes it take calls and answer none, or answer again.
func (w *Witness) Hang(yes bool) { w.hanging.Store(yes) }

// Trust enters the register of a party.
func (w *Witness) Trust(p *Party) {
	w.Bed.t.Helper()
	_, err := witness.AddLog(w.Bed.t.Context(), w.Store, p.Keys.Keys().VerifierKeys(p.register())...)
	w.Bed.must(err)
}

// hesitant is a witness that does not answer while it hangs.
type hesitant struct {
	exchange.Witness
	of *Witness
}

func (h hesitant) AddCheckpoint(ctx context.Context, old int64, proof [][32]byte, note []byte) ([]byte, error) {
	if h.of.hanging.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	lines, err := h.Witness.AddCheckpoint(ctx, old, proof, note)
	if err == nil {
		select {
		case h.of.signed <- struct{}{}:
		default:
		}
	}
	return lines, err
}

// WitnessedBy gives the party a policy by which need of these witnesses date its register, and enters the register with each. The node
// starts anew with it. Of every second witness the ML-DSA-44 key counts, of the others the Ed25519 one.
func (p *Party) WitnessedBy(need int, witnesses ...*Witness) {
	p.Bed.t.Helper()
	var text, names strings.Builder
	for i, w := range witnesses {
		fmt.Fprintf(&text, "witness w%d %s %s\n", i, w.Key.Cosigners()[i%2], w.URL)
		fmt.Fprintf(&names, " w%d", i)
		w.Trust(p)
	}
	fmt.Fprintf(&text, "group enough %d%s\nquorum enough\n", need, names.String())
	policy, err := seal.ParsePolicy([]byte(text.String()))
	p.Bed.must(err)
	p.Policy = policy
	p.Stop()
	p.Restart()
}

func (p *Party) witnesses() node.Witnesses {
	return node.Witnesses{Policy: p.Policy, Dial: func(w seal.PolicyWitness) exchange.Witness {
		p.dials.Lock()
		defer p.dials.Unlock()
		c := p.asked[w.URL]
		if c == nil {
			var err error
			if c, err = peer.NewWitnessClient(w.URL); err != nil {
				return nil
			}
			p.asked[w.URL] = c
		}
		return c
	}}
}

// register is the origin of the party's register.
func (p *Party) register() seal.Origin {
	o, err := seal.ParseOrigin(p.Profile.Opened.Record.Outbox())
	p.Bed.must(err)
	return o
}

// Snapshot writes the party's heads into its register.
func (p *Party) Snapshot() record.Ref {
	p.Bed.t.Helper()
	filed, err := p.Node.Snapshot(p.Bed.t.Context())
	p.Bed.must(err)
	return filed.Ref
}

// Date takes a snapshot and asks the witnesses, all of which must answer.
func (p *Party) Date() {
	p.Bed.t.Helper()
	p.Snapshot()
	p.Bed.must(p.Node.Witness(p.Bed.t.Context()))
}

// Follow mirrors the peer's register and fetches what dates the link.
func (p *Party) Follow(to *Party) int64 {
	p.Bed.t.Helper()
	came, err := p.Node.Follow(p.Bed.t.Context(), to.Name)
	p.Bed.must(err)
	return came
}
