package console

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/internal/testbed"
)

// stuckBody is a body that says when it is read, and has no end until it is told.
type stuckBody struct {
	read chan<- struct{}
	end  <-chan struct{}
	once sync.Once
}

func (b *stuckBody) Read([]byte) (int, error) {
	b.once.Do(func() { b.read <- struct{}{} })
	<-b.end
	return 0, io.EOF
}

// A token that sends bodies which do not end keeps only its own calls waiting.
func TestOneTokenTakesNotAllTurns(t *testing.T) {
	b := testbed.New(t)
	x := b.Party("aurelia.example")
	n := networkOf(t, x)
	n.h = &gate{door: newDoor(x.Node, quiet()), meter: &meter{now: time.Now, calls: map[int64]bucket{}}, turns: &turns{of: map[int64]chan struct{}{}}}
	slow := n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeFile, node.ScopeRead}})
	other := n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeRead}})
	read, end := make(chan struct{}), make(chan struct{})
	var calls sync.WaitGroup
	for range maxAtOnceEach {
		calls.Go(func() {
			r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, pathRecords, &stuckBody{read: read, end: end})
			r.Header.Set("Authorization", "Bearer "+slow)
			n.h.ServeHTTP(httptest.NewRecorder(), r)
		})
		<-read
	}
	if w := n.ask(slow, http.MethodGet, pathCases, ""); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("one call more: %d %s", w.Code, w.Body)
	}
	if w := n.ask(other, http.MethodGet, pathCases, ""); w.Code != http.StatusOK {
		t.Errorf("another token: %d %s", w.Code, w.Body)
	}
	if w := n.ask(slow, http.MethodGet, pathEvents, ""); w.Code != http.StatusOK {
		t.Errorf("a listener: %d %s", w.Code, w.Body)
	}
	close(end)
	calls.Wait()
	if w := n.ask(slow, http.MethodGet, pathCases, ""); w.Code != http.StatusOK {
		t.Errorf("when they have ended: %d %s", w.Code, w.Body)
	}
}

// A token may use as long a key as the document says, and the keys of two tokens never meet.
func TestLongestFilingKey(t *testing.T) {
	b := testbed.New(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	b.Link(x, y)
	n := networkOf(t, x)
	draft := x.Draft("clarify")
	delete(draft, "released_by")
	body := fmt.Sprintf(`{"party":"borea.example","draft":%s}`, draft.JSON())
	longest := "Idempotency-Key: " + strings.Repeat("k", node.MaxFilingKey)
	one, two := n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeFile}}), n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeFile}})
	for i, secret := range []string{one, one, two} {
		if w := n.ask(secret, http.MethodPost, pathRecords, body, longest); w.Code != http.StatusOK {
			t.Errorf("call %d: %d %s", i, w.Code, w.Body)
		}
	}
	if cases := x.Cases(y); len(cases) != 2 {
		t.Errorf("%d cases, want one of each token", len(cases))
	}
	if w := n.ask(one, http.MethodPost, pathRecords, body, longest+"k"); w.Code != http.StatusBadRequest {
		t.Errorf("one more letter: %d %s", w.Code, w.Body)
	}
}
