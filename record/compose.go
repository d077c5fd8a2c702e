package record

import (
	"bytes"
	"crypto/sha256"
	"io"
	"maps"
	"slices"
)

// Composed is a draft that has got its salts: a content, and the digests that
// a leaf will carry. It has neither an author nor an outbox yet.
type Composed struct {
	content []byte
	digests []string // with decoys, ascending
	jti     string
}

// Compose checks a draft ([Fields.Check]) and makes its content: salts,
// digests, decoys and padding. All randomness comes from rand,
// which must be secret and unpredictable, as crypto/rand.Reader is: who knows
// a salt can guess a field. The same rand gives the same bytes.
func Compose(f Fields, rand io.Reader) (*Composed, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	return compose(f, rand)
}

// ComposeUnknown is Compose for an act or kind of appeal that this version
// does not know: it checks only. It is for tests of how
// the unknown is kept; a node has no use for it.
func ComposeUnknown(f Fields, rand io.Reader) (*Composed, error) {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if err := checkField(name, f[name]); err != nil {
			return nil, err
		}
	}
	known, err := f.known()
	if err != nil {
		return nil, err
	}
	if known {
		return nil, fail(KindCall, "R-18", "the act is known; use Compose")
	}
	return compose(f, rand)
}

// compose makes the content of fields that have been checked.
func compose(f Fields, rand io.Reader) (*Composed, error) {
	if len(f) > maxDigests {
		return nil, fail(KindLimit, "R-3", "a record has at most %d fields, got %d; leave some out", maxDigests, len(f))
	}
	w := writer{}
	for name, v := range f {
		w.salts += 1 + len(f.List(name))
		w.size += len(v)
	}
	w.random = make([]byte, saltBytes+w.salts*saltBytes)
	if _, err := io.ReadFull(rand, w.random); err != nil {
		return nil, fail(KindCall, "R-8", "the source of randomness gave %v; mend it, and sign nothing before", err)
	}
	if w.salts > 0 && bytes.Equal(w.random[:saltBytes], w.random[saltBytes:2*saltBytes]) {
		return nil, fail(KindCall, "R-8", "the source of randomness repeats itself; mend it, and sign nothing before")
	}
	c := &Composed{jti: b64.EncodeToString(w.take(saltBytes))}
	w.content = make([]byte, 0, padme((w.size+w.salts*(saltChars+elementStride+16))*4/3))
	for _, name := range slices.Sorted(maps.Keys(f)) {
		c.digests = append(c.digests, w.field(name, f[name]))
	}
	if len(w.content) > MaxContent {
		return nil, fail(KindLimit, "R-14", "a content is at most %d bytes, got %d; send less in one record", MaxContent, len(w.content))
	}
	c.digests = append(c.digests, decoys(w.content, digestSlots(len(f))-len(f))...)
	slices.Sort(c.digests)
	c.content = pad(w.content)
	return c, nil
}

// A writer makes a content.
type writer struct {
	random  []byte // what of the randomness is not used yet
	salts   int
	size    int
	content []byte
	scratch []byte
}

func (w *writer) take(n int) []byte {
	b := w.random[:n]
	w.random = w.random[n:]
	return b
}

// field appends a field, and the elements of a list field; it returns the
// field's digest.
func (w *writer) field(name string, v []byte) string {
	salt := w.take(saltBytes)
	if v[0] != '[' {
		return w.disclose(salt, name, v)
	}
	before := w.content
	w.content = nil
	list := []byte{'['}
	c := cursor{b: v}
	// The value has been checked, so reading it cannot fail.
	_ = c.elements(func(i int) error {
		start := c.i
		if err := c.value(0); err != nil {
			return err
		}
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, elementStart...)
		list = append(list, w.disclose(w.take(saltBytes), "", v[start:c.i])...)
		list = append(list, elementEnd...)
		return nil
	})
	elements := w.content
	w.content = before
	digest := w.disclose(salt, name, append(list, ']'))
	w.content = append(w.content, elements...)
	return digest
}

// disclose appends a disclosure and returns its digest.
func (w *writer) disclose(salt []byte, name string, value []byte) string {
	b := append(w.scratch[:0], `["`...)
	b = append(b64.AppendEncode(b, salt), `",`...)
	if name != "" {
		b = append(append(append(b, '"'), name...), `",`...)
	}
	b = append(append(b, value...), ']')
	w.scratch = b
	start := len(w.content)
	w.content = b64.AppendEncode(w.content, b)
	digest := digestOfDisclosure(w.content[start:])
	w.content = append(w.content, '~')
	return digest
}

// digestOfDisclosure returns the digest of RFC 9901 §4.2.3.
func digestOfDisclosure(disclosure []byte) string {
	sum := sha256.Sum256(disclosure)
	return b64.EncodeToString(sum[:])
}

// Content returns the padded plaintext of the content: what is to be
// encrypted to the audience, or stored as it is where that is public.
func (c *Composed) Content() []byte { return bytes.Clone(c.content) }

// Sign makes the leaf and has it signed. Outbox is the origin it is written
// into, kid the thumbprint of the record key, stored the digest of what will
// be stored of [Composed.Content]; sign returns an Ed25519 signature of its
// argument and must not change it.
func (c *Composed) Sign(outbox, kid string, stored Digest, sign func(msg []byte) ([]byte, error)) (*Record, error) {
	if isPublicOutbox(outbox) && stored != DigestOf(c.content) {
		return nil, fail(KindCall, "R-5", "for the audience public the stored content is the content itself; pass DigestOf(Content()), or use SignSealed")
	}
	return c.sign(outbox, kid, stored, sign)
}

// sign makes the leaf of whatever is stored.
func (c *Composed) sign(outbox, kid string, stored Digest, sign func(msg []byte) ([]byte, error)) (*Record, error) {
	var buf [2 * MaxLeaf]byte
	plain := appendPayload(buf[:0], c.digests, stored, c.jti, outbox)
	leaf := b64.AppendEncode(make([]byte, 0, MaxLeaf), appendHeader(nil, kid))
	leaf = append(leaf, '.')
	leaf = b64.AppendEncode(leaf, plain)
	sig, err := sign(leaf)
	if err != nil {
		return nil, err
	}
	leaf = append(leaf, '.')
	leaf = b64.AppendEncode(leaf, sig)
	return Parse(leaf)
}
