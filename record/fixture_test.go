package record

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json/jsontext"
	"math/rand/v2"
	"testing"
	"time"
)

// The fixture: one author with one key, whose seed is 32 bytes 0x07.
const (
	testOutbox   = "csirt.aa.example/to/csirt.bb.example/1"
	publicOutbox = "csirt.aa.example/to/public/1"
)

func testKey() ed25519.PrivateKey {
	var seed [ed25519.SeedSize]byte
	for i := range seed {
		seed[i] = 7
	}
	return ed25519.NewKeyFromSeed(seed[:])
}

// testKID is the RFC 7638 thumbprint of testKey, with the members of RFC 8037.
func testKID() string {
	x := b64.EncodeToString(testKey().Public().(ed25519.PublicKey))
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return b64.EncodeToString(sum[:])
}

func testSign(msg []byte) ([]byte, error) { return ed25519.Sign(testKey(), msg), nil }

func seeded(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

var testTime = time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)

func testEnvelope(act string) Fields {
	f := Fields{}
	f.SetText("act", act)
	f.SetText("class", "substantive")
	f.SetText("channel", "technical")
	f.SetTime("drafted_at", testTime)
	f.SetTime("released_at", testTime.Add(5*time.Minute))
	f.SetText("released_by", "duty officer, CSIRT-AA")
	f.SetText("language", "en")
	f.SetText("tlp", "amber+strict")
	return f
}

func testAppeal(kind string) Fields {
	f := testEnvelope("appeal")
	f.SetText("kind", kind)
	f.SetText("subject", "Command servers of a botnet on your networks")
	f.SetText("summary", "Since 11 July we see beacons.\nThree hosts answer them.\tSee the list.")
	f.SetText("requested_action", "Take the three hosts off the network and tell us.")
	f.SetText("competence", "national CSIRT for the networks named")
	f.SetTexts("legal_basis", "A/RES/70/237, norm 13(h)", "voluntary")
	f.SetText("urgency", "urgent")
	f.SetText("urgency_reason", "a hospital is affected")
	f.SetTime("acknowledge_by", testTime.Add(4*time.Hour))
	f.SetTime("reply_by", testTime.Add(24*time.Hour))
	switch kind {
	case "mitigate":
		f.SetObservables("targets",
			Observable{Type: "ipv4", Value: "203.0.113.7", Port: 443, SeenAt: testTime, Note: `beacon "a\b"`},
			Observable{Type: "domain", Value: "c2.example.net"},
			Observable{Type: "url", Value: "https://c2.example.net/gate.php"})
		f.SetText("measure", "sinkhole")
		f.SetTexts("evidence", "packet capture 17", "sandbox report 4")
		f.SetText("harm", "outpatient care of one hospital stopped for six hours")
	case "clarify":
		f.SetTexts("questions", "Was the scan yours?", "What was it for?")
		f.SetText("concern", "scans of a power station")
		f.SetText("misperception", "it can be read as preparation")
	case "indicators":
		f.SetObservables("indicators", Observable{Type: "sha256", Value: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})
		f.SetText("context", "loader seen in three incidents")
		f.SetText("permitted_actions", "internally-visible")
	}
	return f
}

func testRef() Ref {
	return Ref{Outbox: "csirt.bb.example/to/csirt.aa.example/1", Index: 12, Leaf: sha256.Sum256([]byte("leaf"))}
}

func testReply(act string) Fields {
	f := testEnvelope(act)
	if act != "ping" {
		f.SetRef("in_reply_to", testRef())
	}
	switch act {
	case "answer":
		f.SetText("finality", "final")
		f.SetText("outcome", "partly-done")
		f.SetText("text", "Two of three hosts are down.")
		f.SetList("results", []jsontext.Value{
			jsontext.Value(`{"state":"done","target":"203.0.113.7"}`),
			jsontext.Value(`{"note":"not ours","state":"not-done","target":"c2.example.net"}`),
		})
	case "refuse":
		f.SetText("code", "not-competent")
		f.SetText("reason", "The network belongs to a neighbour.")
		f.SetBool("consulted_on_conditions", true)
	case "withdraw":
		f.SetText("reason", "overtaken by events")
	case "ping":
		f.SetText("class", "test")
		f.SetText("nonce", "b7Jm4Q")
	}
	return f
}

func testProfile() Fields {
	f := testEnvelope("profile")
	f.SetText("party", "csirt.aa.example")
	f.SetText("title", "CSIRT Aä")
	f.SetText("jurisdiction", "AA")
	f.SetText("party_kind", "csirt")
	f.SetText("endpoint", "https://node.csirt.aa.example:8443")
	f["keys"] = jsontext.Value(`{"content":"age1pq1xyz","log_ed25519":"AAAA","record":"BBBB"}`)
	f.SetTime("keys_valid_until", testTime.AddDate(1, 0, 0))
	f.SetText("receipt_statement", "We hold these bytes durably. Nothing else.")
	f.SetList("contacts", []jsontext.Value{jsontext.Value(`{"hours":"24/7","languages":"en fr","role":"duty officer"}`)})
	f.SetTexts("accepts", "clarify", "mitigate")
	return f
}

func testHead() Head {
	return Head{Origin: testOutbox, Size: 3, Root: sha256.Sum256([]byte("root"))}
}

// testLinkAct is an act that moves no case: suspension, tally, a new generation.
func testLinkAct(act string) Fields {
	f := testEnvelope(act)
	switch act {
	case "suspend":
		f.SetText("reason", "Content of the channel\nwas published.")
		f.SetTime("effective_at", testTime)
	case "resume":
		f.SetText("reason", "Settled.")
	case "continue":
		f.SetHead("previous", testHead())
	case "tally":
		f.SetText("period", "2026-06")
		f.SetTime("taken_at", testTime)
		f.SetText("sent_outbox", testOutbox)
		f.SetInt("sent_from", 0)
		f.SetInt("sent_next", 3)
		f.SetText("received_outbox", testRef().Outbox)
		f.SetInt("received_from", 4)
		f.SetInt("received_next", 4)
		f.SetList("rows", []jsontext.Value{jsontext.Value(`{"act":"appeal","class":"substantive","count":3,"direction":"sent","kind":"mitigate"}`)})
		f.SetList("unreceipted", []jsontext.Value{jsontext.Value("0"), jsontext.Value("2")})
	case "tally-answer":
		f.SetRef("in_reply_to", testRef())
		f.SetBool("agrees", false)
		f.SetList("differences", []jsontext.Value{jsontext.Value(`{"direction":"received","serial":0,"state":"no-receipt"}`)})
	}
	return f
}

// testRegisterAct is an act of a register.
func testRegisterAct(act string) Fields {
	digest := b64.EncodeToString(make([]byte, digestBytes))
	f := testEnvelope(act)
	switch act {
	case "heads":
		f.SetTime("taken_at", testTime)
		f.SetTexts("heads", digest, b64.EncodeToString(testKey().Seed()))
	case "designate":
		f.SetText("role", "relay")
		f.SetText("state", "in-force")
		f.SetText("party", "relay.example")
		f.SetText("fingerprint", digest)
		f.SetText("profile_file", "eyJ~")
	case "key-change":
		f.SetText("from", digest)
		f.SetText("to", digest)
		f.SetText("reason", "rotation")
		f.SetTime("effective_at", testTime)
		f.SetText("authorized_by", "old-keys")
		f.SetText("authorization", b64.EncodeToString(make([]byte, sigBytes)))
		f.SetHead("previous", testHead())
	}
	return f
}

// testActs is one full draft of each act and kind.
func testActs() map[string]Fields {
	acts := map[string]Fields{}
	for _, act := range actWords {
		if act != "appeal" {
			acts[act] = Example(act, "", testTime)
		}
	}
	for _, kind := range kindWords {
		acts["appeal-"+kind] = Example("appeal", kind, testTime)
	}
	for _, kind := range []string{"clarify", "mitigate", "indicators"} {
		acts["appeal-"+kind] = testAppeal(kind)
	}
	acts["profile"] = testProfile()
	for _, act := range []string{"acknowledge", "answer", "refuse", "withdraw", "ping"} {
		acts[act] = testReply(act)
	}
	for _, act := range []string{"suspend", "resume", "continue", "tally", "tally-answer"} {
		acts[act] = testLinkAct(act)
	}
	for _, act := range []string{"heads", "designate", "key-change"} {
		acts[act] = testRegisterAct(act)
	}
	return acts
}

// build composes and signs without the check of the schema.
func build(tb testing.TB, f Fields, outbox string, seed byte) (*Record, []byte) {
	tb.Helper()
	c, err := compose(f, seeded(seed))
	if err != nil {
		tb.Fatal(err)
	}
	r, err := c.Sign(outbox, testKID(), DigestOf(c.Content()), testSign)
	if err != nil {
		tb.Fatal(err)
	}
	return r, c.Content()
}

// buildSealed composes and signs a sealed record, and opens it as its author does. Its age file is none but for its beginning.
func buildSealed(tb testing.TB, f Fields, seed byte) *Opened {
	tb.Helper()
	c, err := Compose(f, seeded(seed))
	if err != nil {
		tb.Fatal(err)
	}
	r, err := c.SignSealed(publicOutbox, testKID(), []byte(sealedStart+"-> verbale-self"), testSign)
	if err != nil {
		tb.Fatal(err)
	}
	o, err := r.OpenSealed(c.Content())
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// mustOpen opens what has to open.
func mustOpen(tb testing.TB, r *Record, content []byte) *Opened {
	tb.Helper()
	o, err := r.Open(content)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// wantError checks the kind and rule of an error.
func wantError(tb testing.TB, err error, kind Kind, rule string) {
	tb.Helper()
	e, ok := err.(*Error)
	switch {
	case !ok:
		tb.Fatalf("got error %v, want kind %s of rule %s", err, kind, rule)
	case e.Kind != kind || e.Rule != rule:
		tb.Fatalf("got kind %s of rule %s (%v), want kind %s of rule %s", e.Kind, e.Rule, e, kind, rule)
	}
}
