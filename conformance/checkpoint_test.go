package conformance

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"verbale/seal"
)

// TestCheckpointReadByOthers: torchwood and formats verify both lines of our checkpoints, alone and together (K-8 to K-10).
func TestCheckpointReadByOthers(t *testing.T) {
	a := alice(t)
	for _, origin := range []string{aliceToBob, "cert.alice.example/to/public/7"} {
		for _, size := range []int64{0, 1, 257, 1 << 40} {
			root := [32]byte{byte(size), 7}
			if size == 0 {
				root = theirLog(t, 0).root(t, 0)
			}
			cp := a.sign(t, origin, size, root)
			vkeys := logKeys(t, a.Keys(), origin)
			for _, p := range []torchwood.Policy{
				policy(t, "log "+vkeys[0], "quorum none"), policy(t, "log "+vkeys[1], "quorum none"), logPolicy(t, a.Keys(), origin),
			} {
				got, n, err := torchwood.VerifyCheckpoint(cp.Note, p)
				if err != nil {
					t.Fatalf("torchwood: %s at %d: %v", origin, size, err)
				}
				if got.Origin != origin || got.N != size || got.Hash != tlog.Hash(root) || got.Extension != "" || got.String() != cp.Text() {
					t.Fatalf("torchwood read %+v in %q", got, n.Text)
				}
			}
			n := must[*note.Note](t)(note.Open(cp.Note, formatsVerifiers(t, vkeys...)))
			if len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
				t.Fatalf("formats verified %d lines", len(n.Sigs))
			}
			if sec := must[int64](t)(torchwood.CosignatureTimestamp(n.Sigs[1])); sec != testNow.Unix() {
				t.Fatalf("the ML-DSA-44 line says %d", sec)
			}
		}
	}
}

// TestCheckpointRefusedByOthers: what we would not sign, they do not take for signed by us.
func TestCheckpointRefusedByOthers(t *testing.T) {
	a := alice(t)
	good := string(a.sign(t, aliceToBob, 7, [32]byte{1}).Note)
	lines := strings.SplitAfter(good, "\n")
	for name, bad := range map[string]string{
		"larger":         strings.Replace(good, "\n7\n", "\n8\n", 1),
		"another root":   strings.Replace(good, "\nAQ", "\nAg", 1),
		"another origin": strings.Replace(good, aliceToBob, strings.Replace(aliceToBob, "/1", "/2", 1), 1),
		"not Ed25519":    strings.Join(lines[:4], "") + lines[5],
		"not ML-DSA-44":  strings.Join(lines[:5], ""),
		"of bob":         strings.ReplaceAll(string(bob(t).sign(t, "cert.bob.example/to/public/1", 7, [32]byte{1}).Note), "cert.bob.example/to/public/1", aliceToBob),
	} {
		if bad == good {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, _, err := torchwood.VerifyCheckpoint([]byte(bad), logPolicy(t, a.Keys(), aliceToBob)); err == nil {
			t.Errorf("torchwood took it: %s", name)
		}
		if _, err := a.Keys().OpenCheckpoint([]byte(bad)); err == nil {
			t.Errorf("we took it: %s", name)
		}
	}
}

// TestCheckpointOfOthers: x/mod signs the Ed25519 line and torchwood the ML-DSA-44 line with alice's secrets; we read it.
func TestCheckpointOfOthers(t *testing.T) {
	a := alice(t)
	ed := must[note.Signer](t)(note.NewSigner(signerKey(a, "log_ed25519", aliceToBob, 1)))
	pq := must[*torchwood.CosignatureSigner](t)(torchwood.NewCosignatureSigner(aliceToBob, a.mldsaKey(t, "log_mldsa44")))
	for _, size := range []int{1, 5, 256, 300} {
		synctest.Test(t, func(t *testing.T) { // the signer of torchwood takes the time itself
			root := theirLog(t, size).root(t, size)
			text := torchwood.Checkpoint{Origin: aliceToBob, Tree: tlog.Tree{N: int64(size), Hash: root}}.String()
			signed := must[[]byte](t)(note.Sign(&note.Note{Text: text}, pq, ed))
			cp := must[seal.Checkpoint](t)(a.Keys().OpenCheckpoint(signed))
			if cp.Origin != aliceToBob || cp.Size != int64(size) || cp.Root != root || !cp.Time.Equal(time.Now()) {
				t.Fatalf("read %+v", cp.Head)
			}
			ours := strings.SplitAfter(string(a.sign(t, aliceToBob, int64(size), root).Note), "\n")
			if theirs := strings.SplitAfter(string(cp.Note), "\n"); ours[4] != theirs[4] {
				t.Fatalf("the Ed25519 lines differ: %q and %q", ours[4], theirs[4])
			}
			_, err := a.Keys().OpenCheckpoint(must[[]byte](t)(note.Sign(&note.Note{Text: text + "extension\n"}, ed)))
			if err == nil {
				t.Fatal("we read an extension line (K-8)")
			}
		})
	}
}

// signerKey writes a secret as a signer key string of x/mod and formats.
func signerKey(p party, member, name string, kind byte) string {
	public := p.ed25519Key(member).Public()
	id := keyID(name, kind, fmt.Appendf(nil, "%s", public))
	return "PRIVATE+KEY+" + name + "+" + hex.EncodeToString(id) + "+" + base64.StdEncoding.EncodeToString(append([]byte{kind}, p.seeds[member]...))
}
