package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"verbale/internal/node"
)

// Only this machine may call without TLS, however its addresses are written.
func TestAPIAddresses(t *testing.T) {
	for listen, kind := range map[string]node.Kind{
		"127.0.0.1:0": "", "127.9.9.9:0": "", "[::1]:0": "", "localhost:0": "",
		"0.0.0.0:0": node.Invalid, ":0": node.Invalid, "[::]:0": node.Invalid, "192.0.2.1:0": node.Invalid, "localhost.example:0": node.Invalid, "[::ffff:192.0.2.1]:0": node.Invalid,
		"127.0.0.1": kindUsage, "here": kindUsage,
	} {
		ln, err := (&apiDoor{listen: listen}).open(t.Context())
		if ln != nil {
			_ = ln.Close()
		}
		var got node.Kind
		if err != nil {
			got = node.AsError(err).Kind
		}
		if got != kind && !(kind == "" && got == node.Internal) { // this machine may not have the address
			t.Errorf("%s: %v", listen, err)
		}
	}
	if ln, err := (&apiDoor{}).open(t.Context()); ln != nil || err != nil {
		t.Error(ln, err)
	}
}

// With a certificate the API speaks TLS 1.3, on any address.
func TestAPIOverTLS(t *testing.T) {
	dir := t.TempDir()
	o := apiDoor{listen: "127.0.0.1:0", cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	roots := writeCertificate(t, o)
	ln, err := o.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, tls.VersionName(r.TLS.Version))
	})}
	go func() { _ = s.Serve(ln) }()
	defer s.Close()
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer c.CloseIdleConnections()
	res, err := c.Get("https://" + ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if said, err := io.ReadAll(res.Body); err != nil || string(said) != "TLS 1.3" {
		t.Errorf("%s %v", said, err)
	}
	if plain, err := http.Get("http://" + ln.Addr().String()); err == nil {
		defer plain.Body.Close()
		if plain.StatusCode == http.StatusOK {
			t.Error("it speaks without TLS as well")
		}
	}
	if err := os.WriteFile(o.cert, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.open(t.Context()); node.AsError(err).Kind != node.Invalid {
		t.Error(err)
	}
}

// writeCertificate writes a certificate of this machine and its key where o looks for them.
func writeCertificate(t *testing.T, o apiDoor) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{o.cert: {Type: "CERTIFICATE", Bytes: cert}, o.key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	return roots
}
