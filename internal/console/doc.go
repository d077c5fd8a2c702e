// Package console is the door for a party's own staff: a JSON API over a local socket, and the client that the command line uses.
//
// [NewHandler] puts the use-cases of a node behind HTTP; [Client] calls them. The command line knows no other way: where a node is
// being served it dials the control socket ([Dial]), else it opens the data folder itself and calls the very same handler in process
// ([InProcess]). So there is one code path, one set of refusals and one set of words.
//
// What goes over it stands in api.go. Requests are strict: unknown and repeated members are refused, every body has a limit.
// A refusal is problem+json (RFC 9457) with the kind of [node.Error]; one table (problem.go) gives the status. Problems say what was
// expected and never repeat what was handed in. Long work answers with lines of JSON, one for each step and one for the end.
//
// There is no authentication here: whoever may open the socket (mode 0600, in a folder of mode 0700) may act for the party.
package console
