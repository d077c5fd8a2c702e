package record

import (
	"slices"
	"strconv"
	"strings"
)

// leafVector is a case of spec/vectors/record.json.
type leafVector struct {
	Name      string        `json:"name"`
	Rule      string        `json:"rule"`
	Leaf      string        `json:"leaf"`
	Expect    string        `json:"expect"`
	Error     Kind          `json:"error,omitempty"`
	Kid       string        `json:"kid,omitempty"`
	JTI       string        `json:"jti,omitempty"`
	Outbox    string        `json:"outbox,omitempty"`
	LeafHash  string        `json:"leaf_hash,omitempty"`
	Stored    *storedVector `json:"stored,omitempty"`
	Signature string        `json:"signature,omitempty"` // by public_key: valid or invalid
}

type storedVector struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// leafCase is what a leafVector is made of. Empty parts are those of the
// leaf that obeys all rules.
type leafCase struct {
	name, rule string
	kind       Kind // empty: accept
	header     string
	payload    string
	leaf       func(good string) string
}

func goodHeader() string { return string(appendHeader(nil, testKID())) }

// testDigests are n ascending digests.
func testDigests(n int) []string {
	rand := seeded(9)
	digests := make([]string, n)
	for i := range digests {
		digests[i] = randomDigest(rand)
	}
	slices.Sort(digests)
	return digests
}

const testJTI = "AAECAwQFBgcICQoLDA0ODw"

// payload returns a payload with some of its texts replaced, in pairs.
func payload(digests []string, size int64, replace ...string) string {
	d := DigestOf([]byte("content"))
	d.Size = size
	p := string(appendPayload(nil, digests, d, testJTI, testOutbox))
	return strings.NewReplacer(replace...).Replace(p)
}

// editPayload edits the usual payload.
func editPayload(replace ...string) string { return payload(testDigests(16), 7, replace...) }

func editHeader(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(goodHeader())
}

// nonzeroBits sets the unused bits of the last character of a part.
func nonzeroBits(part int) func(string) string {
	return func(leaf string) string {
		parts := strings.Split(leaf, ".")
		p := parts[part]
		parts[part] = p[:len(p)-1] + string(b64Alphabet[value64(p[len(p)-1])|1])
		return strings.Join(parts, ".")
	}
}

const b64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func leafCases() []leafCase {
	return slices.Concat(leafAccepted(), leafEncoding(), leafHeaders(), leafDigests(), leafPayloads())
}

func leafAccepted() []leafCase {
	long := strings.Repeat("a", 46) + "." + strings.Repeat("b", 53)
	origin := long + "/to/" + long[:len(long)-1] + "z/999999999"
	return []leafCase{
		{name: "16 digests", rule: "R-3"},
		{name: "32 digests", rule: "R-6", payload: payload(testDigests(32), 7)},
		{name: "64 digests", rule: "R-6", payload: payload(testDigests(64), 7)},
		{name: "content of one byte", rule: "R-3", payload: payload(testDigests(16), 1)},
		{name: "content of the most bytes", rule: "R-3", payload: payload(testDigests(16), MaxStored)},
		{name: "longest origin", rule: "R-3", payload: editPayload(testOutbox, origin)},
		{name: "outbox to the public", rule: "R-3", payload: editPayload(testOutbox, publicOutbox)},
		{name: "signature by nobody is a leaf still", rule: "R-4", leaf: func(s string) string {
			return s[:strings.LastIndexByte(s, '.')+1] + b64.EncodeToString(make([]byte, sigBytes))
		}},
	}
}

func leafEncoding() []leafCase {
	edit := func(name string, kind Kind, f func(string) string) leafCase {
		return leafCase{name: name, rule: "R-1", kind: kind, leaf: f}
	}
	part := func(i int, f func(string) string) func(string) string {
		return func(leaf string) string {
			parts := strings.Split(leaf, ".")
			parts[i] = f(parts[i])
			return strings.Join(parts, ".")
		}
	}
	return []leafCase{
		edit("empty", KindForm, func(string) string { return "" }),
		edit("one dot", KindForm, func(s string) string { return strings.Replace(s, ".", "", 1) }),
		edit("three dots", KindForm, func(s string) string { return s + "." }),
		edit("a tilde after it", KindForm, func(s string) string { return s + "~" }),
		edit("a line feed after it", KindForm, func(s string) string { return s + "\n" }),
		edit("a line feed in the payload", KindForm, part(1, func(s string) string { return s[:8] + "\n" + s[8:] })),
		edit("a line feed in the signature", KindForm, part(2, func(s string) string { return s[:8] + "\r\n" + s[8:] })),
		edit("a space before it", KindForm, func(s string) string { return " " + s }),
		edit("8193 bytes", KindLimit, func(s string) string { return s + strings.Repeat("A", MaxLeaf+1-len(s)) }),
		edit("padding in the payload", KindForm, part(1, func(s string) string { return s + "=" })),
		edit("padding in the signature", KindForm, part(2, func(s string) string { return s + "==" })),
		edit("unused bits in the signature", KindForm, nonzeroBits(2)),
		edit("standard alphabet in the signature", KindForm, part(2, func(s string) string { return "+/" + s[2:] })),
		edit("signature of 63 bytes", KindForm, part(2, func(string) string { return b64.EncodeToString(make([]byte, 63)) })),
		edit("signature of 65 bytes", KindForm, part(2, func(string) string { return b64.EncodeToString(make([]byte, 65)) })),
		edit("no signature", KindForm, part(2, func(string) string { return "" })),
	}
}

func leafHeaders() []leafCase {
	header := func(name string, replace ...string) leafCase {
		return leafCase{name: name, rule: "R-2", kind: KindForm, header: editHeader(replace...)}
	}
	return []leafCase{
		header("alg EdDSA, which RFC 9864 deprecates", "Ed25519", "EdDSA"),
		header("alg none", "Ed25519", "none"),
		header("alg twice", `{"alg"`, `{"alg":"Ed25519","alg"`),
		header("alg in small letters", "Ed25519", "ed25519"),
		header("typ of SD-JWT", "verbale-v1+sd-jwt", "dc+sd-jwt"),
		header("typ of another version", "verbale-v1+", "verbale-v2+"),
		header("no typ", `,"typ":"verbale-v1+sd-jwt"`, ""),
		header("a further member", `"typ"`, `"ter":1,"typ"`),
		header("members in another order", `{"alg":"Ed25519",`, `{`, `"}`, `","alg":"Ed25519"}`),
		header("a space", `","typ"`, `", "typ"`),
		header("an escaped letter", `"alg"`, `"\u0061lg"`),
		header("kid of 42 characters", testKID(), testKID()[:42]),
		header("kid of 44 characters", testKID(), testKID()+"A"),
		header("kid with unused bits", testKID(), testKID()[:42]+"B"),
		header("text after it", `"}`, `"} `),
		header("not JSON", `{`, ``),
	}
}

func leafDigests() []leafCase {
	number := func(n int, kind Kind) leafCase {
		return leafCase{name: strconv.Itoa(n) + " digests", rule: "R-3", kind: kind, payload: payload(testDigests(n), 7)}
	}
	d := testDigests(16)
	swapped := slices.Clone(d)
	swapped[3], swapped[4] = swapped[4], swapped[3]
	twice := slices.Clone(d)
	twice[4] = twice[3]
	digest := func(name string, to string) leafCase {
		return leafCase{name: name, rule: "R-3", kind: KindForm, payload: editPayload(d[3], to)}
	}
	return []leafCase{
		number(1, KindForm), number(15, KindForm), number(17, KindForm), number(33, KindForm), number(63, KindForm), number(65, KindLimit),
		{name: "no digests", rule: "R-3", kind: KindForm, payload: editPayload(strings.Join(d, `","`), "")},
		{name: "an empty array of digests", rule: "R-3", kind: KindForm, payload: editPayload(`["`+strings.Join(d, `","`)+`"]`, "[]")},
		{name: "digests out of order", rule: "R-3", kind: KindForm, payload: payload(swapped, 7)},
		{name: "a digest twice", rule: "R-3", kind: KindForm, payload: payload(twice, 7)},
		digest("digest of 42 characters", d[3][:42]),
		digest("digest of 44 characters", d[3]+"A"),
		digest("digest with unused bits", d[3][:42]+string(b64Alphabet[value64(d[3][42])|1])),
		digest("digest with padding", d[3]+"="),
		digest("digest in the standard alphabet", d[3][:20]+"+"+d[3][21:]),
	}
}

func leafPayloads() []leafCase {
	bad := func(name string, replace ...string) leafCase {
		return leafCase{name: name, rule: "R-3", kind: KindForm, payload: editPayload(replace...)}
	}
	size := func(name, to string, kind Kind) leafCase {
		return leafCase{name: "size " + name, rule: "R-3", kind: kind, payload: editPayload(`"size":7`, `"size":`+to)}
	}
	return []leafCase{
		size("0", "0", KindLimit), size("-1", "-1", KindLimit), size("16777217", "16777217", KindLimit),
		size("with a leading zero", "07", KindForm), size("as a fraction", "7.0", KindForm), size("with an exponent", "7e0", KindForm),
		size("as a text", `"7"`, KindForm), size("beyond all integers", strings.Repeat("9", 40), KindForm),
		bad("_sd_alg sha-512", "sha-256", "sha-512"),
		bad("no _sd_alg", `"_sd_alg":"sha-256",`, ""),
		bad("a further member", `"jti"`, `"iat":1,"jti"`),
		bad("a member twice", `"jti"`, `"jti":"`+testJTI+`","jti"`),
		bad("members in another order", `"content":`, `"z":`),
		bad("content digest of 44 characters", `"sha256":"`, `"sha256":"A`),
		bad("jti of 21 characters", testJTI, testJTI[:21]),
		bad("jti of 23 characters", testJTI, testJTI+"A"),
		bad("jti with unused bits", testJTI, testJTI[:21]+"x"),
		bad("no jti", `"jti":"`+testJTI+`",`, ""),
		bad("empty outbox", testOutbox, ""),
		bad("outbox in capitals", testOutbox, strings.ToUpper(testOutbox)),
		bad("outbox with an escape", "csirt.aa", `csirt\u002eaa`),
		bad("outbox of 215 characters", testOutbox, strings.Repeat("a", 215)),
		bad("outbox that is not ASCII", "csirt.aa", "csirt.ää"),
		bad("a space after a colon", `"jti":`, `"jti": `),
		bad("text after it", `/1"}`, `/1"}x`),
		bad("not closed", `/1"}`, `/1"`),
		bad("a member after outbox", `/1"}`, `/1","z":1}`),
		{name: "unused bits in the payload", rule: "R-1", kind: KindForm, leaf: nonzeroBits(1)},
	}
}

// make builds the vector of a case.
func (c leafCase) make() leafVector {
	header, body := c.header, c.payload
	if header == "" {
		header = goodHeader()
	}
	if body == "" {
		body = editPayload()
	}
	leaf := rawLeaf(header, body)
	if c.leaf != nil {
		leaf = c.leaf(leaf)
	}
	v := leafVector{Name: c.name, Rule: c.rule, Leaf: leaf, Expect: "accept"}
	if c.kind != "" {
		v.Expect, v.Error = "reject", c.kind
		return v
	}
	v.Signature = "valid"
	if c.leaf != nil {
		v.Signature = "invalid"
	}
	return v
}
