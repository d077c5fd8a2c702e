package console

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"verbale/internal/node"
)

// reach is what a call does with the limits of a token.
type reach int

const (
	whole     reach = iota // it knows nothing of them: only tokens without limits may call it
	ofLink                 // it is about the link of its path, and shows nothing of the contents of records
	wholeLink              // it is about the link of its path, whatever the marks are: not for a token with a highest one
	obeys                  // it shows only what the token's sight allows
	open                   // it shows nothing of any link
)

// access is what a call asks of a token.
type access struct {
	scope node.Scope
	reach reach
}

// accesses is the one table from calls to what they ask of a token. What is not in it no token may call: it is for the control socket.
var accesses = map[string]access{
	"show-self":           {node.ScopeRead, open},
	"show-keys":           {node.ScopeRead, whole},
	"list-links":          {node.ScopeRead, obeys},
	"show-link":           {node.ScopeRead, obeys},
	"show-tally":          {node.ScopeRead, wholeLink},
	"show-statistics":     {node.ScopeRead, wholeLink},
	"compare-figures":     {node.ScopeRead, wholeLink},
	"show-pings":          {node.ScopeRead, ofLink},
	"show-channel":        {node.ScopeRead, ofLink},
	"list-cases":          {node.ScopeRead, obeys},
	"show-case":           {node.ScopeRead, obeys},
	"events":              {node.ScopeRead, obeys},
	"show-desk":           {node.ScopeRead, obeys},
	"search":              {node.ScopeRead, obeys},
	"list-directory":      {node.ScopeRead, whole},
	"show-own-directory":  {node.ScopeRead, whole},
	"show-directory":      {node.ScopeRead, obeys},
	"show-competence":     {node.ScopeRead, obeys},
	"list-arrangements":   {node.ScopeRead, obeys},
	"show-arrangement":    {node.ScopeRead, obeys},
	"publish-directory":   {node.ScopeAdmin, whole},
	"propose-arrangement": {node.ScopeAdmin, obeys},
	"prepare":             {node.ScopeFile, obeys},
	"list-evidence":       {node.ScopeRead, whole},
	"show-register":       {node.ScopeRead, whole},
	"list-relays":         {node.ScopeRead, whole},
	"file":                {node.ScopeFile, obeys},
	"reply":               {node.ScopeReply, obeys},
	"prove":               {node.ScopeProve, obeys},
	"prove-channel":       {node.ScopeProve, ofLink},
	"prove-evidence":      {node.ScopeProve, whole},
	"prove-relay":         {node.ScopeProve, whole},
	"renew-profile":       {node.ScopeAdmin, whole},
	"add-link":            {node.ScopeAdmin, whole},
	"confirm-link":        {node.ScopeAdmin, whole},
	"retry-link":          {node.ScopeAdmin, whole},
	"suspend-link":        {node.ScopeAdmin, ofLink},
	"resume-link":         {node.ScopeAdmin, ofLink},
	"tally":               {node.ScopeAdmin, whole},
	"exchange":            {node.ScopeAdmin, ofLink},
	"recover":             {node.ScopeAdmin, whole},
	"date-register":       {node.ScopeAdmin, whole},
	"resume-register":     {node.ScopeAdmin, whole},
	"designate-relay":     {node.ScopeAdmin, whole},
	"collect":             {node.ScopeAdmin, whole},
	"end-relay":           {node.ScopeAdmin, whole},
	"lodge":               {node.ScopeAdmin, ofLink},
	"fsck":                {node.ScopeAdmin, whole},
	"rebuild":             {node.ScopeAdmin, whole},
}

// allowed tells whether a token may make a call about a party ("": about none).
func allowed(t node.Token, id, party string) error {
	a, known := accesses[id]
	switch {
	case !known:
		return forbidden("run the command of verbale for it on the node's machine", "no token is for this call")
	case !t.May(a.scope):
		return forbidden("it takes a token that was made with --scope "+string(a.scope), "this token is not for %s", a.scope)
	case a.reach == whole && !t.Sight().Whole():
		return forbidden("it takes a token that was made without --link and --tlp", "this call shows all links and marks, and this token is limited")
	case a.reach == wholeLink && t.TLP != "":
		return forbidden("it takes a token that was made without --tlp", "this call shows what all marks amount to, and this token has a highest one")
	case (a.reach == ofLink || a.reach == wholeLink) && !t.Sight().Link(party):
		return forbidden("", "this token is not for this link")
	}
	return nil
}

func forbidden(hint, format string, args ...any) error {
	return &node.Error{Kind: node.Forbidden, Message: fmt.Sprintf(format, args...), Hint: hint}
}

type callerKey struct{}

// callerOf gives the token that a call was made with. False: it is the party's own staff, at the machine.
func callerOf(ctx context.Context) (node.Token, bool) {
	t, ok := ctx.Value(callerKey{}).(node.Token)
	return t, ok
}

// sightOf is what the caller may see.
func sightOf(ctx context.Context) node.Sight {
	t, _ := callerOf(ctx)
	return t.Sight()
}

// guard lets a call of huma's through if its token may make it.
func (d *door) guard(hc huma.Context, next func(huma.Context)) {
	t, ok := callerOf(hc.Context())
	if !ok {
		next(hc)
		return
	}
	if err := allowed(t, hc.Operation().OperationID, hc.Param("party")); err != nil {
		d.refuse(hc, d.logged(err))
		return
	}
	next(hc)
	if hc.Method() == http.MethodPost { // who did what is for the log; who looked at what would drown it
		d.log.Info("called", "token", t.Name, "call", hc.Operation().OperationID, "status", cmp.Or(hc.Status(), http.StatusOK))
	}
}

// refuse answers with a problem.
func (h *handler) refuse(hc huma.Context, p *Problem) {
	hc.SetHeader("Content-Type", problemType)
	hc.SetStatus(p.Status)
	_ = h.marshal(hc.BodyWriter(), p)
}

// NewAPI serves the API of n to programs on the network, each with a token. now is a clock for the limits of how often.
func NewAPI(n *node.Node, log *slog.Logger, now func() time.Time) http.Handler {
	d := newDoor(n, log)
	d.mux.HandleFunc("GET "+pathDocument, d.document)
	gate := &gate{door: d, meter: &meter{now: now, calls: map[int64]bucket{}}, turns: &turns{patience: maxTurnWait, of: map[int64]chan struct{}{}}}
	browsers := http.NewCrossOriginProtection()
	browsers.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, d.logged(forbidden("call from a program, or through a proxy of the same origin", "pages of other origins may not call")))
	}))
	return browsers.Handler(gate)
}

// gate asks every call for its token.
type gate struct {
	*door
	meter *meter
	turns *turns
}

// ServeHTTP lets a call through whose token is in force and was not used too often.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		secret = ""
	}
	t, err := g.n.TokenBy(r.Context(), secret)
	if err != nil {
		// Who is not known gets no more of our time: neither for the rest of a body nor for another call on this connection.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(headerTime))
		w.Header().Set("Connection", "close")
		w.Header().Set("WWW-Authenticate", "Bearer")
		writeProblem(w, g.logged(err))
		return
	}
	if wait := g.meter.take(t.ID); wait > 0 {
		seconds := int64((wait + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
		writeProblem(w, problem(node.TooMany, "this token was used too often", "wait as long as Retry-After says"))
		return
	}
	if r.URL.Path != pathEvents { // listeners are counted by themselves
		done, ok := g.turns.enter(r.Context(), t.ID)
		if !ok {
			w.Header().Set("Retry-After", "1")
			writeProblem(w, problem(node.TooMany, fmt.Sprintf("%d calls with this token are under way", maxAtOnceEach), "wait until one of them has ended"))
			return
		}
		defer done()
	}
	g.door.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, t)))
}

// turns lets so many calls of each token in at once; the others wait before their bodies are read.
type turns struct {
	patience time.Duration
	mu       sync.Mutex
	of       map[int64]chan struct{}
}

// enter waits for a turn, and gives what ends it. False: there was none in time.
func (t *turns) enter(ctx context.Context, id int64) (done func(), ok bool) {
	t.mu.Lock()
	taken := t.of[id]
	if taken == nil {
		taken = make(chan struct{}, maxAtOnceEach)
		t.of[id] = taken
	}
	t.mu.Unlock()
	done = func() { <-taken }
	select {
	case taken <- struct{}{}:
		return done, true
	default:
	}
	timer := time.NewTimer(t.patience)
	defer timer.Stop()
	select {
	case taken <- struct{}{}:
		return done, true
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil, false
}

// meter counts how often each token is used.
type meter struct {
	now   func() time.Time
	mu    sync.Mutex
	calls map[int64]bucket
}

// A bucket has room for maxBurst calls and gains callsEachSecond.
type bucket struct {
	left float64
	at   time.Time
}

// take takes one call of a token's out of its bucket. Where there is none left it says how long it takes until there is.
func (m *meter) take(id int64) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	b, known := m.calls[id]
	if !known {
		b = bucket{left: maxBurst, at: now}
	}
	b.left = min(maxBurst, b.left+max(0, now.Sub(b.at).Seconds())*callsEachSecond)
	b.at = now
	if b.left < 1 {
		m.calls[id] = b
		return time.Duration((1 - b.left) / callsEachSecond * float64(time.Second))
	}
	b.left--
	m.calls[id] = b
	return 0
}
