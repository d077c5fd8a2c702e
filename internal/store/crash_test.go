package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
)

// The name of the folder, in the environment of a child that is to be killed.
const crashFolder = "VERBALE_STORE_TEST_FOLDER"

// TestChild is no test: it is what the child does until it is killed. It says "open" when the store is open, and then, for each
// Update that returned, the size of the outbox.
func TestChild(t *testing.T) {
	dir := os.Getenv(crashFolder)
	if dir == "" {
		t.Skip("only as a child of the tests below")
	}
	s := openDisk(t, dir, store.Options{})
	fmt.Println("open")
	l := newLog(t, "a.example", "b.example")
	id := resume(t, s, l)
	random := rand.New(rand.NewPCG(uint64(l.size), 9))
	for {
		st := l.grow(1+random.IntN(12), 1+random.IntN(12000))
		appendStep(t, s, id, st)
		fmt.Println(l.size)
	}
}

// resume brings l to where the outbox in s is.
func resume(t *testing.T, s *store.Store, l *log) (id int64) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		o, err := tx.Outbox(l.origin.String())
		if store.KindOf(err) == store.NotFound {
			o, err = tx.CreateOutbox(l.origin, true)
		}
		if err != nil {
			return err
		}
		id, l.size = o.ID, o.Head.Size
		for level := range 3 {
			for n := range l.size>>(8*(level+1)) + 1 {
				tile := outbox.TileID{Level: level, N: n}
				if l.tiles[tile], err = tx.Tiles(id)(tile); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return id
}

// A child is another process with the store of dir.
type child struct {
	cmd *exec.Cmd
	out *bufio.Scanner
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v=false")
	cmd.Env = append(os.Environ(), crashFolder+"="+dir)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd, out: bufio.NewScanner(pipe)}
	t.Cleanup(func() { c.kill() })
	return c
}

// line gives the next line, or "" at the end.
func (c *child) line() string {
	if c.out.Scan() {
		return c.out.Text()
	}
	return ""
}

// kill ends the child as a power switch would, and gives its last whole line.
func (c *child) kill() (last string) {
	_ = c.cmd.Process.Kill() // SIGKILL; an error says that it is gone
	for s := c.line(); s != ""; s = c.line() {
		last = s
	}
	_ = c.cmd.Wait()
	return last
}

// within waits for a moment of at most d, or until the test ends.
func within(ctx context.Context, random *rand.Rand, d time.Duration) {
	moment := time.NewTimer(time.Duration(random.Int64N(int64(d))))
	defer moment.Stop()
	select {
	case <-moment.C:
	case <-ctx.Done():
	}
}

// A process that is killed at any moment loses nothing that it had called durable, and leaves nothing half-written.
func TestKilledWhileAppending(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(5, 6))
	reported, checked := int64(0), int64(0)
	for range 20 {
		c := startChild(t, dir)
		if s := c.line(); s != "open" {
			t.Fatalf("the child says %q", s)
		}
		for range random.IntN(12) {
			reported = max(reported, number(t, c.line()))
		}
		within(t.Context(), random, 20*time.Millisecond)
		if last := c.kill(); last != "" {
			reported = max(reported, number(t, last))
		}
		checked = survives(t, dir, reported, checked)
	}
	if checked == 0 {
		t.Error("the children appended nothing")
	}
	t.Logf("%d entries after 20 kills", checked)
}

func number(t *testing.T, line string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		t.Fatalf("the child says %q", line)
	}
	return n
}

// survives opens what a killed process left and checks the entries from checked on; it gives the size.
func survives(t *testing.T, dir string, reported, checked int64) int64 {
	t.Helper()
	s := openDisk(t, dir, store.Options{})
	defer closeStore(t, s)
	if err := s.Integrity(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := newLog(t, "a.example", "b.example")
	id := resume(t, s, l)
	if l.size < reported {
		t.Fatalf("%d entries were called durable and %d are there", reported, l.size)
	}
	o := outboxOf(t, s, l)
	if l.size > 0 && l.rootAt(l.size) != o.Head.Root {
		t.Fatal("the tree has another root than the head")
	}
	next := checked
	view(t, s, func(tx *store.Tx) error {
		return tx.Entries(id, checked, l.size, func(index int64, e exchange.Entry) error {
			r, err := record.Parse(e.Leaf)
			if err != nil {
				return err
			}
			if index != next || record.DigestOf(e.Content) != r.Stored() {
				t.Errorf("entry %d is missing or has another content", next)
			}
			next = index + 1
			return nil
		})
	})
	if next != l.size {
		t.Errorf("the head is at %d and the last entry at %d", l.size, next)
	}
	return l.size
}

// A process that is killed while it makes its database leaves a folder in which the next one can.
func TestKilledWhileCreating(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	opened := 0
	for i := range 16 {
		dir := t.TempDir()
		c := startChild(t, dir)
		said := make(chan string, 1)
		go func() { said <- c.line() }()
		awaitFile(t, filepath.Join(dir, []string{"lock", "verbale.db.new", "verbale.db.new-wal", "verbale.db"}[i%4]), database(dir))
		within(t.Context(), random, 6*time.Millisecond)
		_ = c.cmd.Process.Kill()
		if <-said == "open" {
			opened++
		}
		c.kill()
		closeStore(t, openDisk(t, dir, store.Options{}))
	}
	t.Logf("%d of 16 had come as far as opening", opened)
}

// awaitFile watches until the file is there, or the last one that comes: on a busy machine it may have come and gone unseen.
func awaitFile(t *testing.T, path, last string) {
	t.Helper()
	for {
		_, err := os.Stat(path)
		if _, gone := os.Stat(last); err == nil || gone == nil {
			return
		}
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	c := startChild(t, dir)
	if s := c.line(); s != "open" {
		t.Fatalf("the child says %q", s)
	}
	_, err := store.Open(t.Context(), dir, store.Options{})
	want(t, store.Locked, err)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("(number %d)", c.cmd.Process.Pid)) {
		t.Errorf("it says %v", err)
	}
	c.kill()
	openDisk(t, dir, store.Options{}) // the lock went with the process, though the file stays
}
