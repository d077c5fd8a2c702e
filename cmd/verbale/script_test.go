package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run this binary as verbale.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"verbale": main}) }

// TestScripts runs testdata/script: one file for each behaviour, told as an officer or an operator would type it. Nothing sleeps:
// scripts wait by --wait, and for the line "ready" of serve.
func TestScripts(t *testing.T) {
	s := &servers{running: map[string]*server{}}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", "")
			e.Setenv("LINKKEY", linkKey)
			vectors, err := filepath.Abs("../../spec/vectors")
			if err != nil {
				return err
			}
			e.Setenv("VECTORS", vectors)
			e.Setenv("GORACE", "atexit_sleep_ms=0") // under the race detector each process would linger for a second
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exitsWith, "pair": pair, "freeport": freeport, "serve": s.serve, "servewitness": s.serveWitness, "relay": s.relay, "serverelay": s.serveRelay, "addcheckpoint": addCheckpoint, "policy": policy, "shutdown": s.shutdown, "powercut": s.powercut,
			"ago": ago, "env2file": envToFile, "mute": mute, "jsonenv": jsonenv, "thismonth": thisMonth, "shape": shape, "flip": flip, "call": call, "config": setConfig,
		},
	})
}

// exitsWith is exits CODE PROGRAM ARGS... runs a program that must end with CODE; its output can be matched afterwards.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// ago DURATION ARGS... runs verbale with a clock that is behind, or with a negative one ahead. Paths have to be absolute. With ! it has to fail; CODE
// is the exit code afterwards.
func ago(ts *testscript.TestScript, neg bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	behind := func() time.Time { return time.Now().Add(-d) }
	env := Env{Stdin: strings.NewReader(""), Stdout: ts.Stdout(), Stderr: ts.Stderr(), Getenv: ts.Getenv, Now: behind, Rand: rand.Reader}
	code := Run(context.Background(), args[1:], env)
	if neg == (code == 0) {
		ts.Fatalf("exit code %d", code)
	}
	ts.Setenv("CODE", strconv.Itoa(code))
}

// pair makes aurelia.example in a and borea.example in b, on free ports, linked.
func pair(ts *testscript.TestScript, _ bool, _ []string) {
	freeport(ts, false, []string{"PORT_A", "PORT_B"})
	for _, p := range [][3]string{{"a", "aurelia.example", "PORT_A"}, {"b", "borea.example", "PORT_B"}} {
		at := "127.0.0.1:" + ts.Getenv(p[2])
		ts.Check(ts.Exec("verbale", "init", p[1], "--dir", p[0], "--title", "CSIRT "+p[0], "--endpoint", "https://"+at, "--listen", at, "--no-passphrase"))
	}
	for _, p := range [][3]string{{"a", "b", "borea.example"}, {"b", "a", "aurelia.example"}} {
		ts.Check(ts.Exec("verbale", "profile", "--dir", p[1], "--json"))
		words := value(ts, ts.ReadFile("stdout"), "words")
		ts.Check(ts.Exec("verbale", "link", "add", "--dir", p[0], p[1]+"/"+p[2]+".profile"))
		ts.Check(ts.Exec("verbale", "link", "confirm", "--dir", p[0], p[2], "--words", words))
	}
}

// freeport NAME... sets variables to ports that are free now.
func freeport(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer ln.Close()
		_, port, err := net.SplitHostPort(ln.Addr().String())
		ts.Check(err)
		ts.Setenv(name, port)
	}
}

// mute PORT takes connections there and says nothing, until the script ends.
func mute(ts *testscript.TestScript, _ bool, args []string) {
	ln, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { _ = ln.Close() })
}

// servers are the processes of verbale serve, by folder.
type servers struct {
	mu      sync.Mutex
	running map[string]*server
}

type server struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	rest   sync.WaitGroup
}

// serve DIR ARGS... starts verbale serve and waits until it says that it is ready. What it said can be matched afterwards.
func (s *servers) serve(ts *testscript.TestScript, _ bool, args []string) {
	s.start(ts, args[0], append([]string{"serve"}, args[1:]...))
}

// serveWitness DIR ARGS... is the same for verbale witness serve.
// relay makes relay.example in r, on a free port, linked with borea.example in b, and serves it as a relay.
func (s *servers) relay(ts *testscript.TestScript, _ bool, args []string) {
	freeport(ts, false, []string{"PORT_R"})
	at := "127.0.0.1:" + ts.Getenv("PORT_R")
	ts.Check(ts.Exec("verbale", "init", "relay.example", "--dir", "r", "--title", "Relay", "--kind", "relay", "--endpoint", "https://"+at, "--listen", at, "--no-passphrase"))
	for _, p := range [][3]string{{"b", "r", "relay.example"}, {"r", "b", "borea.example"}} {
		ts.Check(ts.Exec("verbale", "profile", "--dir", p[1], "--json"))
		words := value(ts, ts.ReadFile("stdout"), "words")
		ts.Check(ts.Exec("verbale", "link", "add", "--dir", p[0], p[1]+"/"+p[2]+".profile"))
		ts.Check(ts.Exec("verbale", "link", "confirm", "--dir", p[0], p[2], "--words", words))
	}
	s.serveRelay(ts, false, []string{"r"})
}

// serverelay DIR ARGS... is serve for a relay.
func (s *servers) serveRelay(ts *testscript.TestScript, _ bool, args []string) {
	s.start(ts, args[0], append([]string{"relay", "serve"}, args[1:]...))
}

func (s *servers) serveWitness(ts *testscript.TestScript, _ bool, args []string) {
	s.start(ts, args[0], append([]string{"witness", "serve"}, args[1:]...))
}

func (s *servers) start(ts *testscript.TestScript, folder string, command []string) {
	dir := ts.MkAbs(folder)
	p := &server{cmd: exec.Command("verbale", append(command, "--dir", dir)...)}
	p.cmd.Dir, p.cmd.Stderr = ts.MkAbs("."), &p.stderr
	p.cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "GORACE=" + ts.Getenv("GORACE")}
	out, err := p.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(p.cmd.Start())
	said, lines := "", bufio.NewReader(out)
	for !strings.HasSuffix(said, "ready\n") {
		line, err := lines.ReadString('\n')
		said += line
		if err != nil {
			_ = p.cmd.Wait()
			ts.Fatalf("serve ended before it was ready: %s%s", said, p.stderr.String())
		}
	}
	p.rest.Go(func() { _, _ = io.Copy(io.Discard, lines) })
	_, err = io.WriteString(ts.Stdout(), said)
	ts.Check(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[dir] = p
	ts.Defer(func() { _, _ = s.end(dir, syscall.SIGKILL) })
}

// shutdown DIR ends serve as an operator does; it must end well.
func (s *servers) shutdown(ts *testscript.TestScript, _ bool, args []string) {
	p, err := s.end(ts.MkAbs(args[0]), syscall.SIGTERM)
	ts.Check(err)
	_, err = io.WriteString(ts.Stderr(), p.stderr.String())
	ts.Check(err)
}

// powercut DIR ends serve as a power cut does.
func (s *servers) powercut(ts *testscript.TestScript, _ bool, args []string) {
	_, _ = s.end(ts.MkAbs(args[0]), syscall.SIGKILL)
}

func (s *servers) end(dir string, sig syscall.Signal) (*server, error) {
	s.mu.Lock()
	p := s.running[dir]
	delete(s.running, dir)
	s.mu.Unlock()
	if p == nil {
		return nil, fmt.Errorf("nothing serves %s", dir)
	}
	if err := p.cmd.Process.Signal(sig); err != nil {
		return p, err
	}
	p.rest.Wait()
	if err := p.cmd.Wait(); err != nil {
		return p, fmt.Errorf("%w: %s", err, p.stderr.String())
	}
	return p, nil
}

// thisMonth NAME sets a variable to the month that it is.
func thisMonth(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], time.Now().UTC().Format("2006-01"))
}

// envToFile NAME FILE writes what a variable holds into a file that nobody else may read.
func envToFile(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.Getenv(args[0])+"\n"), 0o600))
}

// jsonenv NAME PATH sets a variable from the JSON on stdout; PATH is like cases.0.ref. A list becomes its elements with spaces between.
func jsonenv(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], value(ts, ts.ReadFile("stdout"), args[1]))
}

func value(ts *testscript.TestScript, doc, path string) string {
	var v any
	ts.Check(json.Unmarshal([]byte(doc), &v))
	for _, name := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			ts.Check(err)
			v = at[i]
		}
	}
	if list, ok := v.([]any); ok {
		words := make([]string, len(list))
		for i, w := range list {
			words[i] = fmt.Sprint(w)
		}
		return strings.Join(words, " ")
	}
	return fmt.Sprint(v)
}

// shape prints the members of the JSON on stdout, each once with its type: what a program that reads it relies on. It must be one document.
func shape(ts *testscript.TestScript, _ bool, _ []string) {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	found := map[string]bool{}
	shapeOf(v, "", found)
	_, err := io.WriteString(ts.Stdout(), strings.Join(slices.Sorted(maps.Keys(found)), "\n")+"\n")
	ts.Check(err)
}

func shapeOf(v any, at string, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			shapeOf(value, at+"."+name, found)
		}
	case []any:
		found[at+" list"] = true
		for _, value := range v {
			shapeOf(value, at+"[]", found)
		}
	case string:
		found[at+" text"] = true
	case bool:
		found[at+" bool"] = true
	case float64:
		found[at+" number"] = true
	case nil:
		found[at+" null"] = true
	}
}

// flip FROM TO PERCENT copies a file with one bit of one byte changed, at that place.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	raw, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	percent, err := strconv.Atoi(args[2])
	ts.Check(err)
	raw[len(raw)*percent/100] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), raw, 0o600))
}

// call PORT TOKEN METHOD PATH [BODY] calls the API of verbale serve --api, and prints the status and what came.
func call(ts *testscript.TestScript, _ bool, args []string) {
	body := ""
	if len(args) > 4 {
		body = args[4]
	}
	req, err := http.NewRequestWithContext(context.Background(), args[2], "http://127.0.0.1:"+args[0]+args[3], strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+args[1])
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\n%s\n", res.StatusCode, raw)
}

// config DIR NAME=VALUE sets a member of config.json.
func setConfig(ts *testscript.TestScript, _ bool, args []string) {
	path := filepath.Join(ts.MkAbs(args[0]), configFile)
	var members map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(path)), &members))
	name, value, _ := strings.Cut(args[1], "=")
	members[name] = value
	raw, err := json.Marshal(members)
	ts.Check(err)
	ts.Check(os.WriteFile(path, raw, 0o600))
}
