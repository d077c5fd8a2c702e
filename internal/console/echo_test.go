package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"verbale/internal/node"
	"verbale/internal/testbed"
	"verbale/record"
)

// Whatever rule a call breaks, and wherever the mistake stands: no problem repeats what was submitted, to whom it may be shown or where it may be logged.
func TestNoRuleRepeatsAValue(t *testing.T) {
	b := testbed.New(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	b.Link(x, y)
	n := networkOf(t, x)
	secret := n.token(node.TokenRequest{Scopes: node.Scopes()})
	const marker = "xyzzy"
	bad := func(f record.Fields, change ...string) string {
		delete(f, "released_by")
		return strings.NewReplacer(change...).Replace(string(f.JSON()))
	}
	rules := func(change ...string) string { return bad(x.Proposal(y, 1), change...) }
	entry := func(change ...string) string { return bad(x.Entry(), change...) }
	ofLink := pathLinks + "/borea.example"
	for _, c := range []struct{ name, method, path, body string }{
		{"party of a body", "POST", ofLink + pathRules, fmt.Sprintf(`{"draft":%s}`, rules(`"party":"aurelia.example"`, `"party":"xyzzy.example"`))},
		{"authority of a competence", "POST", pathHouses, fmt.Sprintf(`{"draft":%s}`, entry(`"authority":"Court","direction"`, `"authority":"xyzzy","direction"`))},
		{"authority of a contact", "POST", pathHouses, fmt.Sprintf(`{"draft":%s}`, entry(`"authority":"Court","hours"`, `"authority":"xyzzy","hours"`))},
		{"redirection", "POST", pathHouses, fmt.Sprintf(`{"draft":%s}`, entry(`"name":"Court"`, `"name":"Court","redirect_to":"xyzzy"`))},
		{"deputy", "POST", pathHouses, fmt.Sprintf(`{"draft":%s}`, entry(`"authority":"Court","hours"`, `"authority":"Court","deputy_for":"xyzzy","hours"`))},
		{"party of an entry", "POST", pathHouses, fmt.Sprintf(`{"parties":["xyzzy.example"],"draft":%s}`, entry())},
		{"party of a draft", "POST", pathRecords, fmt.Sprintf(`{"party":"xyzzy.example","draft":%s}`, bad(x.Draft("clarify")))},
		{"party of a link", "GET", pathLinks + "/xyzzy.example", ""},
		{"party of statistics", "GET", pathLinks + "/xyzzy.example" + pathStats, ""},
		{"party of an arrangement", "GET", pathLinks + "/xyzzy.example" + pathRules, ""},
		{"party of a directory", "GET", pathLinks + "/xyzzy.example" + pathHouse, ""},
		{"party of pings", "GET", pathLinks + "/xyzzy.example" + pathPings, ""},
		{"kind of a competence", "GET", ofLink + pathWho + "?kind=xyzzy", ""},
		{"status", "GET", pathCases + "?status=xyzzy", ""},
		{"place of an arrangement", "GET", ofLink + pathRule + "?outbox=xyzzy&index=3", ""},
		{"words", "GET", pathSearch + "?words=" + strings.Repeat("xyzzy+", 30), ""},
		{"since", "GET", pathSearch + "?words=a+b&since=xyzzy", ""},
		{"outbox", "POST", pathBundle, `{"outbox":"aurelia.example/to/xyzzy.example/1","index":0,"disclose":[]}`},
		{"kind of an appeal", "POST", pathRecords, fmt.Sprintf(`{"party":"borea.example","draft":%s}`, bad(x.Draft("clarify"), `"kind":"clarify"`, `"kind":"xyzzy"`))},
		{"figures", "POST", ofLink + pathStats, `{"file":{"by":"xyzzy"}}`},
		{"month", "POST", ofLink + pathTally, `{"month":"xyzzy"}`},
		{"relay", "POST", pathRelays, `{"party":"xyzzy.example"}`},
		{"last event", "GET", pathEvents, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := n.ask(secret, c.method, c.path, c.body, "Last-Event-ID: xyzzy")
			if w.Code < http.StatusBadRequest || strings.Contains(w.Body.String(), marker) {
				t.Errorf("%d: %s", w.Code, w.Body)
			}
		})
	}
}
