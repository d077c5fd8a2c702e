package seal

import (
	"strconv"
	"strings"
)

// Public is the audience of a party's register (K-2).
const Public = "public"

const originInfix = "/to/"

// CheckName checks a party name by K-1.
func CheckName(party string) error {
	if len(party) < minName || len(party) > maxName {
		return fail(Malformed, "K-1", "a party name has %d to %d characters, this one has %d", minName, maxName, len(party))
	}
	labels := strings.Split(party, ".")
	if len(labels) < 2 {
		return fail(Malformed, "K-1", "a party name has at least two labels joined by dots, as in cert.example; %q has one", party)
	}
	for _, label := range labels {
		if !isLabel(label) {
			return fail(Malformed, "K-1", "label %q of party name %q: want 1 to %d of a-z, 0-9 and inner hyphens", label, party, maxLabel)
		}
	}
	if isDigits(labels[len(labels)-1]) {
		return fail(Malformed, "K-1", "the last label of party name %q is a number; it would look like an address", party)
	}
	return nil
}

func isLabel(s string) bool {
	if s == "" || len(s) > maxLabel || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isDecimal says whether s is a decimal number without sign or leading zeros.
func isDecimal(s string) bool {
	return isDigits(s) && (s[0] != '0' || s == "0")
}

// An Origin names one outbox: all that Author told Audience (K-2).
type Origin struct {
	Author     string
	Audience   string // a party or [Public]
	Generation int    // from 1
}

// String gives the origin as it stands on the first line of a checkpoint.
func (o Origin) String() string {
	return o.Author + originInfix + o.Audience + "/" + strconv.Itoa(o.Generation)
}

// ParseOrigin reads an origin by K-2; String gives back exactly s.
func ParseOrigin(s string) (Origin, error) {
	author, rest, ok := strings.Cut(s, originInfix)
	audience, generation, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 {
		return Origin{}, fail(Malformed, "K-2", "want author/to/audience/generation, got %.300q", s)
	}
	if err := CheckName(author); err != nil {
		return Origin{}, err
	}
	if audience != Public {
		if err := CheckName(audience); err != nil {
			return Origin{}, err
		}
	}
	if audience == author {
		return Origin{}, fail(Malformed, "K-2", "%q: nobody is their own audience", s)
	}
	if !isDecimal(generation) || generation == "0" || len(generation) > maxGenerationDigits {
		return Origin{}, fail(Malformed, "K-2", "generation %.20q: want a decimal number from 1, at most %d digits, no leading zeros", generation, maxGenerationDigits)
	}
	n, err := strconv.Atoi(generation)
	if err != nil {
		return Origin{}, fail(Malformed, "K-2", "generation %.20q", generation).because(err)
	}
	return Origin{Author: author, Audience: audience, Generation: n}, nil
}
