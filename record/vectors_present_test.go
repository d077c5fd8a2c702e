package record

import (
	"strings"
	"testing"
)

// presentVector is a case of presentations in record-content.json.
type presentVector struct {
	Name         string `json:"name"`
	Rule         string `json:"rule"`
	Presentation string `json:"presentation"`
	Expect       string `json:"expect"`
	Error        Kind   `json:"error,omitempty"`
	Full         bool   `json:"full,omitempty"`
	Unknown      bool   `json:"unknown,omitempty"`
	Hidden       int    `json:"hidden,omitempty"`
	Fields       string `json:"fields,omitempty"`
}

// presentVectors builds the vectors of presentations from one appeal, one
// public profile and one sealed record.
func presentVectors(tb testing.TB) []presentVector {
	tb.Helper()
	var vectors []presentVector
	add := func(name, rule string, kind Kind, s string) {
		v := presentVector{Name: name, Rule: rule, Presentation: s, Expect: "accept"}
		if kind != "" {
			v.Expect, v.Error = "reject", kind
		}
		vectors = append(vectors, v)
	}
	show := func(o *Opened, names ...string) string {
		s, err := o.Present(names)
		if err != nil {
			tb.Fatal(err)
		}
		return s
	}
	r, content := build(tb, testAppeal("mitigate"), testOutbox, 1)
	appeal := mustOpen(tb, r, content)
	leaf := string(r.Bytes())
	all := show(appeal, "*")
	add("the leaf alone", "R-12", "", show(appeal))
	add("everything", "R-12", "", all)
	add("act, kind and urgency", "R-12", "", show(appeal, "act", "kind", "urgency"))
	add("one element", "R-12", "", show(appeal, "act", "kind", "targets[1]"))
	add("two elements", "R-12", "", show(appeal, "act", "kind", "targets[0]", "targets[2]"))
	add("a list whole", "R-12", "", show(appeal, "act", "kind", "targets"))
	add("kind hidden: not interpreted", "R-18", "", show(appeal, "act", "urgency"))
	add("act hidden: not interpreted", "R-18", "", show(appeal, "kind", "urgency"))
	add("no tilde", "R-12", KindForm, leaf)
	add("nothing", "R-12", KindForm, "")
	add("the last tilde missing", "R-12", KindForm, strings.TrimSuffix(all, "~"))
	add("a key binding JWT at its end", "R-12", KindForm, show(appeal, "act")+leaf)
	add("a space at its end", "R-12", KindForm, all+" ")
	add("a line feed at its end", "R-12", KindForm, all+"\n")
	add("two tildes after the leaf", "R-8", KindForm, strings.Replace(all, "~", "~~", 1))
	add("an element without its list", "R-11", KindDigest, dropDisclosure(show(appeal, "act", "kind", "targets[1]"), `"targets"`))
	add("elements out of order", "R-11", KindDigest, swapLast(show(appeal, "act", "kind", "targets[0]", "targets[2]")))
	add("fields out of order", "R-12", KindForm, swapLast(show(appeal, "act", "kind")))
	add("a field twice", "R-9", KindForm, show(appeal, "act")+strings.SplitAfter(all, "~")[2])
	other, otherContent := build(tb, testAppeal("mitigate"), testOutbox, 2)
	add("a field of another record", "R-9", KindDigest, leaf+"~"+strings.SplitN(show(mustOpen(tb, other, otherContent), "act"), "~", 2)[1])

	pr, pc := build(tb, testProfile(), publicOutbox, 3)
	profile := mustOpen(tb, pr, pc)
	add("a public profile whole", "R-12", "", show(profile, "*"))
	add("a public profile in part", "R-12", "", show(profile, "act", "party", "keys"))

	sealed := buildSealed(tb, testRegisterAct("heads"), 4)
	add("a sealed entry with one of its heads", "R-5", "", show(sealed, "act", "taken_at", "heads[1]"))
	add("a sealed entry with all that is in it", "R-5", "", show(sealed, "*"))
	add("a sealed entry, nothing of it", "R-5", "", show(sealed))
	return vectors
}

// dropDisclosure leaves out the disclosure that holds a text.
func dropDisclosure(s, quoted string) string {
	leaf, content, _ := strings.Cut(s, "~")
	return leaf + "~" + dropField(content, quoted)
}

// swapLast exchanges the last two disclosures.
func swapLast(s string) string {
	parts := strings.SplitAfter(s, "~")
	n := len(parts) - 1 // the last is empty
	parts[n-2], parts[n-1] = parts[n-1], parts[n-2]
	return strings.Join(parts, "")
}

// observableVector is a case of spec/vectors/observable.json.
type observableVector struct {
	Name       string `json:"name"`
	Rule       string `json:"rule"`
	Observable string `json:"observable"`
	Expect     string `json:"expect"`
	Error      Kind   `json:"error,omitempty"`
}

func observableVectors() []observableVector {
	var vectors []observableVector
	add := func(typ, expect string, values ...string) {
		for _, v := range values {
			o := observableVector{Name: typ + " " + brief(v), Rule: "acts.md §2", Expect: expect, Observable: string(Observable{Type: typ, Value: v}.JSON())}
			if expect == "reject" {
				o.Error = KindValue
			}
			vectors = append(vectors, o)
		}
	}
	hex := strings.Repeat("0123456789abcdef", 4)
	label := strings.Repeat("a", 63)
	add("ipv4", "accept", "203.0.113.7", "8.8.8.8", "255.255.255.255", "172.32.0.1", "100.64.0.1")
	add("ipv4", "reject", "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "0.0.0.0", "203.0.113.07", "203.0.113", "203.0.113.256", "203.0.113.7 ", "::ffff:203.0.113.7", "0xcb.0.113.7", "203.0.113.7:443")
	add("ipv6", "accept", "2001:db8::1", "2001:db8:0:1:1:1:1:1", "fe80::1", "64:ff9b::808:808")
	add("ipv6", "reject", "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "2001:0db8::1", "::1", "::", "fc00::1", "fd12::1", "fe80::1%eth0", "::ffff:203.0.113.7", "203.0.113.7", "[2001:db8::1]", "2001:db8::0:1")
	add("domain", "accept", "example.net", "a.b.c.example", "xn--bcher-kva.example", "1.example", label+".example", "a--b.example")
	add("domain", "reject", "localhost", "Example.net", "example.net.", ".example.net", "a..example", "-a.example", "a-.example", "a_b.example", "bücher.example", "203.0.113.7", label+"a.example", strings.Repeat("a.", 126)+"aa", "a b.example", "example.net/")
	add("url", "accept", "https://example.net", "http://203.0.113.7:8080/a?b=c#d", "ftp://example.net/x", "https://example.net/%C3%A9", "tcp+tls://[2001:db8::1]:99")
	add("url", "reject", "example.net/x", "HTTPS://example.net", "https:///x", "https://", "://example.net", "https://example.net/a b", "https://example.net/é", "1http://example.net", "https:example.net", "https://?x")
	add("email", "accept", "a@example.net", "a.b+c@mail.example.net", "jürgen@example.net")
	add("email", "reject", "a", "@example.net", "a@localhost", "a@Example.net", "a b@example.net", "a@b@example.net", strings.Repeat("a", 65)+"@example.net")
	add("asn", "accept", "AS1", "AS64496", "AS4294967295")
	add("asn", "reject", "64496", "AS", "AS0", "AS064496", "AS4294967296", "as64496", "AS-1", "AS 1")
	add("md5", "accept", hex[:32])
	add("md5", "reject", hex[:31], hex[:33], strings.ToUpper(hex[:32]), hex[:31]+"g")
	add("sha1", "accept", hex[:40])
	add("sha1", "reject", hex[:32], hex[:64])
	add("sha256", "accept", hex)
	add("sha256", "reject", hex[:40], strings.ToUpper(hex))
	add("cve", "accept", "CVE-2021-44228", "CVE-1999-0001", "CVE-2026-1234567890123456789")
	add("cve", "reject", "cve-2021-44228", "CVE-2021-123", "CVE-21-44228", "CVE-1998-0001", "CVE-2021-4422a", "CVE-2021-12345678901234567890", "CVE-2021")
	add("account", "accept", "@someone", "a b", "日本")
	add("filename", "accept", "invoice.pdf.exe", `C:\temp\x.dll`)
	add("account", "reject", "", "a\nb", "a\u202eb")
	add("", "reject", "x")
	add("jabber", "reject", "x")
	return vectors
}

// lineVector is a line that a person types or pastes.
type lineVector struct {
	Line       string `json:"line"`
	Expect     string `json:"expect"`
	Observable string `json:"observable,omitempty"`
}

func lineVectors() []lineVector {
	hex := strings.Repeat("0123456789ABCDEF", 4)
	known := []struct {
		line, typ, value string
		port             int
	}{
		{"203.0.113.7", "ipv4", "203.0.113.7", 0},
		{" 203[.]0[.]113[.]7\t", "ipv4", "203.0.113.7", 0},
		{"203.0.113[.]7:443", "ipv4", "203.0.113.7", 443},
		{"::ffff:203.0.113.7", "ipv4", "203.0.113.7", 0},
		{"2001:DB8:0:0::1", "ipv6", "2001:db8::1", 0},
		{"[2001:db8::1]:8443", "ipv6", "2001:db8::1", 8443},
		{"[2001:db8::1]", "ipv6", "2001:db8::1", 0},
		{"Example[.]COM", "domain", "example.com", 0},
		{"example(dot)com.", "domain", "example.com", 0},
		{"evil{.}example:8080", "domain", "evil.example", 8080},
		{"hxxp://Evil[.]example/Gate.php?A=1", "url", "http://evil.example/Gate.php?A=1", 0},
		{"hXXps[:]//evil.example", "url", "https://evil.example", 0},
		{"https://User@Evil.example/", "url", "https://User@evil.example/", 0},
		{"Info[at]Example[.]org", "email", "Info@example.org", 0},
		{"as64496", "asn", "AS64496", 0},
		{"cve-2021-44228", "cve", "CVE-2021-44228", 0},
		{hex, "sha256", strings.ToLower(hex), 0},
		{hex[:40], "sha1", strings.ToLower(hex[:40]), 0},
		{hex[:32], "md5", strings.ToLower(hex[:32]), 0},
	}
	var vectors []lineVector
	for _, k := range known {
		o := Observable{Type: k.typ, Value: k.value, Port: k.port}
		vectors = append(vectors, lineVector{Line: k.line, Expect: "accept", Observable: string(o.JSON())})
	}
	for _, line := range []string{
		"", " ", "localhost", "10.0.0.1", "127[.]0[.]0[.]1", "::1", "hello world", "two words example.com", "example.com:0x50", "example.com:99999",
		"AS", "CVE-2021-1", hex[:39], "bücher.example", "http://", "a@b", strings.Repeat("a.", 5000) + "com", "203.0.113.7, 203.0.113.8",
	} {
		vectors = append(vectors, lineVector{Line: line, Expect: "reject"})
	}
	return vectors
}
