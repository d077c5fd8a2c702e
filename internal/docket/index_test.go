package docket

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/v2"
	"slices"
	"testing"
)

// Stores have columns from what Index said when they filled them. If it says something else of the same cases, they fill them anew
// when IndexVersion is another: raise it, and put the digest here that this test prints.
func TestIndexVersion(t *testing.T) {
	const version, digest = "5", "5c3429fea3fae223"
	sum := sha256.New()
	for _, c := range slices.Concat(histories, movesTable) {
		h := read(t, c.history)
		raw, err := json.Marshal(fold(h.entries)[Key(h.entries[0])].Index(), json.Deterministic(true))
		must(t, err)
		sum.Write(raw)
	}
	if got := hex.EncodeToString(sum.Sum(nil)[:8]); got != digest || IndexVersion != version {
		t.Errorf("the indexes of the histories are %s, version %s; here stand %s, version %s", got, IndexVersion, digest, version)
	}
}
