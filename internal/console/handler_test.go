package console

import (
	"context"
	"encoding/json/v2"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"verbale/internal/node"
	"verbale/internal/testbed"
	"verbale/record"
)

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// pair is two linked parties, and the handler of the first.
func pair(t *testing.T) (a, b *testbed.Party, h http.Handler) {
	t.Helper()
	bed := testbed.New(t)
	a, b = bed.Party("aurelia.example"), bed.Party("borea.example")
	bed.Link(a, b)
	return a, b, fitting(t, newDoor(a.Node, quiet()))
}

// ask sends one request as it stands.
func ask(t *testing.T, h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	return w
}

func problemIn(t *testing.T, w *httptest.ResponseRecorder) Problem {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("no problem document: %v: %s", err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != problemType {
		t.Errorf("type %q", got)
	}
	if p.Status != w.Code {
		t.Errorf("status %d in the document, %d outside", p.Status, w.Code)
	}
	return p
}

// What does not have the form of a request is refused, and nothing of it comes back.
func TestStrangeRequests(t *testing.T) {
	_, _, h := pair(t)
	const marker = "xyzzy"
	draft := `{"act":"appeal","kind":"clarify","subject":"` + marker + `"}`
	for _, c := range []struct {
		name, method, path, body string
		kind                     node.Kind
	}{
		{"no such path", "GET", "/v1/" + marker, "", node.NotFound},
		{"no such method", "DELETE", pathLinks, "", node.NotFound},
		{"no such method of none", "PURGE", "/v1/" + marker, "", node.NotFound},
		{"path with nothing in it", "GET", "/v1//" + marker, "", node.NotFound},
		{"path that goes back", "GET", "/v1/x/../" + marker, "", node.NotFound},
		{"path that goes on", "GET", pathLinks + "/", "", node.NotFound},
		{"path that ends", "GET", "/" + marker + "/./", "", node.NotFound},
		{"no JSON", "POST", pathLinks, marker, node.Invalid},
		{"no object", "POST", pathLinks, `"` + marker + `"`, node.Invalid},
		{"empty", "POST", pathLinks, "", node.Invalid},
		{"unknown member", "POST", pathLinks, `{"profile":"","` + marker + `":1}`, node.Invalid},
		{"member twice", "POST", pathLinks, `{"profile":"","profile":"` + marker + `"}`, node.Invalid},
		{"wrong type", "POST", pathLinks, `{"profile":["` + marker + `"]}`, node.Invalid},
		{"something after", "POST", pathLinks, `{"profile":""}` + marker, node.Invalid},
		{"over the limit", "POST", pathLinks, `{"profile":"` + strings.Repeat(marker, maxBody/len(marker)) + `"}`, node.Invalid},
		{"no profile", "POST", pathLinks, `{"profile":""}`, node.Invalid},
		{"words of nobody", "POST", pathLinks + "/" + marker + pathConfirm, `{"words":["` + marker + `"]}`, node.NotLinked},
		{"no draft", "POST", pathRecords, `{"party":"borea.example"}`, node.Invalid},
		{"null draft", "POST", pathRecords, `{"party":"borea.example","draft":null}`, node.Invalid},
		{"draft of a reply", "POST", pathRecords, `{"party":"borea.example","draft":{"act":"` + marker + `"}}`, node.Invalid},
		{"incomplete draft", "POST", pathRecords, `{"party":"borea.example","draft":` + draft + `}`, node.Invalid},
		{"wrong word", "POST", pathRecords, `{"party":"borea.example","draft":{"act":"appeal","kind":"clarify","urgency":"` + marker + `"}}`, node.Invalid},
		{"reply that opens a case", "POST", pathReplies, `{"outbox":"` + marker + `","index":0,"draft":` + draft + `}`, node.Invalid},
		{"reply to a strange outbox", "POST", pathReplies, `{"outbox":"` + marker + `","index":0,"draft":{"act":"acknowledge"}}`, node.Invalid},
		{"outbox of others", "GET", pathCase + "?outbox=x." + marker + "/to/y." + marker + "/1&index=0", "", node.Invalid},
		{"no such record", "GET", pathCase + "?outbox=aurelia.example/to/borea.example/1&index=0", "", node.NotFound},
		{"strange index", "GET", pathCase + "?outbox=aurelia.example/to/borea.example/1&index=" + marker, "", node.Invalid},
		{"negative index", "GET", pathCase + "?outbox=aurelia.example/to/borea.example/1&index=-1", "", node.Invalid},
		{"strange turn", "GET", pathCases + "?turn=" + marker, "", node.Invalid},
		{"strange limit", "GET", pathCases + "?limit=" + marker, "", node.Invalid},
		{"proof of nothing", "POST", pathBundle, `{"outbox":"aurelia.example/to/borea.example/1","index":3,"disclose":["` + marker + `"],"only":false}`, node.NotFound},
		{"strange evidence", "GET", pathEvidence + "/" + marker + "/bundle", "", node.Invalid},
		{"no evidence", "GET", pathEvidence + "/7/bundle", "", node.NotFound},
		{"relative backup", "POST", pathBackup, `{"path":"` + marker + `"}`, node.Invalid},
		{"exchange with nobody", "POST", pathLinks + "/x.example" + pathExchange, "", node.NotLinked},
		{"rebuild without a word", "POST", pathRebuild, "", node.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(t, h, c.method, c.path, c.body)
			p := problemIn(t, w)
			if p.Kind() != c.kind {
				t.Errorf("kind %s, want %s: %s", p.Kind(), c.kind, p.Detail)
			}
			if p.Detail == "" {
				t.Error("nothing is said")
			}
			if c.name != "words of nobody" && strings.Contains(w.Body.String(), marker) {
				t.Errorf("what was handed in comes back: %s", w.Body)
			}
		})
	}
}

// Every mistake of a draft is told with its field and its rule.
func TestMistakesOfADraft(t *testing.T) {
	_, _, h := pair(t)
	p := problemIn(t, ask(t, h, "POST", pathRecords, `{"party":"borea.example","draft":{"act":"appeal","kind":"clarify","subject":"s","urgency":"soon"}}`))
	fields := map[string]bool{}
	for _, e := range p.Errors {
		fields[e.Field] = true
		if e.Rule == "" || e.Detail == "" {
			t.Errorf("%+v", e)
		}
	}
	for _, want := range []string{"summary", "questions", "urgency"} {
		if !fields[want] {
			t.Errorf("%s is not named: %v", want, fields)
		}
	}
}

// Both transports give the same answers, and they are those of the node.
func TestClient(t *testing.T) {
	for name, client := range map[string]func(*testing.T, http.Handler) *Client{
		"in process": func(_ *testing.T, h http.Handler) *Client { return InProcess(h) }, "over a socket": overSocket,
	} {
		t.Run(name, func(t *testing.T) {
			a, b, h := pair(t)
			c := client(t, h)
			self, err := c.Self(t.Context())
			if err != nil || self.Party != a.Name || self.Profile != a.Profile.File {
				t.Fatal(self, err)
			}
			filed, err := c.File(t.Context(), Draft{Party: b.Name, Draft: a.Draft("mitigate").JSON(), Key: name})
			if err != nil {
				t.Fatal(err)
			}
			again, err := c.File(t.Context(), Draft{Party: b.Name, Draft: a.Draft("mitigate").JSON(), Key: name})
			if err != nil || !again.Again || again.Ref != filed.Ref {
				t.Error(again, err)
			}
			x, err := c.Exchange(t.Context(), b.Name, nil)
			if err != nil || x.Receipted != 1 {
				t.Error(x, err)
			}
			b.Reply(a, filed.Ref, "acknowledge", nil)
			x, err = c.Exchange(t.Context(), b.Name, nil)
			if err != nil || x.Received != 1 {
				t.Error(x, err)
			}
			checkCase(t, a, b, c, filed.Ref)
			checkWithdrawal(t, c, filed.Ref)
			checkUpkeep(t, c)
		})
	}
}

func overSocket(t *testing.T, h http.Handler) *Client {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(context.Background(), h)
	go func() { _ = s.Serve(ln) }()
	c := Dial(socket)
	t.Cleanup(func() {
		c.Close()
		_ = s.Close()
	})
	return c
}

func checkCase(t *testing.T, a, b *testbed.Party, c *Client, ref record.Ref) {
	t.Helper()
	got, err := c.Case(t.Context(), ref.Outbox, ref.Index)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != "acknowledged" || got.Turn != b.Name || got.Must != "answer" || got.ReceivedAt.IsZero() || len(got.Records) != 2 {
		t.Errorf("%+v", got)
	}
	want, err := a.Node.Case(t.Context(), ref.Outbox, ref.Index)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Records, got.Records); diff != "" {
		t.Error(diff)
	}
	list, err := c.Cases(t.Context(), CaseQuery{Party: b.Name, Turn: "theirs", Status: "acknowledged", Limit: 5})
	if err != nil || len(list.Cases) != 1 || list.Next != 0 {
		t.Error(list, err)
	}
	mine, err := c.Cases(t.Context(), CaseQuery{Turn: "ours"})
	if err != nil || len(mine.Cases) != 0 {
		t.Error(mine, err)
	}
	raw, err := c.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: node.DefaultDisclosure()})
	if err != nil || !strings.HasPrefix(string(raw), `{"verbale":"bundle/v1"`) {
		t.Error(string(raw[:min(len(raw), 40)]), err)
	}
}

// A reply may name any record of the case; the wrong side's is refused with the rule.
func checkWithdrawal(t *testing.T, c *Client, ref record.Ref) {
	t.Helper()
	reply := func(act, more string) error {
		_, err := c.Reply(t.Context(), Reply{Outbox: ref.Outbox, Index: ref.Index, Draft: []byte(`{"act":"` + act + `"` + more + `}`)})
		return err
	}
	if e := node.AsError(reply("acknowledge", "")); e.Kind != node.NotAllowed || !strings.Contains(e.Message, "A-1") {
		t.Errorf("%+v", e)
	}
	if e := node.AsError(reply("withdraw", "")); e.Kind != node.Invalid || !strings.Contains(e.Message, "reason") {
		t.Errorf("%+v", e)
	}
	if err := reply("withdraw", `,"reason":"done with"`); err != nil {
		t.Error(err)
	}
}

func checkUpkeep(t *testing.T, c *Client) {
	t.Helper()
	audit, err := c.Fsck(t.Context(), nil)
	if err != nil || len(audit.Findings) != 0 || audit.Entries == 0 {
		t.Error(audit, err)
	}
	rebuilt, err := c.Rebuild(t.Context(), true, nil)
	if err != nil || !rebuilt.Written || len(rebuilt.Different) != 0 {
		t.Error(rebuilt, err)
	}
	path := filepath.Join(t.TempDir(), "backup.db")
	if err := c.Backup(t.Context(), path); err != nil {
		t.Error(err)
	}
	if err := c.Backup(t.Context(), path); err == nil {
		t.Error("a backup went over another")
	}
	if kept, err := c.Evidence(t.Context()); err != nil || len(kept) != 0 {
		t.Error(kept, err)
	}
	if l, err := c.Retry(t.Context(), "borea.example"); err != nil || l.Party != "borea.example" {
		t.Error(l, err)
	}
}

// Pages follow each other without a gap.
func TestPages(t *testing.T) {
	a, b, h := pair(t)
	c := InProcess(h)
	for range 5 {
		a.Appeal(b, "clarify")
	}
	var seen []int64
	q := CaseQuery{Limit: 2}
	for {
		page, err := c.Cases(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Cases {
			seen = append(seen, l.Index)
		}
		if q.After = page.Next; page.Next == 0 {
			break
		}
	}
	if !slices.Equal(seen, []int64{4, 3, 2, 1, 0}) {
		t.Error(seen)
	}
}

// A list by due time pages as well.
func TestPagesByDue(t *testing.T) {
	a, b, h := pair(t)
	c := InProcess(h)
	for i, kind := range []string{"clarify", "mitigate", "indicators", "mitigate"} { // due after 12, 4 and 24 hours
		a.Bed.Later(time.Duration(i) * time.Minute)
		a.Appeal(b, kind)
	}
	var seen []int64
	q := CaseQuery{Limit: 1, Order: "due"}
	for {
		page, err := c.Cases(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Cases {
			seen = append(seen, l.Index)
		}
		if page.Next == 0 {
			break
		}
		q.After, q.AfterDue = page.Next, page.NextDue
	}
	if !slices.Equal(seen, []int64{1, 3, 0, 2}) {
		t.Error(seen)
	}
	for what, q := range map[string]CaseQuery{"kind": {Kind: "mitigate"}, "direction": {Direction: "sent", Kind: "mitigate"}, "by due": {Order: "due", Kind: "mitigate"}} {
		if page, err := c.Cases(t.Context(), q); err != nil || len(page.Cases) != 2 {
			t.Errorf("%s: %+v %v", what, page, err)
		}
	}
	for what, q := range map[string]CaseQuery{"late": {Late: true}, "lapsed": {Lapsed: true}, "received": {Direction: "received"}, "irregular": {Irregular: true}, "level": {Level: "x"}} {
		if page, err := c.Cases(t.Context(), q); err != nil || len(page.Cases) != 0 {
			t.Errorf("%s: %+v %v", what, page, err)
		}
	}
}

// A peer that is not there is told as such, through the API as well.
func TestUnreached(t *testing.T) {
	a, b, h := pair(t)
	a.Appeal(b, "clarify")
	b.Stop()
	defer b.Restart()
	_, err := InProcess(h).Exchange(t.Context(), b.Name, nil)
	if e := node.AsError(err); e.Kind != node.Offline || e.Hint == "" {
		t.Errorf("%+v", e)
	}
}

// Links are made through the API; words that differ make none.
func TestLinks(t *testing.T) {
	bed := testbed.New(t)
	a, b := bed.Party("aurelia.example"), bed.Party("borea.example")
	c := InProcess(NewHandler(a.Node, quiet()))
	p, err := c.AddLink(t.Context(), b.Profile.File+"\n")
	if err != nil || p.Party != b.Name {
		t.Fatal(p, err)
	}
	wrong := slices.Clone(p.Words)
	wrong[0], wrong[1] = wrong[1], wrong[0]
	if _, err := c.ConfirmLink(t.Context(), b.Name, wrong); node.AsError(err).Kind != node.Invalid {
		t.Error(err)
	}
	links, err := c.Links(t.Context())
	if err != nil || len(links) != 1 || links[0].Confirmed {
		t.Error(links, err)
	}
	l, err := c.ConfirmLink(t.Context(), b.Name, p.Words)
	if err != nil || !l.Confirmed {
		t.Error(l, err)
	}
}

// The table has a row for every kind, and a kind comes out of the wire as it went in.
func TestKinds(t *testing.T) {
	kinds := []node.Kind{node.Invalid, node.NotFound, node.NotLinked, node.NotAllowed, node.Stopped, node.Unchecked, node.Conflict, node.Locked,
		node.Full, node.Damaged, node.Offline, node.Refused, node.Closed, node.Internal, node.Unauthorised, node.Forbidden, node.TooMany}
	if got := slices.Sorted(maps.Keys(statuses)); !slices.Equal(got, slices.Sorted(slices.Values(kinds))) {
		t.Error(got)
	}
	for _, k := range kinds {
		in := &node.Error{Kind: k, Message: "what", Hint: "do"}
		out := node.AsError(problemOf(in).asError())
		if out.Kind != in.Kind || out.Message != in.Message || out.Hint != in.Hint {
			t.Errorf("%+v", out)
		}
	}
	if p := problemOf(io.ErrUnexpectedEOF); p.Kind() != node.Internal {
		t.Error(p)
	}
	if p := problemOf(context.Canceled); p.Kind() != node.Closed {
		t.Error(p)
	}
	var strange Problem
	strange.Type = urnPrefix + "of-a-later-version"
	if e := node.AsError(strange.asError()); e.Kind != node.Internal {
		t.Error(e)
	}
}

// Long work tells its steps in order and then its end, whichever it is.
func TestSteps(t *testing.T) {
	full := &node.Error{Kind: node.Full, Message: "the disk is full"}
	for _, c := range []struct {
		name  string
		steps int
		err   error
	}{{"at once", 0, nil}, {"with steps", 3, nil}, {"fails at once", 0, full}, {"fails later", 2, full}} {
		t.Run(c.name, func(t *testing.T) {
			d := emptyDoor(nil, quiet())
			work(d, "upkeep", operation{id: "test", method: http.MethodPost, path: "/"}, func(_ context.Context, _ *nothing, step node.Progress) (Backup, error) {
				for i := range c.steps {
					step(int64(i+1), 10)
				}
				return Backup{"done"}, c.err
			})
			var told []int64
			var out Backup
			err := InProcess(d.mux).long(t.Context(), "/", nil, func(done, _ int64) { told = append(told, done) }, &out)
			if len(told) != c.steps {
				t.Errorf("steps: %v", told)
			}
			if c.err != nil {
				if e := node.AsError(err); e.Kind != node.Full || e.Message != full.Message {
					t.Error(err)
				}
				return
			}
			if err != nil || out.Path != "done" {
				t.Error(out, err)
			}
		})
	}
}

// An answer that breaks off is no success, and one of another program is told as such.
func TestBrokenAnswers(t *testing.T) {
	for body, kind := range map[string]node.Kind{
		"": node.Internal,
		`{"progress":{"done":1,"total":2}}` + "\n": node.Internal,
		"<html>\n":                     node.Internal,
		strings.Repeat("x", maxLine+1): node.Internal,
	} {
		err := readSteps(strings.NewReader(body), nil, nil)
		if err == nil || node.AsError(err).Kind != kind {
			t.Errorf("%.20q: %v", body, err)
		}
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) })
	if _, err := InProcess(h).Self(t.Context()); node.AsError(err).Kind != node.Internal {
		t.Error(err)
	}
	if _, err := Dial(filepath.Join(t.TempDir(), "nobody")).Self(t.Context()); err == nil {
		t.Error("an answer of nobody")
	}
}

// A caller that leaves does not keep the handler.
func TestCallerLeaves(t *testing.T) {
	ended := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		_, _ = io.WriteString(w, "too late")
		close(ended)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := InProcess(h).Self(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-ended
}
