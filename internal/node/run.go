package node

import (
	"context"
	"sync"
	"time"

	"verbale/internal/exchange"
)

// Run exchanges with every confirmed link until ctx ends: it pushes what is filed at once, tries again with growing pauses when
// the peer cannot be reached, and pulls at the start and then from time to time. Links made later are picked up.
func (n *Node) Run(ctx context.Context) error {
	n.refileDuties(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { n.keepHeads(ctx) })
	wg.Go(func() { n.tallies(ctx) })
	wg.Go(func() { n.directories(ctx) })
	wg.Go(func() { n.remindLoop(ctx) })
	wg.Go(func() { n.searchLoop(ctx) })
	for _, w := range n.witnesses {
		wg.Go(func() { n.keepWitnessed(ctx, w) })
	}
	wg.Go(func() { n.collectLoop(ctx) })
	running := map[*link]context.CancelFunc{}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		n.startLoops(ctx, &wg, running)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// startLoops runs the two loops for each confirmed link and ends those of links that were replaced.
func (n *Node) startLoops(ctx context.Context, wg *sync.WaitGroup, running map[*link]context.CancelFunc) {
	current := map[*link]bool{}
	for _, l := range n.sortedLinks() {
		current[l] = true
		if _, ok := running[l]; ok || !l.confirmed {
			continue
		}
		own, cancel := context.WithCancel(ctx)
		running[l] = cancel
		wg.Go(func() { n.loop(own, l) })
		wg.Go(func() { n.beatLoop(own, l) })
	}
	for l, cancel := range running {
		if !current[l] {
			cancel()
			delete(running, l)
		}
	}
}

// loop keeps one link going.
func (n *Node) loop(ctx context.Context, l *link) {
	pause := retryFirst
	pullAt := n.cfg.Now()
	for {
		err := n.round(ctx, l, &pullAt)
		if _, lodging := n.LodgeDue(ctx, l.profile.Party); lodging != nil && ctx.Err() == nil {
			n.cfg.Log.Warn("relay", "party", l.profile.Party, "error", lodging.Error())
		}
		if err != nil && ctx.Err() == nil {
			n.cfg.Log.Warn("link", "party", l.profile.Party, "error", err.Error(), "again_in", pause.String())
		}
		wait := pullEvery
		if err != nil {
			wait, pause = pause, min(2*pause, retryMost)
		} else {
			pause = retryFirst
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-l.wake:
		case <-timer.C:
		}
		timer.Stop()
		if err != nil && !n.pausedEnough(ctx, pause) {
			return
		}
	}
}

// pausedEnough keeps the pause after a failure even when filings keep waking the loop. False: ctx ended.
func (n *Node) pausedEnough(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause / 2)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// round pushes, and pulls when it is time. A held link waits for an operator, one that the peer has suspended for its resume.
func (n *Node) round(ctx context.Context, l *link, pullAt *time.Time) error {
	l.mu.Lock()
	held, pull := l.held != "" || n.cfg.Now().Before(l.rest), l.pull
	l.pull = false
	l.mu.Unlock()
	if err := n.exchange(ctx, l, held, pull, pullAt); err != nil {
		if pull {
			l.pullLater()
		}
		return err
	}
	return nil
}

func (n *Node) exchange(ctx context.Context, l *link, held, pull bool, pullAt *time.Time) error {
	if own := n.outboxTo(l.profile.Party); !n.asked(own) {
		if err := n.askAround(ctx, own); err != nil {
			n.note(l, err)
			return err
		}
	}
	every, closed, err := n.pace(ctx, l)
	if err != nil {
		return err
	}
	if !held && !closed {
		switch _, err := n.Push(ctx, l.profile.Party, nil); {
		case exchange.KindOf(err) == exchange.Suspended:
			n.refusedAsSuspended(l)
			pull = true
		case err != nil:
			return err
		}
	}
	if !pull && n.cfg.Now().Before(*pullAt) {
		return nil
	}
	if _, err := n.Pull(ctx, l.profile.Party); err != nil {
		return err
	}
	*pullAt = n.cfg.Now().Add(every)
	if _, err := n.Follow(ctx, l.profile.Party); err != nil && ctx.Err() == nil { // the exchange does not wait for it (G-10)
		n.cfg.Log.Warn("the peer's register could not be followed", "party", l.profile.Party, "error", err.Error())
	}
	return nil
}
