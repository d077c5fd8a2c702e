package outbox

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"verbale/seal"
)

// testNow is the clock of the tests: 2026-03-01T12:00:00Z.
var testNow = time.Unix(1772366400, 0).UTC()

const (
	aliceToBob  = "cert.alice.example/to/cert.bob.example/1"
	contentOfA  = "AGE-SECRET-KEY-PQ-1SN40KQQZJG9DU8UUEJ3F93Y0TXC3UPCLQ95FFH9UPR8FTL8XA3EQQPE609"
	contentOfB  = "AGE-SECRET-KEY-PQ-1LC2AYDKRHDLSKFD4RCE26Y29ZQSV30JJ37MNAZF5YHNCWV9FZACS7PN39U"
	otherOrigin = "cert.alice.example/to/public/1"
)

// ringOf makes the same keyring for the same name in every run. Never use its keys for anything else: they are public.
func ringOf(t testing.TB, party, content string) *seal.Keyring {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `{"content":%q`, content)
	for _, member := range []string{"log_ed25519", "log_mldsa44", "party", "receipt_ed25519", "receipt_mldsa44", "record", "self", "tls"} {
		seed := sha256.Sum256(fmt.Appendf(nil, "test %s of %s", member, party))
		value := base64.RawURLEncoding.EncodeToString(seed[:])
		if member == "party" {
			value = party
		}
		fmt.Fprintf(&b, `,%q:%q`, member, value)
	}
	return must[*seal.Keyring](t)(seal.ParseKeyring([]byte(b.String() + `,"version":1}`)))
}

func alice(t testing.TB) *seal.Keyring { return ringOf(t, "cert.alice.example", contentOfA) }
func bob(t testing.TB) *seal.Keyring   { return ringOf(t, "cert.bob.example", contentOfB) }

// signed gives alice's checkpoint over the tree of d.
func signed(t testing.TB, origin string, d [][32]byte) seal.Checkpoint {
	t.Helper()
	return signedRoot(t, origin, int64(len(d)), naiveRoot(d))
}

func signedRoot(t testing.TB, origin string, size int64, root [32]byte) seal.Checkpoint {
	t.Helper()
	return must[seal.Checkpoint](t)(alice(t).SignHead(seal.Head{Origin: origin, Size: size, Root: root}, testNow.Add(time.Duration(size)*time.Second)))
}
