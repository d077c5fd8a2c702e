package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// What stands in the header of a content (K-13, K-14).
const (
	hybridStanza = "mlkem768x25519"
	selfStanza   = "verbale-self"
	selfInfo     = "verbale/self/v1"
	selfSaltSize = 16
	fileKeySize  = 16 // of age v1
)

// Encrypt encrypts a content for its audience and for ourselves (K-13).
func (k *Keyring) Encrypt(to Keys, content []byte) ([]byte, error) {
	if err := to.ready(); err != nil {
		return nil, err
	}
	if len(content) > maxStored-maxStoredOverhead {
		return nil, fail(Refused, "K-13", "the content has %d bytes; at most %d can be stored encrypted, split it", len(content), maxStored-maxStoredOverhead)
	}
	var file bytes.Buffer
	file.Grow(len(content) + maxStoredOverhead)
	if err := encryptTo(&file, content, to.recipient, &selfRecipient{&k.secret().seeds.self}); err != nil {
		return nil, fail(Refused, "K-13", "cannot encrypt to the content key of the audience").because(err)
	}
	return file.Bytes(), nil
}

// sealedPrefix begins every age file. No plain content begins so: it begins
// with the base64url of a disclosure.
const sealedPrefix = "age-encryption.org/v1\n"

// Sealed says whether the stored content of a public record is sealed.
func Sealed(stored []byte) bool { return bytes.HasPrefix(stored, []byte(sealedPrefix)) }

// SealToSelf encrypts a content of our own register to ourselves alone.
// Decrypt opens it.
func (k *Keyring) SealToSelf(content []byte) ([]byte, error) {
	if len(content) > maxStored-maxStoredOverhead {
		return nil, fail(Refused, "K-13", "the content has %d bytes; at most %d can be stored encrypted, split it", len(content), maxStored-maxStoredOverhead)
	}
	var file bytes.Buffer
	file.Grow(len(content) + maxStoredOverhead)
	if err := encryptTo(&file, content, &selfRecipient{&k.secret().seeds.self}); err != nil {
		return nil, fail(Refused, "K-14", "cannot seal the content to ourselves").because(err)
	}
	return file.Bytes(), nil
}

// Decrypt opens a stored content that was encrypted to us, or by us.
func (k *Keyring) Decrypt(stored []byte) ([]byte, error) {
	if len(stored) > maxStored {
		return nil, fail(Malformed, "K-13", "a stored content has at most %d bytes, this one has %d", maxStored, len(stored))
	}
	plain, err := decryptWith(stored, k.secret().reader())
	if err == nil {
		return plain, nil
	}
	var ours *Error
	if errors.As(err, &ours) {
		return nil, ours
	}
	var noMatch *age.NoIdentityMatchError
	if errors.As(err, &noMatch) {
		return nil, fail(CannotDecrypt, "K-15", "the content is encrypted to other keys than those of %s; keep it, and ask its author", k.party)
	}
	if _, headerErr := age.ExtractHeader(bytes.NewReader(stored)); headerErr != nil {
		return nil, fail(Malformed, "K-13", "this is no binary age v1 file") // the cause would repeat lines of the header, however long
	}
	return nil, fail(CannotDecrypt, "K-15", "the content is damaged").because(err)
}

// selfRecipient writes the author's own stanza (K-14).
type selfRecipient struct{ self *[32]byte }

// Wrap makes the stanza from the file key; it is the same each time.
func (r *selfRecipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	salt := selfSalt(r.self, fileKey)
	aead, err := selfAEAD(r.self, salt)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{
		Type: selfStanza,
		Args: []string{base64.RawStdEncoding.EncodeToString(salt)},
		Body: aead.Seal(nil, make([]byte, aead.NonceSize()), fileKey, nil), //nolint:gosec // K-14: nonce 0, because this key encrypts one message only
	}}, nil
}

// WrapWithLabels says that a symmetric key of 32 bytes is as safe from quantum
// computers as the hybrid stanza beside it; age refuses to mix otherwise.
func (r *selfRecipient) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	stanzas, err := r.Wrap(fileKey)
	return stanzas, []string{"postquantum"}, err
}

// selfSalt binds the stanza to its file key, so that nonce zero is used once
// for each key and the same file key gives the same stanza.
func selfSalt(self *[32]byte, fileKey []byte) []byte {
	mac := hmac.New(sha256.New, self[:])
	mac.Write(fileKey)
	return mac.Sum(nil)[:selfSaltSize]
}

func selfAEAD(self *[32]byte, salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, self[:], salt, selfInfo, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.New(key)
}

// reader opens the header of a content: our own stanza first, which costs a
// few hashes, then the hybrid one. The present keys are tried before retired
// ones (K-38).
type reader struct{ keys []opener }

// opener is what one generation of keys opens contents with.
type opener struct {
	self    *[32]byte
	content *age.HybridIdentity
}

func (s *secret) reader() *reader {
	r := &reader{keys: []opener{{&s.seeds.self, s.content}}}
	for i := len(s.retired) - 1; i >= 0; i-- {
		r.keys = append(r.keys, opener{&s.retired[i].self, s.retired[i].content})
	}
	return r
}

// Unwrap refuses a header with two stanzas of one of our types, so that the
// work for a foreign content is bounded; other stanzas are skipped.
func (r *reader) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	self, err := only(stanzas, selfStanza)
	if err != nil {
		return nil, err
	}
	hybrid, err := only(stanzas, hybridStanza)
	if err != nil {
		return nil, err
	}
	for _, k := range r.keys {
		if self == nil {
			break
		}
		if fileKey, err := k.unwrapSelf(self); !errors.Is(err, age.ErrIncorrectIdentity) {
			return fileKey, err
		}
	}
	for _, k := range r.keys {
		if hybrid == nil {
			break
		}
		if fileKey, err := k.content.Unwrap([]*age.Stanza{hybrid}); !errors.Is(err, age.ErrIncorrectIdentity) {
			return fileKey, err
		}
	}
	return nil, age.ErrIncorrectIdentity
}

func only(stanzas []*age.Stanza, kind string) (*age.Stanza, error) {
	var found *age.Stanza
	for _, s := range stanzas {
		if s.Type != kind {
			continue
		}
		if found != nil {
			return nil, fail(Malformed, "K-13", "a content has one stanza %s, this one has more", kind)
		}
		found = s
	}
	return found, nil
}

// unwrapSelf takes whatever is not our own stanza for somebody else's: to the
// audience it is an unknown one, which age readers skip (K-14).
func (k opener) unwrapSelf(s *age.Stanza) ([]byte, error) {
	if len(s.Args) != 1 || len(s.Body) != fileKeySize+chacha20poly1305.Overhead {
		return nil, age.ErrIncorrectIdentity
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(s.Args[0])
	if err != nil || len(salt) != selfSaltSize {
		return nil, age.ErrIncorrectIdentity
	}
	aead, err := selfAEAD(k.self, salt)
	if err != nil {
		return nil, err
	}
	fileKey, err := aead.Open(nil, make([]byte, aead.NonceSize()), s.Body, nil)
	if err != nil || !hmac.Equal(selfSalt(k.self, fileKey), salt) {
		return nil, age.ErrIncorrectIdentity
	}
	return fileKey, nil
}
