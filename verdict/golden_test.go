package verdict

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files and vectors anew")

// golden compares with a file, or writes it.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it and run go test ./verdict -update if it is meant\ngot:\n%s", path, got)
	}
}

// The words, as a journalist or a court reads them.
func TestText(t *testing.T) {
	for _, c := range []struct {
		name    string
		build   func(*world) *Bundle
		vouched []string
		policy  bool // two of the three witnesses
	}{
		{"dispute", (*world).dispute, []string{aa, bb}, false},
		{"dispute-one-vouched", (*world).dispute, []string{aa}, false},
		{"parts", (*world).parts, nil, false},
		{"forked", (*world).forked, []string{aa}, false},
		{"public", (*world).public, []string{aa}, false},
		{"timeline", (*world).timeline, []string{aa, bb}, true},
		{"timeline-not-vouched", (*world).timeline, nil, false},
		{"succession", (*world).succession, []string{bb}, true},
		{"succession-vouched", (*world).succession, []string{aa}, false},
		{"contradicted", (*world).contradicted, []string{aa, bb, rr}, true},
		{"arranged", (*world).arranged, []string{aa, bb}, false},
		{"proposed", (*world).proposed, []string{aa, bb}, false},
		{"career", (*world).career, []string{aa, bb}, false},
		{"elsewhere", (*world).elsewhere, []string{aa, bb}, false},
		{"disorder", (*world).disorder, []string{aa, bb}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			b, trusted := c.build(w), w.trust(c.vouched...)
			if c.policy {
				trusted.trusting(w.policy(2, w1, w2, w3))
			}
			v := w.judge(b, trusted)
			golden(t, filepath.Join("testdata", c.name+".txt"), []byte(v.Text()))
			golden(t, filepath.Join("testdata", c.name+".it.txt"), []byte(inLanguage(t, v, "it")))
			file, err := v.JSON()
			w.check(err)
			golden(t, filepath.Join("testdata", c.name+".json"), file)
		})
	}
}
