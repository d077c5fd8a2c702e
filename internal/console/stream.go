package console

import (
	"bufio"
	"encoding/json/v2"
	"io"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"verbale/internal/node"
)

const stepsType = "application/x-ndjson"

// stepsAnswer is the answer of long work as the document shows it.
func (d *door) stepsAnswer(result reflect.Type) *huma.Response {
	schemas := d.api.OpenAPI().Components.Schemas
	line := &huma.Schema{Type: huma.TypeObject, Description: "One line for each step, and one for the end: exactly one member is there", Properties: map[string]*huma.Schema{
		"progress": schemas.Schema(reflect.TypeFor[progress](), true, ""),
		"result":   schemas.Schema(result, true, ""),
		"problem":  schemas.Schema(reflect.TypeFor[Problem](), true, ""),
	}}
	return &huma.Response{Description: "Lines of JSON", Content: map[string]*huma.MediaType{stepsType: {Schema: line}}}
}

// stepWriter writes lines and sends each at once.
type stepWriter struct {
	hc    huma.Context
	begun bool
}

func (s *stepWriter) write(line step) {
	if !s.begun {
		s.hc.SetHeader("Content-Type", stepsType)
		s.begun = true
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return // a step is made of numbers and of what was marshalled before
	}
	w := s.hc.BodyWriter()
	_, _ = w.Write(append(raw, '\n'))
	if rw, ok := w.(http.ResponseWriter); ok {
		_ = http.NewResponseController(rw).Flush()
	}
}

// end writes the last line. What fails before the first step is a problem with its status; later it is the last line.
func (s *stepWriter) end(h *handler, v any, err error) {
	var raw []byte
	if err == nil {
		raw, err = json.Marshal(v, json.Deterministic(true))
	}
	if err == nil {
		s.write(step{Result: raw})
		return
	}
	p := h.logged(err)
	if s.begun {
		s.write(step{Problem: p})
		return
	}
	h.refuse(s.hc, p)
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
