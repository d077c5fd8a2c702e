package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	fnote "github.com/transparency-dev/formats/note"
	client "github.com/transparency-dev/witness/client/http"
	theirs "github.com/transparency-dev/witness/witness"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
	_ "modernc.org/sqlite" // writes the database that litewitness reads

	"verbale/internal/exchange"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/internal/witness"
	"verbale/outbox"
	"verbale/seal"
)

// A register is a party's public log as its node holds it.
type register struct {
	party
	origin seal.Origin
	tree   *outbox.Tree
}

func registerOf(t testing.TB, p party, size int) register {
	t.Helper()
	var leaves [][]byte
	for i := range size {
		leaves = append(leaves, fmt.Appendf(nil, "entry %d", i))
	}
	return register{p, seal.Origin{Author: p.Party(), Audience: seal.Public, Generation: 1}, ourTree(t, leaves)}
}

func (r register) vkeys() []string { return r.Keys().VerifierKeys(r.origin) }

// at is the checkpoint of a size, and what leads to it.
func (r register) at(t testing.TB, from, size int64) (proof [][32]byte, cp seal.Checkpoint) {
	t.Helper()
	root := must[[32]byte](t)(r.tree.RootAt(size))
	if from > 0 && from < size {
		proof = must[[][32]byte](t)(r.tree.ProveConsistency(from, size))
	}
	return proof, must[seal.Checkpoint](t)(r.SignHead(seal.Head{Origin: r.origin.String(), Size: size, Root: root}, testNow))
}

// freePort is an address on loopback that is free now.
func freePort(t testing.TB) string {
	t.Helper()
	ln := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer ln.Close()
	return ln.Addr().String()
}

// run starts a program of bin/tools, which make builds from witnesses/go.mod, and ends it with the test.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	path := must[string](t)(filepath.Abs(filepath.Join("..", "bin", "tools", name)))
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v\nbuild it first: make bin/tools/%s", err, name)
	}
	var said bytes.Buffer
	c := exec.CommandContext(t.Context(), path, args...)
	c.Dir, c.Env, c.Stdout, c.Stderr = t.TempDir(), []string{"HOME=" + t.TempDir()}, &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, said.String())
		}
	})
}

// reached waits until somebody listens at addr.
func reached(t *testing.T, addr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("nobody listens at %s: %v", addr, err)
		}
	}
}

// litewitness runs torchwood's witness for these registers. Its key lives in an agent, which is this process; its database has a row for
// each log and for each key, as its own tool would write them.
func litewitness(t *testing.T, logs ...register) (prefix, vkey string) {
	t.Helper()
	key := alice(t).ed25519Key("tls") // any: it is this witness's alone
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	dir := must[string](t)(os.MkdirTemp("", "w")) // short: a socket's path has a bound
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "a")
	ln := must[net.Listener](t)(net.Listen("unix", socket))
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, c) }()
		}
	}()
	file := filepath.Join(dir, "db")
	fill(t, file, logs)
	public := must[ssh.PublicKey](t)(ssh.NewPublicKey(key.Public()))
	addr, name := freePort(t), "witness.example/lite"
	run(t, "litewitness", "-db", file, "-name", name, "-key", ssh.FingerprintSHA256(public), "-ssh-agent", socket, "-listen", addr)
	reached(t, addr)
	v := must[*torchwood.CosignatureVerifier](t)(torchwood.NewCosignatureVerifierFromKey(name, key.Public()))
	return "http://" + addr, v.String()
}

// fill makes the tables of litewitness with their first rows.
func fill(t *testing.T, file string, logs []register) {
	t.Helper()
	db := must[*sql.DB](t)(sql.Open("sqlite", file))
	defer db.Close()
	empty := sha256.Sum256(nil)
	exec := func(q string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL)`)
	exec(`CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin))`)
	for _, l := range logs {
		exec(`INSERT INTO log VALUES ($1, 0, $2)`, l.origin.String(), base64.StdEncoding.EncodeToString(empty[:]))
		for _, vkey := range l.vkeys() {
			exec(`INSERT INTO key VALUES ($1, $2)`, l.origin.String(), vkey)
		}
	}
}

// omniwitness runs transparency-dev's witness with two keys. It takes one key for each log: of the first the Ed25519 one, of the second
// the ML-DSA-44 one.
func omniwitness(t *testing.T, logs [2]register) (prefix string, vkeys []string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	edKey, edPublic, err := note.GenerateKey(zeros{}, "witness.example/omni")
	if err != nil {
		t.Fatal(err)
	}
	pqKey, pqPublic, err := fnote.GenerateMLDSAKey("witness.example/omni-pq")
	if err != nil {
		t.Fatal(err)
	}
	var yaml strings.Builder
	yaml.WriteString("Logs:\n")
	for i, l := range logs {
		fmt.Fprintf(&yaml, "  - Origin: %s\n    PublicKey: %s\n    URL: http://127.0.0.1:1/\n", l.origin, l.vkeys()[i])
	}
	addr := freePort(t)
	run(t, "omniwitness", "--logtostderr", "--listen", addr, "--metrics_listen", "127.0.0.1:0", "--db_file", filepath.Join(dir, "db"),
		"--additional_logs", write("logs.yaml", yaml.String()), "--private_key_path", write("ed", edKey), "--private_key_path", write("pq", pqKey))
	reached(t, addr)
	return "http://" + addr, []string{must[string](t)(fnote.VKeyToCosignatureV1(edPublic)), pqPublic}
}

// zeros is no randomness: the key of this witness guards nothing.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func witnessClient(t *testing.T, prefix string) *peer.WitnessClient {
	t.Helper()
	c := must[*peer.WitnessClient](t)(peer.NewWitnessClient(prefix))
	t.Cleanup(c.Close)
	return c
}

// TestRealWitnesses: two witnesses that others wrote date our registers, from nothing through growth and repetition, and what they refuse
// arrives as what it is. A policy of both, and of both keys of one of them, is met (K-22).
func TestRealWitnesses(t *testing.T) {
	logs := [2]register{registerOf(t, alice(t), 40), registerOf(t, bob(t), 40)}
	lite, liteKey := litewitness(t, logs[:]...)
	omni, omniKeys := omniwitness(t, logs)
	policy := must[*seal.Policy](t)(seal.ParsePolicy([]byte("witness lite " + liteKey + " " + lite + "\nwitness omni-ed " + omniKeys[0] + " " + omni +
		"\nwitness omni-pq " + omniKeys[1] + " " + omni + "\ngroup omni all omni-ed omni-pq\ngroup both 2 lite omni\nquorum both\n")))
	clients := []*peer.WitnessClient{witnessClient(t, lite), witnessClient(t, omni)}
	for _, r := range logs {
		var last int64
		for _, size := range []int64{1, 5, 13, 13, 40} {
			proof, cp := r.at(t, last, size)
			begun, signed := time.Now().Truncate(time.Second), cp.Note
			for _, c := range clients {
				if d := must[seal.Dating](t)(policy.Date(signed, cp.Head)); d.Met {
					t.Fatal("met before both have signed")
				}
				signed = slices.Concat(signed, must[[]byte](t)(c.AddCheckpoint(t.Context(), last, proof, cp.Note)))
			}
			d := must[seal.Dating](t)(policy.Date(signed, cp.Head))
			if !d.Met || len(d.By) != 3 || d.From.Before(begun) || d.To.After(time.Now()) || d.To.Before(d.From) {
				t.Fatalf("%s at %d: %+v", r.origin, size, d)
			}
			if got, err := r.Keys().OpenCheckpoint(signed); err != nil || !bytes.Equal(got.Note, cp.Note) {
				t.Fatalf("with their lines: %v", err)
			}
			last = size
		}
		for i, c := range clients {
			refusals(t, r, c, i == 0)
		}
	}
}

// refusals are the ways in which both of them refuse as the text says.
func refusals(t *testing.T, r register, c *peer.WitnessClient, lite bool) {
	t.Helper()
	stranger := registerOf(t, carol(t), 5)
	fork := must[seal.Checkpoint](t)(r.SignHead(seal.Head{Origin: r.origin.String(), Size: 40, Root: [32]byte{1}}, testNow))
	_, newest := r.at(t, 40, 40)
	_, small := r.at(t, 5, 13)
	proof, _ := r.at(t, 5, 13)
	_, foreign := stranger.at(t, 0, 5)
	for _, v := range []struct {
		name  string
		old   int64
		proof [][32]byte
		note  []byte
		want  int
	}{
		{"another size", 5, proof, newest.Note, exchange.WitnessConflict},
		{"an old size above the new one", 40, nil, small.Note, exchange.WitnessMalformed},
		{"another root", 40, nil, fork.Note, exchange.WitnessInconsistent},
		{"a proof of nothing", 40, proof, newest.Note, exchange.WitnessInconsistent},
		{"a log that it does not know", 0, nil, foreign.Note, exchange.WitnessUnknown},
	} {
		_, err := c.AddCheckpoint(t.Context(), v.old, v.proof, v.note)
		e, ok := errors.AsType[*exchange.WitnessError](err)
		switch {
		case ok && !lite && v.want == exchange.WitnessUnknown && e.Status == exchange.WitnessFault:
			// It answers 500 here, so that we try again later and harm nobody.
		case !ok || e.Status != v.want || v.want == exchange.WitnessConflict && e.Size != 40:
			t.Errorf("%s: %v, want %d", v.name, err, v.want)
		}
	}
}

// ourWitness runs the witness of this program, as verbale witness serve does.
func ourWitness(t *testing.T, logs ...register) (prefix string, key *seal.WitnessKey) {
	t.Helper()
	s := must[*store.Store](t)(store.OpenMemory(t.Context()))
	for _, l := range logs {
		if _, err := witness.AddLog(t.Context(), s, l.vkeys()...); err != nil {
			t.Fatal(err)
		}
	}
	key = must[*seal.WitnessKey](t)(seal.NewWitnessKey("witness.example/ours", seeds("ours")))
	w := witness.New(s, key, time.Now)
	ln := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- peer.NewWitnessServer(peer.WitnessServerConfig{Witness: w, Latest: w.Latest}).Serve(ctx, ln)
	}()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String(), key
}

// seeds gives 64 bytes that are the same in every run.
func seeds(name string) *bytes.Reader {
	a, b := sha256.Sum256([]byte(name+" 1")), sha256.Sum256([]byte(name+" 2"))
	return bytes.NewReader(append(a[:], b[:]...))
}

// TestOurWitnessForOthers: transparency-dev's client takes our witness for one, in what it gives and in what it refuses; torchwood and
// formats verify our lines, and torchwood our policy.
func TestOurWitnessForOthers(t *testing.T) {
	r := registerOf(t, alice(t), 40)
	prefix, key := ourWitness(t, r)
	c := client.NewWitness(must[*url.URL](t)(url.Parse(prefix)), http.DefaultClient)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	ed, pq := key.Cosigners()[0].String(), key.Cosigners()[1].String()
	var last int64
	update := func(old int64, proof [][32]byte, note []byte) ([]byte, uint64, error) {
		var list [][]byte
		for _, h := range proof {
			list = append(list, h[:])
		}
		return c.Update(t.Context(), uint64(old), note, list)
	}
	for _, size := range []int64{0, 5, 13, 13, 40} {
		proof, cp := r.at(t, last, size)
		lines, _, err := update(last, proof, cp.Note)
		if err != nil {
			t.Fatalf("%d to %d: %v", last, size, err)
		}
		signed := slices.Concat(cp.Note, lines)
		p := policy(t, "log "+r.vkeys()[0], "log "+r.vkeys()[1], "witness ed "+ed, "witness pq "+pq, "group w all ed pq", "quorum w")
		if _, _, err := torchwood.VerifyCheckpoint(signed, p); err != nil {
			t.Fatalf("torchwood at %d: %v", size, err)
		}
		n := must[*note.Note](t)(note.Open(signed, formatsVerifiers(t, ed, pq)))
		if len(n.Sigs) != 2 {
			t.Fatalf("formats verified %d lines of two", len(n.Sigs))
		}
		last = size
	}
	proof, newest := r.at(t, 5, 40)
	fork := must[seal.Checkpoint](t)(r.SignHead(seal.Head{Origin: r.origin.String(), Size: 40, Root: [32]byte{1}}, testNow))
	_, small := r.at(t, 0, 5)
	_, foreign := registerOf(t, carol(t), 5).at(t, 0, 5)
	forged := bytes.ReplaceAll(foreign.Note, []byte("cert.carol.example/"), []byte("cert.alice.example/"))
	for _, v := range []struct {
		old   int64
		proof [][32]byte
		note  []byte
		want  error
	}{
		{5, proof, newest.Note, theirs.ErrCheckpointStale},
		{40, nil, small.Note, theirs.ErrOldSizeInvalid},
		{40, nil, fork.Note, theirs.ErrInvalidProof},
		{40, proof, newest.Note, theirs.ErrInvalidProof},
		{0, nil, foreign.Note, theirs.ErrUnknownLog},
		{0, nil, forged, theirs.ErrNoValidSignature},
	} {
		_, size, err := update(v.old, v.proof, v.note)
		if !errors.Is(err, v.want) || errors.Is(err, theirs.ErrCheckpointStale) && size != 40 {
			t.Errorf("got %v (size %d), want %v", err, size, v.want)
		}
	}
}
