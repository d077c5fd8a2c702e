package testbed

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

const (
	killChild   = "VERBALE_KILL_CHILD" // folder of the node that this process is to run
	killRecords = 2000
	kills       = 200
)

// TestMain lets this binary run one node on a folder, to be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killChild); dir != "" {
		if err := runChild(dir, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	m.Run()
}

// openFolder opens the node of a folder: real store, real keys, real HTTPS to its peers.
func openFolder(ctx context.Context, dir string) (*node.Node, *store.Store, *seal.Keyring, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "keys.json"))
	if err != nil {
		return nil, nil, nil, err
	}
	keys, err := seal.ParseKeyring(raw)
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		return nil, nil, nil, err
	}
	cert, err := peer.Certificate(keys.TLSKey(), keys.Party(), time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
	if err != nil {
		return nil, nil, nil, err
	}
	dial := func(to verdict.Profile) (exchange.Peer, error) {
		return peer.NewClient(to.Endpoint, [32]byte(to.Keys.TLS), cert, time.Now)
	}
	n, err := node.Open(ctx, node.Config{Store: s, Keys: keys, Now: time.Now, Rand: rand.Reader, Dial: dial})
	return n, s, keys, err
}

// runChild serves the node of a folder. It reads "file PARTY FROM TO", files those records with an idempotency key each and
// writes "filed KEY INDEX" when one is durable; "drain PARTY" writes "drained" when nothing is left to push. It ends when the input does.
func runChild(dir string, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n, s, keys, err := openFolder(ctx, dir)
	if err != nil {
		return err
	}
	p, err := n.Profile(ctx)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", strings.TrimPrefix(p.Endpoint, "https://"))
	if err != nil {
		return err
	}
	cert, err := peer.Certificate(keys.TLSKey(), keys.Party(), time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
	if err != nil {
		return err
	}
	server := peer.NewServer(peer.ServerConfig{Certificate: cert, Find: n.Desk, Now: time.Now, Log: slog.New(slog.DiscardHandler), MaxConcurrent: 16})
	go func() { _ = server.Serve(ctx, ln) }()
	go func() { _ = n.Run(ctx) }()
	fmt.Fprintln(out, "ready")
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if err := obey(ctx, n, strings.Fields(lines.Text()), out); err != nil {
			return err
		}
	}
	cancel()
	n.Close()
	return s.Close()
}

func obey(ctx context.Context, n *node.Node, words []string, out io.Writer) error {
	if words[0] == "drain" {
		for {
			if _, err := n.Push(ctx, words[1], nil); err == nil {
				_, err = fmt.Fprintln(out, "drained")
				return err
			}
		}
	}
	from, _ := strconv.Atoi(words[2])
	to, _ := strconv.Atoi(words[3])
	for i := from; i < to; i++ {
		f := draft("mitigate")
		f.SetText("subject", fmt.Sprintf("record %d", i))
		filed, err := n.File(ctx, words[1], node.Complete(f, time.Now().UTC(), "duty officer"), fmt.Sprintf("key-%d", i))
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "filed", i, filed.Ref.Index)
	}
	return nil
}

// child is a node in a process of its own.
type child struct {
	t     *testing.T
	dir   string
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

func (c *child) start() {
	c.t.Helper()
	c.cmd = exec.Command(os.Args[0])
	c.cmd.Env = append(os.Environ(), killChild+"="+c.dir)
	c.cmd.Stderr = os.Stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		c.t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	c.lines = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	if line := c.read(); line != "ready" {
		c.t.Fatalf("the node in %s said %q instead of being ready", c.dir, line)
	}
}

func (c *child) read() string {
	if !c.lines.Scan() {
		return ""
	}
	return c.lines.Text()
}

// kill ends the process as a power cut would.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	for c.lines.Scan() { // what it had said before
	}
	_ = c.cmd.Wait()
}

// end lets the process finish by itself.
func (c *child) end() {
	c.t.Helper()
	_ = c.in.Close()
	for c.lines.Scan() {
	}
	if err := c.cmd.Wait(); err != nil {
		c.t.Errorf("the node in %s: %v", c.dir, err)
	}
}

// foundOnDisk makes two linked parties in folders and leaves them closed.
func foundOnDisk(t *testing.T) (a, b *child) {
	t.Helper()
	bed := New(t)
	var parties []*Party
	for _, name := range []string{"aurelia.example", "borea.example"} {
		keys, err := seal.NewKeyring(name, rand.Reader)
		bed.must(err)
		p := &Party{Bed: bed, Name: name, Dir: t.TempDir(), Keys: keys}
		bed.must(os.WriteFile(filepath.Join(p.Dir, "keys.json"), keys.Marshal(), 0o600))
		ln := bed.listen("127.0.0.1:0")
		p.Endpoint = "https://" + ln.Addr().String()
		bed.must(ln.Close())
		p.Store = bed.open(p.Dir, store.Options{})
		cfg := p.config()
		cfg.Now = time.Now
		p.Profile, err = node.Found(t.Context(), cfg, node.Identity{Title: name, PartyKind: "csirt", Endpoint: p.Endpoint, Language: "en"})
		bed.must(err)
		p.Node, err = node.Open(t.Context(), cfg)
		bed.must(err)
		parties = append(parties, p)
	}
	bed.Link(parties[0], parties[1])
	for _, p := range parties {
		p.Node.Close()
		bed.must(p.Store.Close())
	}
	return &child{t: t, dir: parties[0].Dir}, &child{t: t, dir: parties[1].Dir}
}

// Either node is killed two hundred times during an exchange of two thousand records. Whatever was reported durable or receipted is
// there in the end, once; both dockets are equal and are what the records give.
func TestKilledTwoHundredTimes(t *testing.T) {
	a, b := foundOnDisk(t)
	a.start()
	b.start()
	r := mathrand.New(mathrand.NewPCG(2021, 7))
	indexOf := map[string]string{} // what each record's first report said
	next := 0
	for k := range kills {
		quota := min(next+(killRecords-next)/(kills-k), killRecords)
		fmt.Fprintf(a.in, "file borea.example %d %d\n", max(0, next-3), quota) // the last ones again: the keys must find them
		for range r.IntN(quota - next + 4) {
			heard(t, a.read(), indexOf, &next)
		}
		victim := []*child{a, b}[r.IntN(2)]
		victim.kill()
		victim.start()
	}
	fmt.Fprintf(a.in, "file borea.example 0 %d\ndrain borea.example\n", killRecords)
	for line := a.read(); line != "drained"; line = a.read() {
		if line == "" {
			t.Fatal("the sender ended before it was done")
		}
		heard(t, line, indexOf, &next)
	}
	a.end()
	b.end()
	if len(indexOf) != killRecords {
		t.Errorf("%d records were reported, want %d", len(indexOf), killRecords)
	}
	compareFolders(t, a.dir, b.dir)
}

// heard notes "filed KEY INDEX": the same key must always have the same index.
func heard(t *testing.T, line string, indexOf map[string]string, next *int) {
	t.Helper()
	words := strings.Fields(line)
	if len(words) != 3 {
		return // the process was killed while it spoke
	}
	if before, ok := indexOf[words[1]]; ok && before != words[2] {
		t.Errorf("record %s was at %s and is at %s", words[1], before, words[2])
	}
	indexOf[words[1]] = words[2]
	if i, err := strconv.Atoi(words[1]); err == nil {
		*next = max(*next, i+1)
	}
}

// compareFolders runs fsck over both and compares what they hold.
func compareFolders(t *testing.T, dirs ...string) {
	t.Helper()
	var dockets []string
	for _, dir := range dirs {
		n, s, _, err := openFolder(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		audit, err := n.Fsck(t.Context(), nil)
		if err != nil || len(audit.Findings) > 0 {
			t.Errorf("fsck of %s: %+v, %v", dir, audit.Findings, err)
		}
		var all strings.Builder
		subjects := map[string]int{}
		for after := int64(0); ; {
			lines, err := n.Cases(t.Context(), node.CaseQuery{After: after})
			if err != nil {
				t.Fatal(err)
			}
			if len(lines) == 0 {
				break
			}
			for _, l := range lines {
				stored, err := l.View.Case.Marshal()
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&all, "%s %s %v\n", stored, l.View.Status, l.View.Received)
				subjects[l.View.Case.Open.Subject]++
			}
			after = lines[len(lines)-1].ID
		}
		for i := range killRecords {
			if c := subjects[fmt.Sprintf("record %d", i)]; c != 1 {
				t.Errorf("%s holds record %d %d times", dir, i, c)
			}
		}
		dockets = append(dockets, all.String())
		n.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if dockets[0] != dockets[1] {
		t.Error("the dockets of both sides differ")
	}
}
