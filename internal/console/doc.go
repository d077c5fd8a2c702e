// Package console is the door for a party's own staff: a JSON API over a local socket, and the client that the command line uses.
//
// [NewHandler] puts the use-cases of a node behind HTTP; [Client] calls them. The command line knows no other way: where a node is
// being served it dials the control socket ([Dial]), else it opens the data folder itself and calls the very same handler in process
// ([InProcess]). So there is one code path, one set of refusals and one set of words.
//
// What goes over it stands in docs/openapi.json, which a test makes from the code ([Document]). Requests are strict: unknown and repeated
// members and unknown parameters are refused, every body has a limit. A refusal is problem+json (RFC 9457) with the kind of [node.Error];
// one table (problem.go) gives the status. Problems say what was expected and never repeat what was handed in. Long work answers with lines
// of JSON, one for each step and one for the end.
//
// On the control socket there is no authentication: whoever may open it (mode 0600, in a folder of mode 0700) may act for the party. [NewAPI] puts
// the same calls behind tokens, for the network: one table (access.go) says what each asks of a token, and what it does with a token's limits.
//
// # Adding a call
//
//  1. api.go: its path, and the types of its body and answer. Members that may be left out are omitempty or omitzero; lists are made, never nil.
//  2. Its room's file: a method of handler, func(ctx, *in) (out, error). Its parameters are fields of in with the tags path, query (and doc,
//     enum, minimum, required), its body the field Body. A mistake of the caller is invalid(...); errors of node go back as they are.
//  3. In the aboutX of that file one line: answer (a value), fetch (a bundle) or work (steps), with an id of its own. A new file needs its
//     aboutX in newDoor, and its tag in documentHead.
//     What is to be called over the network gets its line in accesses (access.go): the scope, and its reach. Choose whole unless the call asks
//     sightOf(ctx) for what may be seen and hands it to node's query: then obeys. A test calls each with every scope.
//  4. client.go, or the room's file: the method of Client.
//  5. handler_test.go: a story with the real nodes of testbed; pair checks every answer against the document.
//  6. go test ./internal/console -run TestDocument -update, and commit docs/openapi.json with it. New acts and kinds of record stand in it by
//     themselves; an act that opens a case or replies to one also stands in openingActs or replyActs.
package console
