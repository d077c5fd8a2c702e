// Package docket says what records amount to: cases, who must act, and by when.
//
// State is a pure fold. [Apply] adds one [Entry] to the [Case] that it belongs to; [Case.Status] and [Case.Turn] are computed
// from what the case holds. A case is a set of moves, kept in the order of (outbox, index), so that any order in which the two
// outboxes of a link are read gives the same bytes: that is what `verbale rebuild` checks, and why both sides can compare dockets.
//
// Beside its cases a link has a [Standing], folded likewise: who has suspended it, and which months were tallied. A [Book] is one side's
// account of a month; [Book.Answer] holds the other side's tally against it, and reduces what differs to serial numbers.
//
// [Statistics] counts the appeals of a link by a [Basis], what both sides hold receipts for, so that either side's copy gives the same bytes
// (spec/statistics.md).
//
// [Allow] tells whether a party may make a move of its own. What the other side sends is never refused here: a move that
// breaks a rule is kept, marked irregular with the rule, and moves nothing.
//
// The package knows no clock, no database and no keys. When a record was received is not part of the fold: receipts say it, and
// the caller hands it to [Case.View].
package docket
