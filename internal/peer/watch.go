package peer

import (
	"io"
	"sync"
	"time"
)

// A watch calls a call off when the other end is too slow. It covers the call in turn: connecting, sending the body,
// waiting, reading the answer.
type watch struct {
	limits clientLimits
	mu     sync.Mutex
	timer  *time.Timer
	stage  stage
}

type stage int

const (
	asking stage = iota
	reading
	over
)

func newWatch(l clientLimits, tooSlow func()) *watch {
	return &watch{limits: l, timer: time.AfterFunc(l.connect+l.answer, tooSlow)}
}

// allow gives the stage s another d, unless a later one has begun: an answer may come while the body is still on its way.
func (w *watch) allow(s stage, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stage > s {
		return
	}
	w.stage = s
	w.timer.Reset(d)
}

func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stage = over
	w.timer.Stop()
}

// sending watches the body of the request. A new connection may have to be made for it first.
func (w *watch) sending(from io.ReadCloser) io.ReadCloser {
	w.allow(asking, w.limits.connect+w.limits.answer)
	return &watched{from: from, w: w, stage: asking}
}

// receiving watches the body of the answer.
func (w *watch) receiving(from io.ReadCloser) io.ReadCloser {
	return &watched{from: from, w: w, stage: reading}
}

// watched is a body that tells its watch of every piece.
type watched struct {
	from  io.ReadCloser
	w     *watch
	stage stage
	begun time.Time
	n     int64
}

func (m *watched) Read(b []byte) (int, error) {
	if m.begun.IsZero() {
		m.begun = time.Now()
	}
	m.w.allow(m.stage, m.w.limits.pace.left(time.Since(m.begun), m.n))
	n, err := m.from.Read(b)
	m.n += int64(n)
	if err != nil && m.stage == asking { // all is handed over: the last piece must go out, and an answer come
		m.w.allow(asking, m.w.limits.pace.stall+m.w.limits.answer)
	}
	return n, err
}

func (m *watched) Close() error { return m.from.Close() }
