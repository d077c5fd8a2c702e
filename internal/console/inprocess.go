package console

import (
	"io"
	"net/http"
	"sync"
)

// inProcess carries requests to a handler in this process, with streaming, as if there were a socket between them.
type inProcess struct{ h http.Handler }

// RoundTrip runs the handler beside the caller and returns when it writes its header.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // the handler sets values on it
	body, out := io.Pipe()
	w := &pipeWriter{header: http.Header{}, out: out, ready: make(chan struct{})}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	go func() {
		defer out.Close()
		defer w.WriteHeader(http.StatusOK)
		defer r.Body.Close()
		t.h.ServeHTTP(w, r)
	}()
	select {
	case <-w.ready:
	case <-r.Context().Done():
		_ = body.Close() // the handler's next write fails
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: -1, Request: r}, nil
}

// pipeWriter is the handler's side.
type pipeWriter struct {
	header http.Header
	out    *io.PipeWriter
	once   sync.Once
	ready  chan struct{} // closed when status and sent are set
	status int
	sent   http.Header
}

// Header is what will be sent.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader sends the header, the first time.
func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.ready)
	})
}

// Write sends bytes of the body.
func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.out.Write(b)
}

// Flush has nothing to do: a pipe holds nothing back.
func (w *pipeWriter) Flush() {}
