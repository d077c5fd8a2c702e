package record

import (
	"strings"
)

// value is a case of one field of an unknown act.
func valueCase(name, rule string, kind Kind, v string) contentCase {
	return contentCase{name: name, rule: rule, kind: kind, script: unknownAct("field b " + v)}
}

// field is a case of one field of an appeal, of which more are mandatory.
func fieldCase(name, rule string, kind Kind, field, v string) contentCase {
	return contentCase{name: name, rule: rule, kind: kind, script: with(testAppeal("mitigate"), field, v)}
}

func contentTexts() []contentCase {
	text := func(name string, kind Kind, s string) contentCase {
		return valueCase("text with "+name, "R-15", kind, `"a`+s+`b"`)
	}
	return []contentCase{
		text("a line feed", "", `\n`), text("a tab", "", `\t`), text("a quotation mark", "", `\"`), text("a reverse solidus", "", `\\`),
		text("a right-to-left mark", "", "\u200f"), text("a joiner", "", "\u200d"), text("U+FFFD", "", "\ufffd"), text("U+2028", "", "\u2028"),
		text("four-byte characters", "", "\U0001F6F0\U0010FFFF"), text("U+00A0", "", "\u00a0"), text("U+202F", "", "\u202f"), text("U+206A", "", "\u206a"),
		text("a carriage return", KindValue, `\r`), text("a backspace", KindValue, `\b`), text("a form feed", KindValue, `\f`),
		valueCase("text with an escaped zero", "R-7", KindForm, `"a\u0000"`), text("a raw tab", KindValue, "\t"), text("a raw escape character", KindValue, "\x1b"),
		text("a delete character", KindValue, "\x7f"), text("U+0080", KindValue, "\u0080"), text("U+009B, which begins a command to a terminal", KindValue, "\u009b"), text("U+009F", KindValue, "\u009f"),
		text("U+202A", KindValue, "\u202a"), text("U+202E", KindValue, "\u202e"),
		text("U+2066", KindValue, "\u2066"), text("U+2069", KindValue, "\u2069"),
		text("a byte that is no UTF-8", KindValue, "\xff"), text("a surrogate", KindValue, "\xed\xa0\x80"), text("an overlong slash", KindValue, "\xc0\xaf"),
		text("half a character", KindValue, "\xe2\x80"),
		valueCase("member with a bidirectional control", "R-15", KindValue, "{\"a\":\"\u202e\"}"),
		fieldCase("line feed in a long text", "R-15", "", "summary", `"a\nb"`),
		fieldCase("tab in a long text", "R-15", "", "harm", `"a\tb"`),
		fieldCase("line feed in a text of one line", "R-15", KindValue, "subject", `"a\nb"`),
		fieldCase("tab in a text of one line", "R-15", KindValue, "competence", `"a\tb"`),
	}
}

func contentTimes() []contentCase {
	at := func(s string, kind Kind) contentCase {
		return fieldCase("time "+s, "R-16", kind, "reply_by", `"`+s+`"`)
	}
	return []contentCase{
		at("2028-02-29T23:59:59Z", ""), at("9999-12-31T23:59:59Z", ""), at("2026-12-31T00:00:00Z", ""),
		fieldCase("time 1990-01-01T00:00:00Z", "R-16", "", "drafted_at", `"1990-01-01T00:00:00Z"`),
		at("1989-12-31T23:59:59Z", KindValue), at("2027-02-29T00:00:00Z", KindValue), at("2026-13-01T00:00:00Z", KindValue),
		at("2026-00-01T00:00:00Z", KindValue), at("2026-12-00T00:00:00Z", KindValue), at("2026-12-32T00:00:00Z", KindValue),
		at("2026-12-31T24:00:00Z", KindValue), at("2026-12-31T23:60:00Z", KindValue), at("2026-12-31T23:59:60Z", KindValue),
		at("2026-12-31T23:59:59.0Z", KindValue), at("2026-12-31T23:59:59+00:00", KindValue), at("2026-12-31T23:59:59z", KindValue),
		at("2026-12-31t23:59:59Z", KindValue), at("2026-12-31 23:59:59Z", KindValue), at("2026-12-31T23:59Z", KindValue),
		at("12026-12-31T23:59:59Z", KindValue), at("+026-12-31T23:59:59Z", KindValue), at("", KindValue),
		fieldCase("time as a number", "R-16", KindValue, "reply_by", "1798761599"),
	}
}

func contentNumbers() []contentCase {
	number := func(s string, kind Kind) contentCase { return valueCase("number "+s, "R-17", kind, s) }
	form := func(s string) contentCase { return valueCase("number "+s, "R-7", KindForm, s) }
	deep := func(n int) string { return strings.Repeat("{\"a\":", n) + "1" + strings.Repeat("}", n) }
	return []contentCase{
		number("0", ""), number("9007199254740991", ""), number("-9007199254740991", ""),
		number("9007199254740992", KindValue), number("-9007199254740992", KindValue), number("18446744073709551617", KindValue),
		number("1.5", KindValue), number("1.0", KindValue), number("1e3", KindValue), number("1E3", KindValue), number("0.1", KindValue),
		form("-0"), form("01"), form("-"), form("+1"), form("-01"),
		valueCase("null", "R-7", "", "null"), valueCase("true", "R-7", "", "true"), valueCase("empty object", "R-7", "", "{}"),
		valueCase("empty text in an unknown act", "R-7", "", `""`),
		valueCase("8 deep", "R-19", "", deep(8)), valueCase("9 deep", "R-19", KindLimit, deep(9)),
		{name: "element 8 deep", rule: "R-19", script: unknownAct("list b 3", "element "+strings.Repeat("[", 8)+strings.Repeat("]", 8))},
		{name: "element 9 deep", rule: "R-19", kind: KindLimit, script: unknownAct("list b 3", "element "+strings.Repeat("[", 9)+strings.Repeat("]", 9))},
		{name: "element a thousand deep", rule: "R-19", kind: KindLimit, script: unknownAct("list b 3", "element "+strings.Repeat("[", 1000))},
		valueCase("member of 40 characters", "R-19", "", `{"`+strings.Repeat("a", 38)+`_9":1}`),
		valueCase("member of 41 characters", "R-19", KindForm, `{"`+strings.Repeat("a", 41)+`":1}`),
		valueCase("member with a capital", "R-19", KindForm, `{"A":1}`),
		valueCase("member without a name", "R-19", KindForm, `{"":1}`),
	}
}

func contentSchema() []contentCase {
	missing := func(act string, f Fields, name string) contentCase {
		return contentCase{name: act + " without " + name, rule: "R-18", kind: KindField, passes: true, script: with(f, name, "")}
	}
	together := func(name string, f Fields, changes ...string) contentCase {
		return contentCase{name: name, rule: "R-18", kind: KindField, passes: true, script: with(f, changes...)}
	}
	word := func(name, v string) contentCase {
		return contentCase{name: name, rule: "R-18", kind: KindValue, script: with(testAppeal("mitigate"), "act", v)}
	}
	appeal := testAppeal("mitigate")
	cases := []contentCase{
		word("act is a number", "7"), word("act is empty", `""`), word("act with a capital", `"Appeal"`), word("act with a space", `"app eal"`),
		word("act of 41 characters", `"`+strings.Repeat("a", 41)+`"`),
		{name: "kind is a number", rule: "R-18", kind: KindValue, script: with(appeal, "kind", "7")},
		{name: "field of another kind", rule: "R-18", kind: KindField, script: with(appeal, "concern", `"x"`)},
		{name: "field that nobody knows", rule: "R-18", kind: KindField, script: with(appeal, "zebra", `"x"`)},
		{name: "kind in a reply", rule: "R-18", kind: KindField, script: with(testReply("answer"), "kind", `"clarify"`)},
		together("released before it was drafted", appeal, "released_at", `"2026-07-12T08:59:59Z"`),
		together("acknowledge_by at the release", appeal, "acknowledge_by", `"2026-07-12T09:05:00Z"`),
		together("reply_by before acknowledge_by", appeal, "reply_by", `"2026-07-12T12:59:59Z"`),
		together("urgent without a reason", appeal, "urgency_reason", ""),
		together("ping of class service", testReply("ping"), "class", `"service"`),
		{name: "reply_by at acknowledge_by", rule: "R-18", script: with(appeal, "reply_by", `"2026-07-12T13:00:00Z"`)},
		{name: "released when it was drafted", rule: "R-18", script: with(appeal, "released_at", `"2026-07-12T09:00:00Z"`)},
		{name: "routine without a reason", rule: "R-18", script: with(appeal, "urgency", `"routine"`, "urgency_reason", "")},
		{name: "routine with a reason", rule: "R-18", script: with(appeal, "urgency", `"routine"`)},
	}
	for _, s := range Schema("ping", "") {
		if s.Need == Mandatory {
			cases = append(cases, missing("ping", testReply("ping"), s.Name))
		}
	}
	for _, name := range []string{"kind", "subject", "legal_basis", "targets", "measure", "evidence", "harm", "reply_by"} {
		cases = append(cases, missing("appeal", appeal, name))
	}
	return cases
}

func contentLimits() []contentCase {
	long := func(n int) string { return `"` + strings.Repeat("\U0001F6F0", n) + `"` }
	texts := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`"x",`, n), ",") + "]" }
	profile := func(name string, kind Kind, field, v string) contentCase {
		return contentCase{name: name, rule: "R-18", kind: kind, script: with(testProfile(), field, v)}
	}
	return []contentCase{
		fieldCase("subject of 200 characters", "R-18", "", "subject", long(200)),
		fieldCase("subject of 201 characters", "R-18", KindLimit, "subject", long(201)),
		fieldCase("escapes count as one character", "R-18", "", "subject", `"`+strings.Repeat(`\"`, 200)+`"`),
		fieldCase("empty subject", "R-18", KindValue, "subject", `""`),
		fieldCase("subject that is null", "R-18", KindValue, "subject", "null"),
		fieldCase("subject that is a list", "R-18", KindValue, "subject", `["x"]`),
		fieldCase("20 legal bases", "R-18", "", "legal_basis", texts(20)),
		fieldCase("21 legal bases", "R-10", KindLimit, "legal_basis", texts(21)),
		fieldCase("legal bases that are no list", "R-18", KindValue, "legal_basis", `"voluntary"`),
		fieldCase("a legal basis that is a number", "R-18", KindValue, "legal_basis", `["voluntary",7]`),
		fieldCase("word that is not of the list", "R-18", KindValue, "tlp", `"white"`),
		fieldCase("word in capitals", "R-18", KindValue, "tlp", `"RED"`),
		fieldCase("language", "R-18", "", "language", `"zh-Hant-TW"`),
		fieldCase("language that is no tag", "R-18", KindValue, "language", `"english language"`),
		profile("endpoint with an address", "", "endpoint", `"https://[2001:db8::1]:443"`),
		profile("endpoint without a port", KindValue, "endpoint", `"https://node.example"`),
		profile("endpoint with a path", KindValue, "endpoint", `"https://node.example:443/"`),
		profile("endpoint of http", KindValue, "endpoint", `"http://node.example:443"`),
		profile("endpoint with a port too large", KindValue, "endpoint", `"https://node.example:65536"`),
		profile("jurisdiction in small letters", KindValue, "jurisdiction", `"aa"`),
		profile("keys that are a text", KindValue, "keys", `"x"`),
		profile("keys with a number", KindValue, "keys", `{"record":7}`),
	}
}

func contentObjects() []contentCase {
	target := func(name, rule string, kind Kind, v string) contentCase {
		return fieldCase("observable "+name, rule, kind, "targets", "["+v+"]")
	}
	reply := func(name string, kind Kind, v string) contentCase {
		return contentCase{name: "reference " + name, rule: "R-18", kind: kind, script: with(testReply("withdraw"), "in_reply_to", v)}
	}
	ref := string(testRef().JSON())
	edit := func(old, new string) string { return strings.Replace(ref, old, new, 1) }
	attach := func(name string, kind Kind, v string) contentCase {
		return fieldCase("attachment "+name, "R-18", kind, "attachments", "["+v+"]")
	}
	return []contentCase{
		target("with all members", "R-18", "", `{"note":"n","port":65535,"seen_at":"2026-07-01T00:00:00Z","type":"ipv6","value":"2001:db8::1"}`),
		target("with a value to be escaped", "R-18", "", `{"type":"filename","value":"a\\b\".exe"}`),
		target("without a type", "R-18", KindField, `{"value":"x"}`),
		target("with an unknown member", "R-18", KindField, `{"colour":"red","type":"account","value":"x"}`),
		target("of an unknown type", "R-18", KindValue, `{"type":"jabber","value":"x"}`),
		target("with a value that is not of its type", "R-18", KindValue, `{"type":"ipv4","value":"203.0.113.07"}`),
		target("with port 0", "R-18", KindValue, `{"port":0,"type":"ipv4","value":"203.0.113.7"}`),
		target("with port 65536", "R-18", KindValue, `{"port":65536,"type":"ipv4","value":"203.0.113.7"}`),
		target("with a line feed", "R-15", KindValue, `{"type":"filename","value":"a\nb"}`),
		target("that is a text", "R-18", KindValue, `"203.0.113.7"`),
		reply("at index 0", "", edit(`"index":12`, `"index":0`)),
		reply("at the last index", "", edit(`"index":12`, `"index":1099511627775`)),
		reply("beyond the last index", KindValue, edit(`"index":12`, `"index":1099511627776`)),
		reply("with a negative index", KindValue, edit(`"index":12`, `"index":-1`)),
		reply("with a short leaf hash", KindValue, edit(`"leaf":"`, `"leaf":"AA`)),
		reply("with a further member", KindValue, edit(`{"index"`, `{"a":1,"index"`)),
		reply("without an outbox", KindValue, edit(`,"outbox":"`+testRef().Outbox+`"`, "")),
		reply("that is a text", KindValue, `"x"`),
		attach("of one byte", "", `{"data":"AA","media_type":"text/plain","name":"a.txt"}`),
		attach("with padding", KindValue, `{"data":"AA==","media_type":"text/plain","name":"a.txt"}`),
		attach("with unused bits", KindValue, `{"data":"AB","media_type":"text/plain","name":"a.txt"}`),
		attach("without data", KindValue, `{"data":"","media_type":"text/plain","name":"a.txt"}`),
		attach("without a name", KindField, `{"data":"AA","media_type":"text/plain"}`),
		{name: "bool that is a text", rule: "R-18", kind: KindValue, script: with(testReply("refuse"), "consulted_on_conditions", `"true"`)},
		{name: "refusal code that is none", rule: "R-18", kind: KindValue, script: with(testReply("refuse"), "code", `"silence"`)},
	}
}
