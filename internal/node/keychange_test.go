package node

import (
	"strings"
	"testing"
)

// What is no profile file with changes of keys is refused, and what is one is not changed by being read (K-39).
func FuzzKeyFile(f *testing.F) {
	for _, v := range successionVectors(f) {
		f.Add(v.File)
	}
	f.Add("")
	f.Add("x\ny")
	f.Fuzz(func(t *testing.T, file string) {
		k, err := openKeyFile(file)
		if err != nil {
			return
		}
		lines := strings.Split(strings.TrimSpace(file), "\n")
		if k.newest.File != lines[0] || len(k.steps) != len(lines)/2 {
			t.Fatalf("%d lines gave %d steps", len(lines), len(k.steps))
		}
		for i, s := range k.steps {
			if s.change.file != lines[len(lines)-len(lines)%2-1-2*i] && len(lines)%2 == 1 {
				t.Fatalf("step %d is another line", i)
			}
			if s.profile.Party != k.newest.Party {
				t.Fatal("a step of another party")
			}
		}
	})
}
