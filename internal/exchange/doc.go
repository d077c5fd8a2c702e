// Package exchange is how two nodes come to agree on one outbox: the protocol of spec/exchange.md as values.
//
// A [Batch] carries entries, their contents and the checkpoint that covers them. [Verify] holds a batch against the
// mirror that the receiver has and answers with an [Advance], which only Verify can fill and which is the only thing that
// the store takes foreign leaves from; or with a [Problem], whose Kind says what is wrong.
// [Peer] is one end of a link as the other end sees it.
//
// The package decides; it does not act. It knows no network, no database and no clock: time is an argument, and what
// a mirror holds is read through functions that the caller hands in.
package exchange
