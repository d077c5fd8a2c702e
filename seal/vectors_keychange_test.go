package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

type keyChangeFile struct {
	Description string            `json:"description"`
	Words       []wordsVector     `json:"words"`
	Keys        string            `json:"keys"`
	Recovery    string            `json:"recovery"`
	Cases       []keyChangeVector `json:"cases"`
}

type wordsVector struct {
	Name   string `json:"name"`
	Rule   string `json:"rule"`
	Words  string `json:"words"`
	Seed   string `json:"seed,omitzero"`
	Public string `json:"public,omitzero"`
	verdict
}

type keyChangeVector struct {
	Name          string `json:"name"`
	Rule          string `json:"rule"`
	By            string `json:"by"`
	Party         string `json:"party"`
	From          string `json:"from"`
	To            string `json:"to"`
	Reason        string `json:"reason"`
	EffectiveAt   string `json:"effective_at"`
	Message       string `json:"message,omitzero"`
	Authorization string `json:"authorization"`
	verdict
}

const keyChangeDescription = "Recovery words (K-24), in `words`: of accepted ones seed and public key in hex. Changes of keys (K-25), in `cases`: " +
	"`authorization` (b64u) is checked with the record key of `keys` (text) where `by` is old-keys, with the public key `recovery` (b64u) where it is recovery-key. " +
	"`message` is what an accepted one signs. `from` and `to` are fingerprints (b64u)."

func recoveryKey() RecoveryKey { return recoveryOf(sha256.Sum256([]byte("test recovery key"))) }

func TestVectorsKeyChange(t *testing.T) {
	public := recoveryKey().Public()
	file := checkedIn(t, "keychange.json", keyChangeFile{keyChangeDescription, makeWords(t), string(alice(t).Keys().JSON()), encodeB64u(public[:]), makeKeyChanges(t)})
	for _, v := range file.Words {
		t.Run("words/"+v.Name, func(t *testing.T) {
			r, err := RecoveryFromWords(strings.Split(v.Words, " "))
			if v.check(t, err); err != nil {
				return
			}
			seed, public := r.seed(), r.Public()
			if hex.EncodeToString(seed[:]) != v.Seed || hex.EncodeToString(public[:]) != v.Public || strings.Join(r.Words(), " ") != strings.ToLower(v.Words) {
				t.Fatalf("read as %x", seed)
			}
		})
	}
	keys := must[Keys](t)(ParseKeys([]byte(file.Keys)))
	raw, _ := decodeB64u(file.Recovery, 32)
	for _, v := range file.Cases {
		t.Run(v.By+"/"+v.Name, func(t *testing.T) {
			c := v.change(t)
			sig, ok := decodeB64u(v.Authorization, (len(v.Authorization)*3)/4)
			if !ok {
				t.Fatal("the authorization is no base64url")
			}
			err := CheckRecovery([32]byte(raw), c, sig)
			if v.By == "old-keys" {
				err = keys.CheckAuthorization(c, sig)
			}
			if v.check(t, err); err == nil && string(must[[]byte](t)(c.message())) != v.Message {
				t.Fatalf("signs %q", must[[]byte](t)(c.message()))
			}
		})
	}
}

func (v keyChangeVector) change(t *testing.T) KeyChange {
	from, ok1 := decodeB64u(v.From, 32)
	to, ok2 := decodeB64u(v.To, 32)
	if !ok1 || !ok2 {
		t.Fatal("no fingerprints")
	}
	return KeyChange{Party: v.Party, From: [32]byte(from), To: [32]byte(to), Reason: v.Reason, EffectiveAt: must[time.Time](t)(time.Parse(time.RFC3339, v.EffectiveAt))}
}

func makeWords(t *testing.T) []wordsVector {
	var list []wordsVector
	// The 24-word vectors of BIP-39 that are public, and one of ours.
	for _, v := range []struct{ name, words string }{
		{"zeros", strings.Repeat("abandon ", 23) + "art"},
		{"7f", strings.Repeat("legal winner thank year wave sausage worth useful ", 2) + "legal winner thank year wave sausage worth title"},
		{"80", strings.Repeat("letter advice cage absurd amount doctor acoustic avoid ", 2) + "letter advice cage absurd amount doctor acoustic bless"},
		{"ones", strings.Repeat("zoo ", 23) + "vote"},
		{"ours", strings.Join(recoveryKey().Words(), " ")},
		{"upper case", strings.ToUpper(strings.Join(recoveryKey().Words(), " "))},
	} {
		r := must[RecoveryKey](t)(RecoveryFromWords(strings.Split(v.words, " ")))
		seed, public := r.seed(), r.Public()
		list = append(list, wordsVector{v.name, "K-24", v.words, hex.EncodeToString(seed[:]), hex.EncodeToString(public[:]), accepted()})
	}
	good := recoveryKey().Words()
	swapped := append([]string{good[1], good[0]}, good[2:]...)
	for _, v := range []struct{ name, words string }{
		{"empty", ""},
		{"23 words", strings.Join(good[:23], " ")},
		{"25 words", strings.Join(append(append([]string{}, good...), "abandon"), " ")},
		{"12 words with a checksum of their own", strings.Repeat("abandon ", 11) + "about"},
		{"wrong checksum", strings.Repeat("abandon ", 23) + "abandon"},
		{"two words changed places", strings.Join(swapped, " ")},
		{"a word that is not in the list", "abandoned " + strings.Join(good[1:], " ")},
		{"a word cut short", good[0][:3] + " " + strings.Join(good[1:], " ")},
		{"two spaces", good[0] + "  " + strings.Join(good[2:], " ")},
	} {
		list = append(list, wordsVector{Name: v.name, Rule: "K-24", Words: v.words, verdict: rejected(Malformed)})
	}
	return list
}

func makeKeyChanges(t *testing.T) []keyChangeVector {
	var list []keyChangeVector
	add := func(v verdict, by, name string, c KeyChange, sig []byte) {
		x := keyChangeVector{Name: name, Rule: "K-25", By: by, Party: c.Party, From: encodeB64u(c.From[:]), To: encodeB64u(c.To[:]), Reason: c.Reason,
			EffectiveAt: c.EffectiveAt.UTC().Format(time.RFC3339), Authorization: encodeB64u(sig), verdict: v}
		if v.accept() {
			x.Message = string(must[[]byte](t)(c.message()))
		}
		list = append(list, x)
	}
	good := keyChange(t)
	sign := map[string]func(KeyChange) ([]byte, error){"old-keys": alice(t).Authorize, "recovery-key": recoveryKey().Authorize}
	for _, by := range []string{"old-keys", "recovery-key"} {
		for _, reason := range reasons {
			c := good
			c.Reason = reason
			add(accepted(), by, reason, c, must[[]byte](t)(sign[by](c)))
		}
		sig := must[[]byte](t)(sign[by](good))
		for _, v := range []struct {
			kind   Kind
			name   string
			change func(*KeyChange)
		}{
			{BadSignature, "another second", func(c *KeyChange) { c.EffectiveAt = c.EffectiveAt.Add(time.Second) }},
			{BadSignature, "another reason", func(c *KeyChange) { c.Reason = Compromise }},
			{BadSignature, "to other keys", func(c *KeyChange) { c.To[0] ^= 1 }},
			{Malformed, "unknown reason", func(c *KeyChange) { c.Reason = "rotate" }},
			{Malformed, "no reason", func(c *KeyChange) { c.Reason = "" }},
			{Malformed, "no party", func(c *KeyChange) { c.Party = "public" }},
			{Malformed, "to the same keys", func(c *KeyChange) { c.To = c.From }},
			{Malformed, "1989", func(c *KeyChange) { c.EffectiveAt = time.Date(1989, 12, 31, 23, 59, 59, 0, time.UTC) }},
		} {
			c := good
			v.change(&c)
			add(rejected(v.kind), by, v.name, c, sig)
		}
		add(rejected(BadSignature), by, "flipped bit", good, append(bytes.Clone(sig[:63]), sig[63]^1))
		add(rejected(BadSignature), by, "63 bytes", good, sig[:63])
		add(rejected(BadSignature), by, "no signature", good, nil)
	}
	add(rejected(BadSignature), "old-keys", "by the recovery key", good, must[[]byte](t)(recoveryKey().Authorize(good)))
	add(rejected(BadSignature), "recovery-key", "by the old keys", good, must[[]byte](t)(alice(t).Authorize(good)))
	msg := must[[]byte](t)(good.message())
	add(rejected(BadSignature), "old-keys", "without the label", good, must[[]byte](t)(alice(t).SignRecord(msg[len(keyChangeLabel):])))
	other := good
	other.Party = "cert.alise.example"
	add(rejected(UnknownKey), "old-keys", "another party", other, must[[]byte](t)(alice(t).Authorize(good)))
	away := good
	away.From[0] ^= 1
	add(rejected(UnknownKey), "old-keys", "away from other keys", away, must[[]byte](t)(alice(t).Authorize(good)))
	add(rejected(BadSignature), "recovery-key", "another party", other, must[[]byte](t)(recoveryKey().Authorize(good)))
	return list
}
