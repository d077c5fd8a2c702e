package peer

import (
	"net"
	"net/http"
	"sync"

	"verbale/internal/exchange"
)

// A gate counts the calls that are being answered, in all and for each party.
type gate struct {
	mu       sync.Mutex
	left     sync.Cond // somebody left
	most     int
	perParty int
	total    int
	parties  map[string]int
	closed   bool
}

func newGate(most, perParty int) *gate {
	g := &gate{most: most, perParty: perParty, parties: map[string]int{}}
	g.left.L = &g.mu
	return g
}

// enter takes a place, or says busy.
func (g *gate) enter(party string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return exchange.Refuse(exchange.Busy, "", nil, "this node is stopping")
	case g.total >= g.most:
		return exchange.Refuse(exchange.Busy, "", nil, "this node answers %d calls already", g.total)
	case g.parties[party] >= g.perParty:
		return exchange.Refuse(exchange.Busy, "", nil, "this node answers %d calls of yours already", g.parties[party])
	}
	g.total++
	g.parties[party]++
	return nil
}

func (g *gate) leave(party string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.parties[party]--; g.parties[party] == 0 {
		delete(g.parties, party)
	}
	g.left.Broadcast()
}

// shut lets nobody in any more and returns when everybody has left.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for g.total > 0 {
		g.left.Wait()
	}
}

func (g *gate) inside() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total
}

// A headcount closes connections that come when too many are open.
type headcount struct {
	mu    sync.Mutex
	most  int
	conns map[net.Conn]bool
}

func newHeadcount(most int) *headcount { return &headcount{most: most, conns: map[net.Conn]bool{}} }

// track is the ConnState of http.Server.
func (h *headcount) track(conn net.Conn, state http.ConnState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch state {
	case http.StateNew:
		if len(h.conns) >= h.most {
			_ = conn.Close()
			return
		}
		h.conns[conn] = true
	case http.StateClosed, http.StateHijacked:
		delete(h.conns, conn)
	}
}
