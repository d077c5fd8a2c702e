package record

import (
	"bytes"
	"crypto/sha256"
	"math/bits"
)

// decoyLabel begins what a decoy is the hash of. Its slashes cannot stand in
// a disclosure, so no disclosure has the digest of a decoy.
const decoyLabel = "verbale/decoy/v1"

// decoys returns the n digests that fill up _sd. They are made of the
// unpadded content: who has all of it can tell that the leaf commits to
// nothing else, and to who has not they are as random as its salts.
func decoys(content []byte, n int) []string {
	seed := sha256.Sum256(content)
	list := make([]string, n)
	for i := range list {
		sum := sha256.Sum256(append(append([]byte(decoyLabel), seed[:]...), byte(i)))
		list[i] = b64.EncodeToString(sum[:])
	}
	return list
}

// padme returns the Padmé length for n bytes (R-13; Nikitin et al., 2019,
// algorithm 1): the length keeps as many leading bits as its exponent has
// bits, so that it tells no more than O(log log n) bits.
func padme(n int) int {
	if n < 2 {
		return n
	}
	e := bits.Len(uint(n)) - 1
	s := bits.Len(uint(e))
	mask := 1<<max(0, e-s) - 1
	return (n + mask) &^ mask
}

// maxPadding is the most spaces after n bytes.
func maxPadding(n int) int { return n/maxPaddingShare + maxPaddingExtra }

// pad appends spaces up to the Padmé length.
func pad(content []byte) []byte {
	return appendSpaces(content, padme(len(content))-len(content))
}

func appendSpaces(b []byte, n int) []byte {
	const spaces = "                                                                "
	for n > len(spaces) {
		b = append(b, spaces...)
		n -= len(spaces)
	}
	return append(b, spaces[:n]...)
}

// unpad cuts the trailing spaces off and checks.
func unpad(content []byte) ([]byte, error) {
	if len(content) > MaxStored {
		return nil, fail(KindLimit, "R-14", "a content is at most %d bytes with its padding, got %d; send less in one record",
			MaxStored, len(content))
	}
	body := bytes.TrimRight(content, " ")
	if len(body) > MaxContent {
		return nil, fail(KindLimit, "R-14", "a content is at most %d bytes before padding, got %d; send less in one record",
			MaxContent, len(body))
	}
	if n := len(content) - len(body); n > maxPadding(len(body)) {
		return nil, fail(KindLimit, "R-13", "padding of %d bytes is at most %d spaces, got %d; pad to the Padmé length",
			len(body), maxPadding(len(body)), n)
	}
	return body, nil
}

// isStored reports whether body, with spaces up to the size of d, is what d
// was made of. It works only for plaintext, that is for the audience public.
func isStored(body []byte, d Digest) bool {
	n := d.Size - int64(len(body))
	if n < 0 || n > int64(maxPadding(len(body))) {
		return false
	}
	h := sha256.New()
	h.Write(body)
	h.Write(appendSpaces(nil, int(n)))
	var sum [sha256.Size]byte
	return [sha256.Size]byte(h.Sum(sum[:0])) == d.SHA256
}
