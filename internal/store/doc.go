// Package store is what must not be forgotten: outboxes and mirrors with their leaves, contents, trees, checkpoints and receipts, the
// docket, links, and the evidence of forks. One concrete type, [Store], over SQLite.
//
// [Store.Update] runs a function in the one write transaction; when it returns nil, what the function wrote is durable
// (WAL, synchronous=FULL). [Store.View] runs one on a consistent snapshot. Heads move by compare-and-swap: a stale base is kind conflict.
//
// The package never decides and never verifies a signature. Foreign leaves enter only inside an exchange.Advance, which only
// exchange.Verify can fill. Times are int64 Unix microseconds UTC. Queries use $1, $2 in order of first use, as all drivers understand them.
package store
