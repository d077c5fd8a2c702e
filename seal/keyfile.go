package seal

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"io"

	"filippo.io/age"
)

// The versions of the key file: K-17, and K-38 with retired keys.
const (
	keyFileVersion     = 1
	retiredFileVersion = 2
)

// keyFile is the plain form of K-17 and K-38, its members in the order of
// RFC 8785.
type keyFile struct {
	Content        string `json:"content"`
	LogEd25519     string `json:"log_ed25519"`
	LogMLDSA44     string `json:"log_mldsa44"`
	Party          string `json:"party"`
	ReceiptEd25519 string `json:"receipt_ed25519"`
	ReceiptMLDSA44 string `json:"receipt_mldsa44"`
	Record         string `json:"record"`

	Retired []retiredFile `json:"retired,omitempty"`
	Self    string        `json:"self"`
	TLS     string        `json:"tls"`
	Version int           `json:"version"`
}

// Marshal gives the plain key file of K-17. It holds every secret: write it
// with permission 0600, or use [Keyring.Lock].
func (k *Keyring) Marshal() []byte {
	s, version := &k.secret().seeds, keyFileVersion
	if len(k.secret().retired) > 0 {
		version = retiredFileVersion
	}
	b, err := json.Marshal(keyFile{
		Content:        k.secret().content.String(),
		LogEd25519:     encodeB64u(s.logEd25519[:]),
		LogMLDSA44:     encodeB64u(s.logMLDSA44[:]),
		Party:          k.party,
		ReceiptEd25519: encodeB64u(s.receiptEd25519[:]),
		ReceiptMLDSA44: encodeB64u(s.receiptMLDSA44[:]),
		Record:         encodeB64u(s.record[:]),
		Retired:        retiredFiles(k.secret().retired),
		Self:           encodeB64u(s.self[:]),
		TLS:            encodeB64u(s.tls[:]),
		Version:        version,
	})
	if err != nil { // cannot be: every member is ASCII
		return nil
	}
	return b
}

// ParseKeyring reads the plain key file of K-17. Its errors never quote it.
func ParseKeyring(b []byte) (*Keyring, error) {
	if len(b) > maxKeyFile {
		return nil, fail(Malformed, "K-17", "a key file has at most %d bytes, this one has %d", maxKeyFile, len(b))
	}
	var w keyFile
	if err := json.Unmarshal(b, &w, json.RejectUnknownMembers(true)); err != nil {
		return nil, fail(Malformed, "K-17", "want a JSON object with exactly the members of a key file, each once")
	}
	if w.Version != keyFileVersion && w.Version != retiredFileVersion {
		return nil, fail(Malformed, "K-17", "want version %d or %d, got %d; a newer program made this file", keyFileVersion, retiredFileVersion, w.Version)
	}
	s, err := w.seeds()
	if err != nil {
		return nil, err
	}
	content, err := age.ParseHybridIdentity(w.Content)
	if err != nil {
		return nil, fail(Malformed, "K-17", "member \"content\": want an age identity AGE-SECRET-KEY-PQ-1…")
	}
	k, err := newKeyring(w.Party, s, content)
	if err != nil {
		return nil, err
	}
	if err := w.retire(k.secret()); err != nil {
		return nil, err
	}
	if !bytes.Equal(k.Marshal(), b) {
		return nil, fail(Malformed, "K-17", "the key file is not in its RFC 8785 form; was it edited? Restore it as it was written")
	}
	return k, nil
}

// retire reads the retired keys.
func (w *keyFile) retire(s *secret) error {
	for i := range w.Retired[:min(len(w.Retired), maxRetired+1)] {
		r, err := w.Retired[i].keys()
		if err != nil {
			return err
		}
		s.retired = append(s.retired, r)
	}
	return checkRetired(&s.seeds, s.retired)
}

func (w *keyFile) seeds() (seeds, error) {
	var s seeds
	for _, m := range []struct {
		name, value string
		seed        *[32]byte
	}{
		{"record", w.Record, &s.record},
		{"log_ed25519", w.LogEd25519, &s.logEd25519},
		{"log_mldsa44", w.LogMLDSA44, &s.logMLDSA44},
		{"receipt_ed25519", w.ReceiptEd25519, &s.receiptEd25519},
		{"receipt_mldsa44", w.ReceiptMLDSA44, &s.receiptMLDSA44},
		{"tls", w.TLS, &s.tls},
		{"self", w.Self, &s.self},
	} {
		b, ok := decodeB64u(m.value, len(m.seed))
		if !ok {
			return seeds{}, fail(Malformed, "K-17", "member %q: want base64url without padding of %d bytes", m.name, len(m.seed))
		}
		copy(m.seed[:], b)
	}
	return s, nil
}

// Lock gives the key file encrypted to a passphrase (K-17). It takes about a
// second, on purpose.
func (k *Keyring) Lock(passphrase string) ([]byte, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fail(Refused, "K-17", "the passphrase is empty")
	}
	var file bytes.Buffer
	if err := encryptTo(&file, k.Marshal(), r); err != nil {
		return nil, fail(Refused, "K-17", "cannot encrypt the key file").because(err)
	}
	return file.Bytes(), nil
}

// Unlock opens what Lock made.
func Unlock(file []byte, passphrase string) (*Keyring, error) {
	if len(file) > maxKeyFile {
		return nil, fail(Malformed, "K-17", "a key file has at most %d bytes, this one has %d", maxKeyFile, len(file))
	}
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fail(WrongPassphrase, "K-17", "the passphrase is empty")
	}
	id.SetMaxWorkFactor(maxScryptLogN)
	plain, err := decryptWith(file, id)
	var noMatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &noMatch) && len(noMatch.StanzaTypes) == 1 && noMatch.StanzaTypes[0] == "scrypt":
		return nil, fail(WrongPassphrase, "K-17", "the passphrase does not open this key file")
	case err != nil:
		return nil, fail(Malformed, "K-17", "this is not a key file locked with a passphrase, or it is damaged").because(err)
	}
	return ParseKeyring(plain)
}

// encryptTo writes plain to w as an age file.
func encryptTo(w io.Writer, plain []byte, to ...age.Recipient) error {
	dst, err := age.Encrypt(w, to...)
	if err != nil {
		return err
	}
	if _, err := dst.Write(plain); err != nil {
		return err
	}
	return dst.Close()
}

// decryptWith reads a whole age file.
func decryptWith(file []byte, id age.Identity) ([]byte, error) {
	src, err := age.Decrypt(bytes.NewReader(file), id)
	if err != nil {
		return nil, err
	}
	plain := bytes.NewBuffer(make([]byte, 0, len(file))) // never longer than its encryption
	_, err = plain.ReadFrom(src)
	return plain.Bytes(), err
}
