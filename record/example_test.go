package record_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"time"

	"verbale/record"
)

// A ping is drafted, composed, signed, read back, and shown in part.
func Example() {
	at := time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)
	f := record.Fields{}
	f.SetText("act", "ping")
	f.SetText("class", "test")
	f.SetText("channel", "technical")
	f.SetTime("drafted_at", at)
	f.SetTime("released_at", at)
	f.SetText("released_by", "duty officer")
	f.SetText("language", "en")
	f.SetText("tlp", "green")
	f.SetText("nonce", "17")

	// A test's randomness; a node passes crypto/rand.Reader.
	random := rand.NewChaCha8([32]byte{1})
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	kid := base64.RawURLEncoding.EncodeToString(make([]byte, 32))

	c, err := record.Compose(f, random)
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := c.Content() // a node encrypts it to the audience
	r, err := c.Sign("csirt.example/to/cert.example/1", kid, record.DigestOf(stored), func(msg []byte) ([]byte, error) {
		return ed25519.Sign(key, msg), nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	o, err := r.Open(stored)
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, _ := o.Present([]string{"act", "nonce"})
	part, err := record.ParsePresentation(shown)
	fmt.Println(part.Act(), part.Fields.Text("nonce"), part.Fields.Text("released_by") == "", err)
	// Output: ping 17 true <nil>
}
