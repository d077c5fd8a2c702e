package console

import (
	"bufio"
	"encoding/json/v2"
	"io"
	"net/http"

	"verbale/internal/node"
)

const stepsType = "application/x-ndjson"

// work is a call that takes long and tells how far it has come.
type work func(r *http.Request, step node.Progress) (any, error)

// stream runs work and answers with steps. What fails before the first step is a problem with its status; later it is the last line.
func (h *handler) stream(run work) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := &steps{w: w}
		v, err := run(r, func(done, total int64) { s.write(step{Progress: &progress{done, total}}) })
		if err != nil {
			p := h.logged(err)
			if !s.begun {
				writeProblem(w, p)
				return
			}
			s.write(step{Problem: p})
			return
		}
		raw, err := json.Marshal(v, json.Deterministic(true))
		if err != nil {
			s.write(step{Problem: h.logged(err)})
			return
		}
		s.write(step{Result: raw})
	}
}

// steps writes lines and sends each at once.
type steps struct {
	w     http.ResponseWriter
	begun bool
}

func (s *steps) write(line step) {
	if !s.begun {
		s.w.Header().Set("Content-Type", stepsType)
		s.begun = true
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return // a step is made of numbers and of what was marshalled before
	}
	_, _ = s.w.Write(append(raw, '\n'))
	_ = http.NewResponseController(s.w).Flush()
}

// readSteps reads an answer to long work: each step is told, the end decoded into v.
func readSteps(body io.Reader, tell node.Progress, v any) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var s step
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return unexpected(err)
		}
		switch {
		case s.Problem != nil:
			return s.Problem.asError()
		case s.Result != nil:
			return decode(s.Result, v)
		case s.Progress != nil && tell != nil:
			tell(s.Progress.Done, s.Progress.Total)
		}
	}
	if err := lines.Err(); err != nil {
		return lost(err)
	}
	return lost(io.ErrUnexpectedEOF)
}
