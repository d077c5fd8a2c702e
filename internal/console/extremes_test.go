package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"verbale/internal/node"
	"verbale/internal/testbed"
)

// extremes are what parameters are sent that mean to break something.
func extremes() []string {
	return []string{"9223372036854775807", "-9223372036854775808", "0", "1", "", "NaN", "-Inf", "1e308", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z",
		"9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "%00", "\x00", "\u202e", strings.Repeat("a", 4000), `" OR 1=1 --`, "*",
		"aurelia.example/to/borea.example/1", "aurelia.example", "borea.example", "due", "best", "expired", "yes"}
}

// Every parameter of every call that reads, at its limits and beyond, with a token for all and with one for little: each has an answer, and none is our fault.
func TestExtremeParameters(t *testing.T) {
	b := testbed.New(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	b.Link(x, y)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, ref, "acknowledge", nil)
	y.Push(x)
	n := networkOf(t, x)
	tokens := []string{n.token(node.TokenRequest{Scopes: node.Scopes()}), n.token(node.TokenRequest{Scopes: node.Scopes(), Links: []string{y.Name}, TLP: "green"})}
	usual := map[string]string{"party": y.Name, "outbox": ref.Outbox, "index": "0", "words": "happened", "kind": "mitigate", "month": "2021-06",
		"from": "2021-06-01T00:00:00Z", "to": "2021-07-01T00:00:00Z", "id": "1"}
	for path, item := range newDoor(x.Node, quiet()).api.OpenAPI().Paths {
		if item.Get == nil || path == pathEvents {
			continue
		}
		for _, p := range item.Get.Parameters {
			for _, value := range extremes() {
				for _, secret := range tokens {
					r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
					r.URL = askedWith(path, item.Get.Parameters, p, value, usual)
					r.Header.Set("Authorization", "Bearer "+secret)
					w := httptest.NewRecorder()
					n.h.ServeHTTP(w, r)
					if w.Code >= http.StatusInternalServerError || w.Body.Len() == 0 {
						t.Errorf("%s with %s %q: %d %s", path, p.Name, value, w.Code, w.Body)
					}
				}
			}
		}
	}
}

// askedWith is a call with usual parameters, as far as they are needed, and one of another value.
func askedWith(path string, all []*huma.Param, changed *huma.Param, value string, usual map[string]string) *url.URL {
	raw, query := path, url.Values{}
	for _, p := range all {
		v := usual[p.Name]
		if p == changed {
			v = value
		}
		switch {
		case p.In == "path":
			path, raw = strings.ReplaceAll(path, "{"+p.Name+"}", v), strings.ReplaceAll(raw, "{"+p.Name+"}", url.PathEscape(v))
		case p.In == "query" && (p.Required || p == changed):
			query.Set(p.Name, v)
		}
	}
	return &url.URL{Path: path, RawPath: raw, RawQuery: query.Encode()}
}
