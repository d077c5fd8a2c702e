package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/openapi"
	rules "github.com/speakeasy-api/openapi/openapi/linter"
	"github.com/speakeasy-api/openapi/validation"
)

// documentFile is the API as it is checked in; internal/console tests that it is what the code gives.
var documentFile = filepath.Join("..", "docs", "openapi.json")

// notForUs are the rules of the linter that the document breaks, and why it may.
var notForUs = map[string]string{
	"owasp-string-restricted":         "texts of people have no pattern; what has one is checked by record's tables",
	"owasp-string-limit":              "answers are as long as what they tell of; fields of drafts have their limits, and every body has one",
	"owasp-integer-limit":             "counts have no end but that of int64",
	"owasp-array-limit":               "lists of answers end with the page or with what there is",
	"owasp-no-additional-properties":  "answers grow by members that older clients do not know, and a record's fields are those of its act",
	"owasp-no-numeric-ids":            "pieces of evidence are numbered by the node, for a token that sees them all",
	"owasp-rate-limit":                "Retry-After says all that a caller needs",
	"owasp-security-hosts-https-oas3": "the server named is that of the same machine; further away there has to be TLS",
	"style-info-contact":              "the project has no address of its own yet",
}

// Another maker's reader takes the document for OpenAPI 3.1, and its linter finds no fault in it.
func TestDocumentIsOpenAPI(t *testing.T) {
	raw := must[[]byte](t)(os.ReadFile(documentFile))
	broken := faults(t, raw)
	for rule, found := range broken {
		if notForUs[rule] == "" {
			t.Errorf("%s: %s", rule, found)
		}
	}
	for rule := range notForUs {
		if broken[rule] == "" {
			t.Errorf("%s is set aside, and nothing breaks it any more: take it out", rule)
		}
	}
	for what, change := range map[string][2]string{
		"two calls of one name":        {`"operationId": "list-links"`, `"operationId": "list-cases"`},
		"a schema of nobody":           {`"$ref": "#/components/schemas/Cases"`, `"$ref": "#/components/schemas/Nobody"`},
		"a path without its parameter": {`"/v1/links/{party}"`, `"/v1/links/{partner}"`},
		"a strange type":               {`"type": "boolean"`, `"type": "bool"`},
	} {
		bad := bytes.Replace(raw, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(bad, raw) {
			t.Errorf("%s: the document has no %s", what, change[0])
		}
		if len(faults(t, bad)) <= len(broken) {
			t.Errorf("%s: no fault is found", what)
		}
	}
}

// faults gives what the linter finds, the first of each rule. Hints are no faults.
func faults(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	doc, invalid, err := openapi.Unmarshal(t.Context(), bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	l := must[*rules.Linter](t)(rules.NewLinter(linter.NewConfig()))
	out := must[*linter.Output](t)(l.Lint(t.Context(), linter.NewDocumentInfo(doc, documentFile), invalid, nil))
	found := map[string]string{}
	for _, err := range out.Results {
		e, ok := err.(*validation.Error)
		switch {
		case !ok:
			found[err.Error()] = err.Error()
		case e.Severity != validation.SeverityHint && found[e.Rule] == "":
			found[e.Rule] = err.Error()
		}
	}
	return found
}
