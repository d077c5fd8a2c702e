package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/record"
)

// reached is how node.LinkStatus says that an attempt to reach the peer ended well.
const reached = "reached"

// filing is how a command files: the flags that all of them have.
type filing struct {
	key     string
	yes     bool
	wait    bool
	timeout time.Duration
}

func (o *filing) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.key, "key", "", "idempotency `KEY`: filing again with the same key gives the same record")
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "file without showing and asking")
	o.waitFlags(c, "wait until the peer's receipt is here")
}

func (o *filing) waitFlags(c *cobra.Command, what string) {
	c.Flags().BoolVar(&o.wait, "wait", false, what)
	c.Flags().DurationVar(&o.timeout, "timeout", waitFor, "how long to wait for the peer")
}

// filed is what a filing command prints: where the record stands, here and with the peer.
type filed struct {
	Ref         string    `json:"ref"`
	Outbox      string    `json:"outbox"`
	Index       int64     `json:"index"`
	Leaf        string    `json:"leaf"`
	Again       bool      `json:"again"`
	ReceivedAt  time.Time `json:"received_at,omitzero"`
	NotReceived string    `json:"not_received,omitempty"` // why there is no receipt yet
}

// deliver sees a filed record on its way and tells where it stands.
func (a *app) deliver(ctx context.Context, s *session, self, party string, ref node.Filed, o filing) error {
	at := ref.Ref
	done := filed{Ref: shortRef(self, at.Outbox, at.Index), Outbox: at.Outbox, Index: at.Index,
		Leaf: base64.RawURLEncoding.EncodeToString(at.Leaf[:]), Again: ref.Again}
	trouble := a.hand(ctx, s, party, at, &done, o)
	if trouble != nil {
		done.NotReceived = why(trouble, o.timeout)
	} else if done.ReceivedAt.IsZero() {
		done.NotReceived = pending(ctx, s, party)
	}
	if err := a.print(done, func(w io.Writer) { a.filedText(w, done, party, s.local) }); err != nil {
		return err
	}
	if o.wait && trouble != nil {
		return trouble
	}
	return nil
}

// why says why there is no receipt. What was filed is filed, also when nobody waits any more.
func why(trouble error, waited time.Duration) string {
	switch {
	case errors.Is(trouble, context.Canceled):
		return "you stopped waiting for it"
	case errors.Is(trouble, context.DeadlineExceeded):
		return "no answer came within " + waited.String()
	}
	return node.AsError(trouble).Message
}

// pending says why serve has no receipt yet, as far as it knows.
func pending(ctx context.Context, s *session, party string) string {
	links, err := s.Links(ctx)
	if err != nil {
		return err.Error()
	}
	switch l, err := linkWith(links, party); {
	case err != nil:
		return err.Error()
	case l.SuspendedBy != nil:
		return suspendedText(l)
	case l.Held != "":
		return "pushes are held: " + l.Held
	case l.LastAttempt != "" && l.LastAttempt != reached:
		return "the last attempt failed: " + l.LastAttempt
	}
	return "it was filed just now, and is being pushed"
}

// suspendedText says that the peer takes nothing now.
func suspendedText(l node.LinkStatus) string {
	return l.Party + " has suspended the link since " + l.SuspendedBy.Since.UTC().Format(utc) + ", and takes nothing: it waits here until they resume"
}

// hand tries to get the receipt, and says why there is none.
func (a *app) hand(ctx context.Context, s *session, party string, at record.Ref, done *filed, o filing) error {
	look := func() (bool, error) {
		c, err := s.Case(ctx, at.Outbox, at.Index)
		if err == nil {
			done.ReceivedAt = receivedAt(c, at)
		}
		return !done.ReceivedAt.IsZero(), err
	}
	if o.wait {
		return a.await(ctx, s, party, o.timeout, "receipt", look)
	}
	if s.local {
		once, cancel := context.WithTimeout(ctx, o.timeout)
		defer cancel()
		if _, err := s.Exchange(once, party, a.progress("sending")); err != nil {
			return err
		}
	}
	_, err := look()
	return err
}

func receivedAt(c console.Case, ref record.Ref) time.Time {
	for _, r := range c.Records {
		if r.Ref == ref {
			return r.ReceivedAt
		}
	}
	return time.Time{}
}

// await asks until met, or until the time is over. Where no serve runs, it exchanges with the peer itself.
func (a *app) await(ctx context.Context, s *session, party string, timeout time.Duration, what string, met func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var last error
	for turn := 0; ; turn++ {
		if s.local && turn%int(retryEvery/pollEvery) == 0 {
			_, err := s.Exchange(ctx, party, nil)
			if hopeless(err) {
				return err
			}
			if !errors.Is(err, context.DeadlineExceeded) { // that one is ours and tells nothing of the peer
				last = err
			}
		}
		if ok, err := met(); ok || err != nil && ctx.Err() == nil {
			return err
		}
		if turn == 0 {
			if links, err := s.Links(ctx); err == nil {
				if l, err := linkWith(links, party); err == nil && l.SuspendedBy != nil {
					return problem(node.Refused, "what is filed stays filed, and goes by itself then", "%s", suspendedText(l))
				}
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return a.noAnswer(context.WithoutCancel(ctx), s, party, timeout, what, last)
		}
	}
}

// hopeless tells an error that waiting does not mend.
func hopeless(err error) bool {
	return err != nil && !errors.Is(err, context.DeadlineExceeded) && node.AsError(err).Kind != node.Offline
}

// noAnswer says why nothing came, as far as the node knows.
func (a *app) noAnswer(ctx context.Context, s *session, party string, timeout time.Duration, what string, last error) error {
	why := ""
	switch {
	case last != nil:
		why = ": " + node.AsError(last).Message
	case s.local: // the attempt was under way until the end
		why = ": nothing answers at its endpoint"
	}
	links, err := s.Links(ctx)
	if err == nil && last == nil {
		l, err := linkWith(links, party)
		switch {
		case err != nil:
		case l.Held != "":
			return problem(node.Refused, "mend what the reason says, then: verbale link retry "+party, "%s refused: %s", party, l.Held)
		case l.LastAttempt == reached:
			why = ""
		case l.LastAttempt != "":
			why = ": " + l.LastAttempt
		}
	}
	return problem(node.Offline, "what is filed stays filed; verbale serve goes on trying", "no %s from %s came within %s%s", what, party, timeout, why)
}

func (a *app) filedText(w io.Writer, done filed, party string, local bool) {
	verb := "filed"
	if done.Again {
		verb = "this key was filed before"
	}
	switch {
	case !done.ReceivedAt.IsZero():
		fmt.Fprintf(w, "%s: %s; %s’s node holds it since %s, by its own clock\n", verb, done.Ref, party, a.when(done.ReceivedAt))
	case local:
		fmt.Fprintf(w, "%s: %s; not received yet: %s\n", verb, done.Ref, done.NotReceived)
		fmt.Fprintln(w, "run `verbale serve`: it pushes what is pending and tries again by itself")
	default:
		fmt.Fprintf(w, "%s: %s; not received yet: %s\n", verb, done.Ref, done.NotReceived)
		fmt.Fprintf(w, "see: verbale appeal show %s\n", done.Ref)
	}
}

// progress tells how far long work has come, on standard error: a line that changes on a terminal, else one now and then.
func (a *app) progress(what string) node.Progress {
	f, ok := a.Stderr.(*os.File)
	live := ok && term.IsTerminal(int(f.Fd()))
	next := a.Now().Add(progressEvery)
	return func(done, total int64) {
		switch now := a.Now(); {
		case live && done >= total:
			fmt.Fprintf(a.Stderr, "\r%s: %d of %d\n", what, done, total)
		case live:
			fmt.Fprintf(a.Stderr, "\r%s: %d of %d", what, done, total)
		case now.After(next):
			next = now.Add(progressEvery)
			a.say("%s: %d of %d", what, done, total)
		}
	}
}
