package console

import (
	"bytes"
	"encoding/json/v2"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"verbale/record"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

const documentFile = "../../docs/openapi.json"

// The document that is checked in is the one that the code gives.
func TestDocument(t *testing.T) {
	got, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(documentFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/openapi.json is not what the code gives; look at the difference, then: go test ./internal/console -run TestDocument -update\n%s",
			cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
	}
}

// Every act that can be filed, and every kind of appeal, stands in the document with its fields.
func TestDocumentedDrafts(t *testing.T) {
	for _, act := range slices.Concat(openingActs(), replyActs(), noticeActs()) {
		parts, _ := actSchemas(act)
		for name, s := range parts {
			_, kind, _ := strings.Cut(name, "-")
			fields := record.Schema(act, kind)
			if len(fields) == 0 || len(s.Properties) != len(fields) {
				t.Errorf("%s: %d members for %d fields", name, len(s.Properties), len(fields))
			}
			for _, f := range fields {
				p := s.Properties[f.Name]
				if p == nil || p.Type == "" && p.Ref == "" {
					t.Errorf("%s.%s: %+v", name, f.Name, p)
				}
			}
			if !slices.Contains(s.Required, "act") || slices.Contains(s.Required, "released_at") || slices.Contains(s.Required, "in_reply_to") {
				t.Errorf("%s requires %q", name, s.Required)
			}
		}
	}
}

// An object has the same members wherever it stands, so that its type is a name for it.
func TestObjectsHaveOneForm(t *testing.T) {
	seen := map[record.Type][]record.FieldSpec{}
	var look func(fields []record.FieldSpec)
	look = func(fields []record.FieldSpec) {
		for _, f := range fields {
			if f.Members == nil {
				continue
			}
			if before, ok := seen[f.Type]; ok && !cmp.Equal(before, f.Members) {
				t.Errorf("%s: %s", f.Type, cmp.Diff(before, f.Members))
			}
			seen[f.Type] = f.Members
			look(f.Members)
		}
	}
	for _, act := range record.Words("act") {
		for _, kind := range append(record.Words("kind"), "") {
			look(record.Schema(act, kind))
		}
	}
}

// fitting is a door whose answers are held against the schemas of the document, member by member.
func fitting(t *testing.T, d *door) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		d.ServeHTTP(rec, r)
		method, path, _ := strings.Cut(r.Pattern, " ")
		if item := d.api.OpenAPI().Paths[path]; item != nil && rec.Code == http.StatusOK {
			op := map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post}[method]
			checkAnswer(t, d, op, rec)
		}
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

func checkAnswer(t *testing.T, d *door, op *huma.Operation, rec *httptest.ResponseRecorder) {
	t.Helper()
	media := op.Responses["200"].Content[rec.Header().Get("Content-Type")]
	if media == nil {
		t.Errorf("%s answers with %s, which the document does not show", op.OperationID, rec.Header().Get("Content-Type"))
		return
	}
	if strings.HasPrefix(rec.Header().Get("Content-Type"), bundleType) {
		return
	}
	for line := range strings.Lines(rec.Body.String()) {
		var v any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Errorf("%s: %v: %s", op.OperationID, err, line)
			return
		}
		var res huma.ValidateResult
		huma.Validate(d.api.OpenAPI().Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, &res)
		for _, e := range res.Errors {
			t.Errorf("%s: %v: %s", op.OperationID, e, line)
		}
	}
}

// Nothing of a request comes back, wherever in it something strange stands.
func TestNothingEchoed(t *testing.T) {
	_, _, h := pair(t)
	const marker = "xyzzy"
	ofCase := pathCase + "?outbox=aurelia.example/to/borea.example/1&index=0"
	for _, c := range []struct{ name, method, path, body, field string }{
		{"unknown parameter", "GET", pathSelf + "?" + marker + "=1", "", ""},
		{"unknown parameter of a list", "GET", pathCases + "?" + marker + "=" + marker, "", ""},
		{"no number", "GET", pathCases + "?limit=" + marker, "", "limit"},
		{"no word", "GET", pathCases + "?turn=" + marker, "", "turn"},
		{"no time", "GET", pathLinks + "/borea.example" + pathChannel + "?from=" + marker + "&to=" + marker, "", "from"},
		{"no evidence", "GET", pathEvidence + "/" + marker + "/bundle", "", "id"},
		{"index twice", "GET", ofCase + marker, "", "index"},
		{"unknown member below", "POST", pathBundle, `{"outbox":"","index":0,"disclose":[],"` + marker + `":{"a":1}}`, ""},
		{"wrong element", "POST", pathBundle, `{"outbox":"","index":0,"disclose":[["` + marker + `"]]}`, "disclose[0]"},
		{"wrong member", "POST", pathBundle, `{"outbox":"","index":"` + marker + `","disclose":[]}`, "index"},
		{"broken string", "POST", pathBundle, `{"outbox":"` + marker + "\xff" + `"}`, ""},
		{"number that is none", "POST", pathBundle, `{"outbox":"","index":1e999,"disclose":["` + marker + `"]}`, ""},
		{"member twice in a draft", "POST", pathRecords, `{"party":"borea.example","draft":{"` + marker + `":1,"` + marker + `":2}}`, ""},
		{"key that is no text", "POST", pathRecords, `{"party":"borea.example","draft":{},"key":["` + marker + `"]}`, "key"},
		{"list that is null", "POST", pathLinks + "/borea.example" + pathConfirm, `{"words":null}`, "words"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(t, h, c.method, c.path, c.body)
			p := problemIn(t, w)
			if w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), marker) {
				t.Errorf("%d: %s", w.Code, w.Body)
			}
			if c.field != "" && !slices.ContainsFunc(p.Errors, func(e fieldError) bool { return e.Field == c.field && e.Detail != "" }) {
				t.Errorf("%s is not named: %+v", c.field, p)
			}
		})
	}
}

// A body is JSON by its Content-Type, or says nothing of it; what another page's form can send is none.
func TestContentTypes(t *testing.T) {
	_, _, h := pair(t)
	for ct, status := range map[string]int{"": http.StatusOK, "application/json": http.StatusOK, "application/json; charset=utf-8": http.StatusOK,
		"text/plain": http.StatusBadRequest, "application/x-www-form-urlencoded": http.StatusBadRequest, "text/xyzzy": http.StatusBadRequest} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, pathRebuild, strings.NewReader(`{"write":false}`))
		r.Header.Set("Content-Type", ct)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != status || strings.Contains(w.Body.String(), "xyzzy") {
			t.Errorf("%q: %d %s", ct, w.Code, w.Body)
		}
	}
}
