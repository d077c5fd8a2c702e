package console

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strings"
	"sync"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"verbale/internal/node"
)

// handler is the node behind HTTP.
type handler struct {
	n         *node.Node
	log       *slog.Logger
	listeners *listeners
}

// NewHandler serves the API for n. Failures that are ours are logged; refusals are the caller's business.
func NewHandler(n *node.Node, log *slog.Logger) http.Handler { return newDoor(n, log) }

type endingKey struct{}

// NewServer serves h, on a control socket or to the network: with limits on what a broken caller may hold. Streams that have no end of their
// own end when its Shutdown begins.
func NewServer(ctx context.Context, h http.Handler) *http.Server {
	ending, end := context.WithCancel(ctx)
	base := context.WithValue(ctx, endingKey{}, ending)
	s := &http.Server{Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return base }}
	s.RegisterOnShutdown(end)
	return s
}

// door is all calls, with what huma knows of them: it reads parameters and bodies, holds them against the schemas that the document
// (docs/openapi.json) shows, and refuses what does not fit.
type door struct {
	*handler
	mux   *http.ServeMux
	api   huma.API
	doc   func() ([]byte, error)
	names map[string]bool // of every parameter and member that the document shows: only these are ever named in a problem
}

func newDoor(n *node.Node, log *slog.Logger) *door {
	d := emptyDoor(n, log)
	d.aboutLinks()
	d.aboutCases()
	d.aboutDesk()
	d.aboutStatistics()
	d.aboutEvents()
	d.aboutDirectory()
	d.aboutArrangements()
	d.aboutProofs()
	d.aboutRegister()
	d.aboutRelays()
	d.aboutUpkeep()
	d.aboutTokens()
	d.mux.HandleFunc("/", d.nothingHere)
	d.settle()
	return d
}

// ServeHTTP answers a call. What is no path as the document has them is nothing here: the mux would send it elsewhere, with its own words.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p := r.URL.Path; p != "/" && p != path.Clean(p) || r.RequestURI == "*" {
		d.nothingHere(w, r)
		return
	}
	d.mux.ServeHTTP(w, r)
}

// emptyDoor is a door without calls.
func emptyDoor(n *node.Node, log *slog.Logger) *door {
	d := &door{handler: &handler{n: n, log: log, listeners: &listeners{heartbeat: heartbeatEvery, patience: slowReader, of: map[int64]int{}}}, mux: http.NewServeMux(), doc: sync.OnceValues(Document), names: map[string]bool{}}
	schemas := huma.NewMapRegistry(schemaPrefix, schemaName)
	schemas.RegisterTypeAlias(reflect.TypeFor[jsontext.Value](), reflect.TypeFor[anyValue]())
	maps.Copy(schemas.Map(), draftSchemas())
	format := huma.Format{Marshal: d.marshal, Unmarshal: unmarshal}
	d.api = humago.New(d.mux, huma.Config{
		OpenAPI:                      documentHead(schemas),
		Formats:                      map[string]huma.Format{"application/json": format, "json": format}, // the latter: problem+json
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		// huma makes its errors by package variables, which are one for the whole process; so they are replaced where they are written.
		Transformers: []huma.Transformer{d.ownProblem},
	})
	d.api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) { next(statusContext{ctx}) }, d.guard)
	return d
}

// marshal writes a whole value or nothing: when the caller is gone nobody is left to be told.
func (h *handler) marshal(w io.Writer, v any) error {
	raw, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		h.log.Error("an answer cannot be written", "error", err.Error())
		return err
	}
	_, _ = w.Write(raw)
	return nil
}

// unmarshal is strict: each member is known, and there once.
func unmarshal(data []byte, v any) error {
	return json.Unmarshal(data, v, json.RejectUnknownMembers(true))
}

// An operation is one call as the document shows it.
type operation struct {
	id, method, path, summary string
	most                      int64 // bytes of the body; 0: maxBody
}

func (d *door) describe(op operation, tag string, success *huma.Response) huma.Operation {
	if op.most == 0 {
		op.most = maxBody
	}
	out := huma.Operation{OperationID: op.id, Method: op.method, Path: op.path, Summary: op.summary, Tags: []string{tag},
		MaxBodyBytes: op.most + 1, // huma refuses a body of exactly so many
		// A deadline for the body would outlast it and end calls that take longer. Callers are known: this very machine, or a token.
		BodyReadTimeout: -1,
		Responses:       map[string]*huma.Response{}}
	for _, status := range []string{"400", "401", "403", "404", "429", "500", "default"} {
		out.Responses[status] = &huma.Response{Ref: "#/components/responses/" + refused}
	}
	if success != nil {
		out.Responses["200"] = success
	}
	return out
}

// answered is a value that becomes JSON.
type answered[O any] struct {
	Body O
}

// answer adds a call that answers with a value.
func answer[I, O any](d *door, tag string, op operation, call func(context.Context, *I) (O, error)) {
	huma.Register(d.api, d.describe(op, tag, nil), func(ctx context.Context, in *I) (*answered[O], error) {
		v, err := call(ctx, in)
		if err != nil {
			return nil, d.logged(err)
		}
		return &answered[O]{Body: v}, nil
	})
}

// PageAsked is which page of a list is asked for. It is exported for huma, which sees no other embedded structs.
type PageAsked struct {
	After int64 `query:"after" minimum:"0" doc:"next of the page before"`
	Limit int64 `query:"limit" minimum:"0" doc:"how many; 0, and what is above the limit: as many as there can be"`

	asked url.URL
}

// Resolve keeps what the page was asked for with.
func (p *PageAsked) Resolve(hc huma.Context) []error {
	p.asked = hc.URL()
	return nil
}

// nextLink is the Link header that leads to the page that begins where from says; "" where there is none.
func (p *PageAsked) nextLink(from url.Values) string {
	if len(from) == 0 {
		return ""
	}
	q := p.asked.Query()
	for name, values := range from {
		q[name] = values
	}
	return fmt.Sprintf("<%s?%s>; rel=\"next\"", p.asked.EscapedPath(), q.Encode())
}

// listed is a page, and where the next one is.
type listed[O any] struct {
	Link string `header:"Link" doc:"rel=next (RFC 8288): the page that follows; absent on the last"`
	Body O
}

// list adds a call that answers with a page: page gives of what it takes which page, next of what it gives where the one that follows begins, as
// parameters; nil where none does.
func list[I, O any](d *door, tag string, op operation, call func(context.Context, *I) (O, error), page func(*I) *PageAsked, next func(O) url.Values) {
	huma.Register(d.api, d.describe(op, tag, nil), func(ctx context.Context, in *I) (*listed[O], error) {
		v, err := call(ctx, in)
		if err != nil {
			return nil, d.logged(err)
		}
		return &listed[O]{Link: page(in).nextLink(next(v)), Body: v}, nil
	})
}

// nothing is what a call takes that needs nothing.
type nothing struct{}

// bodyOf is what a call takes that needs only a body.
type bodyOf[T any] struct{ Body T }

// ofParty is what a call about a party takes.
type ofParty struct {
	Party string `path:"party" doc:"name of a party"`
}

// partyAnd is a party and a body.
type partyAnd[T any] struct {
	Party string `path:"party" doc:"name of a party"`
	Body  T
}

// bundled is a bundle that goes out as it is.
type bundled struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

// fetch adds a call that answers with a bundle.
func fetch[I any](d *door, tag string, op operation, call func(context.Context, *I) ([]byte, error)) {
	success := &huma.Response{Description: "A bundle, for verbale verify", Content: map[string]*huma.MediaType{bundleType: {Schema: &huma.Schema{Type: huma.TypeObject, Description: "see spec/bundle.md"}}}}
	huma.Register(d.api, d.describe(op, tag, success), func(ctx context.Context, in *I) (*bundled, error) {
		raw, err := call(ctx, in)
		if err != nil {
			return nil, d.logged(err)
		}
		return &bundled{bundleType, raw}, nil
	})
}

// work adds a call that takes long and tells how far it has come.
func work[I, O any](d *door, tag string, op operation, call func(context.Context, *I, node.Progress) (O, error)) {
	huma.Register(d.api, d.describe(op, tag, d.stepsAnswer(reflect.TypeFor[O]())), func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			w := &stepWriter{hc: hc}
			v, err := call(ctx, in, func(done, total int64) { w.write(step{Progress: &progress{done, total}}) })
			w.end(d.handler, v, err)
		}}, nil
	})
}

// document gives the OpenAPI document.
func (d *door) document(w http.ResponseWriter, _ *http.Request) {
	raw, err := d.doc()
	if err != nil {
		writeProblem(w, d.logged(err))
		return
	}
	w.Header().Set("Content-Type", "application/openapi+json")
	_, _ = w.Write(raw)
}

func (d *door) nothingHere(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, problem(node.NotFound, "there is no such call, or not with this method", "the calls stand in docs/openapi.json"))
}

// settle ends the making of a door: lists are never null, and the names that problems may say are known.
func (d *door) settle() {
	eachSchema(d.api.OpenAPI(), func(s *huma.Schema) {
		if s.Type == huma.TypeArray {
			s.Nullable = false
		}
		for name := range s.Properties {
			d.names[name] = true
		}
	})
	for _, item := range d.api.OpenAPI().Paths {
		for _, op := range operationsOf(item) {
			for _, p := range op.Parameters {
				d.names[p.Name] = true
			}
		}
	}
}

type humaContext huma.Context

// statusContext answers what huma refuses with the status that our table has for it.
type statusContext struct{ humaContext }

// SetStatus writes the header.
func (c statusContext) SetStatus(code int) {
	switch code {
	case http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusRequestTimeout:
		code = statuses[node.Invalid]
	}
	c.humaContext.SetStatus(code)
}

// Unwrap gives the context below, for humago.
func (c statusContext) Unwrap() huma.Context { return c.humaContext }

// ownProblem replaces a refusal of huma, which repeats what was handed in, by one of ours.
func (d *door) ownProblem(hc huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	switch e.Status {
	case http.StatusRequestEntityTooLarge:
		return problemOf(invalid("", "the body is over the limit of %d bytes", hc.Operation().MaxBodyBytes-1)), nil
	case http.StatusUnsupportedMediaType:
		return problemOf(invalid("send it with Content-Type: application/json", "the body is no JSON by its Content-Type")), nil
	case http.StatusInternalServerError:
		return problem(node.Internal, "the request could not be read to its end", ""), nil
	}
	p := problemOf(invalid("the parameters and members of each call stand in docs/openapi.json", "the request does not have the form of this call"))
	for _, f := range e.Errors[:min(len(e.Errors), maxErrors)] {
		if detail := expected(f.Message); detail != "" {
			p.Errors = append(p.Errors, fieldError{Field: d.known(f.Location), Detail: detail})
		}
	}
	if len(p.Errors) == 0 {
		p.Detail += ": the body is one JSON object of the expected members, each once and of its type"
	}
	return p, nil
}

// expected keeps of a message of huma what was expected; what can have something of the request in it becomes "".
func expected(message string) string {
	for _, form := range []string{"expected ", "required ", "invalid ", "unexpected property", "unknown query parameter"} {
		if strings.HasPrefix(message, form) {
			before, _, _ := strings.Cut(message, ": ")
			return before
		}
	}
	return ""
}

// known keeps of a location ("body.disclose[2]", "query.limit") what leads from the outside to the first name that is none of ours.
func (d *door) known(location string) string {
	_, location, _ = strings.Cut(location, ".")
	var kept []string
	for part := range strings.SplitSeq(location, ".") {
		name, _, _ := strings.Cut(part, "[")
		if !d.names[name] || strings.ContainsFunc(part[len(name):], func(r rune) bool { return !unicode.IsDigit(r) && r != '[' && r != ']' }) {
			break
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, ".")
}
