package peer

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"time"

	"verbale/seal"
)

// Certificate makes the certificate that carries key, self-signed, for server and client alike. Nobody checks the
// signature or the name in it: the other end pins the key and looks at the dates.
func Certificate(key crypto.Signer, party string, notBefore, notAfter time.Time) (tls.Certificate, error) {
	if err := seal.CheckName(party); err != nil {
		return tls.Certificate{}, fmt.Errorf("a certificate needs the name of a party: %w", err)
	}
	if _, ok := key.Public().(ed25519.PublicKey); !ok {
		return tls.Certificate{}, fmt.Errorf("a TLS key must be of type Ed25519, this one is %T: take it from the key ring", key.Public())
	}
	if !notBefore.Before(notAfter) {
		return tls.Certificate{}, errors.New("a certificate must be valid from a time before the one that it is valid to")
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: party},
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the certificate could not be made: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the certificate could not be read back: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// shown is what a connection says of the other end: its key, and the dates of the certificate that carries it.
func shown(cs *tls.ConnectionState) (key [32]byte, cert *x509.Certificate, err error) {
	if cs == nil || len(cs.PeerCertificates) == 0 {
		return key, nil, errors.New("no certificate was shown")
	}
	cert = cs.PeerCertificates[0]
	public, ok := cert.PublicKey.(ed25519.PublicKey)
	if !ok || len(public) != len(key) {
		return key, nil, errors.New("the certificate shown is not of an Ed25519 key")
	}
	copy(key[:], public)
	return key, cert, nil
}

// current refuses a certificate that is not valid at now.
func current(cert *x509.Certificate, now time.Time) error {
	if now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return fmt.Errorf("the certificate shown is valid from %s to %s, and it is %s now", stamp(cert.NotBefore), stamp(cert.NotAfter), stamp(now))
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// baseTLS is what both ends demand of a connection. Tickets are off: each handshake shows the keys anew.
func baseTLS() *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		SessionTicketsDisabled: true,
		NextProtos:             []string{"http/1.1"},
	}
}
