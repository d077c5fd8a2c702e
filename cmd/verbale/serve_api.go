package main

import (
	"context"
	"crypto/tls"
	"net"
	"path/filepath"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

// apiDoor is where programs call the API over the network; the zero one is closed.
type apiDoor struct {
	listen    string
	cert, key string // files of a certificate, "" where something in front of the node does TLS
}

func (o *apiDoor) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.listen, "api", "", "address:port where programs may call the API with a token (default: what config.json says, else nowhere)")
	c.Flags().StringVar(&o.cert, "api-cert", "", "`FILE` with the certificate of that address, and those above it (PEM)")
	c.Flags().StringVar(&o.key, "api-key", "", "`FILE` with the key of that certificate (PEM), readable by its owner only")
}

// orConfigured takes from config.json what the command line did not say.
func (o *apiDoor) orConfigured(f folder, c config) {
	if o.listen == "" {
		o.listen = c.API
	}
	if o.cert == "" && o.key == "" && c.APICert != "" {
		o.cert, o.key = f.below(c.APICert), f.below(c.APIKey)
	}
}

// below is a path from the data folder if it is not absolute.
func (f folder) below(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return f.path(path)
}

// open listens; nil where the door is closed. Tokens never go over a wire in the clear: without a certificate only this machine may call.
func (o *apiDoor) open(ctx context.Context) (net.Listener, error) {
	if o.listen == "" {
		return nil, nil
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return nil, problem(kindUsage, "for example --api 127.0.0.1:7444", "--api is an address and a port")
	}
	secured := o.cert != "" || o.key != ""
	if ip := net.ParseIP(host); !secured && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, problem(node.Invalid, "use 127.0.0.1 and put a proxy with TLS before it, or give --api-cert and --api-key",
			"%s is not an address of this machine alone, and without TLS everybody on the way could read the tokens", o.listen)
	}
	var config *tls.Config
	if secured {
		if config, err = o.tls(); err != nil {
			return nil, err
		}
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return nil, problem(node.Internal, "choose another with --api, or free it", "cannot listen for the API: %v", err)
	}
	if config != nil {
		ln = tls.NewListener(ln, config)
	}
	return ln, nil
}

func (o *apiDoor) tls() (*tls.Config, error) {
	if o.cert == "" || o.key == "" {
		return nil, problem(kindUsage, "give both, or neither", "--api-cert and --api-key belong together")
	}
	if err := private(o.key, othersRights); err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, problem(node.Invalid, "both are PEM, and the key is that of the first certificate", "the certificate of the API cannot be used: %v", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}}, nil
}
