package console

import (
	"context"
	"net/http"

	"verbale/internal/node"
)

func (d *door) aboutRegister() {
	const tag = "register"
	answer(d, tag, operation{id: "show-register", method: http.MethodGet, path: pathRegister, summary: "Tells how this party's register stands"}, d.register)
	answer(d, tag, operation{id: "date-register", method: http.MethodPost, path: pathRegister + pathDate, summary: "Writes the heads into the register now, and asks the witnesses"}, d.dateRegister)
	answer(d, tag, operation{id: "resume-register", method: http.MethodPost, path: pathRegister + pathResumed, summary: "Lets a stopped register go on"}, d.resumeRegister)
}

func (h *handler) register(ctx context.Context, _ *nothing) (node.RegisterStatus, error) {
	return h.n.Register(ctx)
}

// dateRegister does by hand what serve does every minute. A witness that fails is told of in the status.
func (h *handler) dateRegister(ctx context.Context, _ *nothing) (node.RegisterStatus, error) {
	if _, err := h.n.Snapshot(ctx); err != nil {
		return node.RegisterStatus{}, err
	}
	if err := h.n.Witness(ctx); err != nil {
		h.log.Warn("witnesses", "error", err.Error())
	}
	return h.n.Register(ctx)
}

func (h *handler) resumeRegister(ctx context.Context, _ *nothing) (node.RegisterStatus, error) {
	if err := h.n.ResumeRegister(ctx); err != nil {
		return node.RegisterStatus{}, err
	}
	return h.n.Register(ctx)
}
