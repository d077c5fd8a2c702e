package console

import (
	"net/http"
	"testing"
	"time"

	"verbale/internal/testbed"
	"verbale/record"
)

// An appeal that is to be answered by the end of all years, and whose clock stood still for an hour, would be due in a year that no text can name.
// No list is lost by it.
func TestEndOfYears(t *testing.T) {
	b := testbed.New(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	b.Link(x, y)
	f := y.Draft("mitigate")
	end := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	f.SetTime("acknowledge_by", end)
	f.SetTime("reply_by", end)
	filed, err := y.Node.File(t.Context(), x.Name, f, "")
	if err != nil {
		t.Fatal(err)
	}
	y.Push(x)
	missing := draftOf(t, "incomplete", `{"missing":["harm"],"text":"Which?"}`)
	asked, err := x.Node.Reply(t.Context(), y.Name, filed.Ref.Outbox, filed.Ref.Index, missing, "")
	if err != nil {
		t.Fatal(err)
	}
	x.Push(y)
	b.Later(time.Hour)
	more := draftOf(t, "supplement", `{"text":"This."}`)
	more.SetRef("about", asked.Ref)
	if _, err := y.Node.Reply(t.Context(), x.Name, filed.Ref.Outbox, filed.Ref.Index, more, ""); err != nil {
		t.Fatal(err)
	}
	y.Push(x)
	h := NewHandler(x.Node, quiet())
	for _, path := range []string{pathCases, pathDesk, pathCase + "?outbox=" + filed.Ref.Outbox + "&index=0", pathLinks + "/borea.example", pathLinks + "/borea.example" + pathStats} {
		if w := ask(t, h, http.MethodGet, path, ""); w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	if _, err := x.Node.Remind(t.Context()); err != nil {
		t.Error(err)
	}
}

func draftOf(t *testing.T, act, body string) record.Fields {
	t.Helper()
	f, err := record.ParseDraft([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	f.SetText("act", act)
	return f
}
