package record

import (
	"bytes"
	"testing"
)

// Only its author opens a sealed record; shown in part it is like any other, and never taken for full.
func TestSealed(t *testing.T) {
	o := buildSealed(t, testRegisterAct("heads"), 1)
	if !o.Full || o.Act() != "heads" {
		t.Fatalf("opened: full %v, act %q", o.Full, o.Act())
	}
	for _, names := range [][]string{{"act", "taken_at", "heads[1]"}, {"*"}, nil} {
		s, err := o.Present(names)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := ParsePresentation(s)
		if err != nil || shown.Full {
			t.Errorf("%v: full %v, %v", names, shown != nil && shown.Full, err)
		}
		if at, total := shown.Shown("heads"); len(names) == 3 && (len(at) != 1 || at[0] != 1 || total != 2) {
			t.Errorf("elements %v of %d, want the second of 2", at, total)
		}
	}
	plain, content := build(t, testProfile(), publicOutbox, 2)
	_, err := o.Record.Open(content)
	wantError(t, err, KindDigest, "R-5")
	_, err = o.Record.OpenSealed(content) // of another record: no disclosure is committed to
	wantError(t, err, KindDigest, "R-9")
	_, err = o.Record.OpenSealed(nil)
	wantError(t, err, KindForm, "R-12")
	if Sealed(content) || !Sealed([]byte(sealedStart)) || Sealed(nil) || Sealed(bytes.TrimSuffix([]byte(sealedStart), []byte("\n"))) {
		t.Error("what is sealed is told by the first line of an age file alone")
	}
	if _, err := plain.OpenSealed(content); err != nil {
		t.Error(err)
	}
	private, content := build(t, testReply("ping"), testOutbox, 3)
	_, err = private.OpenSealed(content)
	wantError(t, err, KindCall, "R-5")
}

func TestSignSealedRefuses(t *testing.T) {
	c, err := Compose(testRegisterAct("heads"), seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SignSealed(testOutbox, testKID(), []byte(sealedStart), testSign)
	wantError(t, err, KindCall, "R-5")
	_, err = c.SignSealed(publicOutbox, testKID(), c.Content(), testSign)
	wantError(t, err, KindCall, "R-5")
}
