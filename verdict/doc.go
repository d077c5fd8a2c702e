// Package verdict answers one question: what does this file prove.
//
// A bundle (spec/bundle.md) holds records, their places in signed outboxes,
// receipts, and the profiles with the keys that all of it rests on. The main
// calls are
//
//	b, err := verdict.Parse(file)            // the form, B-1
//	v, err := verdict.Judge(b, trusted)      // everything else, B-2 to B-18
//	fmt.Print(v.Text())                      // for a journalist or a court
//	text, err := v.TextIn("it")              // the same in Italian
//	out, err := v.JSON()                     // for a program
//
// for several files that are judged as one,
//
//	b := verdict.Merge(one, other)           // B-19
//
// and, for whoever makes a bundle,
//
//	p, err := verdict.OpenProfile(file)
//	file, err := b.Encode()                  // the order of B-5
//
// One bad item sinks the bundle (B-6): the answer is then an [*Error] that
// names the item, the rule and what was expected, and nothing is concluded.
//
// A verdict is a pure function of the file and of the keys and witnesses that
// the person verifying vouches for. There is no clock: "valid until" and "late"
// are not judged here. There is no network and no store: what is not in the
// file does not exist. The same input gives the same bytes everywhere.
//
// What it deliberately lacks: an overall mark. It says who wrote what, whose
// node holds it since when and by whose clock, and on which keys each sentence
// rests; then it says what is not proved (B-9). The words receipt,
// acknowledgement and acceptance are never mixed. All sentences stand in
// tables, one for each language (words_en.go, words_it.go); the JSON has the
// English ones.
package verdict
