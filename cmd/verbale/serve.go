package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/peer"
)

// serving is what `serve` was told.
type serving struct {
	listen string
	log    string
	api    apiDoor
	relay  bool
	quota  exchange.Load
	mute   bool // no search
}

func (a *app) serveCommand() *cobra.Command {
	var o serving
	c := &cobra.Command{
		Use:   "serve",
		Short: "run the node: answer peers, push what is filed, serve commands",
		Long: `Runs the node until it gets SIGTERM or SIGINT: it answers peers over mutual TLS, pushes what is filed at once, tries again when a peer
cannot be reached, and serves the other commands over the control socket in the data folder. When it is ready it prints a line "ready".

With --api it also answers programs that have a token (verbale token create). Without a certificate that address has to be one of this machine alone:
put a proxy with TLS before it, or give --api-cert and --api-key. docs/openapi.json shows the calls.

The passphrase of encrypted keys: see verbale help folder.

Examples:
  verbale serve
  verbale serve --dir /var/lib/verbale --passphrase-file /etc/verbale/passphrase --log json`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error { return a.serve(ctx, o) }),
	}
	o.flags(c)
	return c
}

func (o *serving) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.listen, "listen", "", "address:port where to wait for peers (default: what config.json says)")
	c.Flags().StringVar(&o.log, "log", "text", "form of the log on standard error: text or json")
	offer(c, "log", []string{"text", "json"})
	c.Flags().BoolVar(&o.mute, "no-search", false, "keep no decrypted words on the disk: verbale search finds nothing then")
	o.api.flags(c)
}

func (a *app) serve(ctx context.Context, o serving) error {
	log, err := a.logger(o.log)
	if err != nil {
		return err
	}
	f, err := a.folder()
	if err != nil {
		return err
	}
	if err := f.party(); err != nil {
		return err
	}
	c, err := f.config()
	if err != nil && (o.listen == "" || !errors.Is(err, fs.ErrNotExist)) {
		return err
	}
	if o.listen == "" {
		o.listen = c.Listen
	}
	o.api.orConfigured(f, c)
	r, err := a.open(ctx, f, log, func(c *node.Config) { c.Relay, c.Quota, c.NoSearch = o.relay, o.quota, c.NoSearch || o.mute })
	if err != nil {
		return err
	}
	return errors.Join(a.answer(ctx, r, f, o, log), r.close())
}

func (a *app) logger(form string) (*slog.Logger, error) {
	switch form {
	case "text":
		return slog.New(slog.NewTextHandler(a.Stderr, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(a.Stderr, nil)), nil
	}
	return nil, usage("--log is text or json")
}

// doors are where a node is called; api is nil where it is closed.
type doors struct{ peers, control, api net.Listener }

func (d doors) close() error {
	var errs []error
	for _, ln := range []net.Listener{d.peers, d.control, d.api} {
		if ln != nil {
			errs = append(errs, ln.Close())
		}
	}
	return errors.Join(errs...)
}

// doors opens them.
func (o *serving) doors(ctx context.Context, f folder) (d doors, err error) {
	if d.peers, err = (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen); err != nil {
		return doors{}, problem(node.Internal, "choose another with --listen, or free it", "cannot listen for peers: %v", err)
	}
	if d.control, err = listenControl(ctx, f.path(socketFile)); err == nil {
		d.api, err = o.api.open(ctx)
	}
	if err != nil {
		err = errors.Join(err, d.close())
	}
	return d, err
}

// answer listens on all doors and runs the node until ctx ends.
func (a *app) answer(ctx context.Context, r *opened, f folder, o serving, log *slog.Logger) error {
	d, err := o.doors(ctx, f)
	if err != nil {
		return err
	}
	self, err := r.node.Profile(ctx)
	if err != nil {
		return errors.Join(err, d.close())
	}
	ready := readiness{Party: self.Party, Title: self.Title, Endpoint: self.Endpoint, Listen: d.peers.Addr().String(), Control: f.path(socketFile), Encrypted: r.encrypted}
	if d.api != nil {
		ready.API = d.api.Addr().String()
	}
	if err := a.print(ready, ready.text); err != nil {
		return err
	}
	log.Info("ready", "party", self.Party, "listen", ready.Listen, "keys_encrypted", r.encrypted)
	if a.Now().Add(node.KeysWarnBefore).After(self.ValidUntil) {
		log.Warn("the keys of this party expire; before then: verbale profile renew", "until", self.ValidUntil)
	}
	err = a.runAll(ctx, r, d, log)
	log.Info("stopped", "party", self.Party)
	return err
}

// runAll runs the node and its doors; when one of them fails, or ctx ends, all end.
func (a *app) runAll(ctx context.Context, r *opened, d doors, log *slog.Logger) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	server := peer.NewServer(peer.ServerConfig{Certificate: r.peers.cert, Earlier: r.peers.earlier, Find: r.node.Desk, Now: a.Now, Log: log, MaxConcurrent: peerCalls})
	commands := console.NewServer(context.WithoutCancel(ctx), console.NewHandler(r.node, log))
	staff := map[string]*http.Server{"commands": commands}
	var all sync.WaitGroup
	all.Go(func() { cancel(server.Serve(ctx, d.peers)) })
	all.Go(func() { cancel(staffServed(commands.Serve(d.control))) })
	if d.api != nil {
		programs := console.NewServer(context.WithoutCancel(ctx), console.NewAPI(r.node, log, time.Now))
		staff["programs"] = programs
		all.Go(func() { cancel(staffServed(programs.Serve(d.api))) })
	}
	all.Go(func() { cancel(r.node.Run(ctx)) })
	<-ctx.Done()
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer stop()
	for whose, s := range staff {
		if err := s.Shutdown(end); err != nil {
			log.Warn("calls were cut off", "of", whose, "error", err.Error())
			_ = s.Close()
		}
	}
	all.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

func staffServed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// listenControl makes the control socket, for this user only. The folder is locked: a socket that is there was left behind.
func listenControl(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, problem(node.Invalid, "use a shorter --dir", "%s is too long for a socket: %d characters, at most %d", path, len(path), maxSocketPath)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

// readiness is what serve prints when it is ready.
type readiness struct {
	Party     string `json:"party"`
	Title     string `json:"title"`
	Endpoint  string `json:"endpoint"`
	Listen    string `json:"listen"`
	Control   string `json:"control"`
	API       string `json:"api,omitempty"`
	Encrypted bool   `json:"keys_encrypted"`
}

func (r readiness) text(w io.Writer) {
	fmt.Fprintf(w, "%s (%s)\n", r.Party, r.Title)
	fmt.Fprintf(w, "keys      %s\n", atRest(r.Encrypted))
	fmt.Fprintf(w, "peers     listening on %s; they dial %s\n", r.Listen, r.Endpoint)
	fmt.Fprintf(w, "commands  through %s\n", r.Control)
	if r.API != "" {
		fmt.Fprintf(w, "programs  listening on %s, with a token\n", r.API)
	}
	fmt.Fprintln(w, "ready")
}
