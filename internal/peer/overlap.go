package peer

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"verbale/internal/exchange"
)

// A node that has changed its keys goes on with the old TLS key beside the new one for a while (K-37), at both ends of a connection. The
// certificate of an old key ends with the overlap, and so does its use.

// pinProtocol is what a caller offers in ALPN beside http/1.1, so that the other end knows which of its keys it pins.
func pinProtocol(key [32]byte) string {
	sum := sha256.Sum256(key[:])
	return "verbale-pin-" + hex.EncodeToString(sum[:16])
}

// certificate is the one of the key that the caller pins, where that is an earlier one of ours and may still be shown; else the present one.
func (s *Server) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	for i := range s.config.Earlier {
		old := &s.config.Earlier[i]
		key, leaf, err := shown(&tls.ConnectionState{PeerCertificates: []*x509.Certificate{old.Leaf}})
		if err == nil && current(leaf, s.config.Now()) == nil && slices.Contains(hello.SupportedProtos, pinProtocol(key)) {
			return old, nil
		}
	}
	return &s.config.Certificate, nil
}

// A wardrobe is the certificates that a client may show, the present one first.
type wardrobe struct {
	now func() time.Time
	all []tls.Certificate

	mu   sync.Mutex
	worn int
}

func (w *wardrobe) certificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &w.all[w.worn], nil
}

// at is the place of the certificate that is shown now.
func (w *wardrobe) at() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.worn
}

// change puts on the next certificate that is valid now, after the one at that place was not known; false where there is no other. Of many
// calls that failed with one certificate the first changes it.
func (w *wardrobe) change(at int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.worn != at {
		return true
	}
	for step := 1; step < len(w.all); step++ {
		next := (w.worn + step) % len(w.all)
		if leaf := w.all[next].Leaf; next == 0 || leaf != nil && current(leaf, w.now()) == nil {
			w.worn = next
			return true
		}
	}
	return false
}

// notKnown tells whether a call may have failed because the other end does not know our key: it then does not know the newest yet, or the
// one before no more. A connection that could not be made says nothing of it.
func notKnown(err error) bool {
	if exchange.KindOf(err) == exchange.UnknownParty {
		return true
	}
	gone, ok := errors.AsType[*Unreachable](err)
	if !ok {
		return false
	}
	op, isNet := errors.AsType[*net.OpError](gone.Cause)
	return !isNet || op.Op != "dial"
}
