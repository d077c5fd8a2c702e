package peer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"verbale/internal/exchange"
)

const twoYears = 2 * 365 * 24 * time.Hour

// A caller with another key, or dates that do not hold, gets nothing but a failed handshake.
func TestCallerRefused(t *testing.T) {
	r := start(t)
	for name, who := range map[string]identity{
		"another key":     newIdentity(t, "jpcert.jp", 3, 0),
		"expired":         newIdentity(t, "jpcert.jp", 2, -twoYears),
		"not valid yet":   newIdentity(t, "jpcert.jp", 2, twoYears),
		"an ECDSA key":    {cert: ecdsaCertificate(t)},
		"no certificate":  {cert: tls.Certificate{Certificate: [][]byte{}}},
		"a borrowed cert": {cert: tls.Certificate{Certificate: r.caller.cert.Certificate, PrivateKey: newIdentity(t, "x.x", 9, 0).key}},
	} {
		t.Run(name, func(t *testing.T) {
			c := r.client(t)
			c.transport.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &who.cert, nil }
			for range 3 {
				_, err := c.Head(t.Context(), "o")
				gone, ok := errors.AsType[*Unreachable](err)
				if !ok {
					t.Fatalf("Head = %v", err)
				}
				if name != "a borrowed cert" && !gone.Refused() {
					t.Errorf("the caller cannot tell that it was refused: %v", err)
				}
			}
		})
	}
	if len(r.desk.asked) > 0 {
		t.Error("a desk was asked by a caller that nobody knows")
	}
	if log := r.log.String(); !strings.Contains(log, "handshake refused") {
		t.Errorf("the log says nothing of refused handshakes:\n%s", log)
	}
}

func ecdsaCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotBefore: today().AddDate(-1, 0, 0), NotAfter: today().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// A server with another key than the pinned one, or dates that do not hold, is not spoken to.
func TestServerRefused(t *testing.T) {
	for name, here := range map[string]identity{
		"another key":   newIdentity(t, "kisa.kr", 4, 0),
		"expired":       newIdentity(t, "kisa.kr", 1, -twoYears),
		"not valid yet": newIdentity(t, "kisa.kr", 1, twoYears),
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(r *rig) { r.here = here })
			c := r.clientOf(t, r.caller, newIdentity(t, "kisa.kr", 1, 0).public())
			_, err := c.Push(t.Context(), batch(1, 10))
			if wrong, ok := errors.AsType[*WrongKey](err); !ok || wrong.Endpoint != "https://"+r.address || wrong.Dated != strings.Contains(err.Error(), "clocks") ||
				wrong.Dated != (name != "another key") {
				t.Errorf("Push = %v, want WrongKey", err)
			}
			if r.desk.pushes() > 0 {
				t.Error("the batch was sent all the same")
			}
		})
	}
}

// A link that ends, ends at once, on connections that are open already.
func TestLinkEnds(t *testing.T) {
	var ended atomic.Bool
	r := start(t, func(r *rig) { r.unfind = ended.Load })
	c := r.client(t)
	if _, err := c.Head(t.Context(), "o"); err != nil {
		t.Fatal(err)
	}
	ended.Store(true)
	if _, err := c.Head(t.Context(), "o"); exchange.KindOf(err) != exchange.UnknownParty {
		t.Errorf("Head = %v, want unknown-party", err)
	}
}

// A certificate that runs out, runs out on open connections, too.
func TestCertificateRunsOut(t *testing.T) {
	var late atomic.Bool
	r := start(t, func(r *rig) {
		r.server.config.Now = func() time.Time {
			if late.Load() {
				return today().AddDate(1, 0, 0)
			}
			return today()
		}
	})
	c := r.client(t)
	if _, err := c.Head(t.Context(), "o"); err != nil {
		t.Fatal(err)
	}
	late.Store(true)
	if _, err := c.Head(t.Context(), "o"); exchange.KindOf(err) != exchange.ExpiredKey {
		t.Errorf("Head = %v, want expired-key", err)
	}
}

// TLS 1.2 and plain HTTP get no further than the door.
func TestOlderTransports(t *testing.T) {
	r := start(t)
	config := r.client(t).transport.TLSClientConfig.Clone()
	config.MinVersion, config.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	if conn, err := tls.Dial("tcp", r.address, config); err == nil {
		_ = conn.Close()
		t.Error("a TLS 1.2 handshake succeeded")
	}

	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET /v1/head?origin=o HTTP/1.1\r\nHost: x\r\n\r\n")
	got, _ := io.ReadAll(conn)
	if strings.Contains(string(got), "newest") || len(r.desk.asked) > 0 {
		t.Errorf("plain HTTP was answered with %q", got)
	}
}

// A client does not speak TLS 1.2 either, and takes nothing from a server that does.
func TestOlderServer(t *testing.T) {
	here := newIdentity(t, "kisa.kr", 1, 0)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{here.cert}, MaxVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, ln, http.NotFoundHandler())
	c, err := NewClient("https://"+ln.Addr().String(), here.public(), here.cert, today)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Head(t.Context(), "o"); err == nil || exchange.KindOf(err) != "" {
		t.Errorf("Head = %v", err)
	}
}

// No ticket shortens a later handshake: the keys are shown each time.
func TestNoResumption(t *testing.T) {
	r := start(t)
	config := r.client(t).transport.TLSClientConfig.Clone()
	config.SessionTicketsDisabled = false
	config.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	for range 2 {
		conn, err := tls.Dial("tcp", r.address, config)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET /v1/head?origin=o HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if _, err := io.ReadAll(conn); err != nil {
			t.Error(err)
		}
		if conn.ConnectionState().DidResume {
			t.Error("a session was resumed")
		}
		_ = conn.Close()
	}
}

func TestCertificate(t *testing.T) {
	key := newIdentity(t, "kisa.kr", 1, 0).key
	cert, err := Certificate(key, "kisa.kr", today(), today().AddDate(1, 0, 0))
	if err != nil || cert.Leaf.Subject.CommonName != "kisa.kr" || !cert.Leaf.NotBefore.Equal(today()) {
		t.Errorf("Certificate = %v", err)
	}
	if _, err := Certificate(key, "kisa.kr", today(), today()); err == nil {
		t.Error("a certificate that is never valid was made")
	}
	if _, err := Certificate(key, "not a name", today(), today().AddDate(1, 0, 0)); err == nil {
		t.Error("a certificate without a party's name was made")
	}
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if _, err := Certificate(other, "kisa.kr", today(), today().AddDate(1, 0, 0)); err == nil {
		t.Error("a certificate of an ECDSA key was made")
	}
}

func TestNewClient(t *testing.T) {
	who := newIdentity(t, "jpcert.jp", 2, 0)
	for _, endpoint := range []string{"", "https://", "http://x.example:1", "x.example:1", "https://x.example/", "https://u@x.example", "https://x.example?q", "https://x.example#f"} {
		if _, err := NewClient(endpoint, who.public(), who.cert, today); err == nil {
			t.Errorf("NewClient(%q) succeeded", endpoint)
		}
	}
	if _, err := NewClient("https://x.example:8443", who.public(), tls.Certificate{}, today); err == nil {
		t.Error("a client without a certificate was made")
	}
	c, err := NewClient("https://[2001:db8::1]:8443", who.public(), who.cert, today)
	if err != nil {
		t.Fatal(err)
	}
	if c.transport.Proxy != nil {
		t.Error("the client would ask the environment for a proxy")
	}
}

// A caller that pins an old key is shown it while its certificate lasts; who pins the present one, or none that we have, the present one.
func TestOldKeyShown(t *testing.T) {
	old := newIdentity(t, "kisa.kr", 5, 0)
	over := newIdentity(t, "kisa.kr", 6, -twoYears)
	r := start(t, func(r *rig) { r.server.config.Earlier = []tls.Certificate{over.cert, old.cert} })
	for name, pin := range map[string][32]byte{"present": r.here.public(), "old": old.public()} {
		if _, err := r.clientOf(t, r.caller, pin).Head(t.Context(), "o"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, pin := range map[string][32]byte{"after the overlap": over.public(), "a stranger's": newIdentity(t, "x.x", 7, 0).public()} {
		_, err := r.clientOf(t, r.caller, pin).Head(t.Context(), "o")
		if wrong, ok := errors.AsType[*WrongKey](err); !ok || wrong.Dated {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A caller with new keys is known by its old one until the other end has heard of them, and then by the new one.
func TestOldKeyTried(t *testing.T) {
	r := start(t)
	fresh := newIdentity(t, "jpcert.jp", 8, 0)
	over := newIdentity(t, "jpcert.jp", 9, -twoYears)
	c, err := NewClient("https://"+r.address, r.here.public(), fresh.cert, today, over.cert, r.caller.cert)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for range 2 {
		if _, err := c.Push(t.Context(), batch(2, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.desk.pushes(); n != 2 {
		t.Errorf("%d pushes arrived", n)
	}
	r.server.config.Find = func(key [32]byte) (string, exchange.Peer, bool) {
		return fresh.party, r.desk, key == fresh.public()
	}
	if _, err := c.Push(t.Context(), batch(2, 1000)); err != nil {
		t.Errorf("after the other end has learnt the new key: %v", err)
	}
	r.server.config.Find = func([32]byte) (string, exchange.Peer, bool) { return "", nil, false }
	if _, err := c.Head(t.Context(), "o"); err == nil {
		t.Error("a caller that nobody knows was answered")
	}
	if n := r.desk.pushes(); n != 3 {
		t.Errorf("%d pushes arrived", n)
	}
}

// Many calls at once find the key that the other end knows, whichever of them is refused first.
func TestOldKeyTriedByMany(t *testing.T) {
	for range 20 {
		r := start(t)
		c, err := NewClient("https://"+r.address, r.here.public(), newIdentity(t, "jpcert.jp", 8, 0).cert, today, r.caller.cert)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if _, err := c.Head(t.Context(), "o"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}
