package verdict

import (
	"bytes"
	"testing"
)

// All items of all files, and each where it belongs.
func TestMerge(t *testing.T) {
	w := newWorld(t)
	one, two := w.dispute(), w.dispute2()
	both := Merge(one, two)
	if len(both.Checkpoints) != 5 || len(both.Records) != 9 || both.Records[3].Checkpoint != 2 || len(both.Profiles) != 3 {
		t.Errorf("got %d checkpoints, %d records, %d profiles", len(both.Checkpoints), len(both.Records), len(both.Profiles))
	}
	v := w.judge(both)
	if len(v.Parties) != 3 || len(v.Cases) != 3 {
		t.Errorf("got %d parties, %d cases", len(v.Parties), len(v.Cases))
	}
	if !bytes.Equal(w.encode(Merge(one, one)), w.encode(Merge(one))) || !bytes.Equal(w.encode(Merge(one, two)), w.encode(Merge(two, one))) {
		t.Error("the order of files, or a file twice, makes a difference")
	}
	if one.Records[0].Checkpoint != 0 || len(one.Profiles) != 2 {
		t.Error("the file was changed")
	}
	if b := Merge(); b == nil || len(b.Profiles) != 0 {
		t.Error("nothing is not nothing")
	}
}

// A later profile of the same keys takes the place of the earlier.
func TestMergeRenewedProfile(t *testing.T) {
	w := newWorld(t)
	one := w.dispute()
	f := profileFields(w.rings[aa])
	f.SetTime("drafted_at", morning)
	f.SetTime("released_at", morning)
	f.SetText("title", "CERT of Aland, renewed")
	renewed := w.profileBy(w.rings[aa], w.registerBox(aa), f)
	two := newWorld(t).dispute2()
	two.Profiles = append(two.Profiles, renewed)
	for _, b := range []*Bundle{Merge(one, two), Merge(two, one)} {
		if v := w.judge(b); v.Parties[0].Title != "CERT of Aland, renewed" {
			t.Errorf("got %q", v.Parties[0].Title)
		}
	}
	// Other keys of one generation are no renewal.
	two.Profiles = append(newWorld(t).dispute2().Profiles, w.profileBy(w.later, newBox(w.registerBox(aa).origin), profileFields(w.later)))
	if _, err := Judge(Merge(one, two), nil); err == nil {
		t.Error("two sets of keys of one generation were taken")
	}
}

func (w *world) registerBox(party string) *box { return w.box(party, "public") }

// What was wrong in its own file does not become right beside another.
func TestMergeKeepsFaults(t *testing.T) {
	w := newWorld(t)
	good := w.dispute()
	for name, edit := range map[string]func(b *Bundle){
		"a checkpoint's number":    func(b *Bundle) { b.Records[0].Checkpoint = 2 },
		"a negative number":        func(b *Bundle) { b.Records[0].Checkpoint = -1 },
		"a profile that is none":   func(b *Bundle) { b.Profiles[0] = "x" },
		"a checkpoint's signature": func(b *Bundle) { b.Checkpoints[0] = b.Checkpoints[0][:len(b.Checkpoints[0])-9] + "AAAAAAA=\n" },
	} {
		bad := copyOf(newWorld(t).dispute())
		edit(bad)
		for _, b := range []*Bundle{Merge(bad, good), Merge(good, bad), Merge(bad)} {
			if _, err := Judge(b, nil); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	}
}
