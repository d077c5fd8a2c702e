package console

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/internal/testbed"
	"verbale/record"
)

// network is the API of a party as the network sees it. Its clock for how often a token is used goes on by a second with each call.
type network struct {
	t *testing.T
	p *testbed.Party
	h http.Handler
}

func networkOf(t *testing.T, p *testbed.Party) *network {
	at := time.Unix(0, 0)
	return &network{t, p, NewAPI(p.Node, quiet(), func() time.Time { at = at.Add(time.Second); return at })}
}

// token makes a token and gives its secret.
func (n *network) token(q node.TokenRequest) string {
	n.t.Helper()
	if q.Name == "" {
		q.Name = fmt.Sprintf("t%d", len(mustTokens(n.t, n.p)))
	}
	_, secret, err := n.p.Node.CreateToken(n.t.Context(), q)
	if err != nil {
		n.t.Fatal(err)
	}
	return secret
}

func mustTokens(t *testing.T, p *testbed.Party) []node.Token {
	t.Helper()
	all, err := p.Node.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ask sends one request with a token, and with headers as "Name: value".
func (n *network) ask(secret, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	n.t.Helper()
	return askWith(n.t, n.h, secret, method, path, body, headers...)
}

func askWith(t testing.TB, h http.Handler, secret, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	if path == pathEvents { // which has no end of its own
		h.ServeHTTP(endingWriter{w, cancel}, r)
		return w
	}
	h.ServeHTTP(w, r)
	return w
}

// endingWriter ends a call when its answer begins.
type endingWriter struct {
	*httptest.ResponseRecorder
	end context.CancelFunc
}

func (w endingWriter) Write(b []byte) (int, error) {
	w.end()
	return w.ResponseRecorder.Write(b)
}

// get is ask for a value; want 0: the call has to succeed.
func get[T any](n *network, secret, path string, want int) (v T) {
	n.t.Helper()
	w := n.ask(secret, http.MethodGet, path, "")
	if want != 0 {
		if w.Code != want {
			n.t.Errorf("%s: %d, want %d: %s", path, w.Code, want, w.Body)
		}
		return v
	}
	if w.Code != http.StatusOK {
		n.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		n.t.Fatal(err)
	}
	return v
}

// controlOnly are the calls that no token is for.
func controlOnly() []string {
	return []string{"backup", "regain", "list-tokens", "create-token", "revoke-token"}
}

// Every call stands in the table, and every call is made with a token of every scope: it is refused as the table says.
func TestEveryCallWithEveryScope(t *testing.T) {
	a, _, _ := pair(t)
	n := networkOf(t, a)
	secrets := map[node.Scope]string{}
	for _, s := range node.Scopes() {
		secrets[s] = n.token(node.TokenRequest{Scopes: []node.Scope{s}})
	}
	limited := map[node.Scope]string{}
	for _, s := range node.Scopes() {
		limited[s] = n.token(node.TokenRequest{Scopes: []node.Scope{s}, Links: []string{"borea.example"}})
	}
	low := map[node.Scope]string{}
	for _, s := range node.Scopes() {
		low[s] = n.token(node.TokenRequest{Scopes: []node.Scope{s}, TLP: "green"})
	}
	left := maps.Clone(accesses)
	for path, item := range newDoor(a.Node, quiet()).api.OpenAPI().Paths {
		for _, op := range operationsOf(item) {
			want, known := accesses[op.OperationID]
			if known == slices.Contains(controlOnly(), op.OperationID) {
				t.Errorf("%s has to stand in the table of accesses, or among those for the control socket", op.OperationID)
			}
			delete(left, op.OperationID)
			real := strings.NewReplacer("{party}", "nobody.example", "{id}", "7", "{name}", "t0").Replace(path)
			for scope, secret := range secrets {
				w := n.ask(secret, op.Method, real, "")
				if may := known && scope == want.scope; may == (w.Code == http.StatusForbidden) || w.Code == http.StatusUnauthorized {
					t.Errorf("%s with %s: %d", op.OperationID, scope, w.Code)
				}
				w = n.ask(limited[scope], op.Method, real, "")
				if refused := w.Code == http.StatusForbidden; !refused && (!known || scope != want.scope || slices.Contains([]reach{whole, ofLink, wholeLink}, want.reach)) {
					t.Errorf("%s with %s, limited to another link: %d", op.OperationID, scope, w.Code)
				}
				w = n.ask(low[scope], op.Method, real, "")
				if refused := w.Code == http.StatusForbidden; !refused && (!known || scope != want.scope || slices.Contains([]reach{whole, wholeLink}, want.reach)) {
					t.Errorf("%s with %s, limited to a mark: %d", op.OperationID, scope, w.Code)
				}
			}
		}
	}
	for id := range left {
		t.Errorf("the table has %s, which is no call", id)
	}
}

// Without a token that is in force nothing is told, not even what there is.
func TestWithoutToken(t *testing.T) {
	a, _, _ := pair(t)
	n := networkOf(t, a)
	good := n.token(node.TokenRequest{Name: "good", Scopes: []node.Scope{node.ScopeRead}})
	revoked := n.token(node.TokenRequest{Name: "revoked", Scopes: []node.Scope{node.ScopeRead}})
	if err := a.Node.RevokeToken(t.Context(), "revoked"); err != nil {
		t.Fatal(err)
	}
	expired := n.token(node.TokenRequest{Name: "short", Scopes: []node.Scope{node.ScopeRead}, Days: 1})
	a.Bed.Later(24 * time.Hour)
	other := good[:len(good)-1] + map[bool]string{true: "A", false: "E"}[strings.HasSuffix(good, "E")]
	for name, header := range map[string]string{"none": "", "no scheme": good, "another scheme": "Basic " + good, "no secret": "Bearer ", "nonsense": "Bearer xyzzy",
		"another": "Bearer " + other, "revoked": "Bearer " + revoked, "expired": "Bearer " + expired, "two": "Bearer " + good + " " + good, "prefix": "Bearer x" + good} {
		for _, path := range []string{pathSelf, pathDocument, "/v1/nothing", "/"} {
			w := n.ask("", http.MethodGet, path, "", "Authorization: "+header)
			p := problemIn(t, w)
			if w.Code != http.StatusUnauthorized || p.Kind() != node.Unauthorised || w.Header().Get("WWW-Authenticate") != "Bearer" || strings.Contains(w.Body.String(), "xyzzy") {
				t.Errorf("%s at %s: %d %v %s", name, path, w.Code, w.Header(), w.Body)
			}
		}
	}
	if w := n.ask("", http.MethodGet, pathSelf, "", "Authorization: bearer "+good); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := n.ask(good, http.MethodGet, "/v1/nothing", ""); w.Code != http.StatusNotFound {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if doc := get[map[string]any](n, good, pathDocument, 0); doc["openapi"] != "3.1.0" {
		t.Error(doc)
	}
	for _, one := range mustTokens(t, a) {
		if used := !one.UsedAt.IsZero(); used != (one.Name == "good") {
			t.Errorf("%+v", one)
		}
	}
}

// A page of another origin may not call, whatever token it has found.
func TestOtherOrigins(t *testing.T) {
	a, _, _ := pair(t)
	n := networkOf(t, a)
	secret := n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeAdmin}})
	w := n.ask(secret, http.MethodPost, pathFsck, "", "Sec-Fetch-Site: cross-site")
	if p := problemIn(t, w); p.Kind() != node.Forbidden {
		t.Errorf("%+v", p)
	}
	if w := n.ask(secret, http.MethodPost, pathFsck, "", "Sec-Fetch-Site: same-origin"); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A token that is used too often waits, and another one does not.
func TestTooManyCalls(t *testing.T) {
	a, _, _ := pair(t)
	at := time.Unix(0, 0)
	n := &network{t, a, NewAPI(a.Node, quiet(), func() time.Time { return at })}
	one, two := n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeRead}}), n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeRead}})
	for i := range maxBurst {
		if w := n.ask(one, http.MethodGet, pathSelf, ""); w.Code != http.StatusOK {
			t.Fatalf("call %d: %d", i, w.Code)
		}
	}
	w := n.ask(one, http.MethodGet, pathSelf, "")
	if p := problemIn(t, w); p.Kind() != node.TooMany || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%+v %v", p, w.Header())
	}
	if w := n.ask(two, http.MethodGet, pathSelf, ""); w.Code != http.StatusOK {
		t.Error(w.Code)
	}
	at = at.Add(time.Second)
	for range callsEachSecond {
		if w := n.ask(one, http.MethodGet, pathSelf, ""); w.Code != http.StatusOK {
			t.Error(w.Code)
		}
	}
	if w := n.ask(one, http.MethodGet, pathSelf, ""); w.Code != http.StatusTooManyRequests {
		t.Error(w.Code)
	}
	at = at.Add(-time.Hour) // a clock that goes back gives nothing
	if w := n.ask(one, http.MethodGet, pathSelf, ""); w.Code != http.StatusTooManyRequests {
		t.Error(w.Code)
	}
}

// marked is a draft with a marking.
func marked(p *testbed.Party, tlp, subject string) record.Fields {
	f := p.Draft("clarify")
	f.SetText("tlp", tlp)
	f.SetText("subject", subject)
	return f
}

func file(t *testing.T, p *testbed.Party, to string, f record.Fields) record.Ref {
	t.Helper()
	filed, err := p.Node.File(t.Context(), to, f, "")
	if err != nil {
		t.Fatal(err)
	}
	return filed.Ref
}

func pathOf(r record.Ref) string {
	return fmt.Sprintf("%s?outbox=%s&index=%d", pathCase, r.Outbox, r.Index)
}

// A token that is limited sees the cases of its links up to its mark, wherever it looks, and nothing of the others.
func TestSight(t *testing.T) {
	bed := testbed.New(t)
	a, b, c := bed.Party("aurelia.example"), bed.Party("borea.example"), bed.Party("corda.example")
	bed.Link(a, b)
	bed.Link(a, c)
	n := networkOf(t, a)
	green, amber, red := file(t, a, b.Name, marked(a, "green", "Green")), file(t, a, b.Name, marked(a, "amber", "Amber")), file(t, a, b.Name, marked(a, "red", "Red"))
	other := file(t, a, c.Name, marked(a, "clear", "Other"))
	a.Push(b)
	b.Reply(a, green, "acknowledge", map[string]string{"tlp": "red", "note": "Hidden words"})
	b.Push(a)

	all := []node.Scope{node.ScopeRead, node.ScopeFile, node.ScopeReply, node.ScopeProve}
	secret := n.token(node.TokenRequest{Name: "soc", Scopes: all, Links: []string{b.Name}, TLP: "green"})
	everything := n.token(node.TokenRequest{Name: "all", Scopes: all})
	if got := len(get[Cases](n, everything, pathCases, 0).Cases); got != 4 {
		t.Errorf("%d cases", got)
	}
	page := get[Cases](n, secret, pathCases, 0)
	if len(page.Cases) != 1 || page.Cases[0].Subject != "Green" {
		t.Errorf("%+v", page)
	}
	one := get[Case](n, secret, pathOf(green), 0)
	if one.Hidden != 1 || len(one.Records) != 1 {
		t.Errorf("%+v", one)
	}
	for _, hidden := range []record.Ref{amber, red, other, {Outbox: "borea.example/to/aurelia.example/1"}} {
		get[Case](n, secret, pathOf(hidden), http.StatusNotFound)
		w := n.ask(secret, http.MethodPost, pathBundle, fmt.Sprintf(`{"outbox":%q,"index":%d,"disclose":["*"]}`, hidden.Outbox, hidden.Index))
		if w.Code != http.StatusNotFound {
			t.Errorf("a bundle of %v: %d", hidden, w.Code)
		}
		w = n.ask(secret, http.MethodPost, pathReplies, fmt.Sprintf(`{"outbox":%q,"index":%d,"draft":{"act":"withdraw","reason":"r","tlp":"clear"}}`, hidden.Outbox, hidden.Index))
		if w.Code != http.StatusNotFound {
			t.Errorf("a reply to %v: %d %s", hidden, w.Code, w.Body)
		}
	}
	checkBundles(n, secret, everything, green)
	links := get[Links](n, secret, pathLinks, 0).Links
	if len(links) != 1 || links[0].Party != b.Name {
		t.Errorf("%+v", links)
	}
	get[node.LinkStatus](n, secret, pathLinks+"/corda.example", http.StatusNotFound)
	if l := get[node.LinkStatus](n, secret, pathLinks+"/borea.example", 0); l.Page != nil {
		t.Error("a page with texts of notices")
	}
	for what, body := range map[string]string{
		"another link":  `{"party":"corda.example","draft":` + string(marked(a, "clear", "s").JSON()) + `}`,
		"a higher mark": `{"party":"borea.example","draft":` + string(marked(a, "amber", "s").JSON()) + `}`,
	} {
		if p := problemIn(t, n.ask(secret, http.MethodPost, pathRecords, body)); p.Kind() != node.Forbidden {
			t.Errorf("%s: %+v", what, p)
		}
	}
}

// What is hidden is not in a bundle either, whatever is asked for.
func checkBundles(n *network, secret, everything string, ref record.Ref) {
	n.t.Helper()
	body := fmt.Sprintf(`{"outbox":%q,"index":%d,"disclose":["*"]}`, ref.Outbox, ref.Index)
	for who, want := range map[string]bool{secret: false, everything: true} {
		w := n.ask(who, http.MethodPost, pathBundle, body)
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "borea.example/to/aurelia.example/1") != want {
			n.t.Errorf("%d, want the reply in it: %v", w.Code, want)
		}
	}
}

// A token files under its own name and with its own keys.
func TestFilingByToken(t *testing.T) {
	a, b, _ := pair(t)
	n := networkOf(t, a)
	one := n.token(node.TokenRequest{Name: "ticket-system", Scopes: []node.Scope{node.ScopeFile, node.ScopeRead}})
	two := n.token(node.TokenRequest{Name: "soar", Scopes: []node.Scope{node.ScopeFile}})
	draft := a.Draft("clarify")
	delete(draft, "released_by")
	body := `{"party":"` + b.Name + `","draft":` + string(draft.JSON()) + `}`
	filed := func(secret, body string, headers ...string) (f node.Filed) {
		t.Helper()
		w := n.ask(secret, http.MethodPost, pathRecords, body, headers...)
		if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body, err)
		}
		return f
	}
	first := filed(one, body, "Idempotency-Key: k")
	if again := filed(one, body, "Idempotency-Key: k"); !again.Again || again.Ref != first.Ref {
		t.Errorf("%+v", again)
	}
	if again := filed(one, strings.TrimSuffix(body, "}")+`,"key":"k"}`); !again.Again || again.Ref != first.Ref {
		t.Errorf("%+v", again)
	}
	if other := filed(two, body, "Idempotency-Key: k"); other.Again || other.Ref == first.Ref {
		t.Errorf("%+v", other)
	}
	w := n.ask(one, http.MethodPost, pathRecords, strings.TrimSuffix(body, "}")+`,"key":"k"}`, "Idempotency-Key: l")
	if p := problemIn(t, w); p.Kind() != node.Invalid {
		t.Errorf("%+v", p)
	}
	c := get[Case](n, one, pathOf(first.Ref), 0)
	if by := c.Records[0].Fields.Text("released_by"); by != "ticket-system" {
		t.Errorf("released by %q", by)
	}
	draft.SetText("released_by", "A. Officer")
	officers := filed(one, `{"party":"`+b.Name+`","draft":`+string(draft.JSON())+`}`)
	c = get[Case](n, one, pathOf(officers.Ref), 0)
	if f := c.Records[0].Fields; f.Text("released_by") != "A. Officer" || f.Text("drafted_by") != "ticket-system" {
		t.Errorf("%q, %q", f.Text("released_by"), f.Text("drafted_by"))
	}
	draft.SetText("drafted_by", "Another officer")
	w = n.ask(one, http.MethodPost, pathRecords, `{"party":"`+b.Name+`","draft":`+string(draft.JSON())+`}`)
	if p := problemIn(t, w); p.Kind() != node.Invalid {
		t.Errorf("%+v", p)
	}
}

// A list leads to its next page by itself.
func TestNextLink(t *testing.T) {
	a, b, _ := pair(t)
	n := networkOf(t, a)
	secret := n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeRead}})
	for range 5 {
		a.Appeal(b, "clarify")
	}
	var seen []int64
	next := pathCases + "?limit=2&party=borea.example"
	for next != "" {
		w := n.ask(secret, http.MethodGet, next, "")
		var page Cases
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Cases {
			seen = append(seen, l.Index)
		}
		link, found := strings.CutSuffix(w.Header().Get("Link"), `>; rel="next"`)
		if next = strings.TrimPrefix(link, "<"); found != (page.Next != 0) || found && !strings.Contains(next, "party=borea.example") {
			t.Fatalf("%v %+v", w.Header(), page.Next)
		}
	}
	if !slices.Equal(seen, []int64{4, 3, 2, 1, 0}) {
		t.Error(seen)
	}
}

// Tokens are made and ended over the control socket; what is wrong with one is said.
func TestTokens(t *testing.T) {
	_, _, h := pair(t)
	c := InProcess(h)
	ctx := t.Context()
	made, err := c.CreateToken(ctx, node.TokenRequest{Name: "soc", Scopes: []node.Scope{"read", "read", "prove"}, Links: []string{"borea.example"}, TLP: "amber", Days: 3})
	if err != nil || !strings.HasPrefix(made.Secret, "verbale_") || len(made.Scopes) != 2 || made.ExpiresAt.Sub(made.CreatedAt) != 72*time.Hour {
		t.Fatal(made, err)
	}
	for what, q := range map[string]node.TokenRequest{
		"the same name": {Name: "soc", Scopes: []node.Scope{"read"}}, "no name": {Scopes: []node.Scope{"read"}}, "a strange name": {Name: "a b", Scopes: []node.Scope{"read"}},
		"no scope": {Name: "x"}, "a strange scope": {Name: "x", Scopes: []node.Scope{"all"}}, "a strange mark": {Name: "x", Scopes: []node.Scope{"read"}, TLP: "pink"},
		"too long": {Name: "x", Scopes: []node.Scope{"read"}, Days: 4000}, "no link": {Name: "x", Scopes: []node.Scope{"read"}, Links: []string{"nobody.example"}},
	} {
		if _, err := c.CreateToken(ctx, q); err == nil {
			t.Errorf("%s: was made", what)
		}
	}
	if err := c.RevokeToken(ctx, "nobody"); node.AsError(err).Kind != node.NotFound {
		t.Error(err)
	}
	if err := c.RevokeToken(ctx, "soc"); err != nil {
		t.Error(err)
	}
	all, err := c.Tokens(ctx)
	if err != nil || len(all) != 1 || all[0].RevokedAt.IsZero() {
		t.Error(all, err)
	}
	if _, err := c.CreateToken(ctx, node.TokenRequest{Name: "soc", Scopes: []node.Scope{"read"}}); err != nil {
		t.Error(err)
	}
}

// No text that is no secret is taken for one.
func FuzzSecret(f *testing.F) {
	bed := testbed.New(f)
	a := bed.Party("aurelia.example")
	_, secret, err := a.Node.CreateToken(f.Context(), node.TokenRequest{Name: "one", Scopes: []node.Scope{node.ScopeRead}})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", secret, secret + "\n", secret[:20] + "\n" + secret[20:], strings.ToUpper(secret), secret + "=", " " + secret} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := a.Node.TokenBy(context.Background(), s); (err == nil) != (s == secret) {
			t.Errorf("%q: %v", s, err)
		}
	})
}

// Whatever stands for a cursor, there is an answer: a page, or a refusal that repeats nothing of it.
func FuzzCursor(f *testing.F) {
	bed := testbed.New(f)
	h := NewHandler(bed.Party("aurelia.example").Node, quiet())
	for _, s := range []string{"", "0", "1", "-1", "1.2", "1.-2", "1.", ".1", "1.2.3", "9223372036854775807", "9223372036854775808", "1e3", "0x1", " 1", "1;", "%00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, q := range []string{"after=" + s, "limit=" + s, "order=due&after=1&after_due=" + s, "after=" + url.QueryEscape(s)} {
			r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, pathCases, nil)
			r.URL.RawQuery = q
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
				t.Errorf("%q: %d %s", q, w.Code, w.Body)
			}
		}
	})
}

// Whatever comes as a body, there is an answer: nothing breaks, and what is refused is refused with a problem that repeats nothing.
func FuzzBodies(f *testing.F) {
	bed := testbed.New(f)
	a, b := bed.Party("aurelia.example"), bed.Party("borea.example")
	bed.Link(a, b)
	h := NewHandler(a.Node, quiet())
	paths := []string{pathRecords, pathPrepare, pathReplies, pathBundle, pathLinks, pathTokens, pathLinks + "/borea.example" + pathSuspend, pathLinks + "/borea.example" + pathConfirm}
	for i, body := range []string{`{"party":"borea.example","draft":` + string(a.Draft("clarify").JSON()) + `}`, `{"party":"borea.example","draft":{"act":"appeal","kind":"clarify"}}`,
		`{"outbox":"aurelia.example/to/borea.example/1","index":0,"draft":{"act":"withdraw","reason":"r"}}`, `{"outbox":"","index":1e9,"disclose":["*"]}`, `{"profile":""}`,
		`{"name":"x","scopes":["read"],"days":1}`, `{"draft":{"reason":"r"}}`, `{"words":["a"]}`, `null`, `[]`, `{"party":1}`, "{\"party\":\"\xff\"}", `{"draft":null,"draft":{}}`} {
		f.Add(i, body)
	}
	f.Fuzz(func(t *testing.T, i int, body string) {
		path := paths[uint(i)%uint(len(paths))]
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, strings.NewReader(body)))
		if w.Code == http.StatusInternalServerError || w.Code != http.StatusOK && w.Header().Get("Content-Type") != problemType {
			t.Errorf("%s %q: %d %s", path, body, w.Code, w.Body)
		}
	})
}
