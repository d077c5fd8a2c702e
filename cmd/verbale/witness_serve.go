package main

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/internal/witness"
	"verbale/seal"
)

// witnessing is what `witness serve` was told.
type witnessing struct {
	listen string
	log    string
}

func (a *app) witnessServeCommand() *cobra.Command {
	var o witnessing
	c := &cobra.Command{
		Use:   "serve",
		Short: "run the witness: cosign what the entered registers send",
		Long: `Runs the witness until it gets SIGTERM or SIGINT. It speaks C2SP tlog-witness over plain HTTP: what it is sent is no secret and what it says is
signed. Any log that speaks it can use it, if it is a register that was entered. When it is ready it prints a line "ready".

Its clock is what it vouches for: keep it right (NTP). When the clock goes back, the witness signs nothing until it has caught up.

Examples:
  verbale witness serve --dir w
  verbale witness serve --dir w --listen 0.0.0.0:7380 --log json`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error { return a.serveWitness(ctx, o) }),
	}
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:7380", "address:port where to wait for logs")
	c.Flags().StringVar(&o.log, "log", "text", "form of the log on standard error: text or json")
	offer(c, "log", []string{"text", "json"})
	return c
}

func (a *app) serveWitness(ctx context.Context, o witnessing) error {
	log, err := a.logger(o.log)
	if err != nil {
		return err
	}
	return a.withWitness(ctx, func(k *seal.WitnessKey, s *store.Store) error {
		logs, _, err := witness.Logs(ctx, s)
		if err != nil {
			return err
		}
		ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
		if err != nil {
			return problem(node.Internal, "choose another with --listen, or free it", "cannot listen for logs: %v", err)
		}
		ready := witnessReady{Name: k.Name(), Listen: ln.Addr().String(), Logs: len(logs)}
		if err := a.print(ready, ready.text); err != nil {
			return err
		}
		log.Info("ready", "witness", k.Name(), "listen", ready.Listen, "logs", len(logs))
		w := witness.New(s, k, a.Now)
		err = peer.NewWitnessServer(peer.WitnessServerConfig{Witness: w, Latest: w.Latest, Log: log}).Serve(ctx, ln)
		log.Info("stopped", "witness", k.Name())
		return err
	})
}

// witnessReady is what `witness serve` prints when it is ready.
type witnessReady struct {
	Name   string `json:"name"`
	Listen string `json:"listen"`
	Logs   int    `json:"logs"`
}

func (r witnessReady) text(w io.Writer) {
	fmt.Fprintf(w, "%s\nlogs      listening on %s; %s entered\nready\n", r.Name, r.Listen, counted(int64(r.Logs), "register is", "registers are"))
}
