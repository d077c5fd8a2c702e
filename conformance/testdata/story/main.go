// Story is an appeal from its filing to its answer, told through a client that oapi-codegen makes from docs/openapi.json: it stands beside this
// file when the test builds it. Its arguments are the address and the token of the author's API, and those of the addressee's.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	if err := story(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// a side is one party's API.
type side struct{ *ClientWithResponses }

func open(address, token string) (side, error) {
	c, err := NewClientWithResponses(address, WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}))
	return side{c}, err
}

func story(ctx context.Context, args []string) error {
	author, err := open(args[0], args[1])
	if err != nil {
		return err
	}
	addressee, err := open(args[2], args[3])
	if err != nil {
		return err
	}
	stranger, err := open(args[0], "verbale_nobody")
	if err != nil {
		return err
	}
	ref, err := author.files(ctx)
	if err != nil {
		return err
	}
	if err := author.exchanges(ctx, "borea.example"); err != nil {
		return err
	}
	if err := addressee.replies(ctx, ref); err != nil {
		return err
	}
	if err := addressee.exchanges(ctx, "aurelia.example"); err != nil {
		return err
	}
	return errors.Join(author.sees(ctx, ref), author.turnsPages(ctx), author.hears(ctx), author.counts(ctx), author.isRefused(ctx), stranger.isUnknown(ctx))
}

// clarify is an appeal with what it has to have, and nothing else.
func clarify(subject string) AppealClarify {
	return AppealClarify{Act: "appeal", Kind: "clarify", Subject: subject, Summary: "Packets from your side reach our grid.", RequestedAction: new("Tell us who sends them."),
		Competence: "National CSIRT.", LegalBasis: []string{"Memorandum of 2019"}, Questions: []string{"Who?"}, Concern: "The grid.", Misperception: "It could be taken for preparation."}
}

func (s side) file(ctx context.Context, appeal AppealClarify, key string) (*FileResponse, error) {
	var draft CaseDraft
	if err := draft.FromAppealClarify(appeal); err != nil {
		return nil, err
	}
	return s.FileWithResponse(ctx, &FileParams{IdempotencyKey: &key}, Draft{Party: "borea.example", Draft: draft})
}

// files files an appeal twice with one key, which is once, and two more.
func (s side) files(ctx context.Context) (ref Reference, err error) {
	for i, again := range []bool{false, true} {
		res, err := s.file(ctx, clarify("The first"), "first")
		if err != nil {
			return ref, err
		}
		if res.JSON200 == nil || res.JSON200.Again != again || i > 0 && res.JSON200.Ref != ref {
			return ref, fmt.Errorf("filing %d: %d %s", i, res.StatusCode(), res.Body)
		}
		ref = res.JSON200.Ref
	}
	for _, subject := range []string{"The second", "The third"} {
		if res, err := s.file(ctx, clarify(subject), subject); err != nil || res.JSON200 == nil || res.JSON200.Again {
			return ref, fmt.Errorf("%s: %w %+v", subject, err, res)
		}
	}
	return ref, nil
}

// exchanges makes a round with the peer, which tells its steps line by line: no one JSON document, so the client hands over the body.
func (s side) exchanges(ctx context.Context, party string) error {
	res, err := s.Exchange(ctx, party)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && !strings.Contains(string(body), `{"result":{`) {
		err = fmt.Errorf("exchange: %d %s", res.StatusCode, body)
	}
	return err
}

// replies finds the appeal, acknowledges it and answers it.
func (s side) replies(ctx context.Context, ref Reference) error {
	turn := ListCasesParamsTurn("ours")
	list, err := s.ListCasesWithResponse(ctx, &ListCasesParams{Turn: &turn})
	if err != nil {
		return err
	}
	if list.JSON200 == nil || len(list.JSON200.Cases) != 3 || *list.JSON200.Cases[2].Subject != "The first" {
		return fmt.Errorf("the addressee's list: %d %s", list.StatusCode(), list.Body)
	}
	var acknowledgement, answer ReplyDraft
	if err := errors.Join(acknowledgement.FromActAcknowledge(ActAcknowledge{Act: "acknowledge"}),
		answer.FromActAnswer(ActAnswer{Act: "answer", Finality: "final", Outcome: "information", Text: "A lessee of a hoster."})); err != nil {
		return err
	}
	for _, draft := range []ReplyDraft{acknowledgement, answer} {
		res, err := s.ReplyWithResponse(ctx, &ReplyParams{}, Reply{Outbox: ref.Outbox, Index: ref.Index, Draft: draft})
		if err != nil {
			return err
		}
		if res.JSON200 == nil {
			return fmt.Errorf("a reply: %d %s", res.StatusCode(), res.Body)
		}
	}
	return nil
}

// sees looks at the case as it ended, and proves it.
func (s side) sees(ctx context.Context, ref Reference) error {
	shown, err := s.ShowCaseWithResponse(ctx, &ShowCaseParams{Outbox: ref.Outbox, Index: &ref.Index})
	if err != nil {
		return err
	}
	c := shown.JSON200
	if c == nil || c.Status != "answered" || len(c.Records) != 3 || c.ReceivedAt == nil || c.Records[2].Act != "answer" {
		return fmt.Errorf("the case: %d %s", shown.StatusCode(), shown.Body)
	}
	bundle, err := s.ProveWithResponse(ctx, ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: []string{"*"}})
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(bundle.Body), `{"verbale":"bundle/v1"`) {
		return fmt.Errorf("the bundle: %d %.200s", bundle.StatusCode(), bundle.Body)
	}
	return nil
}

// hears reads the stream of events from its beginning: three cases, each as it is now.
func (s side) hears(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	first := int64(0)
	res, err := s.Events(ctx, &EventsParams{After: &first})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var heard []Event
	for lines := bufio.NewScanner(res.Body); len(heard) < 3 && lines.Scan(); {
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if !is {
			continue
		}
		var e Event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return err
		}
		heard = append(heard, e)
	}
	if len(heard) != 3 || heard[0].Changed >= heard[1].Changed || heard[1].Changed >= heard[2].Changed || heard[2].Status != "answered" {
		return fmt.Errorf("heard %+v", heard)
	}
	return nil
}

// counts asks for the figures of the link.
func (s side) counts(ctx context.Context) error {
	res, err := s.ShowStatisticsWithResponse(ctx, "borea.example", &ShowStatisticsParams{})
	if err == nil && (res.JSON200 == nil || !strings.Contains(string(res.Body), `"answered_in_time":1`)) {
		err = fmt.Errorf("the figures: %d %s", res.StatusCode(), res.Body)
	}
	return err
}

// turnsPages reads the list one by one.
func (s side) turnsPages(ctx context.Context) error {
	var subjects []string
	one := int64(1)
	for q := (ListCasesParams{Limit: &one}); ; {
		page, err := s.ListCasesWithResponse(ctx, &q)
		if err != nil {
			return err
		}
		if page.JSON200 == nil {
			return fmt.Errorf("a page: %d %s", page.StatusCode(), page.Body)
		}
		for _, l := range page.JSON200.Cases {
			subjects = append(subjects, *l.Subject)
		}
		q.After = page.JSON200.Next
		if more := strings.Contains(page.HTTPResponse.Header.Get("Link"), `rel="next"`); more != (q.After != nil) {
			return fmt.Errorf("the list says in two ways whether it goes on: %v", page.HTTPResponse.Header)
		}
		if q.After == nil {
			break
		}
	}
	if got := strings.Join(subjects, ", "); got != "The third, The second, The first" {
		return fmt.Errorf("page by page: %s", got)
	}
	return nil
}

// isRefused files what breaks the rules, and does what its token is not for: it is told in the way that the document shows.
func (s side) isRefused(ctx context.Context) error {
	bad := clarify(strings.Repeat("long ", 100))
	bad.Questions = nil
	res, err := s.file(ctx, bad, "bad")
	if err != nil {
		return err
	}
	p := res.ApplicationproblemJSON400
	if p == nil || p.Errors == nil || len(*p.Errors) < 2 || strings.Contains(string(res.Body), "long ") {
		return fmt.Errorf("a bad draft: %d %s", res.StatusCode(), res.Body)
	}
	tokens, err := s.ListTokensWithResponse(ctx)
	if err != nil {
		return err
	}
	if tokens.ApplicationproblemJSON403 == nil {
		return fmt.Errorf("the list of tokens: %d %s", tokens.StatusCode(), tokens.Body)
	}
	return nil
}

func (s side) isUnknown(ctx context.Context) error {
	res, err := s.ShowSelfWithResponse(ctx)
	if err != nil {
		return err
	}
	if p := res.ApplicationproblemJSON401; p == nil || p.Type != "urn:verbale:problem:unauthorised" {
		return fmt.Errorf("a stranger: %d %s", res.StatusCode(), res.Body)
	}
	return nil
}
