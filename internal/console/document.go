package console

import (
	"encoding/json/jsontext"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"verbale/internal/node"
	"verbale/record"
)

const (
	schemaPrefix = "#/components/schemas/"
	apiVersion   = "1.0.0"
)

// The schemas of drafts. A door takes any object there, for a draft is held against record's own tables, which name each mistake; the
// document shows what these tables say.
const (
	caseDraft   = "CaseDraft"
	replyDraft  = "ReplyDraft"
	noticeDraft = "NoticeDraft"
)

func draftSchemas() map[string]*huma.Schema {
	return map[string]*huma.Schema{caseDraft: {Type: huma.TypeObject}, replyDraft: {Type: huma.TypeObject}, noticeDraft: {Type: huma.TypeObject}}
}

// anyValue stands for JSON of any form.
type anyValue struct{}

// Schema is that of any value.
func (anyValue) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

// reference stands for a record.Ref.
type reference struct {
	Index  int64  `json:"index" minimum:"0"`
	Leaf   string `json:"leaf" pattern:"^[A-Za-z0-9_-]{43}$" doc:"leaf hash of RFC 6962, b64u"`
	Outbox string `json:"outbox" doc:"origin of the outbox"`
}

// TransformSchema shows what a draft may be.
func (Draft) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return withDraft(s, caseDraft)
}

// TransformSchema shows what a draft may be.
func (Reply) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return withDraft(s, replyDraft)
}

// TransformSchema shows what a draft may be.
func (Notice) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return withDraft(s, noticeDraft)
}

func withDraft(s *huma.Schema, name string) *huma.Schema {
	s.Properties["draft"] = &huma.Schema{Ref: schemaPrefix + name}
	return s
}

// schemaName names the schema of a type as the type; of two with one name, that of package node is told apart.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if t == reflect.TypeFor[node.Pings]() {
		return "OwnPings"
	}
	return name
}

// refused is the answer of every call that was not done.
const refused = "Refused"

func documentHead(schemas huma.Registry) *huma.OpenAPI {
	problem := schemas.Schema(reflect.TypeFor[Problem](), true, "")
	schemas.RegisterTypeAlias(reflect.TypeFor[record.Ref](), reflect.TypeFor[reference]())
	return &huma.OpenAPI{OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "Verbale", Version: apiVersion, License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			Description: "What a party's own staff and programs ask of its node. Records, their acts and their fields are explained in spec/acts.md."},
		Servers: []*huma.Server{{URL: "http://127.0.0.1:7444", Description: "verbale serve --api"}},
		Tags: []*huma.Tag{
			{Name: "cases", Description: "Appeals, pings and all that is filed"},
			{Name: "events", Description: "What happens, as it happens"},
			{Name: "desk", Description: "What waits for whom, and what is looked for"},
			{Name: "directory", Description: "Who is competent for what, and the rules of a link"},
			{Name: "links", Description: "Peers, and how the way to them stands"},
			{Name: "proofs", Description: "Bundles for outsiders"},
			{Name: "register", Description: "What dates everything else"},
			{Name: "relays", Description: "Who takes entries when a peer is away"},
			{Name: "tokens", Description: "Who may call over the network: over the control socket only"},
			{Name: "upkeep", Description: "Checking, backing up, recovering"},
		},
		Components: &huma.Components{Schemas: schemas, Responses: map[string]*huma.Response{refused: {Description: "Refused, with what to do about it",
			Headers: map[string]*huma.Param{"Retry-After": {Description: "seconds to wait, with the status 429", Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}}},
			Content: map[string]*huma.MediaType{problemType: {Schema: problem}}}}}}
}

// Document gives the OpenAPI document of the API, as it is checked in at docs/openapi.json.
func Document() ([]byte, error) {
	d := newDoor(nil, slog.New(slog.DiscardHandler))
	doc := d.api.OpenAPI()
	schemas := doc.Components.Schemas.Map()
	for _, name := range []string{"ErrorModel", "ErrorDetail"} { // huma's own, which never go out
		delete(schemas, name)
	}
	slices.SortFunc(doc.Tags, func(a, b *huma.Tag) int { return strings.Compare(a.Name, b.Name) })
	letGrow(doc)
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "made by: verbale token create"}}
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			if a, ok := accesses[op.OperationID]; ok {
				op.Security = []map[string][]string{{"token": {string(a.scope)}}}
			} else {
				op.Description = "Only over the control socket: no token is for it."
				op.Security = []map[string][]string{}
			}
		}
	}
	for name, acts := range map[string][]string{caseDraft: openingActs(), replyDraft: replyActs(), noticeDraft: noticeActs()} {
		schemas[name] = &huma.Schema{Description: "one of these; what is not required is filled in"}
		for _, act := range acts {
			parts, members := actSchemas(act)
			maps.Copy(schemas, parts)
			maps.Copy(schemas, members)
			for _, part := range slices.Sorted(maps.Keys(parts)) {
				schemas[name].OneOf = append(schemas[name].OneOf, &huma.Schema{Ref: schemaPrefix + part})
			}
		}
	}
	raw, err := doc.MarshalJSON()
	if err != nil {
		return nil, err
	}
	v := jsontext.Value(raw)
	if err := v.Indent(jsontext.WithIndent("  ")); err != nil {
		return nil, err
	}
	return append(v, '\n'), nil
}

// letGrow allows answers members that this version does not know. Requests stay strict.
func letGrow(doc *huma.OpenAPI) {
	asked := map[*huma.Schema]bool{}
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			if op.RequestBody == nil {
				continue
			}
			for _, m := range op.RequestBody.Content {
				visit(doc, m.Schema, asked, func(*huma.Schema) {})
			}
		}
	}
	eachSchema(doc, func(s *huma.Schema) {
		if !asked[s] && s.AdditionalProperties == false {
			s.AdditionalProperties = nil
		}
	})
}

// actSchemas gives the schemas of an act by name, of an appeal one for each kind, and those of the objects that they have.
func actSchemas(act string) (parts, members map[string]*huma.Schema) {
	parts, members = map[string]*huma.Schema{}, map[string]*huma.Schema{}
	if record.Known(act, "") {
		parts["Act-"+act] = actSchema(act, "", members)
		return parts, members
	}
	for _, kind := range record.Words("kind") {
		if record.Known(act, kind) {
			parts[strings.ToUpper(act[:1])+act[1:]+"-"+kind] = actSchema(act, kind, members)
		}
	}
	return parts, members
}

func actSchema(act, kind string, members map[string]*huma.Schema) *huma.Schema {
	draft := record.Fields{}
	draft.SetText("act", act)
	draft.SetText("kind", kind)
	filled := node.Complete(draft, time.Unix(0, 0), "somebody")
	s := objectSchema(record.Schema(act, kind), members)
	s.Required = slices.DeleteFunc(s.Required, func(name string) bool {
		_, ok := filled[name]
		return ok && name != "act" && name != "kind" || name == "in_reply_to" || name == "effective_at" // the call makes the reference, and a notice begins now
	})
	s.Properties["act"] = &huma.Schema{Type: huma.TypeString, Enum: []any{act}}
	if kind != "" {
		s.Properties["kind"] = &huma.Schema{Type: huma.TypeString, Enum: []any{kind}}
	}
	return s
}

func objectSchema(fields []record.FieldSpec, members map[string]*huma.Schema) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	for _, f := range fields {
		one := fieldSchema(f, members)
		if f.List > 0 {
			one = &huma.Schema{Type: huma.TypeArray, Items: one, MinItems: new(1), MaxItems: new(f.List)}
		}
		switch f.Need {
		case record.Mandatory:
			s.Required = append(s.Required, f.Name)
		case record.Conditional:
			if one.Ref == "" { // beside a reference it would be another schema to some readers
				one.Description = "needed in some cases: see spec/acts.md"
			}
		}
		s.Properties[f.Name] = one
	}
	return s
}

// fieldSchema gives the schema of one value of a field. Objects go into members, by their type.
func fieldSchema(f record.FieldSpec, members map[string]*huma.Schema) *huma.Schema {
	switch f.Type {
	case record.TypeWord:
		s := &huma.Schema{Type: huma.TypeString}
		for _, w := range f.Words {
			s.Enum = append(s.Enum, w)
		}
		return s
	case record.TypeTime:
		return &huma.Schema{Type: huma.TypeString, Format: "date-time", Description: "in UTC, with whole seconds: 2026-07-12T09:00:00Z"}
	case record.TypeBool:
		return &huma.Schema{Type: huma.TypeBoolean}
	case record.TypeInt:
		least := 1.0
		if f.Zero {
			least = 0
		}
		return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &least, Maximum: new(float64(f.Max))}
	case record.TypeBase64:
		return &huma.Schema{Type: huma.TypeString, Pattern: "^[A-Za-z0-9_-]+$", Description: "base64url without padding"}
	case record.TypeRef:
		return &huma.Schema{Ref: schemaPrefix + "Reference"}
	case record.TypeKeys:
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString}}
	}
	if f.Members != nil {
		name := "Field-" + string(f.Type)
		members[name] = objectSchema(f.Members, members)
		return &huma.Schema{Ref: schemaPrefix + name}
	}
	s := &huma.Schema{Type: huma.TypeString, MinLength: new(1)}
	if f.Max > 0 {
		s.MaxLength = new(f.Max)
	}
	if f.Form != "" {
		s.Description = "form: " + string(f.Form) + " (spec/acts.md)"
	}
	return s
}

func operationsOf(item *huma.PathItem) []*huma.Operation {
	return slices.DeleteFunc([]*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch}, func(op *huma.Operation) bool { return op == nil })
}

// eachSchema calls fn with every schema of the document, once.
func eachSchema(doc *huma.OpenAPI, fn func(*huma.Schema)) {
	seen := map[*huma.Schema]bool{}
	for _, s := range doc.Components.Schemas.Map() {
		visit(doc, s, seen, fn)
	}
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			for _, p := range op.Parameters {
				visit(doc, p.Schema, seen, fn)
			}
			for _, res := range op.Responses {
				for _, m := range res.Content {
					visit(doc, m.Schema, seen, fn)
				}
			}
		}
	}
}

// visit calls fn with s and all that it is made of, where seen has them not.
func visit(doc *huma.OpenAPI, s *huma.Schema, seen map[*huma.Schema]bool, fn func(*huma.Schema)) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	fn(s)
	if s.Ref != "" {
		visit(doc, doc.Components.Schemas.SchemaFromRef(s.Ref), seen, fn)
	}
	more, _ := s.AdditionalProperties.(*huma.Schema)
	for _, below := range slices.Concat([]*huma.Schema{s.Items, more}, s.OneOf, slices.Collect(maps.Values(s.Properties))) {
		visit(doc, below, seen, fn)
	}
}
