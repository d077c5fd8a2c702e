package seal

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawName(t *rapid.T, label string) string {
	return rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{1,12}){1,3}`).Draw(t, label)
}

func drawHead(t *rapid.T) Head {
	h := Head{
		Origin: Origin{"cert.alice.example", drawName(t, "audience"), rapid.IntRange(1, 999999999).Draw(t, "generation")}.String(),
		Size:   rapid.Int64Range(0, maxSize).Draw(t, "size"),
	}
	copy(h.Root[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "root"))
	return h
}

func drawTime(t *rapid.T) time.Time {
	return time.Unix(rapid.Int64Range(1, maxTime).Draw(t, "time"), 0).UTC()
}

// drawFlip gives b with one bit changed.
func drawFlip(t *rapid.T, b []byte) []byte {
	b = slices.Clone(b)
	bit := rapid.IntRange(0, 8*len(b)-1).Draw(t, "bit")
	b[bit/8] ^= 1 << (bit % 8)
	return b
}

func TestOriginProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Origin{drawName(t, "author"), drawName(t, "audience"), rapid.IntRange(1, 999999999).Draw(t, "generation")}
		if rapid.Bool().Draw(t, "public") {
			o.Audience = Public
		}
		got, err := ParseOrigin(o.String())
		if o.Author == o.Audience {
			if err == nil {
				t.Fatal("nobody is their own audience")
			}
			return
		}
		if err != nil || got != o {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
}

func TestHeadProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHead(t)
		got, err := ParseHead(h.Text())
		if err != nil || got != h {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
}

func TestRecordProperty(t *testing.T) {
	ring := alice(t)
	keys := ring.Keys()
	rapid.Check(t, func(t *rapid.T) {
		msg := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "msg")
		sig, err := ring.SignRecord(msg)
		if err != nil || keys.VerifyRecord(msg, sig) != nil {
			t.Fatalf("own signature refused: %v", err)
		}
		if keys.VerifyRecord(drawFlip(t, msg), sig) == nil || keys.VerifyRecord(msg, drawFlip(t, sig)) == nil {
			t.Fatal("a flipped bit passed")
		}
	})
}

func TestCheckpointProperty(t *testing.T) {
	ring := alice(t)
	keys := ring.Keys()
	rapid.Check(t, func(t *rapid.T) {
		h, now := drawHead(t), drawTime(t)
		cp, err := ring.SignHead(h, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := keys.OpenCheckpoint(cp.Note)
		if err != nil || got.Head != h || !got.Time.Equal(now) || !bytes.Equal(got.Note, cp.Note) {
			t.Fatalf("got %+v, %v", got, err)
		}
		if _, err := keys.OpenCheckpoint(drawFlip(t, cp.Note)); err == nil {
			t.Fatal("a flipped bit passed")
		}
		if again, _ := ring.SignHead(h, now); !bytes.Equal(again.Note, cp.Note) {
			t.Fatal("signing is not deterministic")
		}
	})
}

func TestReceiptProperty(t *testing.T) {
	a, b := alice(t), bob(t)
	keys := b.Keys()
	rapid.Check(t, func(t *rapid.T) {
		h, now := drawHead(t), drawTime(t)
		cp, err := a.SignHead(h, now)
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Countersign(cp, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := keys.OpenReceipt(b.Party(), Countersigned(cp, r), h)
		if err != nil || got.Head != h || got.By != b.Party() || !got.Time.Equal(now) || !bytes.Equal(got.Lines, r.Lines) {
			t.Fatalf("got %+v, %v", got, err)
		}
		alone := slices.Concat([]byte(h.Text()), []byte("\n"), r.Lines)
		if _, err := keys.OpenReceipt(b.Party(), drawFlip(t, alone), h); err == nil {
			t.Fatal("a flipped bit passed")
		}
	})
}

func TestContentProperty(t *testing.T) {
	a, b := alice(t), bob(t)
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "content")
		stored, err := a.Encrypt(b.keys, content)
		if err != nil {
			t.Fatal(err)
		}
		bad := drawFlip(t, stored)
		for _, ring := range []*Keyring{a, b} {
			if got, err := ring.Decrypt(stored); err != nil || !bytes.Equal(got, content) {
				t.Fatalf("%v: got %x, %v", ring, got, err)
			}
			if _, err := ring.Decrypt(bad); err == nil {
				t.Fatalf("%v: a flipped bit passed", ring)
			}
		}
	})
}

func TestKeyFileProperty(t *testing.T) {
	good := alice(t).Marshal()
	rapid.Check(t, func(t *rapid.T) {
		bad := drawFlip(t, good)
		k, err := ParseKeyring(bad)
		if err == nil && !bytes.Equal(k.Marshal(), bad) {
			t.Fatal("print and parse is not identity")
		}
		if err != nil && strings.Contains(err.Error(), string(good[100:140])) {
			t.Fatal("an error quotes the file")
		}
	})
}
