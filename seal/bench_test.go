package seal

import (
	"bytes"
	"crypto/ed25519"
	"testing"
)

// A signing input of usual length.
var benchInput = bytes.Repeat([]byte("record."), 150)

func BenchmarkSignRecord(b *testing.B) {
	ring := alice(b)
	for b.Loop() {
		if _, err := ring.SignRecord(benchInput); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyRecord(b *testing.B) {
	ring := alice(b)
	keys := ring.Keys()
	sig, _ := ring.SignRecord(benchInput)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := keys.VerifyRecord(benchInput, sig); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("crypto/ed25519", func(b *testing.B) {
		for b.Loop() {
			if !ed25519.Verify(keys.Record, benchInput, sig) {
				b.Fatal("refused")
			}
		}
	})
}

func BenchmarkSignHead(b *testing.B) {
	ring, h := alice(b), testHead(7)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.SignHead(h, testNow); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenCheckpoint(b *testing.B) {
	ring := alice(b)
	keys := ring.Keys()
	cp, err := ring.SignHead(testHead(7), testNow)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.OpenCheckpoint(cp.Note); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCountersign(b *testing.B) {
	cp, err := alice(b).SignHead(testHead(7), testNow)
	if err != nil {
		b.Fatal(err)
	}
	ring := bob(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Countersign(cp, testNow); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenReceipt(b *testing.B) {
	h, ring := testHead(7), bob(b)
	cp, err := alice(b).SignHead(h, testNow)
	if err != nil {
		b.Fatal(err)
	}
	r, err := ring.Countersign(cp, testNow)
	if err != nil {
		b.Fatal(err)
	}
	keys, both := ring.Keys(), Countersigned(cp, r)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.OpenReceipt(ring.Party(), both, h); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseKeys(b *testing.B) {
	text := alice(b).Keys().JSON()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseKeys(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncrypt(b *testing.B) {
	ring, keys, content := alice(b), bob(b).Keys(), make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Encrypt(keys, content); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecrypt(b *testing.B) {
	stored, err := alice(b).Encrypt(bob(b).Keys(), make([]byte, 4096))
	if err != nil {
		b.Fatal(err)
	}
	for _, v := range []struct {
		name string
		ring *Keyring
	}{{"audience", bob(b)}, {"self", alice(b)}} {
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.ring.Decrypt(stored); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
