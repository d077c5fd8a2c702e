package seal

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Policy says whose cosignatures count, and how many are enough: a file of
// C2SP tlog-policy (K-21). A policy that was put together by hand must pass
// through String and [ParsePolicy].
type Policy struct {
	Logs      []PolicyLog
	Witnesses []PolicyWitness
	Groups    []PolicyGroup // each after its members
	Quorum    string        // a witness, a group, or "none"
}

// A PolicyLog is one key of a known log.
type PolicyLog struct {
	Key LogKey
	URL string // may be empty
}

// A PolicyWitness is one key of a witness, under the name that the policy gives it.
type PolicyWitness struct {
	Name string
	Key  Cosigner
	URL  string // its submission prefix; may be empty
}

// A PolicyGroup has witnessed what at least Need of its members have.
type PolicyGroup struct {
	Name    string
	Need    int
	Members []string
}

// noQuorum is the quorum that asks for no cosignature.
const noQuorum = "none"

// ParsePolicy reads a policy file by K-21.
func ParsePolicy(b []byte) (*Policy, error) {
	if len(b) > maxPolicy {
		return nil, fail(Malformed, "K-21", "a policy has at most %d bytes, this one has %d", maxPolicy, len(b))
	}
	if !bytes.HasSuffix(b, []byte("\n")) {
		return nil, fail(Malformed, "K-21", "the last line of the policy has no line end; was a part cut off?")
	}
	r := &policyReader{policy: &Policy{}, known: map[string]bool{}, member: map[string]bool{}, keys: map[string]string{}}
	for n, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		if err := r.line(line); err != nil {
			return nil, fail(err.Kind, err.Rule, "line %d: %s", n+1, err.Detail).because(err.Err)
		}
	}
	if r.policy.Quorum == "" {
		return nil, fail(Malformed, "K-21", "the policy has no quorum line; write \"quorum NAME\", or \"quorum none\" if no witness is needed")
	}
	return r.policy, nil
}

// policyReader is a policy half read.
type policyReader struct {
	policy *Policy
	known  map[string]bool   // names defined so far
	member map[string]bool   // names that stand in a group
	keys   map[string]string // key bytes to the name they are known by
}

// line reads one line without its end.
func (r *policyReader) line(line string) *Error {
	for i := range len(line) {
		if c := line[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fail(Malformed, "K-21", "control character 0x%02x; lines end with a line feed alone", c)
		}
	}
	items := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
	if len(items) == 0 || items[0][0] == '#' {
		return nil
	}
	for _, item := range items {
		if !utf8.ValidString(item) {
			return fail(Malformed, "K-21", "%.60q is not UTF-8", item)
		}
		if strings.Contains(item, "#") {
			return fail(Malformed, "K-21", "%.60q: a comment has a line of its own; other programs would cut the line here", item)
		}
		if len(item) > maxPolicyItem {
			return fail(Malformed, "K-21", "an item has at most %d bytes, this one has %d", maxPolicyItem, len(item))
		}
	}
	switch keyword, rest := items[0], items[1:]; {
	case keyword == "log" && (len(rest) == 1 || len(rest) == 2):
		return r.log(rest)
	case keyword == "witness" && (len(rest) == 2 || len(rest) == 3):
		return r.witness(rest)
	case keyword == "group" && len(rest) >= 3:
		return r.group(rest)
	case keyword == "quorum" && len(rest) == 1:
		return r.quorum(rest[0])
	}
	return fail(Malformed, "K-21", "want log VKEY [URL], witness NAME VKEY [URL], group NAME all|any|K MEMBER…, or quorum NAME; got %.60q", line)
}

func (r *policyReader) log(items []string) *Error {
	if len(r.policy.Logs) == maxPolicyLogs {
		return fail(Malformed, "K-21", "more than %d logs", maxPolicyLogs)
	}
	key, err := ParseLogKey(items[0])
	if err != nil {
		return asError(err)
	}
	if err := r.key(key.name, key.key); err != nil {
		return err
	}
	r.policy.Logs = append(r.policy.Logs, PolicyLog{key, second(items, 1)})
	return nil
}

func (r *policyReader) witness(items []string) *Error {
	if len(r.policy.Witnesses) == maxPolicyWitnesses {
		return fail(Malformed, "K-21", "more than %d witnesses", maxPolicyWitnesses)
	}
	if err := r.define(items[0]); err != nil {
		return err
	}
	key, err := ParseCosigner(items[1])
	if err != nil {
		return asError(err)
	}
	if err := r.key(items[0], key.key); err != nil {
		return err
	}
	r.policy.Witnesses = append(r.policy.Witnesses, PolicyWitness{items[0], key, second(items, 2)})
	return nil
}

func (r *policyReader) group(items []string) *Error {
	if len(r.policy.Groups) == maxPolicyGroups {
		return fail(Malformed, "K-21", "more than %d groups", maxPolicyGroups)
	}
	g := PolicyGroup{Name: items[0], Members: items[2:]}
	switch items[1] {
	case "any":
		g.Need = 1
	case "all":
		g.Need = len(g.Members)
	default:
		need, err := strconv.Atoi(items[1])
		if err != nil || !isDecimal(items[1]) || need < 1 || need > len(g.Members) {
			return fail(Malformed, "K-21", "group %q: want all, any or a number from 1 to its %d members, got %.20q", g.Name, len(g.Members), items[1])
		}
		g.Need = need
	}
	for _, name := range g.Members {
		switch {
		case !r.known[name]:
			return fail(Malformed, "K-21", "group %q: its member %q is not defined on a line before it", g.Name, name)
		case r.member[name]:
			return fail(Malformed, "K-21", "group %q: %q is a member already; each name counts once", g.Name, name)
		}
		r.member[name] = true
	}
	if err := r.define(g.Name); err != nil {
		return err
	}
	r.policy.Groups = append(r.policy.Groups, g)
	return nil
}

func (r *policyReader) quorum(name string) *Error {
	switch {
	case r.policy.Quorum != "":
		return fail(Malformed, "K-21", "a second quorum line; a policy has one")
	case name != noQuorum && !r.known[name]:
		return fail(Malformed, "K-21", "the quorum %q is not defined on a line before it", name)
	}
	r.policy.Quorum = name
	return nil
}

// define takes a name, which witnesses and groups share.
func (r *policyReader) define(name string) *Error {
	if name == noQuorum || r.known[name] {
		return fail(Malformed, "K-21", "the name %q is taken; each name is defined once, and \"none\" never", name)
	}
	r.known[name] = true
	return nil
}

// key takes a key, which no two lines share, whatever its name.
func (r *policyReader) key(name string, key []byte) *Error {
	if other, ok := r.keys[string(key)]; ok {
		return fail(WeakKey, "K-21", "%q has the same key as %q; one key is one word", name, other)
	}
	r.keys[string(key)] = name
	return nil
}

func second(items []string, i int) string {
	if i < len(items) {
		return items[i]
	}
	return ""
}

// asError gives an error of this package as what it is.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return fail(Malformed, "K-21", "cannot be read").because(err)
}

// String writes the policy: logs, witnesses, groups, quorum. ParsePolicy of it
// is the same policy.
func (p *Policy) String() string {
	var b strings.Builder
	write := func(items ...string) {
		b.WriteString(strings.TrimSuffix(strings.Join(items, " "), " ") + "\n")
	}
	for _, l := range p.Logs {
		write("log", l.Key.String(), l.URL)
	}
	for _, w := range p.Witnesses {
		write("witness", w.Name, w.Key.String(), w.URL)
	}
	for _, g := range p.Groups {
		write(append([]string{"group", g.Name, strconv.Itoa(g.Need)}, g.Members...)...)
	}
	write("quorum", p.Quorum)
	return b.String()
}

// A Cosignature is one line that a policy knows.
type Cosignature struct {
	Name string // of the witness in the policy
	Time time.Time
}

// A Dating is what the cosignatures below a head amount to (K-22).
type Dating struct {
	By  []Cosignature // every valid line of a witness of the policy, in its order
	Met bool          // the quorum has cosigned
	// From and To are the earliest and the latest time of the earliest lines
	// that meet the quorum. Both are zero if it is not met, and if it is "none".
	From, To time.Time
}

// Date reads the lines below h that are by witnesses of p, and says whether
// they meet its quorum, and since when (K-22). A line of a witness of p that
// does not verify, or stands twice, is an error. Other lines, the log's own
// too, are not looked at.
func (p *Policy) Date(noteBytes []byte, h Head) (Dating, error) {
	if err := overHead("K-22", noteBytes, h); err != nil {
		return Dating{}, err
	}
	u := newLineup("K-22")
	for _, w := range p.Witnesses {
		if err := w.Key.ready(); err != nil {
			return Dating{}, err
		}
		u.keys, u.seen = append(u.keys, w.Key.verifier(h)), append(u.seen, false)
	}
	lines, err := u.find(noteBytes)
	if err != nil {
		return Dating{}, err
	}
	var d Dating
	at := map[string]span{noQuorum: {}}
	for i, w := range p.Witnesses {
		if !u.seen[i] {
			continue
		}
		blob, _ := blobOf(lines[i])
		t := timeOf(blob)
		d.By = append(d.By, Cosignature{w.Name, t})
		at[w.Name] = span{t, t}
	}
	for _, g := range p.Groups {
		if s, ok := g.span(at); ok {
			at[g.Name] = s
		}
	}
	s, ok := at[p.Quorum]
	d.Met, d.From, d.To = ok, s.from, s.to
	return d, nil
}

// A span is the earliest and latest time of some lines.
type span struct{ from, to time.Time }

// span gives the times of the members that met this group first: those that
// were complete earliest. It asks only what stands before the group, so that no
// policy, however made, turns in a circle.
func (g PolicyGroup) span(at map[string]span) (span, bool) {
	var met []span
	for _, name := range g.Members {
		if s, ok := at[name]; ok && name != noQuorum {
			met = append(met, s)
		}
	}
	if g.Need < 1 || len(met) < g.Need {
		return span{}, false
	}
	slices.SortFunc(met, func(a, b span) int { return cmp.Or(a.to.Compare(b.to), a.from.Compare(b.from)) })
	s := met[0]
	for _, m := range met[:g.Need] {
		if m.from.Before(s.from) {
			s.from = m.from
		}
		s.to = m.to
	}
	return s, true
}
