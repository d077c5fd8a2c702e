package peer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"verbale/internal/exchange"
)

// A WitnessClient is a witness at an address, of whatever make (spec/witness.md). It is safe for concurrent use.
type WitnessClient struct {
	prefix    string
	http      *http.Client
	transport *http.Transport
}

var _ exchange.Witness = (*WitnessClient)(nil)

// NewWitnessClient makes the client of the witness with this submission prefix: http:// or https://, a host, a port if need be, a path
// if need be. It opens no connection before the first call.
func NewWitnessClient(prefix string) (*WitnessClient, error) {
	u, err := url.Parse(prefix)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(prefix, "#") {
		return nil, fmt.Errorf("the address of a witness must be like http://host:port/path, with nothing after the path; got %.200q", prefix)
	}
	c := &WitnessClient{prefix: strings.TrimSuffix(prefix, "/"), transport: newTransport(&tls.Config{MinVersion: tls.VersionTLS12})}
	c.http = &http.Client{
		Transport:     c.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Close ends the connections that no call is using.
func (c *WitnessClient) Close() { c.transport.CloseIdleConnections() }

// AddCheckpoint asks for the witness's lines (W-1).
func (c *WitnessClient) AddCheckpoint(ctx context.Context, old int64, proof [][32]byte, note []byte) ([]byte, error) {
	b, err := exchange.AddCheckpoint{Old: old, Proof: proof, Note: note}.Encode()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, witnessCallTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.prefix+witnessCall, bytes.NewReader(b))
	if err != nil {
		return nil, c.unreachable(err)
	}
	req.Header["Idempotency-Key"] = nil // the same call may be made again
	req.Header.Set("User-Agent", "verbale")
	req.Header.Set("Content-Type", noteType)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, exchange.MaxWitnessNoteBytes+1))
	if err != nil {
		return nil, c.unreachable(err)
	}
	return readWitness(res.StatusCode, res.Header, body)
}

func (c *WitnessClient) unreachable(err error) error {
	if whole, ok := errors.AsType[*url.Error](err); ok { // it repeats the address
		err = whole.Err
	}
	return &Unreachable{Endpoint: c.prefix, Cause: err}
}

// readWitness reads an answer by W-3 and W-4.
func readWitness(status int, h http.Header, body []byte) ([]byte, error) {
	switch {
	case status == http.StatusOK && areLines(body):
		return body, nil
	case status == http.StatusOK:
		return nil, exchange.WitnessRefuse(exchange.WitnessFault, "it answered 200 with what is not 1 to %d signature lines", maxWitnessLines)
	case status == exchange.WitnessConflict:
		return nil, readConflict(h, body)
	case witnessStatuses[status] != "":
		return nil, exchange.WitnessRefuse(status, "%s%s", witnessStatuses[status], said(body))
	}
	return nil, exchange.WitnessRefuse(exchange.WitnessFault, "it answered %d%s", status, said(body))
}

// readConflict reads the size out of a 409. Without one there is nothing to act on (W-4).
func readConflict(h http.Header, body []byte) error {
	size, err := parseIndex(strings.TrimSuffix(string(body), "\n"))
	switch {
	case !isType(h, witnessSizeType):
		return exchange.WitnessRefuse(exchange.WitnessFault, "it answered 409 without a size%s", said(body))
	case err != nil:
		return exchange.WitnessRefuse(exchange.WitnessFault, "it answered 409 with a size that is none%s", said(body))
	}
	return &exchange.WitnessError{Status: exchange.WitnessConflict, Size: size, Detail: "it has cosigned size " + strconv.FormatInt(size, 10) + " last"}
}

// said repeats the beginning of what a witness said, as far as it may be shown.
func said(body []byte) string {
	first, _, _ := bytes.Cut(bytes.TrimSpace(body), []byte("\n"))
	if len(first) == 0 {
		return ""
	}
	return ": " + plain(string(first[:min(len(first), maxWitnessSaid)]))
}

// areLines tells whether b may be signature lines; who signed what is for the caller to see.
func areLines(b []byte) bool {
	lines := bytes.SplitAfter(b, []byte("\n"))
	if len(b) > exchange.MaxWitnessNoteBytes || len(lines) < 2 || len(lines)-1 > maxWitnessLines || len(lines[len(lines)-1]) > 0 {
		return false
	}
	for _, line := range lines[:len(lines)-1] {
		if !bytes.HasPrefix(line, []byte("— ")) {
			return false
		}
	}
	return true
}
