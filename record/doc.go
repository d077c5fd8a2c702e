// Package record is what a party can say: one signed act of one party, in one
// encoding, with every field disclosable on its own.
//
// A record is an SD-JWT (RFC 9901). Its leaf is the signed part and carries
// only salted digests; its content is the disclosures behind them, encrypted
// to the audience and erasable. The format is spec/record.md and the acts are
// spec/acts.md; rules are cited here and in errors by their numbers.
//
// Reading takes two calls. [Parse] accepts a leaf and refuses every other
// spelling of it; [Record.Open] accepts a content and says what the act is:
//
//	r, err := record.Parse(leaf)     // R-1 to R-3
//	o, err := r.Open(content)        // R-7 to R-18
//	o.Act(), o.Fields.Text("subject")
//
// Writing takes two as well, with the encryption of the content between them:
//
//	c, err := record.Compose(fields, rand)
//	r, err := c.Sign(outbox, kid, record.DigestOf(stored), sign)
//
// [Opened.Present] and [ParsePresentation] show and read a part of a record.
// [Schema] is the table of acts, for forms and for the check of drafts
// ([Fields.Check]).
//
// What this package deliberately lacks: it holds no keys and verifies no
// signatures (R-4 is package seal's, given [Record.SigningInput] and
// [Record.Signature]); it does not encrypt; it knows no clock and draws no
// randomness, which is an argument; it does not parse origins (package seal)
// nor decide what a record means for a case (package docket). It imports
// nothing of this module.
//
// An act or a kind of appeal that this version does not know is not an error:
// [Opened.Unknown] says so, its bytes stay, its fields are not interpreted.
package record
