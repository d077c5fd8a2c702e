package record

import "bytes"

// sealedStart begins a sealed content: an age file. A content is base64url and never begins so.
const sealedStart = "age-encryption.org/v1\n"

// Sealed reports whether the stored content of a public record is sealed:
// encrypted by its author to itself alone. Nobody else can read it,
// and nothing is wrong with that.
func Sealed(stored []byte) bool { return bytes.HasPrefix(stored, []byte(sealedStart)) }

// SignSealed is [Composed.Sign] for a sealed record of the audience public.
// Stored is [Composed.Content], encrypted to the author alone.
func (c *Composed) SignSealed(outbox, kid string, stored []byte, sign func(msg []byte) ([]byte, error)) (*Record, error) {
	if !isPublicOutbox(outbox) || !Sealed(stored) {
		return nil, fail(KindCall, "R-5", "a sealed record is written to the audience public, and its content is an age file; use Sign for any other")
	}
	return c.sign(outbox, kid, DigestOf(stored), sign)
}

// OpenSealed is [Record.Open] for a sealed record, of which its author has
// decrypted the stored content. That the stored bytes are those that the leaf
// names, the caller has seen to.
func (r *Record) OpenSealed(content []byte) (*Opened, error) {
	if !r.isPublic() {
		return nil, fail(KindCall, "R-5", "only records of the audience public are sealed; use Open")
	}
	body, err := unpad(content)
	if err != nil {
		return nil, err
	}
	return r.readFull(body)
}
