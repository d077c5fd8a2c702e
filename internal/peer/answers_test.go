package peer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"verbale/internal/exchange"
)

// serve runs any handler as the other end, until the test ends.
func serve(t *testing.T, ln net.Listener, h http.Handler) {
	t.Helper()
	srv, done := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}, make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
}

// stranger is a client of a server that shows the right key and answers with h.
func stranger(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	r := start(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv, done := r.server.http(t.Context()), make(chan error, 1)
	srv.Handler = h
	go func() { done <- srv.ServeTLS(ln, "", "") }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	c, err := NewClient("https://"+ln.Addr().String(), r.here.public(), r.caller.cert, today)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// hurry makes a client give up within a second where it would take a minute in life.
func hurry(c *Client) *Client {
	c.limits = clientLimits{connect: 200 * time.Millisecond, answer: 300 * time.Millisecond, pace: pace{stall: 100 * time.Millisecond, grace: 200 * time.Millisecond, rate: 1 << 20}}
	return c
}

// answering gives a handler that answers the same to every call.
func answering(status int, contentType string, body io.Reader) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		if body != nil {
			_, _ = io.Copy(w, body)
		}
	}
}

type verdict struct {
	call string // pull, head or receipt
	kind exchange.Kind
	make func() http.HandlerFunc
}

func ask(ctx context.Context, c *Client, call string) (err error) {
	switch call {
	case "pull":
		_, err = c.Pull(ctx, "o", 0)
	case "head":
		_, err = c.Head(ctx, "o")
	case "push":
		_, err = c.Push(ctx, batch(1, 10))
	case "beat":
		_, err = c.Beat(ctx, [][]byte{[]byte("b")})
	default:
		err = c.Return(ctx, []byte("r"))
	}
	return err
}

// An answer that no node would give is malformed or too large, is never held whole, and is never taken for a success.
func TestStrangeAnswers(t *testing.T) {
	const busyDoc = `{"type":"urn:verbale:problem:busy","title":"t","status":503,"detail":"d"}`
	fixed := func(status int, contentType, body string) func() http.HandlerFunc {
		return func() http.HandlerFunc { return answering(status, contentType, strings.NewReader(body)) }
	}
	endlessOf := func(status int, contentType, first string) func() http.HandlerFunc {
		return func() http.HandlerFunc {
			return answering(status, contentType, io.MultiReader(strings.NewReader(first), endless{}))
		}
	}
	good := string(encoded(t, batch(1, 10)))
	for name, v := range map[string]verdict{
		"HTML":                      {"head", exchange.Malformed, fixed(200, "text/html", "<p>hello")},
		"HTML error":                {"head", exchange.Malformed, fixed(502, "text/html", "<p>bad gateway")},
		"plain error":               {"pull", exchange.Malformed, fixed(404, noteType, "404 page not found")},
		"no type":                   {"pull", exchange.Malformed, fixed(200, "", good)},
		"note for batch":            {"pull", exchange.Malformed, fixed(200, noteType, good)},
		"batch for note":            {"head", exchange.Malformed, fixed(200, batchType, good)},
		"empty note":                {"head", exchange.Malformed, fixed(200, noteType, "")},
		"no content for a note":     {"push", exchange.Malformed, fixed(204, noteType, "")},
		"content for no content":    {"receipt", exchange.Malformed, fixed(200, noteType, "ok")},
		"created":                   {"head", exchange.Malformed, fixed(201, noteType, "note")},
		"redirect":                  {"head", exchange.Malformed, redirect},
		"another charset":           {"head", exchange.Malformed, fixed(200, "text/plain; charset=utf-16", "note")},
		"bytes after the batch":     {"pull", exchange.Malformed, fixed(200, batchType, good+"x")},
		"half a batch, whole body":  {"pull", exchange.Malformed, fixed(200, batchType, good[:40])},
		"endless note":              {"head", exchange.TooLarge, endlessOf(200, noteType, "")},
		"endless beats":             {"beat", exchange.TooLarge, endlessOf(200, beatsType, "1\nb")},
		"no beats":                  {"beat", exchange.Malformed, fixed(200, beatsType, "")},
		"a note for beats":          {"beat", exchange.Malformed, fixed(200, noteType, "1\nb")},
		"bytes after the beats":     {"beat", exchange.Malformed, fixed(200, beatsType, "1\nb\n")},
		"endless problem":           {"head", exchange.TooLarge, endlessOf(503, problemType, busyDoc)},
		"endless batch":             {"pull", exchange.Malformed, endlessOf(200, batchType, good)},
		"large content":             {"pull", exchange.TooLarge, endlessOf(200, batchType, good[:29]+"\x00\x01l\xff\xff\xff\xff")},
		"declared over the limit":   {"pull", exchange.TooLarge, declared},
		"problem with status 200":   {"pull", exchange.Malformed, fixed(200, problemType, busyDoc)},
		"status of another kind":    {"pull", exchange.Malformed, fixed(507, problemType, busyDoc)},
		"problem of no known kind":  {"head", exchange.Malformed, fixed(503, problemType, strings.Replace(busyDoc, "busy", "lazy", 1))},
		"problem with a new member": {"head", exchange.Malformed, fixed(503, problemType, strings.Replace(busyDoc, `"title"`, `"instance":"x","title"`, 1))},
		"problem with one twice":    {"head", exchange.Malformed, fixed(503, problemType, strings.Replace(busyDoc, `"title"`, `"detail":"x","title"`, 1))},
		"problem, and that is fine": {"head", exchange.Busy, fixed(503, problemType, busyDoc)},
	} {
		t.Run(name, func(t *testing.T) {
			if err := ask(t.Context(), stranger(t, v.make()), v.call); exchange.KindOf(err) != v.kind {
				t.Errorf("%s = %v, want kind %s", v.call, err, v.kind)
			}
		})
	}
}

func redirect() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/v1/other", http.StatusFound) }
}

func declared() http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", batchType)
		w.Header().Set("Content-Length", strconv.Itoa(exchange.MaxBatchBytes+1))
		w.WriteHeader(http.StatusOK)
	}
}

// An answer that is cut short, late, or too slow is the network's fault: the call may be made again.
func TestLostAnswers(t *testing.T) {
	good := encoded(t, batch(1, 1000))
	cut := func(contentType string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Length", strconv.Itoa(len(good)))
			_, _ = w.Write(good[:500])
		}
	}
	for name, c := range map[string]struct {
		call    string
		handler http.HandlerFunc
	}{
		"batch cut short": {"pull", cut(batchType)},
		"note cut short":  {"head", cut(noteType)},
		"chunks cut short": {"pull", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", batchType)
			_, _ = w.Write(good[:500])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}},
		"no answer":    {"push", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		"hung up":      {"push", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		"stands still": {"pull", stall(good)},
		"creeps":       {"pull", crawl(good)},
	} {
		t.Run(name, func(t *testing.T) {
			client := hurry(stranger(t, c.handler))
			err := ask(t.Context(), client, c.call)
			gone, ok := errors.AsType[*Unreachable](err)
			if !ok || gone.Refused() || exchange.KindOf(err) != "" || strings.Contains(gone.Error(), "origin=") {
				t.Errorf("%s = %v, want Unreachable", c.call, err)
			}
		})
	}
}

func stall(good []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", batchType)
		_, _ = w.Write(good[:500])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
}

func crawl(good []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", batchType)
		slow := &creep{whole: good, tick: time.NewTicker(20 * time.Millisecond)}
		one := make([]byte, 1)
		for _, err := slow.Read(one); err == nil; _, err = slow.Read(one) {
			if _, err := w.Write(one); err != nil {
				return
			}
			if http.NewResponseController(w).Flush() != nil {
				return
			}
		}
	}
}

// A node that takes the header and then not a byte more does not hold a push for ever.
func TestBodyNotTaken(t *testing.T) {
	c := hurry(stranger(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	c.transport.ExpectContinueTimeout = 10 * time.Millisecond
	_, err := c.Push(t.Context(), batch(2, exchange.MaxContentBytes-1000))
	if gone, ok := errors.AsType[*Unreachable](err); !ok || !errors.Is(gone, errSlow) {
		t.Errorf("Push = %v, want Unreachable for being slow", err)
	}
}

// The caller's own end of the call is told apart from the other end's.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := stranger(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	if _, err := c.Head(ctx, "o"); !errors.Is(err, context.Canceled) {
		t.Errorf("Head = %v", err)
	}
}

// Once a call is called off, what its answer looked like means nothing.
func TestCalledOffWhileReading(t *testing.T) {
	c := stranger(t, answering(http.StatusOK, noteType, strings.NewReader("note")))
	ctx, cancel := context.WithCancel(t.Context())
	err := c.call(ctx, query{method: http.MethodGet, target: "/v1/head"}, func(a *reply) error { cancel(); return a.unexpected(nil) })
	if gone, ok := errors.AsType[*Unreachable](err); !ok || !errors.Is(gone, context.Canceled) {
		t.Errorf("call = %v, want Unreachable", err)
	}
}

// The other end may think for longer than a body may stand still.
func TestAnswerTakesTime(t *testing.T) {
	thought := time.NewTimer(250 * time.Millisecond)
	c := hurry(stranger(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-thought.C
		answering(http.StatusOK, noteType, strings.NewReader("note"))(w, r)
	}))
	c.limits.answer = time.Minute
	if _, err := c.Push(t.Context(), batch(1, 10)); err != nil {
		t.Error(err)
	}
}

func TestPace(t *testing.T) {
	p := pace{stall: 20 * time.Second, grace: 30 * time.Second, rate: 1000}
	for _, c := range []struct {
		since time.Duration
		n     int64
		want  time.Duration
	}{
		{0, 0, 20 * time.Second},
		{15 * time.Second, 0, 15 * time.Second},
		{30 * time.Second, 0, 0},
		{time.Hour, 0, 0},
		{30 * time.Second, 5000, 5 * time.Second},
		{30 * time.Second, 1 << 40, 20 * time.Second},
	} {
		if got := p.left(c.since, c.n); got != c.want {
			t.Errorf("left(%s, %d) = %s, want %s", c.since, c.n, got, c.want)
		}
	}
}

// Once the answer is being read, or the call is over, what is still sent winds no timer any more.
func TestWatchKeepsToItsStage(t *testing.T) {
	w := newWatch(clientLimits{connect: time.Hour}, func() { t.Error("called off") })
	w.allow(reading, time.Hour)
	w.allow(asking, 0)
	if !w.timer.Stop() {
		t.Error("the upload took over the reader's time")
	}
	w.stop()
	w.allow(reading, time.Hour)
	if w.timer.Stop() {
		t.Error("a call that is over has a timer")
	}
}

// Nobody there: an error that names the endpoint and may be retried.
func TestNobodyThere(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	who := newIdentity(t, "jpcert.jp", 2, 0)
	c, err := NewClient("https://"+ln.Addr().String(), who.public(), who.cert, today)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Head(t.Context(), "o")
	if gone, ok := errors.AsType[*Unreachable](err); !ok || gone.Refused() || !strings.Contains(gone.Error(), ln.Addr().String()) {
		t.Errorf("Head = %v", err)
	}
	if _, nested := errors.AsType[*url.Error](err); nested {
		t.Errorf("the error repeats the request: %v", err)
	}
}

// A kept connection that the other end has closed in the meantime costs nothing: the call goes over a new one.
func TestKeptConnectionClosed(t *testing.T) {
	var seen, hungUp sync.Map
	c := stranger(t, func(w http.ResponseWriter, r *http.Request) {
		if _, again := seen.LoadOrStore(r.RemoteAddr, true); again {
			hungUp.Store(r.RemoteAddr, true)
			panic(http.ErrAbortHandler)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		answering(http.StatusOK, noteType, strings.NewReader("note"))(w, r)
	})
	for range 3 {
		if _, err := c.Push(t.Context(), batch(1, 10)); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for range hungUp.Range {
		n++
	}
	if n != 2 {
		t.Errorf("%d kept connections were closed, want 2", n)
	}
}

// What a client cannot send, it says before it dials.
func TestOwnFaults(t *testing.T) {
	who := newIdentity(t, "jpcert.jp", 2, 0)
	c, err := NewClient("https://127.0.0.1:1", who.public(), who.cert, today)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Push(t.Context(), &exchange.Batch{}); exchange.KindOf(err) == "" {
		t.Errorf("an empty batch: %v", err)
	}
	for _, n := range []int{0, exchange.MaxNoteBytes + 1} {
		if err := c.Return(t.Context(), bytes.Repeat([]byte("x"), n)); exchange.KindOf(err) != exchange.TooLarge {
			t.Errorf("a receipt of %d bytes: %v", n, err)
		}
	}
	for _, n := range []int{0, exchange.MaxProfileBytes + 1} {
		if err := c.Admit(t.Context(), strings.Repeat("x", n)); exchange.KindOf(err) != exchange.TooLarge {
			t.Errorf("a profile of %d bytes: %v", n, err)
		}
	}
}

// A node that has started anew is reached by the next call, whatever became of the connection that was kept from before.
func TestNodeThatStartedAnew(t *testing.T) {
	r := start(t)
	c := r.client(t)
	for round := range 100 {
		if err := c.Return(t.Context(), []byte("r")); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		r.stop()
		if err := <-r.stopped; err != nil {
			t.Fatal(err)
		}
		again := NewServer(r.server.config)
		ln, err := net.Listen("tcp", r.address)
		if err != nil {
			t.Fatal(err)
		}
		var ctx context.Context
		ctx, r.stop = context.WithCancel(t.Context())
		go func() { r.stopped <- again.Serve(ctx, ln) }()
	}
}
