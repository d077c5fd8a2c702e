package seal

import (
	"crypto"
	"crypto/ed25519"
	"io"

	"filippo.io/age"
)

// A retiredKey is what is kept of keys that others have replaced (K-38): what
// opens the contents of their time, and the TLS key for the overlap. It signs
// no record, head or receipt.
type retiredKey struct {
	generation int
	self, tls  [32]byte
	content    *age.HybridIdentity
}

// retiredFile is a retiredKey in the key file, its members in the order of
// RFC 8785.
type retiredFile struct {
	Content    string `json:"content"`
	Generation int    `json:"generation"`
	Self       string `json:"self"`
	TLS        string `json:"tls"`
}

// Successor makes the keys that follow k, whose own were of this generation
// (K-31). They open whatever k opens; they cannot sign for it (K-38). It reads
// rand as NewKeyring does.
func (k *Keyring) Successor(generation int, rand io.Reader) (*Keyring, error) {
	next, err := NewKeyring(k.party, rand)
	if err != nil {
		return nil, err
	}
	s, sec := k.secret(), next.secret()
	retired := append(s.retired[:len(s.retired):len(s.retired)],
		retiredKey{generation: generation, self: s.seeds.self, tls: s.seeds.tls, content: s.content})
	if err := checkRetired(&sec.seeds, retired); err != nil {
		return nil, err
	}
	sec.retired = retired
	return next, nil
}

// Retired gives the generations whose contents these keys open beside their
// own, in order.
func (k *Keyring) Retired() []int {
	var list []int
	for _, r := range k.secret().retired {
		list = append(list, r.generation)
	}
	return list
}

// RetiredTLS is TLSKey for the keys of an earlier generation; false where they
// are not in the key file.
func (k *Keyring) RetiredTLS(generation int) (crypto.Signer, bool) {
	for i, r := range k.secret().retired {
		if r.generation == generation {
			return &tlsKey{func() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(k.secret().retired[i].tls[:]) }}, true
		}
	}
	return nil, false
}

// checkRetired refuses retired keys out of order, too many of them, and a
// secret that serves twice.
func checkRetired(s *seeds, list []retiredKey) error {
	if len(list) > maxRetired {
		return fail(Refused, "K-38", "a key file holds at most %d retired keys; contents of the first ones could not be read any more", maxRetired)
	}
	all := s.all()
	for i := range list {
		if g := list[i].generation; g < 1 || g > maxGeneration || i > 0 && g <= list[i-1].generation {
			return fail(Malformed, "K-38", "the retired keys must be by generation, from 1 to %d", maxGeneration)
		}
		all = append(all, &list[i].self, &list[i].tls)
	}
	return checkSecrets(all)
}

func retiredFiles(list []retiredKey) []retiredFile {
	var files []retiredFile
	for _, r := range list {
		files = append(files, retiredFile{Content: r.content.String(), Generation: r.generation, Self: encodeB64u(r.self[:]), TLS: encodeB64u(r.tls[:])})
	}
	return files
}

// keys reads the members back.
func (w *retiredFile) keys() (retiredKey, error) {
	r := retiredKey{generation: w.Generation}
	for _, m := range []struct {
		name, value string
		into        *[32]byte
	}{{"self", w.Self, &r.self}, {"tls", w.TLS, &r.tls}} {
		b, ok := decodeB64u(m.value, len(m.into))
		if !ok {
			return r, fail(Malformed, "K-38", "member %q of retired keys: want base64url without padding of %d bytes", m.name, len(m.into))
		}
		copy(m.into[:], b)
	}
	var err error
	if r.content, err = age.ParseHybridIdentity(w.Content); err != nil {
		return r, fail(Malformed, "K-38", "member \"content\" of retired keys: want an age identity AGE-SECRET-KEY-PQ-1…")
	}
	return r, nil
}
