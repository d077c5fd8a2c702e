package console

import (
	"context"
	"net/http"
	"path/filepath"

	"verbale/internal/node"
	"verbale/verdict"
)

const bundleType = verdict.MediaType

// bundle is an answer that goes out as it is.
type bundle []byte

func (d *door) aboutProofs() {
	const tag = "proofs"
	fetch(d, tag, operation{id: "prove", method: http.MethodPost, path: pathBundle, summary: "Makes the bundle of a case"}, d.prove)
	answer(d, tag, operation{id: "list-evidence", method: http.MethodGet, path: pathEvidence, summary: "Lists what was kept of two histories"}, d.evidence)
	fetch(d, tag, operation{id: "prove-evidence", method: http.MethodGet, path: pathEvidence + "/{id}/bundle", summary: "Makes the bundle of one piece of evidence"}, d.proveEvidence)
	fetch(d, tag, operation{id: "prove-channel", method: http.MethodPost, path: pathLinks + "/{party}" + pathChannel, summary: "Makes the bundle of the beats of a link"}, d.proveChannel)
}

func (d *door) aboutUpkeep() {
	const tag = "upkeep"
	work(d, tag, operation{id: "fsck", method: http.MethodPost, path: pathFsck, summary: "Checks everything that the node holds"}, d.fsck)
	work(d, tag, operation{id: "rebuild", method: http.MethodPost, path: pathRebuild, summary: "Recomputes the docket"}, d.rebuild)
	answer(d, tag, operation{id: "backup", method: http.MethodPost, path: pathBackup, summary: "Writes a copy of the database on the node's machine"}, d.backup)
}

func (h *handler) prove(ctx context.Context, in *bodyOf[node.ProveRequest]) ([]byte, error) {
	if _, err := h.caseOf(ctx, in.Body.Outbox, in.Body.Index); err != nil {
		return nil, err
	}
	in.Body.Sight = sightOf(ctx)
	return h.n.Prove(ctx, in.Body)
}

func (h *handler) proveChannel(ctx context.Context, in *partyAnd[node.ChannelRequest]) ([]byte, error) {
	in.Body.Party = in.Party
	return h.n.ProveChannel(ctx, in.Body)
}

func (h *handler) evidence(ctx context.Context, _ *nothing) (Evidences, error) {
	kept, err := h.n.Evidence(ctx)
	out := Evidences{Evidence: []Evidence{}}
	for _, e := range kept {
		out.Evidence = append(out.Evidence, Evidence{ID: e.ID, Outbox: e.Origin, Peer: e.Peer, Kind: e.Kind, At: e.At, A: string(e.A), B: string(e.B)})
	}
	return out, err
}

// evidenceAsked names a piece of evidence.
type evidenceAsked struct {
	ID int64 `path:"id" doc:"number of the evidence"`
}

func (h *handler) proveEvidence(ctx context.Context, in *evidenceAsked) ([]byte, error) {
	return h.n.ProveFork(ctx, in.ID)
}

func (h *handler) fsck(ctx context.Context, _ *nothing, step node.Progress) (node.Audit, error) {
	a, err := h.n.Fsck(ctx, step)
	if a.Findings == nil {
		a.Findings = []node.Finding{}
	}
	return a, err
}

func (h *handler) rebuild(ctx context.Context, in *bodyOf[Rebuild], step node.Progress) (node.Rebuilt, error) {
	out, err := h.n.Rebuild(ctx, in.Body.Write, step)
	if out.Different == nil {
		out.Different = []string{}
	}
	return out, err
}

func (h *handler) backup(ctx context.Context, in *bodyOf[Backup]) (Backup, error) {
	if !filepath.IsAbs(in.Body.Path) {
		return Backup{}, invalid("", "path is absolute, on the machine of the node")
	}
	return in.Body, h.n.Backup(ctx, in.Body.Path)
}
