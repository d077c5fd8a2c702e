package docket

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"verbale/record"
)

// tallyVectors is spec/vectors/tally.json.
type tallyVectors struct {
	Answers []struct {
		Name   string         `json:"name"`
		Tally  jsontext.Value `json:"tally"`
		Books  vectorBooks    `json:"books"`
		Expect string         `json:"expect"`
		Answer Answer         `json:"answer"`
	} `json:"answers"`
}

type vectorBooks struct {
	Period         string `json:"period"`
	Sent, Received vectorHalf
}

type vectorHalf struct {
	Outbox  string `json:"outbox"`
	From    int64  `json:"from"`
	Held    int64  `json:"held"`
	Records []Row  `json:"records"`
}

func (h vectorHalf) span() Span { return Span{h.Outbox, h.From, h.From + int64(len(h.Records))} }

func (h vectorHalf) count(direction string) *Count {
	c := NewCount(direction)
	for _, r := range h.Records {
		r.Direction = direction
		c.add(r)
	}
	return c
}

// What any implementation says of a tally by its books.
func TestTallyVectors(t *testing.T) {
	raw, err := os.ReadFile("../../spec/vectors/tally.json")
	must(t, err)
	var v tallyVectors
	must(t, json.Unmarshal(raw, &v, json.MatchCaseInsensitiveNames(true)))
	if len(v.Answers) < 10 {
		t.Fatalf("%d cases", len(v.Answers))
	}
	for _, c := range v.Answers {
		f, err := record.ParseDraft(c.Tally)
		must(t, err)
		b := c.Books
		book := NewBook(Tally{Period: b.Period, TakenAt: morning, Sent: b.Sent.span(), Received: b.Received.span()},
			b.Sent.count(DirSent), b.Received.count(DirReceived), b.Sent.Held, b.Received.Held)
		if d := cmp.Diff(c.Answer, book.Answer(TallyOf(f)), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s", c.Name, d)
		}
		if (c.Expect == "accept") != c.Answer.Agrees {
			t.Errorf("%s: it expects %s", c.Name, c.Expect)
		}
	}
}
