// Package node is the one place where things happen: the use-cases of a party's own staff ([Node.File], [Node.Cases],
// [Node.Prove] …), the loops that exchange with peers ([Node.Run]), and what a peer may ask of us ([Desk]).
//
// It holds the order that everything rests on: check, sign, commit, and only then publish or receipt.
// A record is composed, encrypted and signed outside any transaction; the writer then appends many of them in one
// transaction with one checkpoint (group commit). A batch from a peer is verified, decrypted where possible, countersigned
// and stored in one transaction; the receipt leaves only after the commit.
//
// The clock, randomness and the way to reach a peer are handed in by [Config]. The package knows no HTTP and no flags.
package node
