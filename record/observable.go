package record

import (
	"encoding/json/jsontext"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// An Observable is something that can be seen on a network or a disk
// (acts.md §2). The zero Port, SeenAt and Note mean that they are not given.
type Observable struct {
	Type   string
	Value  string
	Port   int
	SeenAt time.Time
	Note   string
}

// Places of members in observableMembers.
const (
	observableNote = iota
	observablePort
	observableSeenAt
	observableType
	observableValue
)

// JSON returns the RFC 8785 form.
func (o Observable) JSON() jsontext.Value {
	b := append(make([]byte, 0, 96+len(o.Value)+len(o.Note)), '{')
	if o.Note != "" {
		b = append(append(b, `"note":`...), quote(o.Note)...)
		b = append(b, ',')
	}
	if o.Port != 0 {
		b = strconv.AppendInt(append(b, `"port":`...), int64(o.Port), 10)
		b = append(b, ',')
	}
	if !o.SeenAt.IsZero() {
		b = append(append(b, `"seen_at":`...), quote(o.SeenAt.UTC().Format(timeForm))...)
		b = append(b, ',')
	}
	b = append(append(b, `"type":`...), quote(o.Type)...)
	b = append(append(b, `,"value":`...), quote(o.Value)...)
	return append(b, '}')
}

// MarshalJSON returns the RFC 8785 form.
func (o Observable) MarshalJSON() ([]byte, error) { return o.JSON(), nil }

// UnmarshalJSON reads an observable in its RFC 8785 form, and checks it.
func (o *Observable) UnmarshalJSON(b []byte) error {
	got, err := parseObservable(b)
	if err != nil {
		return err
	}
	*o = got
	return nil
}

// Check holds the observable against acts.md §2.
func (o Observable) Check() error {
	_, err := parseObservable(o.JSON())
	return err
}

// parseObservable reads an observable in its RFC 8785 form.
func parseObservable(v []byte) (Observable, error) {
	var o Observable
	if err := checkValue(v); err != nil {
		return o, err
	}
	c := cursor{b: v}
	spec := FieldSpec{Type: TypeObservable, Members: observableMembers}
	got, err := spec.readObject(&c)
	if err != nil {
		return o, err
	}
	o.Type, _ = unquote(got[observableType])
	o.Value, _ = unquote(got[observableValue])
	o.Note, _ = unquote(got[observableNote])
	if port := got[observablePort]; port != nil {
		p := cursor{b: port}
		n, _ := p.integer()
		o.Port = int(n)
	}
	if at := got[observableSeenAt]; at != nil {
		o.SeenAt, _ = parseTime(at[1 : len(at)-1])
	}
	if err := checkObservable(o.Type, o.Value); err != nil {
		return Observable{}, within("value", err)
	}
	return o, nil
}

// checkObservable checks the form of a value by its type (acts.md §2).
func checkObservable(typ, value string) error {
	want := ""
	switch typ {
	case "ipv4":
		if !isAddress(value, true) {
			want = "a public IPv4 address as 192.0.2.1"
		}
	case "ipv6":
		if !isAddress(value, false) {
			want = "a public IPv6 address in the RFC 5952 form, as 2001:db8::1"
		}
	case "domain":
		if !isDomain(value) {
			want = "a domain in lower-case A-labels with at least one dot"
		}
	case "url":
		if !isURL(value) {
			want = "a URL of ASCII with a lower-case scheme and a host, as https://example.org/x"
		}
	case "email":
		if !isEmail(value) {
			want = "an address as name@example.org, the domain in lower-case A-labels"
		}
	case "asn":
		if digits, ok := strings.CutPrefix(value, "AS"); !ok || !isNumber(digits, 1, 1<<32-1) {
			want = "AS and a number without leading zeros, as AS64496"
		}
	case "md5", "sha1", "sha256":
		if n := hashChars(typ); len(value) != n || !isHex(value) {
			want = strconv.Itoa(n) + " lower-case hexadecimal digits"
		}
	case "cve":
		if !isCVE(value) {
			want = "CVE-YYYY-N with at least four digits N"
		}
	}
	if want != "" {
		return fail(KindValue, "R-18", "expected %s, got %s; correct it, or use the type account or filename for free text", want, brief(value))
	}
	return nil
}

func isNumber(s string, low, high int64) bool {
	_, ok := decimal(s, low, high)
	return ok
}

// isAddress reports whether s is the one form of an address that can be
// somebody else's.
func isAddress(s string, v4 bool) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4() == v4 && !a.Is4In6() && a.Zone() == "" && a.String() == s &&
		!a.IsPrivate() && !a.IsLoopback() && !a.IsUnspecified()
}

// isDomain reports whether s is a domain of lower-case letter-digit-hyphen
// labels.
func isDomain(s string) bool {
	if len(s) > 253 || !strings.Contains(s, ".") {
		return false
	}
	for {
		label, rest, more := strings.Cut(s, ".")
		if !isLabel(label) {
			return false
		}
		if !more {
			return strings.Trim(label, "0123456789") != ""
		}
		s = rest
	}
}

func isLabel(s string) bool {
	if len(s) == 0 || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if ch := s[i]; (ch < 'a' || ch > 'z') && (ch < '0' || ch > '9') && ch != '-' {
			return false
		}
	}
	return true
}

// isURL reports whether s has a lower-case scheme, "://", and a host or
// something in its place, all of ASCII without spaces.
func isURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" || scheme[0] < 'a' || scheme[0] > 'z' ||
		strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return false
	}
	return rest != "" && !strings.ContainsAny(rest[:1], "/?#") && isVisible(rest)
}

// isVisible reports whether s is ASCII without spaces and control characters.
func isVisible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// isEmail reports whether s is an address as mail has it.
func isEmail(s string) bool {
	i := strings.LastIndexByte(s, '@')
	return i > 0 && i <= 64 && isDomain(s[i+1:]) && !strings.ContainsAny(s[:i], " @\n\t")
}

func hashChars(typ string) int {
	switch typ {
	case "md5":
		return 32
	case "sha1":
		return 40
	}
	return 64
}

func isHex(s string) bool { return s != "" && strings.Trim(s, "0123456789abcdef") == "" }

// isCVE reports whether s is CVE-YYYY-N.
func isCVE(s string) bool {
	rest, ok := strings.CutPrefix(s, "CVE-")
	if !ok || len(rest) < 9 || len(rest) > 24 || rest[4] != '-' {
		return false
	}
	return isNumber(rest[:4], 1999, 9999) && strings.Trim(rest[5:], "0123456789") == ""
}
