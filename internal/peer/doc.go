// Package peer carries the calls of [exchange.Peer] between two nodes: HTTPS over TLS 1.3, both ends with a pinned key
// (spec/exchange.md, X-1).
//
// [Server] finds out who is calling, hands the call to the desk of that party, and puts the desk's answer on the wire.
// [Client] is the other end: an exchange.Peer like any other, whose calls happen to travel. Either is made with a
// certificate from [Certificate].
//
//	s := peer.NewServer(peer.ServerConfig{Certificate: cert, Find: find, Now: time.Now, Log: log})
//	err := s.Serve(ctx, listener)
//
//	c, err := peer.NewClient("https://peer.example:8443", pin, cert, time.Now)
//	receipt, err := c.Push(ctx, batch)
//
// The package decides nothing: whether an outbox may be pushed, what a batch is worth and where it rests are the
// desk's business. It guards what is the wire's: who calls, how large and how slow a message may be, how many calls run
// at once, and that a fault on the way is told as what it is. One table (problem.go) maps kinds of problem to status codes.
//
// It deliberately lacks: certificate authorities, proxies, redirects, HTTP/2, compression, session resumption, retries of
// its own (the sender's loop paces them, X-12), and any memory of earlier calls.
package peer
