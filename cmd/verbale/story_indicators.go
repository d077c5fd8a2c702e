package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// fixture holds a few values of July 2021 for machines without the data folder; stories/README.md names the source of each.
//
//go:embed stories/revil-2021/*.txt
var fixture embed.FS

// indicators2021 is the default story: the indicator lists of July 2021 go from one authority to another.
func indicators2021() story {
	return story{name: "indicators-2021", what: "One authority sends another the indicator lists of the July 2021 ransomware attack, as an appeal to use them and an appeal to act; " +
		"the other receives, acknowledges and answers; three witnesses date it, a relay stands by, and an outsider proves it with one file and no network.", tell: tellIndicators}
}

// lists are the pasted files of the story and what was recognised in them.
type lists struct {
	names       []string
	files       map[string][]byte
	observables []record.Observable
	addresses   []record.Observable
}

// readLists takes the lists from the data folder, or from the fixture.
func (st *stage) readLists() (lists, error) {
	folder := os.DirFS(filepath.Join(st.data, "revil-kaseya-2021"))
	st.result.Data = "public indicator lists of the July 2021 attack (data folder, revil-kaseya-2021)"
	if _, err := fs.Stat(folder, "Domains.txt"); err != nil {
		sub, subErr := fs.Sub(fixture, "stories/revil-2021")
		if subErr != nil {
			return lists{}, subErr
		}
		folder = sub
		st.result.Data = "a small fixture of this program (no data folder here): a few public facts of July 2021"
	}
	l := lists{files: map[string][]byte{}}
	for _, name := range []string{"Domains.txt", "IPv4.txt", "Hashes.txt"} {
		raw, err := fs.ReadFile(folder, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return l, err
		}
		l.names, l.files[name] = append(l.names, name), raw
		l.recognise(raw)
	}
	return l, expect(len(l.addresses) > 0, "no address was recognised in the lists")
}

// recognise adds the values of a pasted list, each once.
func (l *lists) recognise(raw []byte) {
	seen := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		o, ok := record.ParseObservable(strings.TrimSpace(line))
		if !ok || seen[o.Value] {
			continue
		}
		seen[o.Value] = true
		l.observables = append(l.observables, o)
		if o.Type == "ipv4" {
			l.addresses = append(l.addresses, o)
		}
	}
}

func (l *lists) attachments() (out []record.Attachment) {
	for _, name := range l.names {
		out = append(out, record.Attachment{Name: name, MediaType: "text/plain", Data: bytes.Clone(l.files[name])})
	}
	return out
}

func tellIndicators(st *stage) error {
	lists, err := st.readLists()
	if err != nil {
		return err
	}
	fmt.Fprintf(st.say, "Data: %s.\nEvery value is treated as hostile: nothing is resolved or contacted.\n\n", st.result.Data)
	a, b, _, err := st.lodgingTrio()
	if err != nil {
		return err
	}
	sent, err := st.sendLists(a, b, lists)
	if err != nil {
		return err
	}
	st.later(time.Minute)
	if err := st.push(a, b); err != nil {
		return err
	}
	st.later(40 * time.Minute)
	if err := st.replies(a, b, sent); err != nil {
		return err
	}
	if err := st.date(a, b); err != nil {
		return err
	}
	return st.outsider(a, b, sent, len(lists.addresses))
}

// pair founds the two authorities and links them.
func (st *stage) pair() (a, b *live, err error) {
	if a, err = st.party("aurelia.example", "CSIRT Aurelia"); err != nil {
		return nil, nil, err
	}
	if b, err = st.party("borea.example", "CSIRT Borea"); err != nil {
		return nil, nil, err
	}
	if err := linkLive(st.ctx, a, b); err != nil {
		return nil, nil, err
	}
	st.tell("both", "exchanged profile files, compared the twelve words, and made the link")
	return a, b, nil
}

// appeals are the references of the two appeals.
type appeals struct{ indicators, mitigate record.Ref }

func (st *stage) sendLists(a, b *live, l lists) (appeals, error) {
	indicators := appealDraft("indicators", "Indicators of the July 2021 supply-chain ransomware attack", "urgent",
		"Use the attached indicators to find affected systems in your constituency, and tell us what you find.")
	indicators.SetObservables("indicators", l.observables...)
	indicators.SetText("context", "Seen in the attack through a remote-management product on 2 July 2021. Many of the domains are legitimate sites that were abused: do not block without looking.")
	indicators.SetText("permitted_actions", "internally-visible")
	indicators.SetAttachments("attachments", l.attachments()...)

	mitigate := appealDraft("mitigate", "Servers used in the July 2021 ransomware attack", "emergency", "Block the addresses below at your providers and preserve what they logged.")
	mitigate.SetObservables("targets", l.addresses...)
	mitigate.SetText("measure", "block")
	mitigate.SetTexts("evidence", "connections from compromised management servers in the hours before encryption")
	mitigate.SetText("harm", "more than a thousand companies were encrypted through their service providers")
	mitigate.SetAttachments("attachments", l.attachments()...)

	first, err := a.File(st.ctx, b.Party(), node.Complete(indicators, st.now(), "duty officer"), "demo-indicators")
	if err != nil {
		return appeals{}, err
	}
	st.tell(a.Party(), "appeal #%d (indicators): %d values recognised in %d pasted lists, originals attached", first.Ref.Index, len(l.observables), len(l.names))
	second, err := a.File(st.ctx, b.Party(), node.Complete(mitigate, st.now(), "duty officer"), "demo-mitigate")
	if err != nil {
		return appeals{}, err
	}
	st.tell(a.Party(), "appeal #%d (mitigate, emergency): block %d addresses", second.Ref.Index, len(l.addresses))
	return appeals{first.Ref, second.Ref}, nil
}

func appealDraft(kind, subject, urgency, wanted string) record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": docket.ActAppeal, "kind": kind, "subject": subject, "urgency": urgency,
		"urgency_reason": "encryption of further victims is expected within hours", "requested_action": wanted,
		"summary":    "On 2 July 2021 a flaw in a remote-management product was used to spread ransomware to the customers of service providers.",
		"competence": "national CSIRT for its constituency", "incident": "2021-07-02/1"} {
		f.SetText(name, value)
	}
	f.SetTexts("legal_basis", "voluntary (CSIRT co-operation)")
	return f
}

// replies lets the other side acknowledge both appeals, answer one and refuse nothing.
func (st *stage) replies(a, b *live, sent appeals) error {
	for _, r := range []struct {
		ref    record.Ref
		act    string
		fields map[string]string
		said   string
	}{
		{sent.indicators, docket.ActAcknowledge, nil, "acknowledged appeal #%d: an officer has it (that is not agreement)"},
		{sent.mitigate, docket.ActAcknowledge, nil, "acknowledged appeal #%d: an officer has it (that is not agreement)"},
		{sent.mitigate, docket.ActAnswer, map[string]string{"finality": "final", "outcome": "done", "text": "Both providers have blocked the addresses; their logs are preserved."},
			"answered appeal #%d: done"},
	} {
		f := record.Fields{}
		f.SetText("act", r.act)
		for name, value := range r.fields {
			f.SetText(name, value)
		}
		if _, err := b.Reply(st.ctx, a.Party(), r.ref.Outbox, r.ref.Index, f, ""); err != nil {
			return err
		}
		st.tell(b.Party(), r.said, r.ref.Index)
	}
	if err := st.push(b, a); err != nil {
		return err
	}
	return st.statuses(a, sent)
}

func (st *stage) statuses(a *live, sent appeals) error {
	for ref, want := range map[record.Ref]docket.Status{sent.indicators: docket.Acknowledged, sent.mitigate: docket.Answered} {
		d, err := a.Case(st.ctx, ref.Outbox, ref.Index)
		if err != nil {
			return err
		}
		if err := expect(d.View.Status == want, "appeal #%d is %s, not %s", ref.Index, d.View.Status, want); err != nil {
			return err
		}
		if err := expect(!d.View.Received.IsZero(), "appeal #%d has no receipt", ref.Index); err != nil {
			return err
		}
	}
	return nil
}

// outsider proves the emergency appeal twice: the bare facts, and everything.
func (st *stage) outsider(a, b *live, sent appeals, addresses int) error {
	q := node.ProveRequest{Outbox: sent.mitigate.Outbox, Index: sent.mitigate.Index, Disclose: node.DefaultDisclosure()}
	v, err := st.export(a, q, "facts.bundle")
	if err != nil {
		return err
	}
	shown := slices.DeleteFunc(slices.Clone(v.Records), func(r verdict.RecordFinding) bool { return r.Audience == seal.Public })
	if err := expect(len(shown) == 3, "%d records are proved, not the appeal, its acknowledgement and its answer", len(shown)); err != nil {
		return err
	}
	for _, r := range shown {
		if err := expect(r.NotAfter != nil && r.NotAfter.Vouched, "entry %d of %s is proved without a date", r.Index, r.Outbox); err != nil {
			return err
		}
		if err := expect(r.Received != nil, "entry %d of %s is proved without a receipt", r.Index, r.Outbox); err != nil {
			return err
		}
		if err := expect(shownElements(r, "targets") == 0, "the bundle of bare facts shows the targets"); err != nil {
			return err
		}
	}
	fmt.Fprintf(st.say, "\nWhat the outsider reads (the whole: verbale verify %s --policy %s):\n\n%s\n", filepath.Join(st.dir, "facts.bundle"), filepath.Join(st.dir, policyFile), indent(sections(v.Text(), "CASES", "NOT PROVED")))
	q.Disclose = []string{"*"}
	full, err := st.export(b, q, "everything.bundle")
	if err != nil {
		return err
	}
	targets := 0
	for _, r := range full.Records {
		targets += shownElements(r, "targets")
	}
	return expect(targets == addresses, "the full bundle shows %d targets, not all %d", targets, addresses)
}

// shownElements counts the elements of a list that a verdict shows.
func shownElements(r verdict.RecordFinding, list string) int {
	for _, l := range r.Lists {
		if l.Name == list {
			return len(l.Shown)
		}
	}
	return 0
}

// sections picks sections of a verdict's text by their headings, which are lines in capitals.
func sections(text string, wanted ...string) string {
	var out strings.Builder
	keep := false
	for line := range strings.Lines(text) {
		if name := strings.TrimSpace(line); name != "" && name == strings.ToUpper(name) && !strings.HasPrefix(line, " ") {
			keep = slices.Contains(wanted, name)
		}
		if keep {
			out.WriteString(line)
		}
	}
	return out.String()
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ")
}
