// Package outbox is where a record is written: the append-only Merkle log of all that one party told one audience.
//
// [OpenTree] opens the tree over stored tiles; [Tree.Append] adds leaves, [Tree.Root] gives what a checkpoint signs, and
// [Tree.ProveInclusion] and [Tree.ProveConsistency] give what an outsider checks with [CheckInclusion] and [CheckConsistency].
// [Fork] is the evidence that an author signed two logs. The format is spec/outbox.md; hashes and proofs are those of RFC 6962
// and RFC 9162, files those of C2SP tlog-tiles and tlog-proof.
//
// The arithmetic is golang.org/x/mod/sumdb/tlog; nothing of it is re-derived here. The package stores nothing and signs nothing.
package outbox
