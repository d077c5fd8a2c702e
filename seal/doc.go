// Package seal answers one question: who said it.
//
// It knows party names and outbox origins, the keys of a party, the signed
// heads of outboxes, receipts and cosignatures over them and the date that these
// give, the encryption of content, changes of keys, and the words by which two
// officers compare keys. It implements spec/keys.md; rules
// are cited by number (K-9) in comments and in errors.
//
// The main calls are, for the one who speaks,
//
//	ring, err := seal.NewKeyring("cert.example", rand.Reader)
//	sig, err := ring.SignRecord(signingInput)
//	cp, err := ring.SignHead(head, now)
//	stored, err := ring.Encrypt(audience, content)
//
// and, for the one who listens,
//
//	keys, err := seal.ParseKeys(b)
//	err := keys.VerifyRecord(signingInput, sig)
//	cp, err := keys.OpenCheckpoint(note)
//	receipt, err := keys.OpenReceipt("cert.example", note, head)
//
// and, about time,
//
//	policy, err := seal.ParsePolicy(file)
//	dating, err := policy.Date(note, head)
//	beat, err := ring.Beat(head, now)
//
// This is the only package that understands a private key: a [Keyring] signs
// and decrypts, a [WitnessKey] cosigns, a [RecoveryKey] authorizes; they print
// as names and nothing else.
//
// Every error is an [*Error] with a [Kind] from a closed list and the number of
// the rule that was broken.
//
// What it deliberately lacks: a clock and a source of randomness (both are
// arguments, except that filippo.io/age draws its own); files and permissions;
// which keys a party had at which time, and so any idea of trust: whoever calls
// says whose keys these are; Merkle trees (package outbox); algorithms to
// choose from. Signatures are as deterministic as their schemes allow: ML-DSA
// is signed with the deterministic variant of FIPS 204, so that signing the
// same head twice in one second gives the same bytes.
//
// All values are safe for concurrent use once made.
package seal
