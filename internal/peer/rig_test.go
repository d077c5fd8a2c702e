package peer

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"verbale/internal/exchange"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// today is what both ends take the time to be. Only dates of certificates are held against it.
func today() time.Time { return time.Date(2026, 7, 9, 3, 0, 0, 0, time.UTC) }

// A desk keeps what it is handed and gives what it holds, as far as its fault lets it.
type desk struct {
	mu       sync.Mutex
	pushed   []*exchange.Batch
	returned [][]byte
	asked    []string

	receipt []byte
	beats   [][]byte
	beaten  [][]byte
	holds   *exchange.Batch
	newest  []byte
	datings []exchange.Anchor
	fault   error
	during  func(ctx context.Context) // runs while a call is answered
}

func (d *desk) call(ctx context.Context, keep func()) error {
	if d.during != nil {
		d.during(ctx)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault == nil {
		keep()
	}
	return d.fault
}

func (d *desk) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	return d.receipt, d.call(ctx, func() { d.pushed = append(d.pushed, b) })
}

func (d *desk) Pull(ctx context.Context, origin string, start int64) (b *exchange.Batch, err error) {
	err = d.call(ctx, func() {
		d.asked = append(d.asked, origin)
		if d.holds != nil && start <= d.holds.Start {
			b = d.holds
		}
	})
	return b, err
}

func (d *desk) Head(ctx context.Context, origin string) ([]byte, error) {
	return d.newest, d.call(ctx, func() { d.asked = append(d.asked, origin) })
}

func (d *desk) Dated(ctx context.Context, origin string, _ int64) ([]exchange.Anchor, error) {
	return d.datings, d.call(ctx, func() { d.asked = append(d.asked, origin) })
}

func (d *desk) Return(ctx context.Context, receipt []byte) error {
	return d.call(ctx, func() { d.returned = append(d.returned, receipt) })
}

func (d *desk) Beat(ctx context.Context, notes [][]byte) ([][]byte, error) {
	return d.beats, d.call(ctx, func() { d.beaten = append(d.beaten, notes...) })
}

func (d *desk) Admit(ctx context.Context, profile string) error {
	return d.call(ctx, func() { d.returned = append(d.returned, []byte(profile)) })
}

func (d *desk) pushes() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.pushed)
}

// An identity is a TLS key and a certificate of it.
type identity struct {
	party string
	key   ed25519.PrivateKey
	cert  tls.Certificate
}

func (i identity) public() (k [32]byte) {
	copy(k[:], i.key.Public().(ed25519.PublicKey))
	return k
}

// newIdentity is the same for the same seed. Its certificate is valid for a year around today, moved by shift.
func newIdentity(t testing.TB, party string, seed byte, shift time.Duration) identity {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	middle := today().Add(shift)
	cert, err := Certificate(key, party, middle.AddDate(0, -6, 0), middle.AddDate(0, 6, 0))
	if err != nil {
		t.Fatal(err)
	}
	return identity{party, key, cert}
}

// A rig is a server on the loopback and the desk behind it, linked with one party.
type rig struct {
	desk         *desk
	server       *Server
	here, caller identity
	address      string
	log          *logbook
	stop         context.CancelFunc
	stopped      chan error
	unfind       func() bool
}

// A logbook is a log that a test can read while it is written.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// start runs a server. Each change is made before it serves.
func start(t testing.TB, changes ...func(*rig)) *rig {
	t.Helper()
	r := &rig{
		desk:   &desk{receipt: []byte("receipt\n"), newest: []byte("newest\n")},
		here:   newIdentity(t, "kisa.kr", 1, 0),
		caller: newIdentity(t, "jpcert.jp", 2, 0),
		log:    &logbook{}, stopped: make(chan error, 1),
	}
	r.server = NewServer(ServerConfig{
		Find: func(key [32]byte) (string, exchange.Peer, bool) {
			if r.unfind != nil && r.unfind() || key != r.caller.public() {
				return "", nil, false
			}
			return r.caller.party, r.desk, true
		},
		Now: today,
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	for _, change := range changes {
		change(r)
	}
	r.server.config.Certificate = r.here.cert
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = ln.Addr().String()
	var ctx context.Context
	ctx, r.stop = context.WithCancel(t.Context())
	go func() { r.stopped <- r.server.Serve(ctx, ln) }()
	t.Cleanup(func() {
		r.stop()
		if err := <-r.stopped; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return r
}

// client is the linked party's client.
func (r *rig) client(t testing.TB) *Client { return r.clientOf(t, r.caller, r.here.public()) }

func (r *rig) clientOf(t testing.TB, who identity, pin [32]byte) *Client {
	t.Helper()
	c, err := NewClient("https://"+r.address, pin, who.cert, today)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// dial opens a TLS connection as the linked party, for requests that no client of ours would send.
func (r *rig) dial(t testing.TB) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", r.address, r.client(t).transport.TLSClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// batch makes n entries with contents of size bytes. It has the form of a batch and no more.
func batch(n, size int) *exchange.Batch {
	b := &exchange.Batch{Start: 7, Note: []byte("a note\n")}
	for i := range n {
		b.Entries = append(b.Entries, exchange.Entry{
			Leaf:    bytes.Repeat([]byte{byte(i)}, 900),
			Content: bytes.Repeat([]byte{byte(i >> 8), byte(i)}, size/2),
		})
	}
	return b
}

func encoded(t testing.TB, b *exchange.Batch) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// endless gives zeros for ever.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

var _ io.Reader = endless{}
