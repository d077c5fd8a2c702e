package peer

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"verbale/internal/exchange"
)

// brisk ends a connection soon after a refusal; slow bodies have all the time of limits.go.
func brisk(r *rig) { r.server.limits.drain = 50 * time.Millisecond }

// strict lets a test see within a second what takes longer in life.
func strict(r *rig) {
	brisk(r)
	r.server.limits.pace = pace{stall: 250 * time.Millisecond, grace: 400 * time.Millisecond, rate: 1 << 20}
}

// heard is an answer as a stranger to our client sees it.
type heard struct {
	status int
	header http.Header
	closed bool // the connection ends with it
	body   string
}

// say sends raw bytes as the linked party and reads one answer.
func (r *rig) say(t *testing.T, method string, parts ...io.Reader) heard {
	t.Helper()
	conn := r.dial(t)
	go func() { _, _ = io.Copy(conn, io.MultiReader(parts...)) }() // ends with the connection
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return heard{res.StatusCode, res.Header, res.Close, string(body)}
}

func (h heard) want(t *testing.T, kind exchange.Kind) {
	t.Helper()
	p, err := decodeProblem(h.status, []byte(h.body))
	if err != nil || p.Kind != kind || h.header.Get("Content-Type") != problemType {
		t.Errorf("status %d, type %q, body %q (%v), want a problem of kind %s", h.status, h.header.Get("Content-Type"), h.body, err, kind)
	}
}

func postHead(path, contentType, more string) io.Reader {
	return strings.NewReader(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n%s\r\n", path, contentType, more))
}

// A declared body over the limit is refused with not a byte of it read.
func TestDeclaredTooLarge(t *testing.T) {
	r := start(t, brisk)
	got := r.say(t, "POST", postHead("/v1/push", batchType, "Content-Length: 104857600\r\n"))
	got.want(t, exchange.TooLarge)
	got = r.say(t, "POST", postHead("/v1/receipt", noteType, "Content-Length: 16385\r\n"))
	got.want(t, exchange.TooLarge)
	got = r.say(t, "POST", postHead("/v1/beat", beatsType, fmt.Sprintf("Content-Length: %d\r\n", exchange.MaxBeatsBody+1)))
	got.want(t, exchange.TooLarge)
	got = r.say(t, "POST", postHead("/v1/admit", noteType, "Content-Length: 60001\r\n"))
	got.want(t, exchange.TooLarge)
	if log := r.log.String(); strings.Count(log, "in=0 ") != 4 {
		t.Errorf("something was read:\n%s", log)
	}
}

// A body of 100 MB that declares nothing is refused at the limit, and never held in memory.
func TestHundredMegabytes(t *testing.T) {
	r := start(t, brisk)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for name, first := range map[string]string{"zeros": "", "a batch that begins well": string(encoded(t, batch(1, 10))[:29]) + "\x20\x00"} {
		const size = 100 << 20
		body := io.MultiReader(strings.NewReader(first), io.LimitReader(endless{}, int64(size-len(first))))
		chunk := strings.NewReader(fmt.Sprintf("%x\r\n", size))
		got := r.say(t, "POST", postHead("/v1/push", batchType, "Transfer-Encoding: chunked\r\n"), chunk, body, strings.NewReader("\r\n0\r\n\r\n"))
		if p, err := decodeProblem(got.status, []byte(got.body)); err != nil || !p.Kind.Stops() {
			t.Errorf("%s: %d %q", name, got.status, got.body)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 20<<20 {
		t.Errorf("%d bytes were allocated for two bodies that are no batch", grown)
	}
}

// A batch of the right form with more behind it is over the limit exactly when it passes it.
func TestBytesAfterTheBatch(t *testing.T) {
	r := start(t, brisk)
	small := append(encoded(t, batch(1, 10)), 0)
	got := r.say(t, "POST", postHead("/v1/push", batchType, fmt.Sprintf("Content-Length: %d\r\n", len(small))), bytes.NewReader(small))
	got.want(t, exchange.Malformed)

	b := batch(2, exchange.MaxContentBytes)
	b.Entries[1].Content = b.Entries[1].Content[b.Size()-exchange.MaxBatchBytes:]
	full := encoded(t, b)
	got = r.say(t, "POST", postHead("/v1/push", batchType, "Transfer-Encoding: chunked\r\n"),
		strings.NewReader(fmt.Sprintf("%x\r\n", len(full)+1)), bytes.NewReader(full), strings.NewReader("x\r\n0\r\n\r\n"))
	got.want(t, exchange.TooLarge)
	if r.desk.pushes() > 0 {
		t.Error("a refused batch reached the desk")
	}
}

// A body that stands still, or creeps, is given up as busy: the sender may come again, in smaller pieces.
func TestSlowBody(t *testing.T) {
	r := start(t, strict)
	whole := encoded(t, batch(1, 1000))
	got := r.say(t, "POST", postHead("/v1/push", batchType, fmt.Sprintf("Content-Length: %d\r\n", len(whole))), bytes.NewReader(whole[:500]))
	got.want(t, exchange.Busy)
	if got.header.Get("Retry-After") == "" || !got.closed {
		t.Errorf("a slow body was answered with %v", got.header)
	}

	creeping := &creep{whole: whole, tick: time.NewTicker(20 * time.Millisecond)}
	got = r.say(t, "POST", postHead("/v1/push", batchType, fmt.Sprintf("Content-Length: %d\r\n", len(whole))), creeping)
	got.want(t, exchange.Busy)
	got = r.say(t, "POST", postHead("/v1/receipt", noteType, "Content-Length: 9\r\n"), strings.NewReader("half"))
	got.want(t, exchange.Busy)
	if r.desk.pushes()+len(r.desk.returned) > 0 {
		t.Error("half a body reached the desk")
	}
}

// creep gives a byte at a time: never silent for long, and never done.
type creep struct {
	whole []byte
	tick  *time.Ticker
}

func (c *creep) Read(b []byte) (int, error) {
	if len(c.whole) == 0 {
		return 0, io.EOF
	}
	<-c.tick.C
	n := copy(b[:1], c.whole)
	c.whole = c.whole[n:]
	return n, nil
}

// A caller that does not read its answer loses the connection, not the server a place.
func TestAnswerNotRead(t *testing.T) {
	r := start(t, strict)
	r.desk.holds = batch(2, exchange.MaxContentBytes-1000)
	conn := r.dial(t)
	if _, err := io.WriteString(conn, "GET /v1/pull?origin=o&start=0 HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	r.waitFor(t, "lost=")
	if n := r.server.gate.inside(); n != 0 {
		t.Errorf("%d calls are still counted", n)
	}
}

// waitFor waits until the log has a line. The test's own time limit ends it.
func (r *rig) waitFor(t *testing.T, line string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(r.log.String(), line) {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("the log never said", line)
		}
	}
}

// A connection that says nothing, or half a header, is closed.
func TestSilence(t *testing.T) {
	r := start(t, func(r *rig) { r.server.limits.header = time.Second })
	half, silent := r.dial(t), r.dial(t)
	_, _ = io.WriteString(half, "GET /v1/head?origin=o HTTP/1.1\r\nHo")
	for _, conn := range []io.Reader{half, silent} {
		if _, err := io.ReadAll(conn); err != nil {
			t.Error(err)
		}
	}
}

// The desk may take longer than a body may stand still: the read deadline has ended by then.
func TestDeskMayThink(t *testing.T) {
	r := start(t, strict)
	timer := time.NewTimer(2 * r.server.limits.pace.stall)
	r.desk.during = func(ctx context.Context) {
		select {
		case <-timer.C:
		case <-ctx.Done():
			t.Error("the desk was called off")
		}
	}
	if _, err := r.client(t).Push(t.Context(), batch(1, 10)); err != nil {
		t.Error(err)
	}
}

// A desk gets so much time and no more.
func TestDeskTime(t *testing.T) {
	r := start(t, func(r *rig) { r.server.limits.desk = 50 * time.Millisecond })
	r.desk.during = func(ctx context.Context) { <-ctx.Done(); r.desk.fault = ctx.Err() }
	if _, err := r.client(t).Push(t.Context(), batch(1, 10)); exchange.KindOf(err) != exchange.Internal {
		t.Errorf("Push = %v", err)
	}
}

// What is not one of the four calls, exactly as written, is malformed. Nothing of the request is repeated.
func TestNotACall(t *testing.T) {
	r := start(t, brisk)
	for _, line := range []string{
		"GET / HTTP/1.1", "GET /secret HTTP/1.1", "GET /v1/push HTTP/1.1", "POST /v1/pull?origin=secret&start=0 HTTP/1.1",
		"DELETE /v1/head?origin=secret HTTP/1.1", "OPTIONS * HTTP/1.1", "GET /v1//head?origin=secret HTTP/1.1", "GET /v1/head/?origin=secret HTTP/1.1",
		"GET /v1/head HTTP/1.1", "GET /v1/head?origin=secret&origin=secret HTTP/1.1", "GET /v1/head?origin=secret&secret=1 HTTP/1.1",
		"GET /v1/head?origin=%zzsecret HTTP/1.1", "GET /v1/pull?origin=secret HTTP/1.1", "GET /v1/pull?origin=secret&start=-1 HTTP/1.1",
		"GET /v1/pull?origin=secret&start=01 HTTP/1.1", "GET /v1/pull?origin=secret&start=secret HTTP/1.1",
		"GET /v1/pull?origin=secret&start=9223372036854775808 HTTP/1.1", "POST /v1/push?origin=secret HTTP/1.1", "secret /v1/head?origin=secret HTTP/1.1",
	} {
		method, _, _ := strings.Cut(line, " ")
		got := r.say(t, method, strings.NewReader(line+"\r\nHost: secret\r\nX-Secret: secret\r\nContent-Length: 0\r\n\r\n"))
		got.want(t, exchange.Malformed)
		if strings.Contains(got.body, "secret") {
			t.Errorf("%s: the problem repeats the request: %s", line, got.body)
		}
	}
	got := r.say(t, "GET", strings.NewReader("GET /v1/head?origin=o HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nsecret"))
	got.want(t, exchange.Malformed)
	if len(r.desk.asked)+r.desk.pushes() > 0 {
		t.Error("the desk was asked")
	}
}

// A body of another type, or of none, is not looked at.
func TestWrongTypes(t *testing.T) {
	r := start(t, brisk)
	whole := encoded(t, batch(1, 10))
	length := fmt.Sprintf("Content-Length: %d\r\n", len(whole))
	for _, c := range []struct{ path, contentType, more string }{
		{"/v1/push", "", ""}, {"/v1/push", "application/octet-stream", ""}, {"/v1/push", noteType, ""}, {"/v1/push", batchType, "Content-Encoding: gzip\r\n"},
		{"/v1/push", batchType, "Content-Type: text/plain\r\n"}, {"/v1/receipt", batchType, ""}, {"/v1/push?origin=o", batchType, ""}, {"/v1/receipt", "text/plain; charset=latin1", ""},
	} {
		got := r.say(t, "POST", postHead(c.path, c.contentType, c.more+length), bytes.NewReader(whole))
		got.want(t, exchange.Malformed)
	}
	got := r.say(t, "POST", postHead("/v1/admit", noteType, "Content-Length: 0\r\n"))
	got.want(t, exchange.Malformed)
	got = r.say(t, "POST", postHead("/v1/receipt", noteType, "Content-Length: 0\r\n"))
	got.want(t, exchange.Malformed)
	if r.desk.pushes()+len(r.desk.returned) > 0 {
		t.Error("the desk was handed something")
	}
}

// A header over the limit closes the connection before any desk is asked.
func TestHugeHeader(t *testing.T) {
	r := start(t, brisk)
	got := r.say(t, "GET", strings.NewReader("GET /v1/head?origin=o HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 64<<10)+"\r\n\r\n"))
	if got.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", got.status)
	}
	got = r.say(t, "GET", strings.NewReader("GET /v1/head?origin=o HTTP/1.1\r\nHost: x\r\n"+strings.Repeat("X: y\r\n", 200)+"\r\n"))
	if got.status == http.StatusOK || len(r.desk.asked) > 0 {
		t.Errorf("200 headers: status %d", got.status)
	}
}

// There are so many places, and so many for one party; who comes too late hears busy.
func TestBusy(t *testing.T) {
	for name, set := range map[string]func(*rig){
		"in all":    func(r *rig) { r.server.gate.most = 2 },
		"per party": func(r *rig) { r.server.gate.perParty = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, set)
			c := r.client(t)
			inside, leave := make(chan bool, 2), make(chan bool)
			r.desk.during = func(context.Context) { inside <- true; <-leave }
			var calls sync.WaitGroup
			for range 2 {
				calls.Go(func() {
					if _, err := c.Head(t.Context(), "o"); err != nil {
						t.Error(err)
					}
				})
				<-inside
			}
			for _, b := range []*exchange.Batch{batch(1, 10), batch(4, exchange.MaxContentBytes/4)} {
				if _, err := c.Push(t.Context(), b); exchange.KindOf(err) != exchange.Busy {
					t.Errorf("Push = %v, want busy", err)
				}
			}
			close(leave)
			calls.Wait()
			r.desk.during = nil
			if _, err := c.Head(t.Context(), "o"); err != nil {
				t.Errorf("after the others left: %v", err)
			}
			if r.desk.pushes() > 0 || len(r.server.gate.parties) > 0 {
				t.Error("places are miscounted")
			}
		})
	}
}

// Connections beyond the limit are closed as they come.
func TestTooManyConnections(t *testing.T) {
	r := start(t, func(r *rig) { r.server.limits.connections = 1 })
	first := r.client(t)
	if _, err := first.Head(t.Context(), "o"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.client(t).Head(t.Context(), "o"); err == nil || exchange.KindOf(err) != "" {
		t.Errorf("a second connection: %v", err)
	}
	if _, err := first.Head(t.Context(), "o"); err != nil {
		t.Errorf("the first connection: %v", err)
	}
}

// Calls under way are finished before Serve returns.
func TestStopWaits(t *testing.T) {
	r := start(t)
	inside, leave, answered := make(chan bool), make(chan bool), make(chan error)
	r.desk.during = func(context.Context) { inside <- true; <-leave }
	c := r.client(t)
	go func() { _, err := c.Push(t.Context(), batch(1, 10)); answered <- err }()
	<-inside
	r.stop()
	close(leave)
	if err := <-answered; err != nil {
		t.Errorf("Push = %v", err)
	}
	r.hasStopped(t)
}

// Calls that take too long are called off, and Serve still waits for the desk to let go.
func TestStopCallsOff(t *testing.T) {
	r := start(t, func(r *rig) { r.server.limits.stop = 20 * time.Millisecond })
	inside, answered := make(chan bool), make(chan error)
	r.desk.during = func(ctx context.Context) { inside <- true; <-ctx.Done(); r.desk.fault = ctx.Err() }
	c := r.client(t)
	go func() { _, err := c.Push(t.Context(), batch(1, 10)); answered <- err }()
	<-inside
	r.stop()
	if err := <-answered; err == nil {
		t.Error("a call that was called off succeeded")
	}
	r.hasStopped(t)
}

// hasStopped waits for Serve to return, and lets the cleanup do so again.
func (r *rig) hasStopped(t *testing.T) {
	t.Helper()
	if err := <-r.stopped; err != nil {
		t.Errorf("Serve = %v", err)
	}
	r.stopped <- nil
	if r.server.gate.inside() != 0 {
		t.Error("Serve returned while a desk was asked")
	}
	if err := r.server.gate.enter("x"); exchange.KindOf(err) != exchange.Busy {
		t.Errorf("a server that stopped lets callers in: %v", err)
	}
}
