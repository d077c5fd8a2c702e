package console

import "net/http"

func (h *handler) register(r *http.Request) (any, error) { return h.n.Register(r.Context()) }

// dateRegister does by hand what serve does every minute. A witness that fails is told of in the status.
func (h *handler) dateRegister(r *http.Request) (any, error) {
	if _, err := h.n.Snapshot(r.Context()); err != nil {
		return nil, err
	}
	if err := h.n.Witness(r.Context()); err != nil {
		h.log.Warn("witnesses", "error", err.Error())
	}
	return h.n.Register(r.Context())
}

func (h *handler) resumeRegister(r *http.Request) (any, error) {
	if err := h.n.ResumeRegister(r.Context()); err != nil {
		return nil, err
	}
	return h.n.Register(r.Context())
}
