package record

import (
	"encoding/json/jsontext"
	"testing"
)

func TestHead(t *testing.T) {
	f := Fields{}
	f.SetHead("previous", testHead())
	if got, ok := f.Head("previous"); !ok || got != testHead() {
		t.Errorf("got %v, %v", got, ok)
	}
	for _, bad := range []string{``, `{}`, `null`, `{"origin":"a","root":"AA","size":0}`, string(testHead().JSON()) + ` `, `{"origin":1}`} {
		f["previous"] = jsontext.Value(bad)
		if got, ok := f.Head("previous"); ok {
			t.Errorf("%s is the head %v", bad, got)
		}
	}
}

func TestInt(t *testing.T) {
	f := Fields{}
	f.SetInt("sent_next", 7)
	if got := f.Int("sent_next"); got != 7 || f.Int("sent_from") != 0 {
		t.Errorf("got %d", got)
	}
	f["sent_next"] = jsontext.Value(`7.5`)
	if got := f.Int("sent_next"); got != 0 {
		t.Errorf("7.5 is %d", got)
	}
}

// What two fields of one act must not say together.
func TestTogether(t *testing.T) {
	for name, change := range map[string]func(Fields){
		"tally":     func(f Fields) { f.SetInt("sent_from", 4) },
		"designate": func(f Fields) { delete(f, "profile_file") },
	} {
		f := testActs()[name]
		if err := f.Check(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		change(f)
		if err := f.Check(); err == nil {
			t.Errorf("%s: the fields contradict each other, and pass", name)
		}
	}
	f := testActs()["designate"]
	f.SetText("state", "ended")
	delete(f, "profile_file")
	if err := f.Check(); err != nil {
		t.Errorf("an end needs no profile: %v", err)
	}
}

func TestMonth(t *testing.T) {
	for text, want := range map[string]bool{"2026-06": true, "2026-13": false, "2026-6": false, "202606": false, "2026-06-01": false, "1989-12": false} {
		if got := FormMonth.check([]byte(text)) == nil; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
