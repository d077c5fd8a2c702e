package conformance

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	fwitness "github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"

	"verbale/seal"
)

// TestPoliciesAcross: of one policy and the same lines, torchwood, formats and we say the same, for every set of lines; what one writes the
// others read.
func TestPoliciesAcross(t *testing.T) {
	r := registerOf(t, alice(t), 9)
	_, cp := r.at(t, 0, 9)
	var text strings.Builder
	fmt.Fprintf(&text, "log %s\n", r.vkeys()[0])
	var lines []string
	for i := range 3 {
		k := must[*seal.WitnessKey](t)(seal.NewWitnessKey(fmt.Sprintf("witness.example/w%d", i), seeds(fmt.Sprint(i))))
		both := must[[]byte](t)(k.Cosign(cp.Head, testNow.Add(time.Duration(i)*time.Second)))
		lines = append(lines, string(seal.LinesOf(slices.Concat([]byte(cp.Text()+"\n"), both))[i%2]))
		fmt.Fprintf(&text, "witness w%d %s http://127.0.0.1:%d/w\n", i, k.Cosigners()[i%2], 7380+i)
	}
	for _, quorum := range []string{"quorum w0", "quorum w1", "group g any w0 w1 w2\nquorum g", "group g all w0 w1 w2\nquorum g", "group g 2 w0 w1 w2\nquorum g",
		"group g any w0 w1\ngroup h all g w2\nquorum h"} {
		ours := must[*seal.Policy](t)(seal.ParsePolicy([]byte("# a policy\n" + text.String() + "\n" + quorum + "\n")))
		for _, written := range []string{text.String() + quorum, ours.String()} { // theirs has no last line end
			torch := must[torchwood.Policy](t)(torchwood.ParsePolicy([]byte(written)))
			formats := must[fwitness.Group](t)(fwitness.ParsePolicy([]byte(written)))
			if len(formats.Endpoints()) != 3 && quorum != "quorum w0" && quorum != "quorum w1" {
				t.Fatalf("formats knows %d witnesses", len(formats.Endpoints()))
			}
			for set := range 1 << len(lines) {
				signed := slices.Clone(cp.Note)
				for i, line := range lines {
					if set>>i&1 == 1 {
						signed = append(signed, line...)
					}
				}
				d := must[seal.Dating](t)(ours.Date(signed, cp.Head))
				if _, _, err := torchwood.VerifyCheckpoint(signed, torch); (err == nil) != d.Met {
					t.Errorf("%s with %03b: we say %v, torchwood %v", quorum, set, d.Met, err)
				}
				if formats.Satisfied(signed) != d.Met {
					t.Errorf("%s with %03b: we say %v, formats %v", quorum, set, d.Met, !d.Met)
				}
			}
		}
	}
}

type policyVectors struct {
	Cases []struct {
		Name    string `json:"name"`
		Policy  string `json:"policy"`
		Base64  string `json:"base64"`
		Printed string `json:"printed"`
		Expect  string `json:"expect"`
	} `json:"cases"`
	Datings []struct {
		Name   string `json:"name"`
		Policy string `json:"policy"`
		Note   string `json:"note"`
		Met    bool   `json:"met"`
		Expect string `json:"expect"`
		Error  string `json:"error"`
	} `json:"datings"`
}

// TestPolicyVectors: torchwood reads every policy that our vectors accept, and counts as they do.
func TestPolicyVectors(t *testing.T) {
	v := vectors[policyVectors](t, "policy.json")
	for _, c := range v.Cases {
		if c.Expect != "accept" {
			continue
		}
		for _, text := range []string{c.Policy + string(must[[]byte](t)(base64.StdEncoding.DecodeString(c.Base64))), c.Printed} {
			if _, err := torchwood.ParsePolicy([]byte(text)); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
	}
	for _, d := range v.Datings {
		p := must[torchwood.Policy](t)(torchwood.ParsePolicy([]byte(d.Policy)))
		n, err := note.Open([]byte(d.Note), p)
		if none, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
			n, err = none.Note, nil
		}
		if d.Expect != "accept" {
			if _, bad := errors.AsType[*note.InvalidSignatureError](err); bad != (d.Error == "bad-signature") {
				t.Errorf("%s: torchwood says %v", d.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", d.Name, err)
			continue
		}
		if err := p.Check(strings.SplitN(d.Note, "\n", 2)[0], n.Sigs); (err == nil) != d.Met {
			t.Errorf("%s: torchwood says %v", d.Name, err)
		}
	}
	if len(v.Cases) < 40 || len(v.Datings) < 15 {
		t.Fatal("where are the vectors?")
	}
}
