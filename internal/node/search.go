package node

import (
	"cmp"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"maps"
	"slices"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// What staff look for is found by its words in a file of its own, which this room feeds from the outboxes of the links: behind the exchange, never
// in it. Only what we can read is in it; a relay's outboxes of others are not.

// SearchQuery is what is looked for, and where.
type SearchQuery struct {
	Words string // all of them; what the last one is the beginning of is found as well
	Party string // only the link with this party
	Kind  string // only appeals of this kind
	Act   string
	Since time.Time // only what was released then or later
	Best  bool      // the best match first; else the newest
	After SearchPlace
	Limit int   // at most MaxFound, which is also what 0 means
	Sight Sight // what may be seen
}

// SearchPlace is where a list of what was found goes on; the zero one is its beginning.
type SearchPlace struct {
	ID   int64   `json:"id,omitzero"`
	Rank float64 `json:"rank,omitzero"`
}

// Match is a record that has the words.
type Match struct {
	Outbox  string      `json:"outbox"`
	Index   int64       `json:"index"`
	With    string      `json:"with"` // the other party of the link
	By      string      `json:"by"`
	Act     string      `json:"act"`
	Kind    string      `json:"kind,omitempty"`
	TLP     string      `json:"tlp"`
	At      time.Time   `json:"released_at"`
	Subject string      `json:"subject,omitempty"`
	Snippet []Piece     `json:"snippet"`
	Place   SearchPlace `json:"place"`
}

// Piece is a part of a snippet. A hit is a word that was looked for.
type Piece struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit"`
}

// FoundPage is a page of what was found.
type FoundPage struct {
	Found []Match      `json:"found"`
	Next  *SearchPlace `json:"next,omitempty"` // where the page that follows begins; nil: there is none
	// Behind is how many entries are not in the search yet.
	Behind int64 `json:"behind"`
}

// Search finds records by their words. What came just before is taken in first, as far as that is done soon.
func (n *Node) Search(ctx context.Context, q SearchQuery) (p FoundPage, err error) {
	if n.search == nil {
		return p, fail(NotAllowed, nil, "serve without --no-search", "the search is switched off at this node")
	}
	if q.Limit <= 0 || q.Limit > MaxFound {
		q.Limit = MaxFound
	}
	begin := n.cfg.Now()
	for p.Behind, err = n.FeedSearch(ctx); err == nil && p.Behind > 0 && n.cfg.Now().Sub(begin) < searchSoon; {
		before := p.Behind
		if p.Behind, err = n.FeedSearch(ctx); p.Behind >= before {
			break
		}
	}
	if err != nil {
		return p, err
	}
	f := store.SearchFilter{TLPs: q.Sight.below(), Since: q.Since, Links: slices.Clone(q.Sight.Links)}
	if len(f.Links) == 0 {
		f.Links = nil
	}
	switch {
	case q.Party != "" && !q.Sight.Link(q.Party):
		f.Links = []string{}
	case q.Party != "":
		f.Links = []string{q.Party}
	}
	if q.Kind != "" {
		f.Kinds = []string{q.Kind}
	}
	if q.Act != "" {
		f.Acts = []string{q.Act}
	}
	order := store.SearchNewest
	if q.Best {
		order = store.SearchBest
	}
	return p, n.fillPage(ctx, q, &p, func(after store.SearchCursor, most int) ([]store.Hit, error) {
		return n.search.Find(ctx, q.Words, f, order, after, most)
	})
}

// fillPage finds on until the page is full: one that was cut short, or that another one follows without a reason, would tell that what is not seen
// has the words.
func (n *Node) fillPage(ctx context.Context, q SearchQuery, p *FoundPage, find func(store.SearchCursor, int) ([]store.Hit, error)) error {
	p.Found = []Match{}
	for at, most := (store.SearchCursor{ID: q.After.ID, Rank: q.After.Rank}), q.Limit; ; most = MaxFound {
		hits, err := find(at, most)
		if err != nil || len(hits) == 0 {
			return err
		}
		at = hits[len(hits)-1].Cursor
		seen, err := n.seenOf(ctx, q.Sight, hits)
		if err != nil {
			return err
		}
		p.Found = append(p.Found, seen[:min(q.Limit-len(p.Found), len(seen))]...)
		switch {
		case len(p.Found) == q.Limit:
			last := p.Found[q.Limit-1].Place
			p.Next = &last
			return nil
		case len(hits) < most:
			return nil
		}
	}
}

// seenOf leaves out what stands in a case that is not seen, whatever it is marked itself.
func (n *Node) seenOf(ctx context.Context, s Sight, hits []store.Hit) ([]Match, error) {
	list := []Match{}
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		for _, h := range hits {
			if !s.Whole() {
				c, found, err := tx.Case(h.Link, h.Case)
				if err != nil {
					return err
				}
				if !found || !s.Case(h.Link, c) || !s.Mark(h.TLP) {
					continue
				}
			}
			list = append(list, foundOf(h))
		}
		return nil
	})
	return list, err
}

func foundOf(h store.Hit) Match {
	f := Match{Outbox: h.Outbox, Index: h.Index, With: h.Link, Act: h.Act, Kind: h.Kind, TLP: h.TLP, At: h.At, Subject: h.Subject, Snippet: pieces(h.Snippet),
		Place: SearchPlace{h.Cursor.ID, h.Cursor.Rank}}
	if o, err := seal.ParseOrigin(h.Outbox); err == nil {
		f.By = o.Author
	}
	return f
}

// pieces takes a snippet apart at its marks.
func pieces(s string) []Piece {
	list := []Piece{}
	for s != "" {
		before, rest, _ := strings.Cut(s, store.MarkStart)
		hit, behind, _ := strings.Cut(rest, store.MarkEnd)
		for _, p := range []Piece{{before, false}, {hit, true}} {
			if p.Text != "" {
				list = append(list, p)
			}
		}
		s = behind
	}
	return list
}

// FeedSearch takes the next entries into the search, at most feedPiece of them, and tells how many are left. Run does it whenever the node is quiet.
func (n *Node) FeedSearch(ctx context.Context) (left int64, err error) {
	if n.search == nil {
		return 0, nil
	}
	n.feeding.Lock()
	defer n.feeding.Unlock()
	var rows []store.Outbox
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Outboxes()
		rows = slices.DeleteFunc(all, func(o store.Outbox) bool { return !n.searched(o.Origin) })
		return err
	})
	if err != nil {
		return 0, err
	}
	next, err := n.search.Next(ctx, rows)
	if err != nil {
		return 0, err
	}
	var least store.Outbox // of those that are behind the one that is least so: who sends without end keeps nobody else out of the search
	behind := int64(0)
	for _, row := range rows {
		missing := row.Head.Size - next[row.Origin.String()]
		if left += missing; missing > 0 && (behind == 0 || missing < behind) {
			least, behind = row, missing
		}
	}
	if left == 0 {
		return 0, nil
	}
	from := next[least.Origin.String()]
	to, err := n.pieceFrom(ctx, least, from)
	if err != nil {
		return left, err
	}
	texts, err := n.textsOf(ctx, least, from, to)
	if err == nil {
		err = n.search.Add(ctx, least.Origin.String(), from, to, texts)
	}
	return left - (to - from), err
}

// pieceFrom gives where a piece ends: after so many entries, or sooner where they are long. A peer may send one of 16 MB after the other.
func (n *Node) pieceFrom(ctx context.Context, row store.Outbox, from int64) (to int64, err error) {
	bytes, full := 0, false
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		to, bytes, full = from, 0, false
		return tx.EntrySizes(row.ID, from, min(row.Head.Size, from+feedPiece), func(index int64, leaf, content int) error {
			bytes += leaf + content
			if full = full || bytes > pieceBytes && index > from; !full {
				to = index + 1
			}
			return nil
		})
	})
	return to, err
}

// searched tells whether the entries of an outbox are in the search: those of the links of this party, in either direction.
func (n *Node) searched(o seal.Origin) bool {
	return o.Audience != seal.Public && (o.Author == n.party || o.Audience == n.party)
}

// textsOf reads the words of entries, of those that can be read.
func (n *Node) textsOf(ctx context.Context, row store.Outbox, from, to int64) (texts []store.Text, err error) {
	type entry struct {
		leaf, content []byte
	}
	entries := make([]entry, 0, to-from)
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		for i := from; i < to; i++ {
			e, err := tx.Entry(row.ID, i)
			if err != nil {
				return err
			}
			entries = append(entries, entry{e.Leaf, e.Content})
		}
		return nil
	})
	for i, e := range entries { // without a transaction: decrypting takes its time
		r, err := record.Parse(e.leaf)
		if err != nil {
			continue // fsck says so
		}
		if t, ok := textOf(n.read(row.Origin, from+int64(i), r, e.content)); ok {
			t.Link = n.other(row.Origin.Author, row.Origin.Audience)
			texts = append(texts, t)
		}
	}
	return texts, err
}

// textOf is what of a record is looked for.
func textOf(e docket.Entry) (store.Text, bool) {
	if e.Opened == nil || e.Opened.Unknown() {
		return store.Text{}, false
	}
	f := e.Opened.Fields
	t := store.Text{Index: e.Ref.Index, Case: docket.Key(e), Act: e.Opened.Act(), TLP: f.Text("tlp"), At: f.Time("released_at"), Subject: f.Text("subject")}
	kind := ""
	if t.Act == docket.ActAppeal {
		kind = e.Opened.Kind()
		t.Kind = kind
	}
	var body []string
	for _, s := range record.Schema(t.Act, kind) {
		if s.Name != "subject" && s.Name != "language" && s.Name != "nonce" && worded(s.Type) {
			body = append(body, wordsIn(f[s.Name])...)
		}
	}
	t.Body = strings.Join(body, "\n")
	return t, t.Subject != "" || t.Body != ""
}

// worded tells whether people look for what is in a field of this type.
func worded(t record.Type) bool {
	switch t {
	case record.TypeText, record.TypeLong, record.TypeObservable, record.TypeResult, record.TypeChange, record.TypeContact, record.TypeAuthority,
		record.TypeCompetence, record.TypePoint, record.TypeBody:
		return true
	}
	return false
}

// wordsIn gives all texts in a value.
func wordsIn(raw jsontext.Value) (all []string) {
	if raw == nil {
		return nil
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			all = append(all, v)
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, name := range slices.SortedFunc(maps.Keys(v), cmp.Compare[string]) {
				walk(v[name])
			}
		}
	}
	walk(v)
	return all
}

// searchLoop feeds the search until ctx ends: one piece after the other while the docket stands still, and one now and then while it does not.
func (n *Node) searchLoop(ctx context.Context) {
	if n.search == nil {
		return
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		changed := n.Changes() // what changes while the search is fed means that others are at work
		left, err := n.FeedSearch(ctx)
		if err != nil && ctx.Err() == nil {
			n.cfg.Log.Warn("the search is not fed", "error", err.Error(), "again_in", searchAgain.String())
		}
		if timer.Reset(searchAgain); err == nil && left > 0 {
			timer.Reset(searchPause)
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-changed:
			n.waitForQuiet(ctx, timer)
		}
	}
}

// waitForQuiet waits until the docket has stood still for a while, but not for ever.
func (n *Node) waitForQuiet(ctx context.Context, quiet *time.Timer) {
	enough := time.NewTimer(searchBusy)
	defer enough.Stop()
	for {
		quiet.Reset(searchQuiet)
		select {
		case <-ctx.Done():
			return
		case <-enough.C:
			return
		case <-quiet.C:
			return
		case <-n.Changes():
		}
	}
}
