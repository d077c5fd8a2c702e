package peer

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"time"

	"verbale/internal/exchange"
)

// A Client is another node, as an exchange.Peer. It is safe for concurrent use.
type Client struct {
	endpoint  string
	pin       [32]byte
	now       func() time.Time
	shows     *wardrobe
	http      *http.Client
	transport *http.Transport
	limits    clientLimits
}

// clientLimits are the durations of limits.go; tests shorten them.
type clientLimits struct {
	connect, answer time.Duration
	pace            pace
}

var _ exchange.Peer = (*Client)(nil)

// NewClient makes the client of the node at endpoint ("https://host:port"), which must show the key pin. It opens no
// connection before the first call. Where the other end does not know the key of cert, those of earlier certificates are tried (K-37).
func NewClient(endpoint string, pin [32]byte, cert tls.Certificate, now func() time.Time, earlier ...tls.Certificate) (*Client, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || endpoint != "https://"+u.Host {
		return nil, errors.New("the endpoint of a node must be https://host:port and nothing more")
	}
	if len(cert.Certificate) == 0 || cert.PrivateKey == nil {
		return nil, errors.New("a client needs a certificate with its key: see Certificate")
	}
	c := &Client{
		endpoint: endpoint, pin: pin, now: now,
		limits: clientLimits{connect: dialTime + headerTime, answer: answerTime, pace: defaultPace()},
	}
	c.shows = &wardrobe{now: now, all: append([]tls.Certificate{cert}, earlier...)}
	c.transport = newTransport(c.tls())
	c.http = &http.Client{
		Transport:     c.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

func newTransport(config *tls.Config) *http.Transport {
	only1 := new(http.Protocols)
	only1.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  nil, // never from the environment
		DialContext:            (&net.Dialer{Timeout: dialTime}).DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    headerTime,
		Protocols:              only1,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    maxPerParty,
		IdleConnTimeout:        keepTime,
		ExpectContinueTimeout:  continueTime,
		MaxResponseHeaderBytes: maxAnswerHeaderBytes,
		WriteBufferSize:        pieceBytes,
		ReadBufferSize:         pieceBytes,
	}
}

// tls accepts exactly the pinned key, in a certificate that is valid now.
func (c *Client) tls() *tls.Config {
	config := baseTLS()
	config.NextProtos = append(config.NextProtos, pinProtocol(c.pin))
	config.GetClientCertificate = c.shows.certificate
	config.InsecureSkipVerify = true // #nosec G402 -- VerifyConnection pins the key; no authority is consulted
	config.VerifyConnection = func(cs tls.ConnectionState) error {
		key, leaf, err := shown(&cs)
		if err == nil && key != c.pin {
			err = errors.New("it shows another key than the pinned one")
		}
		if err != nil {
			return &WrongKey{Endpoint: c.endpoint, Reason: err.Error()}
		}
		if err := current(leaf, c.now()); err != nil {
			return &WrongKey{Endpoint: c.endpoint, Reason: err.Error(), Dated: true}
		}
		return nil
	}
	return config
}

// Close ends the connections that no call is using.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Push sends a batch.
func (c *Client) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	if err := b.Encode(io.Discard); err != nil { // only its checks: nothing is copied
		return nil, err
	}
	var receipt []byte
	q := query{method: http.MethodPost, target: "/v1/push", contentType: batchType, size: b.Size(), body: streamed(b)}
	err := c.call(ctx, q, func(a *reply) (err error) {
		receipt, err = a.note()
		return err
	})
	return receipt, err
}

// Pull asks for a batch.
func (c *Client) Pull(ctx context.Context, origin string, start int64) (*exchange.Batch, error) {
	var b *exchange.Batch
	values := url.Values{"origin": {origin}, "start": {strconv.FormatInt(start, 10)}}
	q := query{method: http.MethodGet, target: "/v1/pull?" + values.Encode()}
	err := c.call(ctx, q, func(a *reply) (err error) {
		b, err = a.batch()
		return err
	})
	return b, err
}

// Head asks for the newest checkpoint.
func (c *Client) Head(ctx context.Context, origin string) ([]byte, error) {
	var note []byte
	q := query{method: http.MethodGet, target: "/v1/head?" + url.Values{"origin": {origin}}.Encode()}
	err := c.call(ctx, q, func(a *reply) (err error) {
		note, err = a.note()
		return err
	})
	return note, err
}

// Dated asks for what dates heads of an outbox.
func (c *Client) Dated(ctx context.Context, origin string, after int64) ([]exchange.Anchor, error) {
	var list []exchange.Anchor
	values := url.Values{"origin": {origin}, "after": {strconv.FormatInt(after, 10)}}
	q := query{method: http.MethodGet, target: "/v1/dated?" + values.Encode()}
	err := c.call(ctx, q, func(a *reply) (err error) {
		list, err = a.datings()
		return err
	})
	return list, err
}

// Return sends a receipt.
func (c *Client) Return(ctx context.Context, receipt []byte) error {
	if len(receipt) == 0 || len(receipt) > exchange.MaxNoteBytes {
		return exchange.Refuse(exchange.TooLarge, "X-14", nil, "a receipt has 1 to %d bytes, this one has %d", exchange.MaxNoteBytes, len(receipt))
	}
	return c.tell(ctx, "/v1/receipt", receipt)
}

// Admit sends a profile file.
func (c *Client) Admit(ctx context.Context, profile string) error {
	if profile == "" || len(profile) > exchange.MaxProfileBytes {
		return exchange.Refuse(exchange.TooLarge, "X-14", nil, "a profile file has 1 to %d bytes, this one has %d", exchange.MaxProfileBytes, len(profile))
	}
	return c.tell(ctx, "/v1/admit", []byte(profile))
}

// tell posts a text that is answered by nothing.
func (c *Client) tell(ctx context.Context, target string, text []byte) error {
	return c.call(ctx, query{method: http.MethodPost, target: target, contentType: noteType, size: int64(len(text)), body: bytesOf(text)}, (*reply).none)
}

// Beat sends our beats, and reads theirs.
func (c *Client) Beat(ctx context.Context, notes [][]byte) (theirs [][]byte, err error) {
	body, err := exchange.EncodeBeats(notes)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return nil, exchange.Refuse(exchange.Malformed, "X-16", nil, "a call hands over at least one beat")
	}
	q := query{method: http.MethodPost, target: "/v1/beat", contentType: beatsType, size: int64(len(body)), body: bytesOf(body)}
	err = c.call(ctx, q, func(a *reply) (err error) {
		theirs, err = a.beats()
		return err
	})
	return theirs, err
}

func bytesOf(b []byte) func() io.ReadCloser {
	return func() io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }
}

// streamed encodes a batch into the connection as fast as the connection takes it. The goroutine ends when the
// reader is closed, which net/http does in any case.
func streamed(b *exchange.Batch) func() io.ReadCloser {
	return func() io.ReadCloser {
		r, w := io.Pipe()
		go func() {
			out := bufio.NewWriterSize(w, pieceBytes)
			err := b.Encode(out)
			if err == nil {
				err = out.Flush()
			}
			_ = w.CloseWithError(err)
		}()
		return r
	}
}

// A query is one request. Body gives a new reader each time, or is nil.
type query struct {
	method, target, contentType string
	size                        int64
	body                        func() io.ReadCloser
}

// call sends q and lets read take the answer. Every call may be made again, so it is, with another certificate of ours where the
// other end does not know the one that it was shown.
func (c *Client) call(ctx context.Context, q query, read func(*reply) error) error {
	for tried := 1; ; tried++ {
		shown := c.shows.at()
		kept, err := c.once(ctx, q, read)
		if kept && ctx.Err() == nil { // the other end has started anew since, most likely
			c.Close()
			_, err = c.once(ctx, q, read)
		}
		if tried >= len(c.shows.all) || !notKnown(err) || ctx.Err() != nil || !c.shows.change(shown) {
			return err
		}
		c.Close()
	}
}

// once makes one call, under one watch from the first packet to the last. kept: it broke before an answer began, on a connection that was
// kept from an earlier call.
func (c *Client) once(ctx context.Context, q query, read func(*reply) error) (kept bool, err error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { kept = i.Reused }})
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := newWatch(c.limits, func() { cancel(errSlow) })
	defer w.stop()
	req, err := c.request(ctx, q, w)
	if err != nil {
		return false, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return kept && ctx.Err() == nil, c.failed(ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	body := &body{from: w.receiving(res.Body)}
	err = read(&reply{Response: res, body: body})
	if body.err != nil {
		return false, c.failed(ctx, body.err)
	}
	if err != nil && ctx.Err() != nil { // called off: what the end of the connection looked like means nothing
		return false, c.failed(ctx, err)
	}
	return false, err
}

func (c *Client) request(ctx context.Context, q query, w *watch) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, q.method, c.endpoint+q.target, nil)
	if err != nil {
		return nil, &Unreachable{Endpoint: c.endpoint, Cause: err}
	}
	// Every call may be repeated: net/http may do so when a kept connection turns out to be closed.
	req.Header["Idempotency-Key"] = nil
	req.Header.Set("User-Agent", "verbale")
	if q.body == nil {
		return req, nil
	}
	req.Header.Set("Content-Type", q.contentType)
	if q.size >= continueBytes {
		req.Header.Set("Expect", "100-continue")
	}
	req.ContentLength = q.size
	req.GetBody = func() (io.ReadCloser, error) { return w.sending(q.body()), nil } // called again for each new connection
	req.Body, err = req.GetBody()
	return req, err
}

// failed sorts out why there is no answer.
func (c *Client) failed(ctx context.Context, err error) error {
	if wrong, ok := errors.AsType[*WrongKey](err); ok {
		return wrong
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if whole, ok := errors.AsType[*url.Error](err); ok { // it repeats the endpoint
		err = whole.Err
	}
	return &Unreachable{Endpoint: c.endpoint, Cause: err}
}
