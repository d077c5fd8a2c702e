package docket

import (
	"cmp"
	"slices"
	"time"
)

// A Receipt is what a receipt of an outbox's audience says: all entries below Size were held at At.
type Receipt struct {
	Size int64
	At   time.Time
}

// A Held is what this side knows of the receipts over an outbox of the link: those it has, or those it gave, the smallest first.
type Held struct {
	Outbox, From, To string
	Receipts         []Receipt
}

// before gives how many entries were receipted before t, by the rule of A-7: up to the first receipt, by size, that is of t or later.
func (h Held) before(t time.Time) int64 {
	size := int64(0)
	for _, r := range h.Receipts {
		if !r.At.Before(t) {
			break
		}
		size = r.Size
	}
	return size
}

// atMost leaves out the receipts over more than size.
func (h Held) atMost(size int64) Held {
	end, _ := slices.BinarySearchFunc(h.Receipts, size+1, func(r Receipt, size int64) int { return cmp.Compare(r.Size, size) })
	h.Receipts = h.Receipts[:end]
	return h
}

// size is over how many entries there is a receipt.
func (h Held) size() int64 {
	if len(h.Receipts) == 0 {
		return 0
	}
	return h.Receipts[len(h.Receipts)-1].Size
}

// first is when an entry was first receipted; zero: never.
func (h Held) first(index int64) time.Time {
	at, _ := slices.BinarySearchFunc(h.Receipts, index+1, func(r Receipt, size int64) int { return cmp.Compare(r.Size, size) })
	if at == len(h.Receipts) {
		return time.Time{}
	}
	return h.Receipts[at].At
}

// A Basis is what of a link both sides hold (S-2).
type Basis struct {
	Heads  []BasisHead `json:"heads"`
	Unread []Serial    `json:"unread"` // what one side cannot read, or does not know (S-3)
}

// A BasisHead is how much of an outbox is in a basis, and which run of it is in the window (S-6).
type BasisHead struct {
	Outbox string `json:"outbox"`
	Size   int64  `json:"size"`
	From   int64  `json:"from"`
	Next   int64  `json:"next"`
}

// A Serial is the place of a record.
type Serial struct {
	Outbox string `json:"outbox"`
	Index  int64  `json:"index"`
}

func compareSerials(a, b Serial) int { return order(a.Outbox, a.Index, b.Outbox, b.Index) }

// size gives how much of an outbox is in b; 0 where it is not named.
func (b Basis) size(outbox string) int64 {
	for _, h := range b.Heads {
		if h.Outbox == outbox {
			return h.Size
		}
	}
	return 0
}

// Common gives the basis that two sides have in common (S-4), without its windows.
func (b Basis) Common(o Basis) Basis {
	common := Basis{Heads: []BasisHead{}, Unread: []Serial{}}
	for _, h := range b.Heads {
		if size := min(h.Size, o.size(h.Outbox)); size > 0 {
			common.Heads = append(common.Heads, BasisHead{Outbox: h.Outbox, Size: size})
		}
	}
	for _, s := range slices.Concat(b.Unread, o.Unread) {
		if s.Index < common.size(s.Outbox) {
			common.Unread = append(common.Unread, s)
		}
	}
	slices.SortFunc(common.Unread, compareSerials)
	common.Unread = slices.Compact(common.Unread)
	return common
}

// Same tells whether two bases are the same, windows aside.
func (b Basis) Same(o Basis) bool {
	sameHead := func(x, y BasisHead) bool { return x.Outbox == y.Outbox && x.Size == y.Size }
	return slices.EqualFunc(b.Heads, o.Heads, sameHead) && slices.Equal(b.Unread, o.Unread)
}

// UnreadAt gives the place of the record that opened the case where this side cannot read it or does not know what it is (S-3).
func (c Case) UnreadAt() (Serial, bool) {
	o := c.Open
	if o == nil || !o.opaque() && !o.Unknown {
		return Serial{}, false
	}
	return Serial{o.Outbox, o.Index}, true
}

// ground is a basis with the receipts that it rests on.
type ground struct {
	Basis
	held   map[string]Held // up to the basis
	spans  map[string]Span
	unread map[Serial]bool
}

// groundOf makes the basis of a question from what this side holds, and from what it cannot read.
func groundOf(q Question, held []Held, unread []Serial) *ground {
	g := &ground{Basis: Basis{Heads: []BasisHead{}, Unread: []Serial{}}, held: map[string]Held{}, spans: map[string]Span{}, unread: map[Serial]bool{}}
	unread = slices.Clone(unread)
	if q.Basis != nil {
		unread = append(unread, q.Basis.Unread...)
	}
	slices.SortFunc(unread, compareSerials)
	unread = slices.Compact(unread)
	held = slices.SortedFunc(slices.Values(held), func(a, b Held) int { return order(a.Outbox, 0, b.Outbox, 0) })
	for _, h := range held {
		h = h.atMost(h.before(q.AsOf))
		if q.Basis != nil {
			h = h.atMost(q.Basis.size(h.Outbox))
		}
		h = g.list(h, unread)
		if h.size() == 0 {
			continue
		}
		g.held[h.Outbox] = h
		head := BasisHead{Outbox: h.Outbox, Size: h.size(), Next: h.size()}
		if !q.From.IsZero() {
			head.From = h.before(q.From)
		}
		if !q.To.IsZero() {
			head.Next = max(head.From, h.before(q.To))
		}
		g.Heads = append(g.Heads, head)
		g.spans[h.Outbox] = Span{h.Outbox, head.From, head.Next}
	}
	return g
}

// list takes note of what is unread of an outbox. One that has too much of it ends before that.
func (g *ground) list(h Held, unread []Serial) Held {
	first := len(g.Unread)
	for _, s := range unread {
		if s.Outbox != h.Outbox || s.Index < 0 || s.Index >= h.size() {
			continue
		}
		if len(g.Unread) == maxUnread {
			h = h.atMost(s.Index)
			break
		}
		g.Unread = append(g.Unread, s)
	}
	for len(g.Unread) > first && g.Unread[len(g.Unread)-1].Index >= h.size() {
		g.Unread = g.Unread[:len(g.Unread)-1]
	}
	for _, s := range g.Unread[first:] {
		g.unread[s] = true
	}
	return h
}

// has tells whether a record is in the basis, and read by both.
func (g *ground) has(outbox string, index int64) bool {
	return g.held[outbox].size() > index && !g.unread[Serial{outbox, index}]
}

// cut leaves of a case what is in the basis, and gives the moves beyond it. False: its opening is not, or is unread.
func (g *ground) cut(c Case) (_ Case, beyond []Move, ok bool) {
	if c.Open == nil || !g.has(c.Open.Outbox, c.Open.Index) {
		return c, nil, false
	}
	whole := true
	var unread []string // leaves; one may stand at a later place as well
	for i := range c.Moves {
		m := &c.Moves[i]
		if !g.has(m.Outbox, m.Index) {
			whole = false
		}
		if g.unread[Serial{m.Outbox, m.Index}] {
			unread = append(unread, m.Leaf)
		}
	}
	if whole {
		return c, nil, true
	}
	kept := make([]Move, 0, len(c.Moves))
	for _, m := range c.Moves {
		switch {
		case slices.Contains(unread, m.Leaf):
		case g.has(m.Outbox, m.Index):
			kept = append(kept, m)
		default:
			beyond = append(beyond, m)
		}
	}
	c.Moves = kept
	c.judge()
	return c, beyond, true
}
