package peer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"verbale/internal/exchange"
)

// A call is one request while it is answered.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	rc     *http.ResponseController
	limits *serverLimits
	begun  time.Time

	whole   bool  // the request's body was read to its end
	in, out int64 // bytes of bodies
	status  int
	lost    error // why the answer did not go out
}

// An answer is what a desk said: a note, a batch, beats, datings, or none of them.
type answer struct {
	note    []byte
	batch   *exchange.Batch
	beats   []byte
	datings []byte // the document of G-15
	empty   bool   // none is right
}

// check refuses what no client would take: a fault of ours, found before the first byte of the answer.
func (a answer) check() error {
	switch {
	case a.batch != nil:
		if err := a.batch.Encode(io.Discard); err != nil {
			// Not wrapped: the fault is ours, whatever the kind of it.
			return errors.New("the desk gave a batch that cannot be sent: " + err.Error())
		}
	case a.beats != nil, a.datings != nil:
	case len(a.note) == 0 && !a.empty, len(a.note) > exchange.MaxNoteBytes:
		return fmt.Errorf("the desk gave a note of %d bytes", len(a.note))
	}
	return nil
}

// serve asks the desk and puts its answer on the wire. On an error nothing was written yet.
func (c *call) serve(desk exchange.Peer) error {
	a, err := c.ask(desk)
	if err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	c.reply(a)
	return nil
}

// ask hands the request to the desk. A desk that panics has failed, and says so to nobody but our log.
func (c *call) ask(desk exchange.Peer) (a answer, err error) {
	defer func() {
		if v := recover(); v != nil {
			a, err = answer{}, panicked(v)
		}
	}()
	switch c.name() {
	case "push":
		return c.push(desk)
	case "pull":
		return c.pull(desk)
	case "head":
		return c.head(desk)
	case "dated":
		return c.dated(desk)
	case "receipt":
		return c.receipt(desk)
	case "beat":
		return c.beat(desk)
	case "admit":
		return c.admit(desk)
	}
	return answer{}, exchange.Refuse(exchange.Malformed, "", nil, "there is no such call; they stand in spec/exchange.md, section 2")
}

// name is the call's name in spec/exchange.md §2, or "none".
func (c *call) name() string {
	switch c.r.Method + " " + c.r.URL.Path {
	case "POST /v1/push":
		return "push"
	case "GET /v1/pull":
		return "pull"
	case "GET /v1/head":
		return "head"
	case "GET /v1/dated":
		return "dated"
	case "POST /v1/receipt":
		return "receipt"
	case "POST /v1/beat":
		return "beat"
	case "POST /v1/admit":
		return "admit"
	}
	return "none"
}

// panicked tells our log where, and of a runtime error what. Any other value may hold contents.
func panicked(v any) error {
	what := fmt.Sprintf("a value of type %T", v)
	if e, ok := v.(runtime.Error); ok {
		what = e.Error()
	}
	return fmt.Errorf("the desk panicked with %s\n%s", what, debug.Stack())
}

func (c *call) push(desk exchange.Peer) (answer, error) {
	body, err := c.body(batchType, exchange.MaxBatchBytes)
	if err != nil {
		return answer{}, err
	}
	b, err := exchange.ReadBatch(body)
	if err != nil {
		return answer{}, unread(err)
	}
	ctx, done := c.desk()
	defer done()
	receipt, err := desk.Push(ctx, b)
	return answer{note: receipt}, err
}

func (c *call) receipt(desk exchange.Peer) (answer, error) {
	note, err := c.text(exchange.MaxNoteBytes, "a checkpoint's note with receipt lines")
	if err != nil {
		return answer{}, err
	}
	ctx, done := c.desk()
	defer done()
	return answer{empty: true}, desk.Return(ctx, note)
}

func (c *call) beat(desk exchange.Peer) (answer, error) {
	body, err := c.body(beatsType, exchange.MaxBeatsBody)
	if err != nil {
		return answer{}, err
	}
	notes, err := exchange.ReadBeats(body)
	if err != nil {
		return answer{}, unread(err)
	}
	ctx, done := c.desk()
	defer done()
	ours, err := desk.Beat(ctx, notes)
	if err != nil {
		return answer{}, err
	}
	beats, err := exchange.EncodeBeats(ours)
	if err != nil {
		return answer{}, errors.New("the desk gave beats that cannot be sent: " + err.Error()) // not wrapped: the fault is ours
	}
	return answer{beats: beats, empty: len(beats) == 0}, nil
}

func (c *call) admit(desk exchange.Peer) (answer, error) {
	profile, err := c.text(exchange.MaxProfileBytes, "a profile file")
	if err != nil {
		return answer{}, err
	}
	ctx, done := c.desk()
	defer done()
	return answer{empty: true}, desk.Admit(ctx, string(profile))
}

// text reads a body of text, of at most most bytes, that is not empty.
func (c *call) text(most int64, what string) ([]byte, error) {
	body, err := c.body(noteType, most)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, unread(err)
	}
	if len(text) == 0 {
		return nil, exchange.Refuse(exchange.Malformed, "", nil, "the body must be %s, and is empty", what)
	}
	return text, nil
}

func (c *call) pull(desk exchange.Peer) (answer, error) {
	q, err := c.query("origin", "start")
	if err != nil {
		return answer{}, err
	}
	start, err := parseIndex(q.Get("start"))
	if err != nil {
		return answer{}, exchange.Refuse(exchange.Malformed, "X-9", err, "start must be the index of an entry in decimal digits")
	}
	ctx, done := c.desk()
	defer done()
	b, err := desk.Pull(ctx, q.Get("origin"), start)
	return answer{batch: b, empty: true}, err
}

func (c *call) dated(desk exchange.Peer) (answer, error) {
	q, err := c.query("origin", "after")
	if err != nil {
		return answer{}, err
	}
	after, err := parseIndex(q.Get("after"))
	if err != nil {
		return answer{}, exchange.Refuse(exchange.Malformed, "G-14", err, "after must be the size of a head in decimal digits")
	}
	ctx, done := c.desk()
	defer done()
	list, err := desk.Dated(ctx, q.Get("origin"), after)
	if err != nil {
		return answer{}, err
	}
	doc, err := exchange.EncodeAnchors(list)
	if err != nil {
		// Not wrapped: the fault is ours, whatever the kind of it.
		return answer{}, errors.New("the desk gave datings that cannot be sent: " + err.Error())
	}
	return answer{datings: doc}, nil
}

func (c *call) head(desk exchange.Peer) (answer, error) {
	q, err := c.query("origin")
	if err != nil {
		return answer{}, err
	}
	ctx, done := c.desk()
	defer done()
	note, err := desk.Head(ctx, q.Get("origin"))
	return answer{note: note}, err
}

// query takes exactly the named parameters, once each, and no body.
func (c *call) query(names ...string) (url.Values, error) {
	q, err := url.ParseQuery(c.r.URL.RawQuery)
	fits := err == nil && len(q) == len(names)
	for _, name := range names {
		fits = fits && len(q[name]) == 1
	}
	if !fits {
		return nil, exchange.Refuse(exchange.Malformed, "", err, "the query of this call must be exactly %q, once each", names)
	}
	if c.r.ContentLength != 0 {
		return nil, exchange.Refuse(exchange.Malformed, "", nil, "this call takes no body")
	}
	c.whole = true
	return q, nil
}

// body gives the request's body, straight from the connection: at most limit bytes, and not slower than the pace.
// What is declared to be over the limit is refused before a byte of it is read.
func (c *call) body(contentType string, limit int64) (io.Reader, error) {
	if c.r.URL.RawQuery != "" {
		return nil, exchange.Refuse(exchange.Malformed, "", nil, "this call takes no query")
	}
	if !isType(c.r.Header, contentType) {
		return nil, exchange.Refuse(exchange.Malformed, "", nil, "the body of this call must be of type %s", contentType)
	}
	if c.r.ContentLength > limit {
		return nil, exchange.Refuse(exchange.TooLarge, "X-14", nil, "the body has %d bytes, at most %d are allowed", c.r.ContentLength, limit)
	}
	return &pacedReader{c: c, body: http.MaxBytesReader(c.w, c.r.Body, limit), since: time.Now()}, nil
}

// isType tells whether the one Content-Type is want; a charset, if named, must be want's.
func isType(h http.Header, want string) bool {
	values := h.Values("Content-Type")
	if len(values) != 1 || len(h.Values("Content-Encoding")) > 0 {
		return false
	}
	got, params, err := mime.ParseMediaType(values[0])
	wanted, wantedParams, _ := mime.ParseMediaType(want)
	if err != nil || got != wanted {
		return false
	}
	charset, named := params["charset"]
	return !named || wantedParams["charset"] == "" || strings.EqualFold(charset, wantedParams["charset"])
}

// unread tells why a body could not be read: too long, too slow, or not of its form.
func unread(err error) error {
	if over, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return exchange.Refuse(exchange.TooLarge, "X-14", err, "the body has more than %d bytes", over.Limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return exchange.Refuse(exchange.Busy, "", err, "the body came too slowly; send fewer entries at a time")
	}
	if exchange.KindOf(err) == "" {
		return exchange.Refuse(exchange.Malformed, "", err, "the body was cut short")
	}
	return err
}

// desk is the context for the desk's work, once the request is in. The read deadline ends here: net/http would take it
// for the caller's hanging up.
func (c *call) desk() (context.Context, context.CancelFunc) {
	c.whole = true
	_ = c.rc.SetReadDeadline(time.Time{})
	return context.WithTimeout(c.r.Context(), c.limits.desk)
}

// refuse answers with a problem.
func (c *call) refuse(p *exchange.Problem) {
	status, doc := encodeProblem(p)
	h := c.w.Header()
	if p.Kind == exchange.Busy {
		h.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	if !c.whole {
		h.Set("Connection", "close")
		_ = c.rc.SetReadDeadline(time.Now().Add(c.limits.drain))
	}
	c.send(status, problemType, doc)
}

// reply answers with what the desk gave.
func (c *call) reply(a answer) {
	switch {
	case a.batch != nil:
		c.begin(http.StatusOK, batchType, a.batch.Size())
		out := bufio.NewWriterSize(&pacedWriter{c: c, since: time.Now()}, pieceBytes)
		if c.lost = a.batch.Encode(out); c.lost == nil {
			c.lost = out.Flush()
		}
	case a.datings != nil:
		c.send(http.StatusOK, datingsType, a.datings)
	case a.note != nil:
		c.send(http.StatusOK, noteType, a.note)
	case a.beats != nil:
		c.send(http.StatusOK, beatsType, a.beats)
	default:
		_ = c.rc.SetWriteDeadline(time.Now().Add(c.limits.pace.stall))
		c.status = http.StatusNoContent
		c.w.WriteHeader(http.StatusNoContent)
	}
}

func (c *call) send(status int, contentType string, body []byte) {
	c.begin(status, contentType, int64(len(body)))
	_, c.lost = (&pacedWriter{c: c, since: time.Now()}).Write(body)
}

func (c *call) begin(status int, contentType string, size int64) {
	c.status = status
	h := c.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
}

// A pacedReader moves the connection's read deadline along as the body comes in.
type pacedReader struct {
	c     *call
	body  io.Reader
	since time.Time
}

func (p *pacedReader) Read(b []byte) (int, error) {
	// The kernel counts by the real clock, so this does not use Now of ServerConfig.
	now := time.Now()
	if err := p.c.rc.SetReadDeadline(now.Add(p.c.limits.pace.left(now.Sub(p.since), p.c.in))); err != nil {
		return 0, err
	}
	n, err := p.body.Read(b)
	p.c.in += int64(n)
	return n, err
}

// A pacedWriter moves the connection's write deadline along as the answer goes out.
type pacedWriter struct {
	c     *call
	since time.Time
}

func (p *pacedWriter) Write(b []byte) (written int, err error) {
	for len(b) > 0 && err == nil {
		now := time.Now()
		if err := p.c.rc.SetWriteDeadline(now.Add(p.c.limits.pace.left(now.Sub(p.since), p.c.out))); err != nil {
			return written, err
		}
		var n int
		n, err = p.c.w.Write(b[:min(len(b), pieceBytes)]) // #nosec G705 -- never HTML: begin named the type
		p.c.out += int64(n)
		written, b = written+n, b[n:]
	}
	return written, err
}
