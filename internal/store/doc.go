// Package store is what must not be forgotten: outboxes, mirrors, contents, receipts, cases and links, in one SQLite database.
//
// [Open] gives the one [Store] of a folder; [Store.Update] runs a function in the one write transaction and [Store.View] in a
// snapshot for reading. When Update returns nil, everything in it is on disk (WAL, synchronous=FULL); when it returns an
// error, nothing of it is. The methods of [Tx] are the whole of what can be asked.
//
// The store never decides and never verifies. It takes foreign leaves only inside an exchange.Advance, which only
// exchange.Verify can fill, and moves a head only by compare-and-swap on its old size. It looks at no signature and at no
// clock, and it deletes nothing but contents ([Tx.EraseContent]) and cases ([Tx.ReplaceCases]).
//
// A folder holds verbale.db (with -wal and -shm beside it while it is open), lock (held by the process that has it open)
// and created (the marker that a database was made here: if verbale.db is gone, Open says so and makes no new one,
// because an author with an empty memory would sign its outboxes a second time).
//
// Beside it may lie search.db, the [Search]: the words of what was decrypted, in no backup, and fed anew where it is lost.
//
// Layout. Integer row keys: leaves and contents by outbox<<40 | index, tiles by outbox<<40 | level<<37 | number.
// The columns of cases beside their body are docket.Index of it, so that lists, counts, reminders and the feed of changes go through indexes.
// Contents have a table of their own, so that they can be erased. Times are Unix microseconds, UTC. The SQL is kept to what
// PostgreSQL takes as well, with $1, $2 in the order of first use; what only SQLite knows stands in sqlite.go. Lists of cases are put together
// from fixed terms (cases_find.go), and a test holds every way through them against the query planner: no list reads what it does not ask for.
package store
