// Package conformance lets other people's libraries judge what we write, and us what they write: filippo.io/torchwood and
// github.com/transparency-dev/formats for the formats of C2SP, the stock filippo.io/age for content.
//
// It is a module of its own, so that none of it enters our binary. Its module graph names a module that the Go module proxy
// refuses, so "go list -m all" fails here, while build, test, vet and "go mod tidy" work.
package conformance

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/torchwood"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"verbale/outbox"
	"verbale/seal"
)

// testNow is the clock of the tests: 2026-03-01T12:00:00Z.
var testNow = time.Unix(1772366400, 0).UTC()

const aliceToBob = "cert.alice.example/to/cert.bob.example/1"

// A party holds one set of secrets twice: as our keyring, and bare for the libraries of others.
type party struct {
	*seal.Keyring
	content *age.HybridIdentity
	seeds   map[string][]byte
}

// partyOf makes the same seeds for the same name in every run. Never use these keys for anything else: they are public.
func partyOf(t testing.TB, name string) party {
	t.Helper()
	p := party{content: must[*age.HybridIdentity](t)(age.GenerateHybridIdentity()), seeds: map[string][]byte{}}
	var b strings.Builder
	fmt.Fprintf(&b, `{"content":%q`, p.content)
	for _, member := range []string{"log_ed25519", "log_mldsa44", "party", "receipt_ed25519", "receipt_mldsa44", "record", "self", "tls"} {
		seed := sha256.Sum256(fmt.Appendf(nil, "test %s of %s", member, name))
		p.seeds[member] = seed[:]
		value := base64.RawURLEncoding.EncodeToString(seed[:])
		if member == "party" {
			value = name
		}
		fmt.Fprintf(&b, `,%q:%q`, member, value)
	}
	p.Keyring = must[*seal.Keyring](t)(seal.ParseKeyring([]byte(b.String() + `,"version":1}`)))
	return p
}

func alice(t testing.TB) party { return partyOf(t, "cert.alice.example") }
func bob(t testing.TB) party   { return partyOf(t, "cert.bob.example") }
func carol(t testing.TB) party { return partyOf(t, "cert.carol.example") }

// ed25519Key and mldsaKey give a secret in the form of the standard library.
func (p party) ed25519Key(member string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(p.seeds[member])
}

func (p party) mldsaKey(t testing.TB, member string) *mldsa.PrivateKey {
	t.Helper()
	return must[*mldsa.PrivateKey](t)(mldsa.NewPrivateKey(mldsa.MLDSA44(), p.seeds[member]))
}

// sign signs the head of a tree as we do.
func (p party) sign(t testing.TB, origin string, size int64, root [32]byte) seal.Checkpoint {
	t.Helper()
	return must[seal.Checkpoint](t)(p.SignHead(seal.Head{Origin: origin, Size: size, Root: root}, testNow))
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// logKeys gives the verifier key strings of an origin, as we hand them out (spec/keys.md §9).
func logKeys(t testing.TB, keys seal.Keys, origin string) []string {
	t.Helper()
	return keys.VerifierKeys(must[seal.Origin](t)(seal.ParseOrigin(origin)))
}

// receiptKeys gives those of a party's receipts, written by torchwood.
func receiptKeys(t testing.TB, keys seal.Keys, name string) []string {
	t.Helper()
	pq := must[*mldsa.PublicKey](t)(mldsa.NewPublicKey(mldsa.MLDSA44(), keys.ReceiptMLDSA44))
	return []string{
		must[*torchwood.CosignatureVerifier](t)(torchwood.NewCosignatureVerifierFromKey(name+"/receipt", keys.ReceiptEd25519)).String(),
		must[*torchwood.CosignatureVerifier](t)(torchwood.NewCosignatureVerifierFromKey(name+"/receipt", pq)).String(),
	}
}

// logPolicy is K-9 as a torchwood policy: both lines of the log.
func logPolicy(t testing.TB, keys seal.Keys, origin string) torchwood.Policy {
	t.Helper()
	vkeys := logKeys(t, keys, origin)
	return policy(t, "log "+vkeys[0], "log "+vkeys[1], "quorum none")
}

func policy(t testing.TB, lines ...string) torchwood.Policy {
	t.Helper()
	return must[torchwood.Policy](t)(torchwood.ParsePolicy([]byte(strings.Join(lines, "\n"))))
}

// formatsVerifiers are verifiers of transparency-dev/formats for all types that we use.
func formatsVerifiers(t testing.TB, vkeys ...string) note.Verifiers {
	t.Helper()
	var list []note.Verifier
	for _, vkey := range vkeys {
		raw := must[[]byte](t)(base64.StdEncoding.DecodeString(strings.SplitN(vkey, "+", 3)[2]))
		if len(raw) == 33 && raw[0] == 1 {
			list = append(list, must[note.Verifier](t)(fnote.NewVerifier(vkey)))
		} else {
			list = append(list, must[note.Verifier](t)(fnote.NewVerifierForCosignatureV1(vkey)))
		}
	}
	return note.VerifierList(list...)
}

// A log is a tree that torchwood grows, over leaves "entry 0", "entry 1" and so on.
type log struct {
	*torchwood.HashReaderOverlay
	leaves [][]byte
}

func theirLog(t testing.TB, size int) log {
	t.Helper()
	l := log{HashReaderOverlay: torchwood.NewHashReaderOverlay(0, nil)}
	for i := range size {
		leaf := fmt.Appendf(nil, "entry %d", i)
		l.leaves = append(l.leaves, leaf)
		if err := l.AppendRecordHash(tlog.RecordHash(leaf)); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func (l log) root(t testing.TB, size int) [32]byte {
	t.Helper()
	return must[tlog.Hash](t)(tlog.TreeHash(int64(size), l))
}

// ourTree is the tree over the same leaves that we grow.
func ourTree(t testing.TB, leaves [][]byte) *outbox.Tree {
	t.Helper()
	tree := outbox.OpenTree(0, func(outbox.TileID) ([]byte, error) { return nil, nil })
	for _, leaf := range leaves {
		if err := tree.Append(outbox.LeafHash(leaf)); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

// vectors reads a file of spec/vectors.
func vectors[T any](t testing.TB, name string) (file T) {
	t.Helper()
	b := must[[]byte](t)(os.ReadFile(filepath.Join("..", "spec", "vectors", name)))
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// hashes gives a proof in the type of tlog.
func hashes(proof [][32]byte) (list []tlog.Hash) {
	for _, h := range proof {
		list = append(list, h)
	}
	return list
}

func sameProof(ours [][32]byte, theirs []tlog.Hash) bool {
	if len(ours) != len(theirs) {
		return false
	}
	for i, h := range ours {
		if !bytes.Equal(h[:], theirs[i][:]) {
			return false
		}
	}
	return true
}
