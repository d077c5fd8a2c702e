package peer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"verbale/internal/exchange"
)

const aLine = "— witness.example/w1 AAAAAAAA\n"

// witnessSaying gives a witness that answers every call alike.
func witnessSaying(t *testing.T, status int, contentType, body string) *WitnessClient {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return witnessClient(t, s.URL)
}

func witnessClient(t *testing.T, prefix string) *WitnessClient {
	t.Helper()
	c, err := NewWitnessClient(prefix)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// What any witness may answer, and what it is taken for (W-3, W-4).
func TestWitnessAnswers(t *testing.T) {
	const text = "text/plain"
	for _, c := range []struct {
		name              string
		status            int
		contentType, body string
		want              int // status of the error; 0: lines
		size              int64
		again             bool
	}{
		{"one line", 200, text, aLine, 0, 0, false},
		{"16 lines", 200, "", strings.Repeat(aLine, 16), 0, 0, false},
		{"17 lines", 200, text, strings.Repeat(aLine, 17), 500, 0, true},
		{"no lines", 200, text, "", 500, 0, true},
		{"no line", 200, text, "cosigned\n", 500, 0, true},
		{"a line without its end", 200, text, strings.TrimSuffix(aLine, "\n"), 500, 0, true},
		{"an empty line", 200, text, aLine + "\n", 500, 0, true},
		{"too much", 200, text, "— " + strings.Repeat("x", exchange.MaxWitnessNoteBytes) + "\n", 500, 0, true},
		{"a page", 200, "text/html", "<html>welcome to the hotel network</html>\n", 500, 0, true},
		{"no content", 204, text, "", 500, 0, true},
		{"elsewhere", 302, text, "", 500, 0, true},
		{"400", 400, text, "bad\n", 400, 0, false},
		{"403", 403, text, "", 403, 0, false},
		{"404", 404, text, "", 404, 0, false},
		{"409", 409, witnessSizeType, "20852014\n", 409, 20852014, false},
		{"409 at zero", 409, witnessSizeType, "0\n", 409, 0, false},
		{"409 without a line end", 409, witnessSizeType, "7", 409, 7, false},
		{"409 without a type", 409, text, "7\n", 500, 0, true},
		{"409 without a size", 409, witnessSizeType, "\n", 500, 0, true},
		{"409 with a sign", 409, witnessSizeType, "-7\n", 500, 0, true},
		{"409 with a leading zero", 409, witnessSizeType, "07\n", 500, 0, true},
		{"409 with more", 409, witnessSizeType, "7\n7\n", 500, 0, true},
		{"422", 422, text, "", 422, 0, false},
		{"429", 429, text, "slow down\n", 500, 0, true},
		{"500", 500, text, "", 500, 0, true},
		{"503", 503, text, "", 500, 0, true},
		{"418", 418, text, "", 500, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, err := witnessSaying(t, c.status, c.contentType, c.body).AddCheckpoint(t.Context(), 0, nil, []byte("note"))
			if c.want == 0 {
				if err != nil || string(lines) != c.body {
					t.Fatalf("got %q, %v", lines, err)
				}
				return
			}
			e, ok := errors.AsType[*exchange.WitnessError](err)
			if !ok || e.Status != c.want || e.Size != c.size || e.Again() != c.again || e.Detail == "" {
				t.Fatalf("got %#v", err)
			}
		})
	}
}

// A witness's own words are shown, cut short, and without what a terminal would obey.
func TestWitnessWords(t *testing.T) {
	_, err := witnessSaying(t, 403, "text/plain", "no \x1b[2J such key"+strings.Repeat("!", 5000)+"\nmore").AddCheckpoint(t.Context(), 0, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "no ?[2J such key") || len(err.Error()) > 500 || strings.Contains(err.Error(), "more") {
		t.Fatalf("got %v", err)
	}
}

func TestWitnessNotReached(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	prefix := "http://" + ln.Addr().String()
	_ = ln.Close()
	_, err = witnessClient(t, prefix).AddCheckpoint(t.Context(), 0, nil, nil)
	if _, ok := errors.AsType[*Unreachable](err); !ok {
		t.Fatalf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the end of the connection is not seen
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	_, err = witnessClient(t, s.URL).AddCheckpoint(ctx, 0, nil, nil)
	if e, ok := errors.AsType[*Unreachable](err); !ok || !errors.Is(e, context.Canceled) {
		t.Fatalf("called off: got %v", err)
	}
}

func TestWitnessAddresses(t *testing.T) {
	for prefix, ok := range map[string]bool{
		"http://127.0.0.1:7380": true, "https://witness.example/w1": true, "http://witness.example/": true, "http://[::1]:7380/a/b/": true,
		"": false, "witness.example": false, "ftp://witness.example": false, "http://": false, "http:///path": false, "http://:80": false,
		"http://u:p@witness.example": false, "http://witness.example?x": false, "http://witness.example/?": false, "http://witness.example/#x": false,
		"http://witness.example/#": false, "http://witness example": false,
	} {
		if _, err := NewWitnessClient(prefix); (err == nil) != ok {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

// A scribe is a witness that notes what it is asked.
type scribe struct {
	asked []exchange.AddCheckpoint
	err   error
}

func (s *scribe) AddCheckpoint(_ context.Context, old int64, proof [][32]byte, note []byte) ([]byte, error) {
	s.asked = append(s.asked, exchange.AddCheckpoint{Old: old, Proof: proof, Note: note})
	return []byte(aLine), s.err
}

func serveWitness(t *testing.T, c WitnessServerConfig) (prefix string) {
	t.Helper()
	if c.Latest == nil {
		c.Latest = func(context.Context, [32]byte) ([]byte, error) { return nil, nil }
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- NewWitnessServer(c).Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String()
}

// Every refusal goes over as what it is (W-4), and what is none tells nothing.
func TestWitnessRoundTrip(t *testing.T) {
	s := &scribe{}
	prefix := serveWitness(t, WitnessServerConfig{Witness: s})
	c := witnessClient(t, prefix+"/") // the slash does no harm
	proof := [][32]byte{sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))}
	lines, err := c.AddCheckpoint(t.Context(), 5, proof, []byte("note\n"))
	if err != nil || string(lines) != aLine || len(s.asked) != 1 || s.asked[0].Old != 5 || len(s.asked[0].Proof) != 2 || s.asked[0].Proof[1] != proof[1] || string(s.asked[0].Note) != "note\n" {
		t.Fatalf("got %q, %v; asked %+v", lines, err, s.asked)
	}
	for status := range witnessStatuses {
		s.err = &exchange.WitnessError{Status: status, Detail: "why not"}
		if status == exchange.WitnessConflict {
			s.err = &exchange.WitnessError{Status: status, Size: 12, Detail: "why not"}
		}
		_, err := c.AddCheckpoint(t.Context(), 0, nil, nil)
		e, ok := errors.AsType[*exchange.WitnessError](err)
		if !ok || e.Status != status || (e.Size == 12) != (status == exchange.WitnessConflict) {
			t.Errorf("%d: got %v", status, err)
		}
	}
	s.err = errors.New("the disk has a secret")
	_, err = c.AddCheckpoint(t.Context(), 0, nil, nil)
	if e, ok := errors.AsType[*exchange.WitnessError](err); !ok || !e.Again() || strings.Contains(err.Error(), "secret") {
		t.Errorf("a fault: got %v", err)
	}
}

// A fault of ours stands in our own log.
func TestWitnessLog(t *testing.T) {
	var log bytes.Buffer
	s := NewWitnessServer(WitnessServerConfig{Witness: &scribe{err: errors.New("the disk is full")}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/add-checkpoint", strings.NewReader("old 0\n\nnote")))
	if !strings.Contains(log.String(), "the disk is full") || !strings.Contains(log.String(), "level=ERROR") {
		t.Fatalf("got %s", &log)
	}
}

// What is no call gets no answer that could be taken for one.
func TestWitnessDoors(t *testing.T) {
	hash := sha256.Sum256([]byte("aa.example/to/public/1"))
	name := hex.EncodeToString(hash[:])
	s := &scribe{}
	prefix := serveWitness(t, WitnessServerConfig{Witness: s, Latest: func(_ context.Context, h [32]byte) ([]byte, error) {
		if h == hash {
			return []byte("the checkpoint\n"), nil
		}
		return nil, nil
	}})
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/" + name + "/checkpoint", "", 200},
		{"GET", "/" + strings.ToUpper(name) + "/checkpoint", "", 404},
		{"GET", "/" + name[1:] + "/checkpoint", "", 404},
		{"GET", "//" + name + "/checkpoint", "", 404},
		{"GET", "/" + strings.Repeat("0", 64) + "/checkpoint", "", 404},
		{"GET", "/" + name, "", 404},
		{"POST", "/" + name + "/checkpoint", "", 404},
		{"GET", "/add-checkpoint", "", 404},
		{"GET", "/", "", 404},
		{"POST", "/sign-subtree", "", 404},
		{"POST", "/add-checkpoint", "old 0\n\nnote", 200},
		{"POST", "/add-checkpoint", "", 400},
		{"POST", "/add-checkpoint", "old x\n\n", 400},
		{"POST", "/add-checkpoint", strings.Repeat("x", exchange.MaxAddCheckpointBytes+1), 400},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, prefix+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != c.want || len(body) == 0 {
			t.Errorf("%s %.80s: got %d %q, %v", c.method, c.path, res.StatusCode, body, err)
		}
	}
	if len(s.asked) != 1 {
		t.Errorf("the witness was asked %d times", len(s.asked))
	}
}

// While all places are taken, a caller is told to come again.
func TestWitnessBusy(t *testing.T) {
	s := NewWitnessServer(WitnessServerConfig{Witness: &scribe{}})
	for range witnessConcurrent {
		s.places <- struct{}{}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("POST", "/add-checkpoint", strings.NewReader("old 0\n\nnote")))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Fatalf("got %d", w.Code)
	}
}

func FuzzReadWitness(f *testing.F) {
	f.Add(200, "text/plain", []byte(aLine))
	f.Add(409, witnessSizeType, []byte("7\n"))
	f.Add(409, "", []byte(""))
	f.Add(500, "text/plain", []byte("\xff\x1b"))
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		lines, err := readWitness(status, http.Header{"Content-Type": {contentType}}, body)
		if err == nil && (status != 200 || !bytes.Equal(lines, body)) {
			t.Fatalf("got %q", lines)
		}
		e, ok := errors.AsType[*exchange.WitnessError](err)
		if err != nil && (!ok || witnessStatuses[e.Status] == "" || e.Size < 0 || e.Detail != plain(e.Detail)) {
			t.Fatalf("got %#v", err)
		}
	})
}
