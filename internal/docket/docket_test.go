package docket

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"verbale/record"
)

// histories are the straight ways of a case, and what has always been irregular: the history, and what its first record came to.
var histories = []outcome{
	// The straight ways.
	{"A:appeal(mitigate)", "received | B acknowledge | -"},
	{"A:appeal(clarify) B:ack", "acknowledged | B answer | -"},
	{"A:appeal(indicators) B:ack B:answer(interim)", "interim answer | B answer | -"},
	{"A:appeal(mitigate) B:ack B:answer(final)", "answered | - | -"},
	{"A:appeal(mitigate) B:answer(final)", "answered | - | -"},
	{"A:appeal(mitigate) B:answer(interim)", "interim answer | B answer | -"},
	{"A:appeal(mitigate) B:answer(interim) B:ack", "interim answer | B answer | -"},
	{"A:appeal(mitigate) B:refuse(sovereignty)", "refused | - | -"},
	{"A:appeal(mitigate) B:ack B:answer(interim) B:refuse(no-data)", "refused | - | -"},
	{"A:appeal(mitigate) A:withdraw", "withdrawn | - | -"},
	{"A:appeal(mitigate) B:ack A:withdraw", "withdrawn | - | -"},
	{"B:appeal(mitigate) A:ack", "acknowledged | A answer | -"},
	// What crosses on the wire: both stand, the answer or refusal decides.
	{"A:appeal(mitigate) A:withdraw B:answer(final)", "answered | - | -"},
	{"A:appeal(mitigate) B:answer(final) A:withdraw", "answered | - | -"},
	{"A:appeal(mitigate) A:withdraw B:refuse(no-data)", "refused | - | -"},
	{"A:appeal(mitigate) A:withdraw B:ack B:answer(interim)", "withdrawn | - | -"},
	// who has ended the case makes no further move in it.
	{"A:appeal(mitigate) B:answer(final) B:answer(final)", "answered | - | 3:A-3"},
	{"A:appeal(mitigate) B:answer(final) B:refuse(no-data) B:ack", "answered | - | 3:A-3 4:A-3"},
	{"A:appeal(mitigate) B:refuse(no-data) B:answer(final)", "refused | - | 3:A-3"},
	{"A:appeal(mitigate) A:withdraw A:withdraw", "withdrawn | - | 3:A-3"},
	// The wrong side.
	{"A:appeal(mitigate) A:ack", "received | B acknowledge | 2:A-1"},
	{"A:appeal(mitigate) A:answer(final)", "received | B acknowledge | 2:A-1"},
	{"A:appeal(mitigate) A:refuse(no-data)", "received | B acknowledge | 2:A-1"},
	{"A:appeal(mitigate) B:withdraw", "received | B acknowledge | 2:A-1"},
	{"A:appeal(mitigate) B:withdraw B:answer(final)", "answered | - | 2:A-1"},
	{"A:appeal(mitigate) A:answer(final) A:withdraw", "withdrawn | - | 2:A-1"},
	// References that name the right leaf at the wrong place.
	{"A:appeal(mitigate) B:ack!index", "received | B acknowledge | 2:A-1"},
	{"A:appeal(mitigate) B:answer(final)!outbox", "received | B acknowledge | 2:A-1"},
	{"A:appeal(mitigate) B:refuse(no-data)!index B:answer(final)", "answered | - | 2:A-1"},
	{"A:appeal(mitigate) A:withdraw!outbox", "received | B acknowledge | 2:A-1"},
	// Pings.
	{"A:ping", "received | B acknowledge | -"},
	{"A:ping B:ack", "acknowledged | - | -"},
	{"A:ping B:answer(final)", "received | B acknowledge | 2:A-1"},
	{"A:ping A:withdraw", "received | B acknowledge | 2:A-1"},
	{"A:ping A:ack", "received | B acknowledge | 2:A-1"},
	{"A:ping B:refuse(undecryptable)", "refused | - | -"},
	// Tallies.
	{"A:tally(2021-06)", "received | B tally-answer | -"},
	{"A:tally(2021-06) B:same", "answered | - | -"},
	{"A:tally(2021-06) B:differ B:same", "answered | - | 3:A-3"},
	{"A:tally(2021-06) A:same", "received | B tally-answer | 2:A-1"},
	{"A:tally(2021-06) B:answer(final) B:ack A:withdraw", "received | B tally-answer | 2:A-1 3:A-1 4:A-1"},
	{"A:tally(2021-06) B:refuse(unknown-format)", "refused | - | -"},
	{"A:appeal(mitigate) B:same", "received | B acknowledge | 2:A-1"},
	{"A:ping B:differ", "received | B acknowledge | 2:A-1"},
	{"A:suspend", "received | - | -"},
	{"A:suspend B:same B:ack", "received | - | 2:A-1 3:A-1"},
	// Other records that are no appeals: nobody owes a reply, anybody may say that he could not read them.
	{"A:profile", "received | - | -"},
	{"A:profile B:ack B:answer(final) A:withdraw", "received | - | 2:A-1 3:A-1 4:A-1"},
	{"A:profile B:refuse(undecryptable)", "refused | - | -"},
	{"A:ack@0", "orphan | - | 1:A-1"},
	{"A:answer(final)@0 B:ack", "orphan | - | 1:A-1"},
	// Later versions.
	{"A:unknown", "unknown | - | -"},
	{"A:unknown B:refuse(unknown-format)", "refused | - | -"},
	{"A:unknown A:refuse(unknown-format)", "unknown | - | 2:A-1"},
	{"A:unknown A:withdraw", "withdrawn | - | -"},
	{"A:appeal(takedown)", "unknown | B acknowledge | -"},
	{"A:appeal(takedown) B:ack", "acknowledged | B answer | -"},
	{"A:appeal(takedown) B:refuse(unknown-format)", "refused | - | -"},
	{"A:appeal(mitigate) B:unknown", "received | B acknowledge | -"},
	// Erased: what is left stands.
	{"A:erased(mitigate)", "unreadable | - | -"},
	{"A:erased(mitigate) B:ack B:answer(final)", "answered | - | -"},
	{"A:erased(mitigate) A:answer(final)", "unreadable | - | 2:A-1"},
	// The same leaf once more: the first counts.
	{"A:appeal(mitigate) A:again@1", "received | B acknowledge | -"},
	{"A:appeal(mitigate) B:answer(final) A:again@1", "answered | - | -"},
	{"A:appeal(mitigate) A:again@1 B:ack@2", "received | B acknowledge | 3:A-1"},
	{"A:appeal(mitigate) B:answer(interim) B:again@2", "interim answer | B answer | 3:A-4"},
	{"A:appeal(mitigate) B:answer(final) B:again@2", "answered | - | 3:A-4"},
}

// What the first record of a history came to, as both sides see it once it is received.
func TestHistories(t *testing.T) { checkOutcomes(t, histories) }

type outcome struct{ history, want string }

func checkOutcomes(t *testing.T, table []outcome) {
	t.Helper()
	for _, c := range table {
		t.Run(c.history, func(t *testing.T) {
			h := read(t, c.history)
			for _, side := range []string{partyA, partyB} {
				entries := h.as(side)
				if got := h.outcome(fold(entries)[Key(entries[0])], morning); got != c.want {
					t.Errorf("%s sees %q, want %q", side, got, c.want)
				}
			}
		})
	}
}

// What B cannot read, B folds as best it can, and never marks what A did rightly; A goes by what it wrote.
func TestUnreadable(t *testing.T) {
	for _, c := range []struct{ history, a, b string }{
		{"A:unreadable(mitigate)", "received | B acknowledge | -", "unreadable | B refuse | -"},
		{"A:unreadable(mitigate) B:refuse(undecryptable)", "refused | - | -", "refused | - | -"},
		{"A:unreadable(mitigate) A:withdraw", "withdrawn | - | -", "withdrawn | - | -"},
		{"A:unreadable(ping) B:refuse(undecryptable)", "refused | - | -", "refused | - | -"},
		{"A:unreadable(mitigate) A:answer(final)", "received | B acknowledge | 2:A-1", "unreadable | B refuse | 2:A-1"},
		{"A:unreadable(mitigate) B:refuse(undecryptable)!index", "received | B acknowledge | 2:A-1", "unreadable | B refuse | 2:A-1"},
	} {
		h := read(t, c.history)
		for side, want := range map[string]string{partyA: c.a, partyB: c.b} {
			entries := h.as(side)
			if got := h.outcome(fold(entries)[Key(entries[0])], morning); got != want {
				t.Errorf("%s: %s sees %q, want %q", c.history, side, got, want)
			}
		}
	}
}

// A reply to a reply opens no case that anyone must act in, and moves none.
func TestRepliesToReplies(t *testing.T) {
	h := read(t, "A:appeal(mitigate) B:ack A:answer(final)@2 A:withdraw@2 B:refuse(no-data)@2 B:refuse(no-data)@3")
	cases := fold(h.entries)
	if got, want := h.outcome(cases[Key(h.entries[0])], morning), "acknowledged | B answer | -"; got != want {
		t.Errorf("the appeal: %q, want %q", got, want)
	}
	if got, want := h.outcome(cases[Key(h.entries[2])], morning), "orphan | - | 3:A-1 4:A-1 5:A-1"; got != want {
		t.Errorf("what refers to the reply: %q, want %q", got, want)
	}
}

// Before the receipt a case is sent, whatever it is, and deadlines count to the second.
func TestSentAndLate(t *testing.T) {
	for line, want := range map[string]string{"A:appeal(mitigate)": "sent | B receive | -", "A:ping": "sent | B receive | -",
		"A:profile": "sent | B receive | -", "A:appeal(mitigate) A:withdraw": "withdrawn | - | -"} {
		h := read(t, line)
		if got := h.outcome(fold(h.entries)[Key(h.entries[0])], time.Time{}); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	for line, by := range map[string]time.Duration{"A:appeal(mitigate)": 4 * time.Hour, "A:appeal(mitigate) B:ack": 24 * time.Hour} {
		h := read(t, line)
		c := fold(h.entries)[Key(h.entries[0])]
		for after, late := range map[time.Duration]bool{by - time.Second: false, by: false, by + time.Second: true} {
			if v := c.View(Marks{Received: morning}, Terms{}, morning.Add(after)); v.Late != late || !v.By.Equal(morning.Add(by)) {
				t.Errorf("%s, %s later: late %t, by %s", line, after, v.Late, v.By)
			}
		}
	}
	// A relay's receipt is no receipt of the addressee: who must act, and until when, stays as it was.
	h := read(t, "A:appeal(mitigate)")
	c := fold(h.entries)[Key(h.entries[0])]
	sent, lodged := c.View(Marks{}, Terms{}, morning), c.View(Marks{Lodged: morning}, Terms{}, morning)
	if lodged.Status != Lodged || lodged.Turn != sent.Turn || lodged.Must != "receive" || !lodged.By.Equal(sent.By) {
		t.Errorf("lodged: %+v", lodged)
	}
	if v := c.View(Marks{Lodged: morning, Received: morning}, Terms{}, morning); v.Status != Received {
		t.Errorf("lodged and received: %s", v.Status)
	}
	h = read(t, "A:ping")
	if v := fold(h.entries)[Key(h.entries[0])].View(Marks{Received: morning}, Terms{}, morning.AddDate(9, 0, 0)); v.Late || !v.By.IsZero() {
		t.Error("a ping has no deadline")
	}
}

// What Allow says to the last record of a history; "" is allowed.
func TestAllow(t *testing.T) {
	for _, c := range []struct{ history, rule string }{
		{"A:appeal(mitigate)", ""},
		{"A:ping", ""},
		{"A:appeal(mitigate) B:ack", ""},
		{"A:appeal(mitigate) B:ack B:ack", "A-3"},
		{"A:appeal(mitigate) B:answer(interim) B:ack", "A-3"},
		{"A:appeal(mitigate) B:answer(interim) B:answer(interim)", ""},
		{"A:appeal(mitigate) B:answer(final) B:refuse(no-data)", "A-3"},
		{"A:appeal(mitigate) B:answer(final) A:withdraw", "A-3"},
		{"A:appeal(mitigate) A:withdraw B:answer(final)", "A-3"},
		{"A:appeal(mitigate) A:answer(final)", "A-1"},
		{"A:appeal(mitigate) B:withdraw", "A-1"},
		{"A:appeal(mitigate) B:ack!index", "A-1"},
		{"A:appeal(mitigate) B:ack!outbox", "A-1"},
		{"A:appeal(mitigate) A:again@1 B:ack@2", "A-1"},
		{"A:appeal(mitigate) B:ack@0", "A-1"},
		{"A:appeal(mitigate) B:ack A:answer(final)@2", "A-1"},
		{"A:ping B:answer(final)", "A-1"},
		{"A:profile B:ack", "A-1"},
		{"A:unreadable(mitigate) B:ack", "A-2"},
		{"A:unreadable(mitigate) B:answer(final)", "A-2"},
		{"A:unreadable(mitigate) B:refuse(undecryptable)", ""},
		{"A:unreadable(mitigate) A:withdraw", ""},
		{"A:unknown B:ack", "A-2"},
		{"A:unknown B:refuse(unknown-format)", ""},
		{"A:appeal(takedown) B:ack", ""},
		{"A:unknown", "R-18"},
		{"A:appeal(takedown)", "R-18"},
		{"A:erased(mitigate)", "R-18"},
	} {
		h := read(t, c.history)
		err := h.allowLast()
		r, refused := err.(*Refusal)
		if refused != (c.rule != "") || refused && (r.Rule != c.rule || r.Reason == "" || r.Error() != r.Rule+": "+r.Reason) {
			t.Errorf("%s: %v, want %q", c.history, err, c.rule)
		}
	}
}

// allowLast asks the side that wrote the last record whether it may.
func (h *history) allowLast() error {
	last := len(h.entries) - 1
	entries := h.as(h.entries[last].Author)
	return Allow(fold(entries[:last])[Key(entries[last])], entries[last])
}

// The opening keeps what the author wrote, and of what is not interpreted only the words that are bounded.
func TestOpening(t *testing.T) {
	h := read(t, "A:appeal(mitigate)")
	want := &Opening{Outbox: h.entries[0].Ref.Outbox, From: partyA, To: partyB, Act: "appeal", Kind: "mitigate", Class: "substantive", Channel: "technical",
		TLP: "amber", Urgency: "routine", Subject: "Beacons", ReleasedAt: "2026-07-12T09:00:00Z", AcknowledgeBy: "2026-07-12T13:00:00Z", ReplyBy: "2026-07-13T09:00:00Z"}
	if d := cmp.Diff(want, Apply(Case{}, h.entries[0]).Open); d != "" {
		t.Error(d)
	}
	f := (&history{tb: t}).fieldsOf("unknown", "", record.Ref{Outbox: partyA + "/to/" + partyB + "/1"})
	f.SetText("kind", strings.Repeat("any text at all ", 10_000))
	f.SetText("subject", strings.Repeat("long ", 10_000))
	r, opened := h.compose(h.entries[0].Ref.Outbox, f)
	got := Apply(Case{}, Entry{Author: partyA, Audience: partyB, Ref: r.Ref(1), Opened: opened}).Open
	if d := cmp.Diff(&Opening{Outbox: h.entries[0].Ref.Outbox, Index: 1, From: partyA, To: partyB, Act: "unknown", Unknown: true}, got); d != "" {
		t.Error(d)
	}
}

// Generations follow each other as numbers do: what was said in the second was said before the tenth.
func TestGenerationsInOrder(t *testing.T) {
	h := read(t, "A:appeal(mitigate) B:ack B:answer(final)")
	h.entries[1].Ref.Outbox = partyB + "/to/" + partyA + "/10"
	h.entries[2].Ref.Outbox = partyB + "/to/" + partyA + "/2"
	if got, want := h.outcome(fold(h.entries)[Key(h.entries[0])], morning), "answered | - | 2:A-3"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A case of before is not changed by what is folded into it.
func TestApplyChangesNoOlderCase(t *testing.T) {
	h := read(t, "A:appeal(mitigate) B:ack@0 B:answer(final) B:ack A:withdraw")
	c := Case{}
	for _, e := range h.entries {
		before := stored(t, c)
		Apply(c, e)
		if !bytes.Equal(before, stored(t, c)) {
			t.Fatalf("entry %d of %s changed the case that it was folded into", e.Ref.Index, e.Author)
		}
		c = Apply(c, e)
	}
}

func stored(tb testing.TB, c Case) []byte {
	tb.Helper()
	b, err := c.Marshal()
	must(tb, err)
	return b
}

// What is no stored case is refused.
func TestParseCaseRefuses(t *testing.T) {
	for _, s := range []string{"", "null!", `{"key":"a","key":"b"}`, `{"key":"a","more":1}`, `{"key":1}`, `{"key":"a"}x`} {
		if _, err := ParseCase([]byte(s)); err == nil {
			t.Errorf("%q was read", s)
		}
	}
}
