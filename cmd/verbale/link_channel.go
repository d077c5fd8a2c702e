package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

// looking is what `link channel` was told.
type looking struct {
	from, to string
	gap      time.Duration
	out      outputFile
}

func (a *app) linkChannelCommand() *cobra.Command {
	var o looking
	c := &cobra.Command{
		Use:   "channel PARTY",
		Short: "whether the channel to a peer was up, by the beats of both sides",
		Long: `Every five minutes each side of a link says, signed, that it is there and how many entries it has written or seen. This tells for a time how many of these
beats are kept, the longest gap, and the size of each outbox at the first and the last. A beat's time is by the clock of who signed it. Of beats
older than two days one an hour is kept.

With -o it writes a bundle of them that anybody checks with "verbale verify", with the fewest that show no longer a gap than --gap where there was
none.

Times are like 2026-07-09T18:00:00Z, or counted back from now, like -3d or -12h.

Examples:
  verbale link channel borea.example --from -7d
  verbale link channel borea.example --from 2026-07-01T00:00:00Z --to 2026-07-08T00:00:00Z \
      --gap 2h -o quiet-week.bundle`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE:              a.run(func(ctx context.Context, args []string) error { return a.channel(ctx, args[0], o) }),
	}
	c.Flags().StringVar(&o.from, "from", "-1d", "the beginning of the `TIME` to look at")
	c.Flags().StringVar(&o.to, "to", "-0h", "its end")
	c.Flags().DurationVar(&o.gap, "gap", time.Hour, "the longest gap that a bundle may leave between two beats")
	o.out.flags(c)
	return c
}

// looked is what `link channel --json` prints.
type looked struct {
	node.Channel
	File  string `json:"file,omitempty"`
	Bytes int    `json:"bytes"`
}

func (a *app) channel(ctx context.Context, party string, o looking) error {
	from, err := timeBack(o.from, a.Now())
	if err != nil {
		return usage("--from: %v", err)
	}
	to, err := timeBack(o.to, a.Now())
	if err != nil {
		return usage("--to: %v", err)
	}
	if o.gap < time.Second {
		return usage("--gap is a second at the least")
	}
	return a.with(ctx, func(s *session) error {
		l := looked{File: o.out.path}
		if l.Channel, err = s.Channel(ctx, party, from, to); err != nil {
			return err
		}
		if o.out.path != "" {
			raw, err := s.ProveChannel(ctx, node.ChannelRequest{Party: party, From: from, To: to, Gap: int64(o.gap / time.Second)})
			if err != nil {
				return err
			}
			if _, err := judged(raw); err != nil {
				return err
			}
			if err := o.out.write(a, raw); err != nil {
				return err
			}
			l.Bytes = len(raw)
		}
		if o.out.path == "-" {
			return nil
		}
		return a.print(l, func(w io.Writer) { channelText(w, l) })
	})
}

// timeBack reads a time, or one counted back from now.
func timeBack(text string, now time.Time) (time.Time, error) {
	back, ok := strings.CutPrefix(text, "-")
	if !ok {
		t, err := parseTime(text, now)
		return t.UTC().Truncate(time.Second), err
	}
	t, err := parseTime("+"+back, now)
	return now.Add(now.Sub(t)).UTC().Truncate(time.Second), err
}

func channelText(w io.Writer, l looked) {
	fmt.Fprintf(w, "%s to %s, by the clock of who signed\n", l.From.Format(utc), l.To.Format(utc))
	t := table{head: []string{"OUTBOX", "SAID BY", "BEATS", "LONGEST GAP", "FROM", "SIZE"}}
	for _, s := range l.Series {
		size := "-"
		if s.Beats > 0 {
			size = fmt.Sprint(s.SizeFirst)
			if s.SizeLast != s.SizeFirst {
				size += " to " + fmt.Sprint(s.SizeLast)
			}
		}
		t.add(s.Outbox, s.By, fmt.Sprint(s.Beats), span(time.Duration(s.LongestGap)*time.Second), s.GapFrom.Format(utc), size)
	}
	t.write(w)
	if l.File != "" {
		fmt.Fprintf(w, "%s is written (%d bytes)\n", l.File, l.Bytes)
	}
}
