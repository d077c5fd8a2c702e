package record

import (
	"bytes"
	"crypto/sha256"
	"sort"
	"strconv"
	"strings"
)

// The fixed parts of a leaf.
const (
	headerStart  = `{"alg":"Ed25519","kid":"`
	headerEnd    = `","typ":"verbale-v1+sd-jwt"}`
	payloadStart = `{"_sd":["`
	afterDigests = `"],"_sd_alg":"sha-256","content":{"sha256":"`
	afterSHA256  = `","size":`
	afterSize    = `},"jti":"`
	afterJTI     = `","outbox":"`
	payloadEnd   = `"}`

	// digestStride is the distance of two digests in _sd: `digest","`.
	digestStride = digestChars + 3
)

// A Digest names bytes by their SHA-256 and size.
type Digest struct {
	SHA256 [32]byte
	Size   int64
}

// DigestOf returns the digest of a stored content.
func DigestOf(stored []byte) Digest {
	return Digest{SHA256: sha256.Sum256(stored), Size: int64(len(stored))}
}

// A Record is a leaf that obeys. Its signature has not been
// verified, and its content has not been seen. It does not change.
type Record struct {
	leaf    []byte
	input   int    // length of the signing input
	payload []byte // decoded
	digests int
	sig     []byte
	kid     string
	jti     string
	outbox  string
	stored  Digest
}

// Parse reads a leaf. It accepts one spelling only: a record
// that Parse returns has exactly the bytes it was given.
func Parse(leaf []byte) (*Record, error) {
	if len(leaf) > MaxLeaf {
		return nil, fail(KindLimit, "R-1", "a leaf is at most %d bytes, got %d; it is no leaf", MaxLeaf, len(leaf))
	}
	leaf = bytes.Clone(leaf)
	header, rest, ok1 := bytes.Cut(leaf, []byte{'.'})
	payload, sig, ok2 := bytes.Cut(rest, []byte{'.'})
	if !ok1 || !ok2 || bytes.IndexByte(sig, '.') >= 0 {
		return nil, fail(KindForm, "R-1", "a leaf is header.payload.signature with two dots, got %d; pass the part before the first ~",
			bytes.Count(leaf, []byte{'.'}))
	}
	r := &Record{leaf: leaf, input: len(header) + 1 + len(payload)}
	if err := r.parseHeader(header); err != nil {
		return nil, err
	}
	if err := r.parsePayload(payload); err != nil {
		return nil, err
	}
	var ok bool
	if r.sig, ok = decode64(nil, sig); !ok || len(r.sig) != sigBytes {
		return nil, fail(KindForm, "R-1", "the signature is b64u of %d bytes, got %d characters; the leaf is damaged or not Ed25519",
			sigBytes, len(sig))
	}
	return r, nil
}

// parseHeader reads the header.
func (r *Record) parseHeader(src []byte) error {
	if !is64(src) {
		return fail(KindForm, "R-1", "the header is base64url without padding; got %s; the leaf is damaged", brief(src))
	}
	var buf [len(headerStart) + digestChars + len(headerEnd)]byte
	if len(src) != b64.EncodedLen(len(buf)) {
		return fail(KindForm, "R-2", "the header has three members and %d characters, got %d; it is another format",
			b64.EncodedLen(len(buf)), len(src))
	}
	h, _ := decode64(buf[:0], src)
	c := cursor{b: h}
	if !c.eat(headerStart) {
		return fail(KindForm, "R-2", "the header begins %s, got %s; it is another format or algorithm", headerStart, brief(h))
	}
	kid, ok := c.digest()
	if !ok {
		return fail(KindForm, "R-2", "kid is a key thumbprint of %d characters, got %s", digestChars, brief(h[c.i:]))
	}
	if !c.eat(headerEnd) || !c.done() {
		return fail(KindForm, "R-2", "the header ends %s, got %s; it is another format", headerEnd, brief(h[c.i:]))
	}
	r.kid = string(kid)
	return nil
}

// digest reads 43 characters of base64url.
func (c *cursor) digest() ([]byte, bool) {
	if len(c.b)-c.i < digestChars {
		return nil, false
	}
	d := c.b[c.i : c.i+digestChars]
	if _, ok := decode32(d); !ok {
		return nil, false
	}
	c.i += digestChars
	return d, true
}

// parsePayload reads the payload.
func (r *Record) parsePayload(src []byte) error {
	var ok bool
	if r.payload, ok = decode64(nil, src); !ok {
		return fail(KindForm, "R-1", "the payload is base64url without padding; got %s; the leaf is damaged", brief(src))
	}
	c := cursor{b: r.payload}
	if err := r.parseDigests(&c); err != nil {
		return err
	}
	if !c.eat(afterDigests) {
		return c.notPayload(afterDigests)
	}
	if err := r.parseStored(&c); err != nil {
		return err
	}
	if !c.eat(afterSize) {
		return c.notPayload(afterSize)
	}
	if len(c.b)-c.i < saltChars || !isSalt(c.b[c.i:c.i+saltChars]) {
		return fail(KindForm, "R-3", "jti is b64u of %d bytes, got %s", saltBytes, brief(c.b[c.i:]))
	}
	r.jti = string(c.b[c.i : c.i+saltChars])
	c.i += saltChars
	if !c.eat(afterJTI) {
		return c.notPayload(afterJTI)
	}
	return r.parseOutbox(&c)
}

// notPayload is the error for a payload of another shape.
func (c *cursor) notPayload(want string) error {
	return fail(KindForm, "R-3", "expected %s at byte %d of the payload, got %s; the payload has exactly five members in the RFC 8785 form",
		want, c.i, brief(c.b[c.i:]))
}

// parseDigests reads _sd up to its last digest.
func (r *Record) parseDigests(c *cursor) error {
	if !c.eat(payloadStart) {
		return c.notPayload(payloadStart)
	}
	var last []byte
	for {
		d, ok := c.digest()
		if !ok {
			return fail(KindForm, "R-3", "digest %d of _sd is %d characters of base64url, got %s", r.digests, digestChars, brief(c.b[c.i:]))
		}
		if bytes.Compare(d, last) <= 0 {
			return fail(KindForm, "R-3", "the digests of _sd ascend strictly, digest %d does not; sort them", r.digests)
		}
		last = d
		r.digests++
		if !c.eat(`","`) {
			break
		}
		if r.digests == maxDigests {
			return fail(KindLimit, "R-3", "_sd has at most %d digests, got more; use fewer fields", maxDigests)
		}
	}
	if r.digests != digestSlots(r.digests) {
		return fail(KindForm, "R-3", "_sd has 16, 32 or 64 digests, got %d; fill it up with decoys", r.digests)
	}
	return nil
}

// digestSlots returns the number of digests for n fields, 0 if there
// are too many.
func digestSlots(n int) int {
	switch {
	case n <= 16:
		return 16
	case n <= 32:
		return 32
	case n <= maxDigests:
		return maxDigests
	}
	return 0
}

// parseStored reads the digest and size of the stored content.
func (r *Record) parseStored(c *cursor) error {
	d, ok := c.digest()
	if !ok {
		return fail(KindForm, "R-3", "content.sha256 is %d characters of base64url, got %s", digestChars, brief(c.b[c.i:]))
	}
	r.stored.SHA256, _ = decode32(d)
	if !c.eat(afterSHA256) {
		return c.notPayload(afterSHA256)
	}
	n, err := c.integer()
	if err != nil {
		return fail(KindForm, "R-3", "content.size is an integer without leading zeros, got %s", brief(c.b[c.i:]))
	}
	if n < 1 || n > MaxStored {
		return fail(KindLimit, "R-3", "content.size lies between 1 and %d, got %d", MaxStored, n)
	}
	r.stored.Size = n
	return nil
}

// parseOutbox reads the origin and the end of the payload. Names and
// generation of the origin are checked by who parses it (K-2).
func (r *Record) parseOutbox(c *cursor) error {
	origin := c.origin()
	if len(origin) == 0 || len(origin) > maxOrigin {
		return fail(KindForm, "R-3", "outbox is an origin of 1 to %d characters of a-z, 0-9, . - and /, got %s", maxOrigin, brief(c.b[c.i:]))
	}
	if !c.eat(payloadEnd) || !c.done() {
		return c.notPayload(payloadEnd)
	}
	r.outbox = string(origin)
	return nil
}

// origin reads the characters that an origin can have.
func (c *cursor) origin() []byte {
	start := c.i
	for {
		ch := c.peek()
		if ch != '.' && ch != '-' && ch != '/' && (ch < 'a' || ch > 'z') && (ch < '0' || ch > '9') {
			return c.b[start:c.i]
		}
		c.i++
	}
}

// Bytes returns the leaf, the entry of the outbox.
func (r *Record) Bytes() []byte { return bytes.Clone(r.leaf) }

// KeyID returns the thumbprint of the key that should have signed.
func (r *Record) KeyID() string { return r.kid }

// ID returns the jti, a random name of the record. Records refer to each
// other by [Ref], never by it.
func (r *Record) ID() string { return r.jti }

// Outbox returns the origin of the outbox the record was written into.
func (r *Record) Outbox() string { return r.outbox }

// Stored returns the digest of the stored content.
func (r *Record) Stored() Digest { return r.stored }

// SigningInput returns the bytes that the signature covers.
func (r *Record) SigningInput() []byte { return bytes.Clone(r.leaf[:r.input]) }

// Signature returns the Ed25519 signature, which nobody has verified yet.
func (r *Record) Signature() []byte { return bytes.Clone(r.sig) }

// LeafHash returns the leaf hash of RFC 6962 §2.1.
func (r *Record) LeafHash() [32]byte {
	buf := make([]byte, 0, 2048)
	buf = append(buf, 0)
	buf = append(buf, r.leaf...)
	return sha256.Sum256(buf)
}

// Ref returns the reference of the record at an index of its outbox.
func (r *Record) Ref(index int64) Ref {
	return Ref{Outbox: r.outbox, Index: index, Leaf: r.LeafHash()}
}

// isPublic reports whether the audience is public, so that the stored
// content is the content itself.
func (r *Record) isPublic() bool { return isPublicOutbox(r.outbox) }

func isPublicOutbox(origin string) bool { return strings.Contains(origin, "/to/public/") }

// digestAt returns the i-th digest of _sd.
func (r *Record) digestAt(i int) []byte {
	at := len(payloadStart) + i*digestStride
	return r.payload[at : at+digestChars]
}

// commits reports whether a digest stands in _sd.
func (r *Record) commits(digest []byte) bool {
	i := sort.Search(r.digests, func(i int) bool { return bytes.Compare(r.digestAt(i), digest) >= 0 })
	return i < r.digests && bytes.Equal(r.digestAt(i), digest)
}

// appendHeader appends the header.
func appendHeader(b []byte, kid string) []byte {
	return append(append(append(b, headerStart...), kid...), headerEnd...)
}

// appendPayload appends the payload.
func appendPayload(b []byte, digests []string, stored Digest, jti, outbox string) []byte {
	b = append(b, payloadStart...)
	for i, d := range digests {
		if i > 0 {
			b = append(b, `","`...)
		}
		b = append(b, d...)
	}
	b = append(b, afterDigests...)
	b = b64.AppendEncode(b, stored.SHA256[:])
	b = append(b, afterSHA256...)
	b = strconv.AppendInt(b, stored.Size, 10)
	b = append(append(b, afterSize...), jti...)
	b = append(append(b, afterJTI...), outbox...)
	return append(b, payloadEnd...)
}
