package record

import (
	"slices"
	"strings"
	"testing"
)

// A leaf that commits to more than its content has could be shown later with
// other fields than were sent: the same leaf, its receipts and its
// acknowledgement, as an appeal to a court and as a ping to the addressee.
func TestTwoFaces(t *testing.T) {
	ping := strings.TrimSpace(script(testReply("ping")))
	n := strings.Count(ping, "\n") + 1
	leaf, content := forgeScript(t, ping+"\nhide field act \"appeal\"\nhide field kind \"mitigate\"", testOutbox, 1)
	r, err := Parse([]byte(leaf))
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Open([]byte(content))
	wantError(t, err, KindDigest, "R-6")

	// Without the second face the same record is good.
	leaf, content = forgeScript(t, ping, testOutbox, 1)
	if r, err = Parse([]byte(leaf)); err != nil {
		t.Fatal(err)
	}
	o, err := r.Open([]byte(content))
	if err != nil || len(o.Names()) != n {
		t.Errorf("got %v, %v", o, err)
	}
}

// The decoys depend on all of the content, and on nothing that is public.
func TestDecoys(t *testing.T) {
	r, content := build(t, testReply("ping"), testOutbox, 1)
	body, err := unpad(content)
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.Open(content)
	if err != nil {
		t.Fatal(err)
	}
	want := decoys(body, r.digests-len(o.items))
	for _, d := range want {
		if !r.commits([]byte(d)) {
			t.Errorf("the leaf has no decoy %s", d)
		}
	}
	if other := decoys(body[:len(body)-1], len(want)); slices.Equal(other, want) {
		t.Error("another content has the same decoys")
	}
	if len(slices.Compact(slices.Sorted(slices.Values(want)))) != len(want) {
		t.Error("two decoys are equal")
	}
}

// More digests than the fields need are refused: there is one number.
func TestTooManyDecoys(t *testing.T) {
	_, content := build(t, testReply("ping"), testOutbox, 1)
	body, err := unpad(content)
	if err != nil {
		t.Fatal(err)
	}
	var digests []string
	for piece := range strings.SplitSeq(strings.TrimSuffix(string(body), "~"), "~") {
		digests = append(digests, digestOfDisclosure([]byte(piece)))
	}
	digests = append(digests, decoys(body, 32-len(digests))...)
	slices.Sort(digests)
	leaf := rawLeaf(goodHeader(), string(appendPayload(nil, digests, DigestOf(content), testJTI, testOutbox)))
	r, err := Parse([]byte(leaf))
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Open(content)
	wantError(t, err, KindForm, "R-6")
}
