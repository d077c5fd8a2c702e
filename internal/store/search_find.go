package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MarkStart and MarkEnd stand around the words of a snippet that were found. They occur in no text, and nothing else in a snippet is marked up.
const (
	MarkStart = "\x02"
	MarkEnd   = "\x03"
)

// A SearchFilter says where to search. Lists that are nil select everything, empty ones nothing.
type SearchFilter struct {
	Links []string
	TLPs  []string
	Kinds []string
	Acts  []string
	Since time.Time // released then or later
}

// A SearchOrder is how what was found is listed.
type SearchOrder int

// The orders.
const (
	SearchNewest SearchOrder = iota // by the time of release, the newest first
	SearchBest                      // the best match first: rare words, and words of the subject, count more
)

// A SearchCursor is where a list of what was found goes on. The zero one is the beginning.
type SearchCursor struct {
	ID   int64
	Rank float64
}

// A Hit is a record that was found.
type Hit struct {
	Outbox  string
	Text           // without its Body
	Snippet string // a piece of the subject or the text, with marks
	Cursor  SearchCursor
}

// The snippet is cut where the match was found: to look for it again by number would cost a walk through all matches.
const searchSelectFound = `SELECT texts.rowid, rank, snippet(texts, -1, '` + MarkStart + `', '` + MarkEnd + `', '…', 24),
f.origin, d.position, d.link, d.key, d.act, d.kind, d.tlp, d.subject FROM texts JOIN docs d ON d.id = texts.rowid JOIN feeds f ON f.id = d.feed`

// Find gives the records that have all words of query, limit of them at most, and at most MaxSearchPage. Case and accents do not count; what the
// last word is the beginning of is found as well, unless a space follows it. Nothing in query is taken for an operator. Query: it holds no word,
// or too many.
func (x *Search) Find(ctx context.Context, query string, f SearchFilter, order SearchOrder, after SearchCursor, limit int) (hits []Hit, err error) {
	match, err := matchOf(query)
	if err != nil {
		return nil, err
	}
	limit = min(limit, MaxSearchPage)
	for _, list := range [][]string{f.Links, f.TLPs, f.Kinds, f.Acts} {
		if list != nil && len(list) == 0 {
			limit = 0
		}
	}
	if limit <= 0 {
		return nil, nil
	}
	q, args := f.query(match, order, after, limit)
	err = x.run(ctx, false, func(tx *Tx) error {
		hits = nil // of an attempt before
		return tx.each("searching", q, args, func(rows *sql.Rows) error {
			var h Hit
			if err := rows.Scan(&h.Cursor.ID, &h.Cursor.Rank, &h.Snippet, &h.Outbox, &h.Index, &h.Link, &h.Case, &h.Act, &h.Kind, &h.TLP, &h.Subject); err != nil {
				return wrap(err, "searching")
			}
			h.At = time.Unix(h.Cursor.ID>>secondBits, 0).UTC()
			hits = append(hits, h)
			return nil
		})
	})
	return hits, err
}

func (f SearchFilter) query(match string, order SearchOrder, after SearchCursor, limit int) (string, []any) {
	var c condition
	c.and("texts MATCH $", match)
	if after.ID > 0 && order == SearchNewest {
		c.and("texts.rowid < $", after.ID)
	} else if after.ID > 0 {
		c.and("(rank, texts.rowid) > ($, $)", after.Rank, after.ID)
	}
	if !f.Since.IsZero() {
		c.and("texts.rowid >= $", min(max(f.Since.Unix(), 0), maxSecond)<<secondBits)
	}
	for _, of := range []struct {
		column string
		values []string
	}{{"d.link", f.Links}, {"d.tlp", f.TLPs}, {"d.kind", f.Kinds}, {"d.act", f.Acts}} {
		if of.values != nil {
			oneOf(&c, of.column, of.values)
		}
	}
	by := " ORDER BY texts.rowid DESC LIMIT $"
	if order == SearchBest {
		by = " ORDER BY rank LIMIT $" // which FTS5 does by itself, equal ones by number
	}
	c.write(by, limit)
	return searchSelectFound + c.sql.String(), c.args
}

// matchOf makes an FTS5 expression of what somebody typed: every word in quotes, all of them wanted.
func matchOf(query string) (string, error) {
	if len(query) > MaxSearchQuery {
		return "", fail(Query, "the search has %d bytes, and at most %d are taken; use fewer words", len(query), MaxSearchQuery)
	}
	query = folded(strings.ToValidUTF8(query, " "))
	words := strings.FieldsFunc(query, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' })
	prefix := false
	if len(words) > 0 {
		last := words[len(words)-1]
		prefix = strings.HasSuffix(query, last) && hasLetters(last) && utf8.RuneCountInString(last) >= minSearchPrefix
	}
	words = slices.DeleteFunc(words, func(w string) bool { return !hasLetters(w) })
	switch {
	case len(words) == 0:
		return "", fail(Query, "the search holds no word; give at least one, of letters or digits")
	case len(words) > MaxSearchWords:
		return "", fail(Query, "the search has %d words, and at most %d are taken; use fewer", len(words), MaxSearchWords)
	}
	match := `"` + strings.Join(words, `" "`) + `"`
	if prefix {
		match += "*"
	}
	return match, nil
}

// hasLetters tells whether the tokenizer finds a word in w.
func hasLetters(w string) bool {
	return strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}
