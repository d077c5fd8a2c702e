package console

import (
	"encoding/json/jsontext"
	"slices"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/internal/testbed"
	"verbale/record"
)

// twoClients are the staff of both parties.
func twoClients(t *testing.T) (a, b *testbed.Party, ofA, ofB *Client) {
	t.Helper()
	a, b, h := pair(t)
	return a, b, InProcess(h), InProcess(fitting(t, newDoor(b.Node, quiet())))
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An arrangement is proposed, shown, agreed to, and its clocks stand in the next draft.
func TestArrangementStory(t *testing.T) {
	a, b, ofA, ofB := twoClients(t)
	ctx := t.Context()
	draft := a.Proposal(b, 1, "ack+3h", "quota+1")
	delete(draft, "version")
	_, err := ofA.Propose(ctx, b.Name, Proposal{Draft: draft.JSON()})
	mustDo(t, err)
	if _, err := ofA.Propose(ctx, b.Name, Proposal{Draft: draft.JSON(), Key: "k"}); node.AsError(err).Kind != node.Invalid {
		t.Errorf("a key without a version: %v", err)
	}
	a.Push(b)
	list, err := ofB.Arrangements(ctx, a.Name, time.Time{})
	if err != nil || len(list) != 1 || list[0].Status != docket.Received || list[0].Turn != b.Name || list[0].Version != 1 || list[0].InForce || list[0].Fields != nil {
		t.Fatalf("%+v, %v", list, err)
	}
	if page, err := ofB.Arrangement(ctx, node.ArrangementQuery{Party: a.Name}); err != nil || page.Shown != nil {
		t.Errorf("%+v, %v", page, err)
	}
	agree := record.Fields{}
	agree.SetText("act", docket.ActAgree)
	_, err = ofB.Reply(ctx, Reply{Outbox: list[0].Ref.Outbox, Index: list[0].Ref.Index, Draft: agree.JSON()})
	mustDo(t, err)
	b.Push(a)
	page, err := ofA.Arrangement(ctx, node.ArrangementQuery{Party: b.Name})
	if err != nil || page.Shown == nil || !page.Shown.InForce || page.Shown.AgreedBy != b.Name || page.Shown.Fields.Int("version") != 1 || page.Before != nil {
		t.Fatalf("%+v, %v", page, err)
	}
	for q, found := range map[node.ArrangementQuery]bool{
		{Party: b.Name, Version: 1}: true,
		{Party: b.Name, Version: 2}: false,
		{Party: b.Name, Outbox: page.Shown.Ref.Outbox, Index: page.Shown.Ref.Index}: true,
		{Party: b.Name, Outbox: page.Shown.Ref.Outbox, Index: 7}:                    false,
		{Party: "nobody.example"}:                                                    false,
		{Party: b.Name, At: a.Now().Add(time.Hour)}:                                  true,
		{Party: b.Name, Version: 1, At: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}: true,
	} {
		if got, err := ofA.Arrangement(ctx, q); (err == nil && got.Shown != nil) != found {
			t.Errorf("%+v: %v", q, err)
		}
	}
	bare := a.Draft("mitigate")
	delete(bare, "acknowledge_by")
	delete(bare, "reply_by")
	p, err := ofA.Prepare(ctx, Draft{Party: b.Name, Draft: bare.JSON()})
	mustDo(t, err)
	full, err := record.ParseDraft(p.Draft)
	if err != nil || p.Terms != 1 || full.Time("acknowledge_by").Sub(full.Time("released_at")) != 3*time.Hour {
		t.Errorf("version %d, %s, %v", p.Terms, p.Draft, err)
	}
	_, err = ofA.File(ctx, Draft{Party: b.Name, Draft: bare.JSON()})
	mustDo(t, err)
	for name, call := range map[string]func() error{
		"file":    func() error { _, err := ofA.File(ctx, Draft{Party: b.Name, Draft: bare.JSON()}); return err },
		"prepare": func() error { _, err := ofA.Prepare(ctx, Draft{Party: b.Name, Draft: bare.JSON()}); return err },
	} {
		if e := node.AsError(call()); e.Kind != node.NotAllowed || e.Hint == "" {
			t.Errorf("%s beyond the quota: %v", name, e)
		}
	}
}

// An entry of the directory is published, and read on the other side.
func TestDirectoryStory(t *testing.T) {
	a, b, ofA, ofB := twoClients(t)
	ctx := t.Context()
	if own, err := ofA.OwnDirectory(ctx); err != nil || own.Entry != nil || len(own.Links) != 1 || own.Links[0].Ref != nil {
		t.Errorf("%+v, %v", own, err)
	}
	for range 2 {
		sent, err := ofA.PublishDirectory(ctx, Entry{Draft: a.Entry().JSON(), Parties: []string{b.Name}})
		if err != nil || len(sent) != 1 || sent[0].Problem != "" || sent[0].Ref == nil {
			t.Fatalf("%+v, %v", sent, err)
		}
	}
	a.Push(b)
	list, err := ofB.Directory(ctx)
	if err != nil || len(list) != 1 || list[0].Status != "active" || len(list[0].Contacts) != 2 || list[0].Contacts[0].Now != node.There || list[0].HeardAt.IsZero() {
		t.Fatalf("%+v, %v", list, err)
	}
	e, err := ofB.DirectoryOf(ctx, a.Name)
	if err != nil || e.Entry.Text("nominated_by") != a.Entry().Text("nominated_by") {
		t.Errorf("%+v, %v", e, err)
	}
	who, err := ofB.Competent(ctx, a.Name, "mitigate")
	if err != nil || len(who.Receivers) != 1 || who.Receivers[0].Name != "CSIRT" || !slices.Equal(who.Receivers[0].Instruments, []string{"voluntary"}) {
		t.Errorf("%+v, %v", who, err)
	}
	bad := a.Entry()
	bad["competences"] = jsontext.Value(`[{"authority":"Nobody","direction":"both","kind":"mitigate"}]`)
	if _, err := ofA.PublishDirectory(ctx, Entry{Draft: bad.JSON()}); node.AsError(err).Kind != node.NotAllowed {
		t.Errorf("an authority that is not there: %v", err)
	}
	delete(bad, "contacts")
	if _, err := ofA.PublishDirectory(ctx, Entry{Draft: bad.JSON()}); node.AsError(err).Kind != node.Invalid {
		t.Errorf("without contacts: %v", err)
	}
	if _, err := ofA.PublishDirectory(ctx, Entry{Draft: a.Draft("mitigate").JSON()}); node.AsError(err).Kind != node.Invalid {
		t.Errorf("an appeal as an entry: %v", err)
	}
}
