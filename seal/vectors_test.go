package seal

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write spec/vectors anew; read the difference before it is committed")

// The outcome of a case, as all files of spec/vectors say it.
const (
	accept = "accept"
	reject = "reject"
)

// A verdict is how a case must end. Error is the kind of the error.
type verdict struct {
	Expect string `json:"expect"`
	Error  Kind   `json:"error,omitzero"`
}

func accepted() verdict        { return verdict{Expect: accept} }
func rejected(k Kind) verdict  { return verdict{Expect: reject, Error: k} }
func (v verdict) accept() bool { return v.Expect == accept }

// check compares an outcome with what the case expects.
func (v verdict) check(t *testing.T, err error) {
	t.Helper()
	switch got := kindOf(t, err); {
	case v.Expect != accept && v.Expect != reject:
		t.Fatalf("expect is %q, want accept or reject", v.Expect)
	case v.accept() && err != nil:
		t.Fatalf("must pass, got %v", err)
	case !v.accept() && err == nil:
		t.Fatalf("must be refused as %s, passed", v.Error)
	case !v.accept() && got != v.Error:
		t.Fatalf("must be refused as %s, got %s: %v", v.Error, got, err)
	}
}

// checkedIn compares the vectors that this test makes with the file that is
// checked in, and gives the file's.
func checkedIn[T any](t *testing.T, name string, made T) T {
	t.Helper()
	want, err := json.Marshal(made, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	path := filepath.Join("..", "spec", "vectors", name)
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := readVectors(t, name)
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the code makes; look why, then run go test ./seal -update", path)
	}
	return parseVectors[T](t, got)
}

func readVectors(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "spec", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parseVectors[T any](t testing.TB, b []byte) T {
	t.Helper()
	var file T
	if err := json.Unmarshal(b, &file, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return file
}
