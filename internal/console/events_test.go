package console

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"verbale/internal/node"
)

// errEnough ends a listening of the tests.
var errEnough = errors.New("enough")

// listens calls for events over a socket until there are want of them, and gives them.
func listens(t *testing.T, c *Client, after int64, want int) (seen []Event) {
	t.Helper()
	err := c.Events(t.Context(), after, func(e Event) error {
		if seen = append(seen, e); len(seen) == want {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	return seen
}

// Whoever listens hears of each change; whoever comes back hears of what was missed, also over a restart of the node.
func TestEvents(t *testing.T) {
	a, b, _ := pair(t)
	c := overSocket(t, NewHandler(a.Node, quiet()))
	heard := make(chan Event)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	first := a.Appeal(b, "clarify")
	go func() {
		ended <- c.Events(ctx, 0, func(e Event) error { heard <- e; return nil })
	}()
	if e := <-heard; e.Leaf == "" || e.Subject == "" || e.Status != "sent" || e.Index != first.Index || e.Changed == 0 {
		t.Errorf("%+v", e)
	}
	a.Push(b)
	if e := <-heard; e.Status != "received" {
		t.Errorf("%+v", e)
	}
	b.Reply(a, first, "acknowledge", nil)
	b.Push(a)
	e := <-heard
	if e.Status != "acknowledged" {
		t.Errorf("%+v", e)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	second := a.Appeal(b, "mitigate")
	if got := listens(t, c, e.Changed, 1); got[0].Index != second.Index || got[0].Changed <= e.Changed {
		t.Errorf("%+v", got)
	}
	if got := listens(t, c, 0, 2); got[0].Index != first.Index || got[1].Index != second.Index {
		t.Errorf("%+v", got)
	}
	a.Stop()
	a.Restart()
	again := overSocket(t, NewHandler(a.Node, quiet()))
	if got := listens(t, again, e.Changed, 1); got[0].Index != second.Index {
		t.Errorf("%+v", got)
	}
	if got := listens(t, again, 1_000_000, 2); got[0].Index != first.Index { // it has seen more than there is: the node was restored
		t.Errorf("%+v", got)
	}
}

// streamOf opens the stream of events with a token, over a real connection, and gives its lines.
func streamOf(t *testing.T, n *network, secret, query string, headers ...string) (status int, lines *bufio.Scanner) {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(context.Background(), n.h)
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Close() })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+ln.Addr().String()+pathEvents+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if ct := res.Header.Get("Content-Type"); res.StatusCode == http.StatusOK && ct != eventsType {
		t.Errorf("type %q", ct)
	}
	return res.StatusCode, bufio.NewScanner(res.Body)
}

// until reads lines up to one that begins so, and gives it; "" when the stream ends before.
func until(lines *bufio.Scanner, prefix string) string {
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), prefix) {
			return lines.Text()
		}
	}
	return ""
}

// A limited token hears of what it may see, and goes on behind what it may not.
func TestEventsSeen(t *testing.T) {
	a, b, _ := pair(t)
	n := networkOf(t, a)
	secret := n.token(node.TokenRequest{Name: "soc", Scopes: []node.Scope{node.ScopeRead}, TLP: "green"})
	file(t, a, b.Name, marked(a, "red", "Hidden"))
	_, lines := streamOf(t, n, secret, "?after=0")
	until(lines, "id: 0")
	behind := until(lines, "id: ")
	file(t, a, b.Name, marked(a, "green", "Shown"))
	if data := until(lines, "data: "); !strings.Contains(data, `"subject":"Shown"`) || strings.Contains(data, "Hidden") {
		t.Error(data)
	}
	_, lines = streamOf(t, n, secret, "?after=0", "Last-Event-ID: "+strings.TrimPrefix(behind, "id: "))
	if data := until(lines, "data: "); !strings.Contains(data, `"subject":"Shown"`) {
		t.Error(data)
	}
	if err := a.Node.RevokeToken(t.Context(), "soc"); err != nil {
		t.Fatal(err)
	}
	file(t, a, b.Name, marked(a, "green", "Too late"))
	if data := until(lines, "data: "); data != "" {
		t.Errorf("a token that was revoked hears %s", data)
	}
}

// Silence is broken now and then, and a server that ends does not wait for its listeners.
func TestHeartbeat(t *testing.T) {
	a, _, _ := pair(t)
	d := newDoor(a.Node, quiet())
	d.listeners.heartbeat = time.Millisecond
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(context.Background(), d.mux)
	go func() { _ = s.Serve(ln) }()
	res, err := http.Get("http://" + ln.Addr().String() + pathEvents)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for range 3 {
		if got := until(lines, ":"); got != ": still here" {
			t.Error(got)
		}
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if got := until(lines, "event"); got != "" || lines.Err() != nil {
		t.Error(got, lines.Err())
	}
}

// pipes is a listener whose connections hold nothing back: what is written waits until it is read.
type pipes struct {
	net.Listener
	dialled chan net.Conn
}

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p.dialled
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

// Who does not read is left, and its place is free again.
func TestSlowReader(t *testing.T) {
	a, b, _ := pair(t)
	d := newDoor(a.Node, quiet())
	d.listeners.patience = time.Millisecond
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := pipes{ln, make(chan net.Conn)}
	left := make(chan struct{})
	s := NewServer(context.Background(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mux.ServeHTTP(w, r)
		close(left)
	}))
	go func() { _ = s.Serve(p) }()
	defer s.Close()
	ours, theirs := net.Pipe()
	p.dialled <- theirs
	if _, err := ours.Write([]byte("GET " + pathEvents + "?after=0 HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	a.Appeal(b, "clarify")
	<-left // nobody has read a byte
	if d.listeners.all != 0 {
		t.Errorf("%d listeners", d.listeners.all)
	}
	_ = ours.Close()
	close(p.dialled)
}

// There are only so many listeners, and each token has only some of them.
func TestListeners(t *testing.T) {
	l := &listeners{of: map[int64]int{}}
	var entered []int64
	for id := range int64(maxListeners) {
		for range maxListenersEach + 1 {
			if err := l.enter(id); err == nil {
				entered = append(entered, id)
			} else if node.AsError(err).Kind != node.TooMany {
				t.Fatal(err)
			}
		}
	}
	if len(entered) != maxListeners || slices.Max(entered) != maxListeners/maxListenersEach-1 {
		t.Errorf("%d entered, up to %d", len(entered), slices.Max(entered))
	}
	l.leave(0)
	if err := l.enter(99); err != nil {
		t.Error(err)
	}
}

// Strange places to begin at are refused as anything else.
func TestEventsAsked(t *testing.T) {
	a, _, _ := pair(t)
	h := NewHandler(a.Node, quiet())
	for _, after := range []string{"x", "-2", "9223372036854775808", "1.5"} {
		if p := problemIn(t, ask(t, h, http.MethodGet, pathEvents+"?after="+after, "")); p.Kind() != node.Invalid {
			t.Errorf("%s: %+v", after, p)
		}
	}
	n := networkOf(t, a)
	secret := n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeRead}})
	if status, _ := streamOf(t, n, secret, "", "Last-Event-ID: abc"); status != http.StatusBadRequest {
		t.Error(status)
	}
	if newest, err := a.Node.NewestChange(t.Context()); err != nil || newest != 0 {
		t.Error(newest, err)
	}
	_, lines := streamOf(t, n, secret, "")
	if got := until(lines, "id: "); got != "id: "+strconv.Itoa(0) {
		t.Error(got)
	}
}
