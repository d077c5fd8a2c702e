package conformance

import (
	"context"
	"encoding/json/v2"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/oapi-codegen/runtime" // the client that the test makes needs it

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/internal/testbed"
)

// A client that another maker's generator makes from the document, unseen by us, runs a whole appeal through the API of two nodes. It is
// made anew each time, so it is never an old one.
func TestGeneratedClient(t *testing.T) {
	program := storyProgram(t)
	bed := testbed.New(t)
	a, b := bed.Party("aurelia.example"), bed.Party("borea.example")
	bed.Link(a, b)
	var args []string
	for _, p := range []*testbed.Party{a, b} {
		_, secret, err := p.Node.CreateToken(t.Context(), node.TokenRequest{Name: "story", Scopes: node.Scopes()})
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, apiOf(t, p), secret)
	}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// storyProgram makes the client and builds testdata/story with it.
func storyProgram(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	client, program, overlay := filepath.Join(dir, "client.go"), filepath.Join(dir, "story"), filepath.Join(dir, "overlay.json")
	config := filepath.Join(dir, "config.yaml")
	place := must[string](t)(filepath.Abs(filepath.Join("testdata", "story", "client.go")))
	beside := must[[]byte](t)(json.Marshal(map[string]map[string]string{"Replace": {place: client}}))
	for path, text := range map[string]string{overlay: string(beside), config: "package: main\ngenerate: {models: true, client: true}\noutput-options: {skip-prune: true}\noutput: " + client + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"tool", "oapi-codegen", "-config", config, documentFile},
		{"build", "-overlay", overlay, "-o", program, "./testdata/story"},
	} {
		if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	return program
}

// apiOf is the address of a party's API on loopback, until the test ends.
func apiOf(t *testing.T, p *testbed.Party) string {
	t.Helper()
	ln := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	s := console.NewServer(context.Background(), console.NewAPI(p.Node, slog.New(slog.DiscardHandler), time.Now))
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return "http://" + ln.Addr().String()
}
