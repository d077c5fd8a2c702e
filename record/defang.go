package record

import (
	"net/netip"
	"strings"
)

// ParseObservable recognises one observable as people write it: with spaces
// around, in capitals, or defanged (hxxp://, example[.]com, name[at]example.com).
// An address or domain may have a port. Its result passes Check. Accounts and
// file names are not guessed: anything could be one.
func ParseObservable(line string) (Observable, bool) {
	if len(line) > maxLine {
		return Observable{}, false
	}
	s := refang(strings.TrimSpace(line))
	for _, guess := range []func(string) (Observable, bool){
		guessHash, guessLabelled, guessURL, guessEmail, guessHost,
	} {
		if o, ok := guess(s); ok {
			return o, o.Check() == nil
		}
	}
	return Observable{}, false
}

// refang takes back what makes an address harmless to click.
func refang(s string) string {
	s = strings.NewReplacer(
		"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[DOT]", ".", "(DOT)", ".",
		"[:]", ":", "[://]", "://", "[:]//", "://",
		"[@]", "@", "(@)", "@", "[at]", "@", "(at)", "@", "[AT]", "@", "(AT)", "@",
	).Replace(s)
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	switch strings.ToLower(scheme) {
	case "hxxp", "hxtp", "htxp":
		scheme = "http"
	case "hxxps", "hxtps", "htxps":
		scheme = "https"
	case "fxp":
		scheme = "ftp"
	}
	return scheme + "://" + rest
}

// guessHash recognises a hash by its length.
func guessHash(s string) (Observable, bool) {
	s = strings.ToLower(s)
	if !isHex(s) {
		return Observable{}, false
	}
	for _, typ := range []string{"md5", "sha1", "sha256"} {
		if len(s) == hashChars(typ) {
			return Observable{Type: typ, Value: s}, true
		}
	}
	return Observable{}, false
}

// guessLabelled recognises what says itself what it is: CVE-… and AS….
func guessLabelled(s string) (Observable, bool) {
	s = strings.ToUpper(s)
	switch {
	case isCVE(s):
		return Observable{Type: "cve", Value: s}, true
	case strings.HasPrefix(s, "AS") && isNumber(s[2:], 1, 1<<32-1):
		return Observable{Type: "asn", Value: s}, true
	}
	return Observable{}, false
}

// guessURL recognises a URL, and brings its scheme and host to lower case.
func guessURL(s string) (Observable, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return Observable{}, false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host := strings.LastIndexByte(rest[:end], '@') + 1
	s = strings.ToLower(scheme) + "://" + rest[:host] + strings.ToLower(rest[host:end]) + rest[end:]
	return Observable{Type: "url", Value: s}, isURL(s)
}

// guessEmail recognises a mail address.
func guessEmail(s string) (Observable, bool) {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return Observable{}, false
	}
	s = s[:i] + strings.ToLower(s[i:])
	return Observable{Type: "email", Value: s}, isEmail(s)
}

// guessHost recognises an address or a domain, with or without a port.
func guessHost(s string) (Observable, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return addressOf(ap.Addr(), int(ap.Port()))
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return addressOf(a, 0)
	}
	host, digits, hasPort := strings.Cut(s, ":")
	var port int64
	if hasPort {
		var ok bool
		if port, ok = decimal(digits, 1, 65535); !ok {
			return Observable{}, false
		}
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return Observable{Type: "domain", Value: host, Port: int(port)}, isDomain(host)
}

func addressOf(a netip.Addr, port int) (Observable, bool) {
	a = a.Unmap()
	typ := "ipv6"
	if a.Is4() {
		typ = "ipv4"
	}
	return Observable{Type: typ, Value: a.String(), Port: port}, true
}
