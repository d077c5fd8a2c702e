package conformance

import (
	"testing"

	"filippo.io/torchwood"

	"verbale/seal"
)

// noteVector is a case of checkpoint.json, receipt.json, cosignature.json or beat.json.
type noteVector struct {
	Name   string `json:"name"`
	Note   string `json:"note"`
	Origin string `json:"origin"`
	Expect string `json:"expect"`
	Error  string `json:"error"`
}

// differences are the cases on which we and torchwood do not agree, and why. One that is not needed fails.
type differences map[string]string

// judge lets torchwood read every case. It must accept what we accept and refuse what we refuse, but for the known differences.
func judge(t *testing.T, cases []noteVector, p func(noteVector) torchwood.Policy, known differences) {
	t.Helper()
	for _, v := range cases {
		_, _, err := torchwood.VerifyCheckpoint([]byte(v.Note), p(v))
		agree := (err == nil) == (v.Expect == "accept")
		why, expected := known[v.Name]
		delete(known, v.Name)
		switch {
		case !agree && !expected:
			t.Errorf("%s: we %s it %s, and torchwood says %v", v.Name, v.Expect, v.Error, err)
		case agree && expected:
			t.Errorf("%s: torchwood agrees, strike it off the list (%s): %v", v.Name, why, err)
		}
	}
	for name := range known {
		t.Errorf("there is no case %q", name)
	}
}

func TestCheckpointVectors(t *testing.T) {
	file := vectors[struct {
		Keys  string       `json:"keys"`
		Cases []noteVector `json:"cases"`
	}](t, "checkpoint.json")
	keys := must[seal.Keys](t)(seal.ParseKeys([]byte(file.Keys)))
	p := func(v noteVector) torchwood.Policy {
		if v.Origin == "" {
			v.Origin = aliceToBob
		}
		return logPolicy(t, keys, v.Origin)
	}
	judge(t, file.Cases, p, differences{
		"size 0":                                "its root is not that of nothing: O-7, which K-8 does not look at and torchwood does",
		"17 lines":                              "K-9 counts lines; x/mod reads up to 100",
		"17 lines of one stranger":              "the same",
		"larger than 64 KiB":                    "our limit; that of x/mod is larger",
		"Ed25519 line twice":                    "K-9 wants each line once; x/mod passes over the second",
		"ML-DSA-44 line twice":                  "the same",
		"second ML-DSA-44 line of another time": "the same",
		"second Ed25519 line that is bad":       "the same",
		"Ed25519 line with stray bits":          "K-9 wants canonical base64; x/mod is not strict",
		"ML-DSA-44 after year 9999":             "K-10 bounds the time; torchwood takes any",
		"ML-DSA-44 with time zero":              "K-10 wants a time; tlog-cosignature allows none",
	})
}

func TestReceiptVectors(t *testing.T) {
	file := vectors[struct {
		Party string       `json:"party"`
		Keys  string       `json:"keys"`
		Cases []noteVector `json:"cases"`
	}](t, "receipt.json")
	keys := must[seal.Keys](t)(seal.ParseKeys([]byte(file.Keys)))
	vkeys := receiptKeys(t, keys, file.Party)
	both := torchwood.ThresholdPolicy(3, torchwood.OriginPolicy(aliceToBob), verifierPolicy(t, vkeys[0]), verifierPolicy(t, vkeys[1]))
	judge(t, file.Cases, func(noteVector) torchwood.Policy { return both }, differences{
		"17 lines":                     "K-11 counts lines; x/mod reads up to 100",
		"Ed25519 line twice":           "K-11 wants each line once; x/mod passes over the second",
		"ML-DSA-44 line twice":         "the same",
		"Ed25519 line with stray bits": "K-9 wants canonical base64; x/mod is not strict",
		"over a larger head":           "a good receipt, but not over the head that was asked for",
		"over another root":            "the same",
		"two times":                    "K-11 wants one time; to torchwood the lines are two cosignatures",
		"time zero in both":            "K-10 wants a time; tlog-cosignature allows none",
		"time zero in Ed25519":         "the same",
		"ML-DSA-44 with time zero":     "the same",
		"after year 9999 in both":      "K-10 bounds the time; torchwood takes any",
		"ML-DSA-44 after year 9999":    "the same",
	})
}

// TestCosignatureVectors: torchwood and we agree on witness lines, key by key (K-19).
func TestCosignatureVectors(t *testing.T) {
	type vector struct {
		noteVector
		By string `json:"by"`
	}
	file := vectors[struct {
		Head      string            `json:"head"`
		Cosigners map[string]string `json:"cosigners"`
		Cases     []vector          `json:"cases"`
	}](t, "cosignature.json")
	h := must[seal.Head](t)(seal.ParseHead(file.Head))
	known := map[string]differences{
		"ed25519": {
			"17 lines":           "K-9 counts lines; x/mod reads up to 100",
			"twice":              "K-19 wants the line once; x/mod passes over the second",
			"stray bits":         "K-9 wants canonical base64; x/mod is not strict",
			"time zero":          "K-10 wants a time; tlog-cosignature allows none",
			"after year 9999":    "K-10 bounds the time; torchwood takes any",
			"over a larger head": "a good cosignature, but not over the head that was asked for",
			"over another root":  "the same",
		},
		"mldsa44": {
			"twice":                     "K-19 wants the line once; x/mod passes over the second",
			"ML-DSA-44 with time zero":  "K-10 wants a time; tlog-cosignature allows none",
			"ML-DSA-44 after year 9999": "K-10 bounds the time; torchwood takes any",
		},
	}
	for by, vkey := range file.Cosigners {
		p := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(h.Origin), verifierPolicy(t, vkey))
		var cases []noteVector
		for _, v := range file.Cases {
			if v.By == by {
				cases = append(cases, v.noteVector)
			}
		}
		judge(t, cases, func(noteVector) torchwood.Policy { return p }, known[by])
	}
}

// TestWitnessKeyVectors: torchwood reads every witness key that we accept (K-18).
func TestWitnessKeyVectors(t *testing.T) {
	file := vectors[struct {
		Keys []struct {
			Name   string `json:"name"`
			VKey   string `json:"vkey"`
			Expect string `json:"expect"`
		} `json:"keys"`
	}](t, "cosignature.json")
	for _, v := range file.Keys {
		if v.Expect != "accept" {
			continue // torchwood takes weak keys, names of parties and other spellings: narrower is our business
		}
		if c, err := torchwood.NewCosignatureVerifier(v.VKey); err != nil || c.String() != v.VKey {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

// TestBeatVectors: to torchwood a beat is a cosignature like any other (K-23).
func TestBeatVectors(t *testing.T) {
	file := vectors[struct {
		Party string       `json:"party"`
		Keys  string       `json:"keys"`
		Cases []noteVector `json:"cases"`
	}](t, "beat.json")
	keys := must[seal.Keys](t)(seal.ParseKeys([]byte(file.Keys)))
	p := func(v noteVector) torchwood.Policy {
		if v.Origin == "" {
			v.Origin = aliceToBob
		}
		return torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(v.Origin), verifierPolicy(t, receiptKeys(t, keys, file.Party)[0]))
	}
	judge(t, file.Cases, p, differences{
		"extension line":        "K-8 has none; an Ed25519 line covers it, and torchwood takes it",
		"a receipt":             "K-23 wants the one line and no other",
		"after the log's lines": "the same",
		"twice":                 "the same",
		"two times":             "the same",
		"stray bits":            "K-9 wants canonical base64; x/mod is not strict",
		"time zero":             "K-10 wants a time; tlog-cosignature allows none",
		"after year 9999":       "K-10 bounds the time; torchwood takes any",
	})
}

func verifierPolicy(t testing.TB, vkey string) torchwood.Policy {
	t.Helper()
	return torchwood.SingleVerifierPolicy(must[*torchwood.CosignatureVerifier](t)(torchwood.NewCosignatureVerifier(vkey)))
}
