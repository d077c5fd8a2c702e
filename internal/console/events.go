package console

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"verbale/internal/node"
)

const eventsType = "text/event-stream"

// An Event is a case as it is after a change. Who has seen Changed goes on behind it.
type Event struct {
	Changed int64 `json:"changed"`
	Line
}

func (d *door) aboutEvents() {
	event := d.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Event](), true, "")
	answer := &huma.Response{Description: "Server-sent events: of each event named case the data is an Event, and the id its changed. An event named reset says that " +
		"the node has fewer changes than were asked for: it was restored, and all cases follow.",
		Content: map[string]*huma.MediaType{eventsType: {Schema: &huma.Schema{Type: huma.TypeString, Extensions: map[string]any{"contentSchema": event}}}}}
	op := d.describe(operation{id: "events", method: http.MethodGet, path: pathEvents, summary: "Tells of changes of cases as they happen"}, "events", answer)
	huma.Register(d.api, op, func(_ context.Context, in *eventsAsked) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) { d.events(hc, in) }}, nil
	})
}

// eventsAsked is where a listener begins.
type eventsAsked struct {
	After int64  `query:"after" minimum:"-1" default:"-1" doc:"the changed after which to begin; 0: with all cases; absent: from now on"`
	Last  string `header:"Last-Event-ID" pattern:"^[0-9]{1,18}$" doc:"in place of after: the id that was seen last"`
}

func (h *handler) events(hc huma.Context, in *eventsAsked) {
	ctx := hc.Context()
	caller, limited := callerOf(ctx)
	if err := h.listeners.enter(caller.ID); err != nil {
		hc.SetHeader("Retry-After", strconv.Itoa(int(heartbeatEvery.Seconds())))
		h.refuse(hc, h.logged(err))
		return
	}
	defer h.listeners.leave(caller.ID)
	l := &listener{handler: h, hc: hc, after: in.After}
	if limited {
		l.token = &caller
	}
	if in.Last != "" {
		l.after, _ = strconv.ParseInt(in.Last, 10, 64) // the pattern lets nothing else through
	}
	l.rw, _ = hc.BodyWriter().(http.ResponseWriter)
	if err := l.run(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, errGone) {
		h.log.Warn("a listener was left", "error", err.Error())
	}
}

// errGone says that a listener does not read, or is not to be told any more.
var errGone = errors.New("the listener is gone")

// listener is one who is told of changes.
type listener struct {
	*handler
	hc    huma.Context
	rw    http.ResponseWriter
	token *node.Token // nil for our own staff
	after int64
}

// run tells what has changed, waits until more has, and tells again. Nothing is missed: the wake is asked for before the question.
func (l *listener) run(ctx context.Context) error {
	ending, _ := ctx.Value(endingKey{}).(context.Context)
	if ending == nil {
		ending = ctx
	}
	beat := time.NewTicker(l.listeners.heartbeat)
	defer beat.Stop()
	defer func() { _ = http.NewResponseController(l.rw).SetWriteDeadline(time.Time{}) }() // the connection may be used again
	if err := l.begin(ctx); err != nil {
		return err
	}
	for {
		changed := l.n.Changes()
		more, err := l.tell(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ending.Done():
			return nil
		case <-changed:
			if err := pause(ctx, toldEvery); err != nil { // what changes meanwhile is told together
				return err
			}
		case <-beat.C:
			if err := l.write(": still here\n\n"); err != nil {
				return err
			}
		}
	}
}

// begin says where the listener stands, so that it can go on there even if it hears of no change.
func (l *listener) begin(ctx context.Context) error {
	newest, err := l.n.NewestChange(ctx)
	if err != nil {
		l.refuse(l.hc, l.logged(err))
		return errGone
	}
	l.hc.SetHeader("Content-Type", eventsType)
	l.hc.SetHeader("Cache-Control", "no-store")
	switch {
	case l.after < 0:
		l.after = newest
	case l.after > newest:
		l.after = 0
		return l.write("event: reset\nid: 0\ndata: {}\n\n")
	}
	return l.write(fmt.Sprintf("id: %d\n\n", l.after))
}

// allowed ends what was begun with a token that is not in force any more.
func (l *listener) allowed(ctx context.Context) error {
	if l.token == nil {
		return nil
	}
	ok, err := l.n.InForce(ctx, *l.token)
	if err == nil && !ok {
		err = errGone
	}
	return err
}

// tell writes some of what has changed, and whether there may be more.
func (l *listener) tell(ctx context.Context) (more bool, err error) {
	found, upto, err := l.n.ChangesSince(ctx, sightOf(ctx), l.after, eventsAtOnce)
	if err != nil {
		return false, err
	}
	if err := l.allowed(ctx); err != nil { // after the reading: what was filed after the token ended is not told
		return false, err
	}
	var b strings.Builder
	for _, c := range found {
		raw, err := json.Marshal(Event{c.Number, lineOf(c.Case)}, json.Deterministic(true))
		if err != nil {
			return false, err
		}
		fmt.Fprintf(&b, "event: case\nid: %d\ndata: %s\n\n", c.Number, raw)
	}
	if upto > l.after && (len(found) == 0 || found[len(found)-1].Number < upto) {
		fmt.Fprintf(&b, "id: %d\n\n", upto) // what is not for this listener is not asked for again
	}
	more, l.after = upto > l.after, upto
	return more, l.write(b.String())
}

// write sends text at once. Who does not take it in time is left; it comes back and goes on where it was.
func (l *listener) write(text string) error {
	if text == "" {
		return nil
	}
	w := http.NewResponseController(l.rw)
	_ = w.SetWriteDeadline(time.Now().Add(l.listeners.patience)) // a pipe in this process has none
	if _, err := l.rw.Write([]byte(text)); err != nil {
		return errGone
	}
	if err := w.Flush(); err != nil {
		return errGone
	}
	return nil
}

// listeners counts who is being told of changes.
type listeners struct {
	heartbeat time.Duration
	patience  time.Duration // with who does not read
	mu        sync.Mutex
	all       int
	of        map[int64]int // by token; 0 is our own staff
}

func (l *listeners) enter(id int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= maxListeners || l.of[id] >= maxListenersEach {
		return &node.Error{Kind: node.TooMany, Message: fmt.Sprintf("at most %d listen at once, %d of them by one token", maxListeners, maxListenersEach), Hint: "end one of them"}
	}
	l.all++
	l.of[id]++
	return nil
}

func (l *listeners) leave(id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	l.of[id]--
}

// Events tells each change of a case after a change, until ctx ends or tell fails. after: the Changed that was seen last; 0: all cases first; -1:
// from now on. When the node is lost it is looked for again, and nothing is missed.
func (c *Client) Events(ctx context.Context, after int64, tell func(Event) error) error {
	for began := false; ; began = true {
		err := c.listen(ctx, &after, tell)
		if lost, ok := errors.AsType[*lostError](err); ctx.Err() != nil || !ok || !began && !lost.answered {
			return err
		}
		if err := pause(ctx, listenAgain); err != nil {
			return err
		}
	}
}

// pause waits for so long, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// lostError is an answer that did not come, or not whole.
type lostError struct {
	err      error
	answered bool // it began
}

// Error says what is known.
func (e *lostError) Error() string { return fmt.Sprintf("the node did not answer: %v", e.err) }

// Unwrap gives the cause.
func (e *lostError) Unwrap() error { return e.err }

// listen is one connection of Events.
func (c *Client) listen(ctx context.Context, after *int64, tell func(Event) error) error {
	path := pathEvents
	if *after >= 0 {
		path += "?after=" + strconv.FormatInt(*after, 10)
	}
	res, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, maxLine)
	var data []byte
	for lines.Scan() {
		name, value, _ := bytes.Cut(lines.Bytes(), []byte(": "))
		switch {
		case len(lines.Bytes()) == 0 && data != nil:
			var e Event
			if err := json.Unmarshal(data, &e); err != nil {
				return unexpected(err)
			}
			if err := tell(e); err != nil {
				return err
			}
			data = nil
		case string(name) == "id":
			if *after, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return unexpected(err)
			}
		case string(name) == "data" && string(value) != "{}":
			data = bytes.Clone(value)
		}
	}
	return &lostError{errors.Join(lines.Err(), io.ErrUnexpectedEOF), true}
}
