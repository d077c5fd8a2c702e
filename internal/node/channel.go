package node

import (
	"context"
	"math"
	"time"

	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// Channel is what the beats that are kept say of a link in a time: whether each side was there, and how large it said that each outbox was.
type Channel struct {
	Party  string          `json:"party"`
	From   time.Time       `json:"from"`
	To     time.Time       `json:"to"`
	Series []ChannelSeries `json:"series"` // by outbox, then ours before the peer's
}

// ChannelSeries is the beats of one party over one outbox, by that party's clock. The longest gap is the longest time without one, also at
// the ends of the time asked for.
type ChannelSeries struct {
	Outbox     string    `json:"outbox"`
	By         string    `json:"by"`
	Beats      int       `json:"beats"`
	First      time.Time `json:"first,omitzero"`
	Last       time.Time `json:"last,omitzero"`
	LongestGap int64     `json:"longest_gap"` // seconds
	GapFrom    time.Time `json:"gap_from"`
	GapTo      time.Time `json:"gap_to"`
	SizeFirst  int64     `json:"size_first"` // entries, as the first and the last beat say
	SizeLast   int64     `json:"size_last"`
}

// ChannelRequest says what a bundle of beats shows.
type ChannelRequest struct {
	Party string    `json:"party,omitempty"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Gap   int64     `json:"gap,omitzero"` // seconds: beats may be left out as long as no gap becomes longer than this
}

// Channel counts the beats of a link from one time to another.
func (n *Node) Channel(ctx context.Context, party string, from, to time.Time) (Channel, error) {
	c := Channel{Party: party, From: from, To: to, Series: []ChannelSeries{}}
	err := n.eachSeries(ctx, party, from, to, func(_ *store.Tx, row store.Outbox, by string, beats []store.Beat) error {
		c.Series = append(c.Series, seriesOf(row.Origin.String(), by, beats, from, to))
		return nil
	})
	return c, err
}

// eachSeries reads the beats of each side over each outbox of a link from one time to another.
func (n *Node) eachSeries(ctx context.Context, party string, from, to time.Time, fn func(tx *store.Tx, row store.Outbox, by string, beats []store.Beat) error) error {
	if _, err := n.linkTo(party); err != nil {
		return err
	}
	if !from.Before(to) {
		return fail(Invalid, nil, "from is the earlier time", "there is no time between %s and %s", from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	return n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		ours, err := n.outboxesTo(tx, party)
		if err != nil {
			return err
		}
		theirs, err := n.mirrorsOf(tx, party)
		if err != nil {
			return err
		}
		for _, row := range append(ours, theirs...) {
			for _, by := range []string{n.party, party} {
				beats, err := tx.Beats(row.ID, by, from, to)
				if err != nil {
					return err
				}
				if err := fn(tx, row, by, beats); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func seriesOf(outbox, by string, beats []store.Beat, from, to time.Time) ChannelSeries {
	s := ChannelSeries{Outbox: outbox, By: by, Beats: len(beats)}
	last := from
	gap := func(until time.Time) {
		if d := int64(until.Sub(last) / time.Second); d > s.LongestGap || s.GapTo.IsZero() {
			s.LongestGap, s.GapFrom, s.GapTo = d, last, until
		}
		last = until
	}
	for i, b := range beats {
		if i == 0 {
			s.First, s.SizeFirst = b.At, b.Size
		}
		s.Last, s.SizeLast = b.At, b.Size
		gap(b.At)
	}
	gap(to)
	return s
}

// ProveChannel makes the bundle that shows to anybody who was there and what each side said that the outboxes held: of each series the
// fewest beats that show no longer a gap than asked for, where there was none, from the one before the time to the one after it, with
// the checkpoints that they are over, and the profiles.
func (n *Node) ProveChannel(ctx context.Context, q ChannelRequest) ([]byte, error) {
	own, err := n.Profile(ctx)
	if err != nil {
		return nil, err
	}
	b := &verdict.Bundle{Profiles: []string{own.File}}
	for _, gs := range []generations{n.own, n.generationsOf(q.Party)} {
		for _, g := range gs {
			if generationOf(own) != g.number() || g.profile.Party != n.party {
				b.Profiles = append(b.Profiles, g.profile.File)
			}
		}
	}
	shown := 0
	noted := map[seal.Head]bool{}
	err = n.eachSeries(ctx, q.Party, q.From, q.To, func(tx *store.Tx, row store.Outbox, by string, within []store.Beat) error {
		beats, err := around(tx, row.ID, by, q)
		if err != nil {
			return err
		}
		shown += len(within)
		return addBeats(tx, b, row, beats, noted)
	})
	if err != nil {
		return nil, err
	}
	if shown == 0 {
		return nil, fail(NotFound, nil, "see which there are: verbale link channel "+q.Party, "no beats of this link are kept from that time")
	}
	return b.Encode()
}

// around gives the beats of a series in a time with the one before and the one after it, without those that the gap allows to leave out.
func around(tx *store.Tx, id int64, by string, q ChannelRequest) ([]store.Beat, error) {
	before, err := tx.Beats(id, by, time.Unix(0, 0), q.From.Add(-time.Second))
	if err != nil {
		return nil, err
	}
	beats, err := tx.Beats(id, by, q.From, time.Unix(math.MaxInt64>>1, 0))
	if err != nil {
		return nil, err
	}
	if len(before) > 0 {
		beats = append(before[len(before)-1:], beats...)
	}
	end := 0
	for end < len(beats) && !beats[end].At.After(q.To) {
		end++
	}
	beats = beats[:min(end+1, len(beats))]
	at := make([]time.Time, len(beats))
	for i, b := range beats {
		at[i] = b.At
	}
	gone := map[time.Time]bool{}
	for _, t := range needless(at, q.To.Add(time.Second), time.Duration(q.Gap)*time.Second) {
		gone[t] = true
	}
	var kept []store.Beat
	for _, b := range beats {
		if !gone[b.At] {
			kept = append(kept, b)
		}
	}
	return kept, nil
}

func addBeats(tx *store.Tx, b *verdict.Bundle, row store.Outbox, beats []store.Beat, noted map[seal.Head]bool) error {
	for _, beat := range beats {
		head, err := headAt(tx, row, beat.Size)
		if err != nil {
			return err
		}
		b.AddBeats(seal.Beat{Head: head, By: beat.Party, Time: beat.At, Signature: beat.Signature})
		if noted[head] || head.Size == 0 { // nothing is signed over the empty head
			continue
		}
		noted[head] = true
		at, err := tx.Checkpoint(row.ID, head.Size)
		if err != nil {
			return err
		}
		b.Checkpoints = append(b.Checkpoints, string(at.Note))
	}
	return nil
}
