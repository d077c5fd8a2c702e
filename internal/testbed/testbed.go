// Package testbed builds whole nodes in one process for tests and for measuring: real stores, real keys, and real HTTPS between them
// on loopback. A scenario reads like a story:
//
//	b := testbed.New(t)
//	a, p := b.Party("aurelia.example"), b.Party("borea.example")
//	b.Link(a, p)
//	ref := a.Appeal(p, "mitigate")
//	a.Push(p)
//	p.Acknowledge(a, ref)
//
// or, with the lines of [Play]:
//
//	testbed.Play(testbed.New(t), `
//		x -> y mitigate #1
//		x push y
//		y ack #1
//		x: #1 received`)
//
// Its clock is moved by hand, its randomness is seeded, and every party is checked by fsck when the test ends.
package testbed

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// Bed is a small world: a clock, a source of randomness and parties.
type Bed struct {
	t     testing.TB
	clock atomic.Int64 // Unix seconds
	seed  *lockedRand
	// Faults sits between every dialler and its peer; tests put failures there.
	Faults func(from, to string, p exchange.Peer) exchange.Peer
	// Log receives what the nodes log; discarded unless set before Party.
	Log *slog.Logger
}

// New makes an empty world at 9 July 2021, 14:00 UTC.
func New(t testing.TB) *Bed {
	b := &Bed{t: t, seed: newLockedRand(t.Name()), Log: slog.New(slog.DiscardHandler)}
	b.clock.Store(time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC).Unix())
	return b
}

// Now is the world's clock.
func (b *Bed) Now() time.Time { return time.Unix(b.clock.Load(), 0).UTC() }

// Later moves the clock.
func (b *Bed) Later(d time.Duration) { b.clock.Add(int64(d / time.Second)) }

// Party is one node with everything it stands on.
type Party struct {
	Bed      *Bed
	Name     string
	Dir      string // "" for a store in memory
	Node     *node.Node
	Store    *store.Store
	Keys     *seal.Keyring
	Profile  verdict.Profile
	Endpoint string
	Recovery seal.RecoveryKey
	Trusting bool         // its node signs without comparing first, as with --not-restored
	Policy   *seal.Policy // whose lines date its register; see WitnessedBy

	kind    string
	tune    func(*node.Config)
	skew    atomic.Int64 // how far its clock is from the world's, in seconds
	cert    tls.Certificate
	earlier []tls.Certificate // of replaced keys
	cancel  context.CancelFunc
	served  sync.WaitGroup
	dials   sync.Mutex
	dialed  map[string]*peer.Client
	asked   map[string]*peer.WitnessClient
}

// Party founds a party with its store in memory and serves it on a free loopback port.
func (b *Bed) Party(name string) *Party { return b.found(name, "", store.Options{}) }

// Relay founds a party whose node takes lodgings, and holds so much of each author for each audience; members that are zero: as every relay.
func (b *Bed) Relay(name string, quota exchange.Load) *Party {
	return b.foundAs(&Party{Name: name, kind: "relay", tune: func(c *node.Config) { c.Relay, c.Quota = true, quota }}, store.Options{})
}

// PartyOnDisk founds a party with its store in a temporary folder.
func (b *Bed) PartyOnDisk(name string, o store.Options) *Party {
	return b.found(name, b.t.TempDir(), o)
}

func (b *Bed) found(name, dir string, o store.Options) *Party {
	b.t.Helper()
	return b.foundAs(&Party{Name: name, Dir: dir, kind: "csirt"}, o)
}

func (b *Bed) foundAs(p *Party, o store.Options) *Party {
	b.t.Helper()
	name, dir := p.Name, p.Dir
	keys, err := seal.NewKeyring(name, b.seed)
	b.must(err)
	p.Bed, p.Keys, p.dialed, p.asked = b, keys, map[string]*peer.Client{}, map[string]*peer.WitnessClient{}
	p.cert = b.certificate(keys.TLSKey(), name, b.Now().Add(10*365*24*time.Hour))
	p.Recovery, err = seal.NewRecoveryKey(b.seed)
	b.must(err)
	ln := b.listen("127.0.0.1:0")
	p.Endpoint = "https://" + ln.Addr().String()
	p.Store = b.open(dir, o)
	p.Profile, err = node.Found(b.t.Context(), p.config(), node.Identity{Title: "Test authority " + name, PartyKind: p.kind,
		Endpoint: p.Endpoint, Language: "en", Contact: "duty officer", Recovery: p.Recovery.Public()})
	b.must(err)
	p.start(ln)
	b.t.Cleanup(p.end)
	return p
}

func (b *Bed) certificate(key crypto.Signer, name string, until time.Time) tls.Certificate {
	b.t.Helper()
	cert, err := peer.Certificate(key, name, b.Now().Add(-time.Hour), until)
	b.must(err)
	return cert
}

func (b *Bed) listen(address string) net.Listener {
	b.t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(b.t.Context(), "tcp", address)
	b.must(err)
	return ln
}

func (b *Bed) open(dir string, o store.Options) *store.Store {
	b.t.Helper()
	var s *store.Store
	var err error
	if dir == "" {
		s, err = store.OpenMemory(b.t.Context())
	} else {
		s, err = store.Open(b.t.Context(), dir, o)
	}
	b.must(err)
	return s
}

// Now is the party's clock: the world's, as long as SetClock did not put it elsewhere.
func (p *Party) Now() time.Time { return p.Bed.Now().Add(time.Duration(p.skew.Load()) * time.Second) }

// SetClock puts the party's clock so far ahead of the world's, or behind. Its certificates are read by the world's.
func (p *Party) SetClock(ahead time.Duration) { p.skew.Store(int64(ahead / time.Second)) }

func (p *Party) config() node.Config {
	c := node.Config{Store: p.Store, Keys: p.Keys, Now: p.Now, Rand: p.Bed.seed, Log: p.Bed.Log.With("at", p.Name), Dial: p.dial,
		Witnesses: p.witnesses(), NotRestored: p.Trusting}
	if p.tune != nil {
		p.tune(&c)
	}
	return c
}

func (p *Party) start(ln net.Listener) {
	p.Bed.t.Helper()
	var err error
	p.Node, err = node.Open(p.Bed.t.Context(), p.config())
	p.Bed.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	server := peer.NewServer(peer.ServerConfig{Certificate: p.cert, Earlier: p.earlier, Find: p.Node.Desk, Now: p.Bed.Now, Log: p.Bed.Log, MaxConcurrent: 16})
	p.served.Go(func() { _ = server.Serve(ctx, ln) })
}

// dial reaches a peer over HTTPS, through the world's faults.
func (p *Party) dial(to verdict.Profile) (exchange.Peer, error) {
	p.dials.Lock()
	defer p.dials.Unlock()
	key := to.Endpoint + " " + string(to.Keys.TLS)
	c := p.dialed[key]
	if c == nil {
		var err error
		if c, err = peer.NewClient(to.Endpoint, [32]byte(to.Keys.TLS), p.cert, p.Bed.Now, p.earlier...); err != nil {
			return nil, err
		}
		p.dialed[key] = c
	}
	if p.Bed.Faults != nil {
		return p.Bed.Faults(p.Name, to.Party, c), nil
	}
	return c, nil
}

// Stop ends the party's node and server; what it stored stays. Restart begins again on the same store.
func (p *Party) Stop() {
	p.cancel()
	p.served.Wait()
	p.Node.Close()
	p.hangUp()
}

// hangUp ends the connections to the peers that no call is using.
func (p *Party) hangUp() {
	p.dials.Lock()
	defer p.dials.Unlock()
	for name, c := range p.dialed {
		c.Close()
		delete(p.dialed, name)
	}
	for url, c := range p.asked {
		c.Close()
		delete(p.asked, url)
	}
}

// Restart serves the party again on the port that its profile names.
func (p *Party) Restart() {
	p.Bed.t.Helper()
	p.start(p.Bed.listen(p.Endpoint[len("https://"):]))
}

// end stops the party and runs fsck over what it leaves.
func (p *Party) end() {
	audit, err := p.Node.Fsck(context.Background(), nil)
	if err != nil {
		p.Bed.t.Errorf("%s: fsck: %v", p.Name, err)
	}
	for _, f := range audit.Findings {
		p.Bed.t.Errorf("%s: fsck: %s: %s", p.Name, f.Where, f.Wrong)
	}
	p.Stop()
	if err := p.Store.Close(); err != nil {
		p.Bed.t.Errorf("%s: close: %v", p.Name, err)
	}
}

// Link makes the link between two parties on both sides, words compared.
func (b *Bed) Link(x, y *Party) {
	b.t.Helper()
	for _, pair := range [][2]*Party{{x, y}, {y, x}} {
		_, err := pair[0].Node.AddLink(b.t.Context(), pair[1].Profile.File)
		b.must(err)
		b.must(pair[0].Node.ConfirmLink(b.t.Context(), pair[1].Name, pair[1].Profile.Words))
	}
}

// Draft is a complete appeal of a kind, ready to file.
func (p *Party) Draft(kind string) record.Fields {
	if !slices.Contains([]string{"mitigate", "indicators", "clarify"}, kind) {
		return node.Complete(record.Example("appeal", kind, p.Now()), p.Now(), "duty officer")
	}
	return node.Complete(draft(kind), p.Now(), "duty officer")
}

func draft(kind string) record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": "appeal", "kind": kind, "subject": "Test appeal", "summary": "What happened.\nAnd when.",
		"requested_action": "Please act.", "competence": "national CSIRT", "urgency": "urgent", "urgency_reason": "it goes on"} {
		f.SetText(name, value)
	}
	f.SetTexts("legal_basis", "voluntary")
	targets := []record.Observable{{Type: "ipv4", Value: "192.0.2.7", Port: 443}, {Type: "domain", Value: "c2.example.net"}, {Type: "domain", Value: "drop.example.net"}}
	switch kind {
	case "mitigate":
		f.SetObservables("targets", targets...)
		f.SetText("measure", "block")
		f.SetTexts("evidence", "log line")
		f.SetText("harm", "outage")
	case "indicators":
		f.SetObservables("indicators", targets...)
		f.SetText("context", "seen in an attack")
		f.SetText("permitted_actions", "internally-visible")
	case "clarify":
		f.SetTexts("questions", "Was this yours?")
		f.SetText("concern", "a scan of dams")
		f.SetText("misperception", "it looks like preparation")
	}
	return f
}

// Appeal files an appeal of a kind to a peer.
func (p *Party) Appeal(to *Party, kind string) record.Ref {
	p.Bed.t.Helper()
	filed, err := p.Node.File(p.Bed.t.Context(), to.Name, p.Draft(kind), "")
	p.Bed.must(err)
	return filed.Ref
}

// Push sends the peer everything pending, and fails the test when that fails.
func (p *Party) Push(to *Party) int64 {
	p.Bed.t.Helper()
	sent, err := p.Node.Push(p.Bed.t.Context(), to.Name, nil)
	p.Bed.must(err)
	return sent
}

// Reply files a reply to a record of a peer's (or, for withdraw, of our own).
func (p *Party) Reply(to *Party, ref record.Ref, act string, fields map[string]string) record.Ref {
	p.Bed.t.Helper()
	filed, err := p.TryReply(to, ref, act, fields)
	p.Bed.must(err)
	return filed.Ref
}

// TryReply is Reply that hands the error back.
func (p *Party) TryReply(to *Party, ref record.Ref, act string, fields map[string]string) (node.Filed, error) {
	f := record.Fields{}
	f.SetText("act", act)
	for name, value := range fields {
		f.SetText(name, value)
	}
	if act == "refuse" {
		f.SetBool("consulted_on_conditions", false)
	}
	return p.Node.Reply(p.Bed.t.Context(), to.Name, ref.Outbox, ref.Index, f, "")
}

// Cases lists the cases of the link with a peer.
func (p *Party) Cases(with *Party) []node.CaseLine {
	p.Bed.t.Helper()
	lines, err := p.Node.Cases(p.Bed.t.Context(), node.CaseQuery{Party: with.Name})
	p.Bed.must(err)
	return lines
}

func (b *Bed) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// lockedRand is seeded randomness for several goroutines.
type lockedRand struct {
	mu sync.Mutex
	r  *rand.ChaCha8
}

var _ io.Reader = (*lockedRand)(nil)

func newLockedRand(name string) *lockedRand {
	var seed [32]byte
	sum := sha256.Sum256([]byte(name))
	binary.BigEndian.PutUint64(seed[:], binary.BigEndian.Uint64(sum[:]))
	return &lockedRand{r: rand.NewChaCha8(seed)}
}

// Read fills b.
func (l *lockedRand) Read(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(b)
}
