package peer

import (
	"io"
	"net/http"

	"verbale/internal/exchange"
)

// A body remembers what broke it, so that a broken connection is not taken for a bad answer.
type body struct {
	from io.Reader
	err  error
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// A reply is an answer of the other end that nothing is known of yet.
type reply struct {
	*http.Response
	body io.Reader
}

func (a *reply) note() ([]byte, error) {
	if a.StatusCode != http.StatusOK {
		return nil, a.problem()
	}
	if !isType(a.Header, noteType) {
		return nil, a.unexpected(nil)
	}
	note, err := a.all(exchange.MaxNoteBytes)
	if err == nil && len(note) == 0 {
		err = a.unexpected(nil)
	}
	return note, err
}

func (a *reply) batch() (*exchange.Batch, error) {
	switch {
	case a.StatusCode == http.StatusNoContent:
		return nil, nil
	case a.StatusCode != http.StatusOK:
		return nil, a.problem()
	case !isType(a.Header, batchType):
		return nil, a.unexpected(nil)
	case a.ContentLength > exchange.MaxBatchBytes:
		return nil, tooLarge(exchange.MaxBatchBytes)
	}
	return exchange.ReadBatch(a.body)
}

func (a *reply) beats() ([][]byte, error) {
	switch {
	case a.StatusCode == http.StatusNoContent:
		return nil, nil
	case a.StatusCode != http.StatusOK:
		return nil, a.problem()
	case !isType(a.Header, beatsType):
		return nil, a.unexpected(nil)
	case a.ContentLength > exchange.MaxBeatsBody:
		return nil, tooLarge(exchange.MaxBeatsBody)
	}
	return exchange.ReadBeats(a.body)
}

func (a *reply) datings() ([]exchange.Anchor, error) {
	if a.StatusCode != http.StatusOK {
		return nil, a.problem()
	}
	if !isType(a.Header, datingsType) {
		return nil, a.unexpected(nil)
	}
	doc, err := a.all(exchange.MaxDatingsBytes)
	if err != nil {
		return nil, err
	}
	return exchange.ReadAnchors(doc)
}

func (a *reply) none() error {
	if a.StatusCode != http.StatusNoContent {
		return a.problem()
	}
	return nil
}

// problem reads a refusal. What is not one in every detail is unexpected.
func (a *reply) problem() error {
	if !isType(a.Header, problemType) {
		return a.unexpected(nil)
	}
	doc, err := a.all(maxProblemBytes)
	if err != nil {
		return err
	}
	p, err := decodeProblem(a.StatusCode, doc)
	if err != nil {
		return a.unexpected(err)
	}
	return p
}

// all reads a body of at most limit bytes.
func (a *reply) all(limit int64) ([]byte, error) {
	if a.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	b, err := io.ReadAll(io.LimitReader(a.body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, tooLarge(limit)
	}
	return b, nil
}

func tooLarge(limit int64) error {
	return exchange.Refuse(exchange.TooLarge, "X-14", nil, "the answer of the other end has more than the %d bytes allowed", limit)
}

func (a *reply) unexpected(cause error) error {
	return exchange.Refuse(exchange.Malformed, "", cause, "the other end answered with status %d, and with a body that is none of those of spec/exchange.md: is it a node?", a.StatusCode)
}
