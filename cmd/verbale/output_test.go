package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"verbale/internal/node"
)

// -o writes the whole of a file or nothing: what was there before stays until the new one is on the disk.
func TestOutputFile(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "x.bundle"), filepath.Join(dir, "link")
	a := &app{Env: Env{Stdout: &bytes.Buffer{}}}
	if err := (&outputFile{path: path}).write(a, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := (&outputFile{path: path}).write(a, []byte("two")); node.AsError(err).Kind != node.Conflict {
		t.Errorf("without --force: %v", err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	before, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if err := (&outputFile{path: link, force: true}).write(a, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != "two" {
		t.Errorf("replaced by %q, %v", now, err)
	}
	old := make([]byte, 3)
	if _, err := before.Read(old); err != nil || string(old) != "one" {
		t.Errorf("the file of before was written over: %q, %v", old, err)
	}
	if err := (&outputFile{path: "/dev/full", force: true}).write(a, []byte("x")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk: %v", err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 2 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

// What cannot be printed is no success.
func TestPrintOnFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("a full disk is played by /dev/full, which only Linux has: ", err)
	}
	defer full.Close()
	var errs bytes.Buffer
	for _, args := range [][]string{{"version"}, {"version", "--json"}} {
		code := Run(t.Context(), args, Env{Stdin: strings.NewReader(""), Stdout: full, Stderr: &errs, Getenv: func(string) string { return "" }, Now: noon})
		if code != exitOf(node.Full) {
			t.Errorf("%v: exit code %d: %s", args, code, errs.String())
		}
	}
}
