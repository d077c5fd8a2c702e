package console

import (
	"net/http"
	"path/filepath"
	"strconv"

	"verbale/internal/node"
	"verbale/verdict"
)

const bundleType = verdict.MediaType

// bundle is an answer that goes out as it is.
type bundle []byte

func (h *handler) prove(r *http.Request) (any, error) {
	q, err := read[node.ProveRequest](r, maxBody)
	if err != nil {
		return nil, err
	}
	if _, err := h.caseOf(r, q.Outbox, q.Index); err != nil {
		return nil, err
	}
	raw, err := h.n.Prove(r.Context(), q)
	return bundle(raw), err
}

func (h *handler) evidence(r *http.Request) (any, error) {
	kept, err := h.n.Evidence(r.Context())
	out := Evidences{Evidence: []Evidence{}}
	for _, e := range kept {
		out.Evidence = append(out.Evidence, Evidence{ID: e.ID, Outbox: e.Origin, Peer: e.Peer, Kind: e.Kind, At: e.At, A: string(e.A), B: string(e.B)})
	}
	return out, err
}

func (h *handler) proveEvidence(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, invalid("", "evidence has a number")
	}
	raw, err := h.n.ProveFork(r.Context(), id)
	return bundle(raw), err
}

func (h *handler) fsck(r *http.Request, step node.Progress) (any, error) {
	a, err := h.n.Fsck(r.Context(), step)
	if a.Findings == nil {
		a.Findings = []node.Finding{}
	}
	return a, err
}

func (h *handler) rebuild(r *http.Request, step node.Progress) (any, error) {
	in, err := read[Rebuild](r, maxBody)
	if err != nil {
		return nil, err
	}
	out, err := h.n.Rebuild(r.Context(), in.Write, step)
	if out.Different == nil {
		out.Different = []string{}
	}
	return out, err
}

func (h *handler) backup(r *http.Request) (any, error) {
	in, err := read[Backup](r, maxBody)
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(in.Path) {
		return nil, invalid("", "path is absolute, on the machine of the node")
	}
	return in, h.n.Backup(r.Context(), in.Path)
}
