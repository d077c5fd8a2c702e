package testbed

import (
	"encoding/json/v2"
	"testing"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
)

// otherContentKey gives a profile of p that names the content key of a stranger and is p's in everything else.
func otherContentKey(t *testing.T, p *Party) string {
	t.Helper()
	stranger, err := seal.NewKeyring("cinder.example", p.Bed.seed)
	p.Bed.must(err)
	return mixed(t, p, p.Keys, stranger, "content")
}

// stolen gives the profile of a stranger that holds one of p's keys.
func stolen(t *testing.T, p *Party, name, member string) string {
	t.Helper()
	stranger, err := seal.NewKeyring(name, p.Bed.seed)
	p.Bed.must(err)
	return mixed(t, p, stranger, p.Keys, member)
}

// mixed gives the profile of a party with its own keys, but for one of another's.
func mixed(t *testing.T, p *Party, own, other *seal.Keyring, member string) string {
	t.Helper()
	mine, theirs := map[string]any{}, map[string]any{}
	p.Bed.must(json.Unmarshal(own.Marshal(), &mine))
	p.Bed.must(json.Unmarshal(other.Marshal(), &theirs))
	mine[member] = theirs[member]
	mix, err := json.Marshal(mine, json.Deterministic(true))
	p.Bed.must(err)
	keys, err := seal.ParseKeyring(mix)
	p.Bed.must(err)
	cfg := p.config()
	cfg.Keys, cfg.Store = keys, p.Bed.open("", store.Options{})
	t.Cleanup(func() { _ = cfg.Store.Close() })
	profile, err := node.Found(t.Context(), cfg, node.Identity{Title: p.Profile.Title, PartyKind: "csirt", Endpoint: p.Endpoint, Language: "en"})
	p.Bed.must(err)
	return profile.File
}

// misaddressed makes two linked parties of which the first encrypts to a key that the second does not have.
func misaddressed(t *testing.T) (x, y *Party) {
	t.Helper()
	bed := New(t)
	x, y = bed.Party("aurelia.example"), bed.Party("borea.example")
	wrong, err := x.Node.AddLink(t.Context(), otherContentKey(t, y))
	bed.must(err)
	bed.must(x.Node.ConfirmLink(t.Context(), y.Name, wrong.Words))
	_, err = y.Node.AddLink(t.Context(), x.Profile.File)
	bed.must(err)
	bed.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	return x, y
}

// What the audience cannot decrypt it receives all the same, and says so (X-11, K-15).
func TestUndecryptableIsReceivedAndShown(t *testing.T) {
	x, y := misaddressed(t)

	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	if got := status(t, x, y, ref); got != docket.Received {
		t.Errorf("the sender says %s: receipt is not reading, but it is receipt", got)
	}
	y.Stop() // waits for the refusal that the node files by itself
	y.Restart()
	y.Push(x)
	if got := status(t, x, y, ref); got != docket.Refused {
		t.Errorf("after the fault was answered: %s", got)
	}
}
