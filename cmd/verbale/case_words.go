package main

import (
	"strings"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
)

// statusMeans says in a sentence what a status is, and where it is easily taken for more, what it is not. FROM and TO are the author and the addressee.
var statusMeans = map[docket.Status]string{
	docket.Sent:         "signed and durable in the outbox; no receipt of TO is here yet",
	docket.Lodged:       "a relay that TO named holds it; TO has not received it",
	docket.Received:     "the node of TO holds it durably; nobody need have read it",
	docket.Acknowledged: "somebody at TO has it; that is not acceptance",
	docket.Redirected:   "TO named the authority that is competent",
	docket.Incomplete:   "TO asks for what is missing; the reply clock stands still",
	docket.Supplemented: "FROM sent what was missing; the reply clock goes on",
	docket.Accepted:     "TO will act; that is not concurrence, and no answer",
	docket.Conditional:  "TO will act on conditions; the reply clock stands still until FROM agrees or declines",
	docket.OnTerms:      "FROM agreed to the conditions; the reply clock goes on",
	docket.OffTerms:     "FROM declined the conditions; the reply clock goes on",
	docket.Partly:       "TO will act on a part; that is not concurrence, and no answer",
	docket.Postponed:    "TO put the answer off; that is no refusal",
	docket.Executing:    "TO told how far it is; that is no answer",
	docket.Interim:      "TO answered for the time being; more is to come",
	docket.Answered:     "TO gave its last word",
	docket.Refused:      "TO refused, with a code and a reason",
	docket.Satisfied:    "FROM closed it: satisfied",
	docket.Partial:      "FROM closed it: satisfied in part",
	docket.Disputed:     "FROM disputes the last word of TO, who has to answer again",
	docket.Withdrawn:    "FROM took it back; nobody owes anything",
	docket.Superseded:   "another appeal of FROM takes its place; nobody owes anything in this one",
	docket.Expired:      "its own end is over; nobody owes anything in it any more",
	docket.Unreadable:   "it is held, and nobody here can read it",
	docket.Unknown:      "it is held, and of a later version than this program",
	docket.Agreed:       "TO agreed: both signatures are there",
	docket.Declined:     "TO declined; what was in force before stays so",
	docket.Orphan:       "only moves are here, and not the record that they name",
}

// isAppeal tells whether the words of appeals fit a case: it is an appeal, or could be one. The node itself acknowledges a ping and answers a tally.
func isAppeal(l console.Line) bool { return l.Act == "" || l.Act == docket.ActAppeal }

func statusText(l console.Line) string {
	switch {
	case isAppeal(l), l.Act == docket.ActArrangement:
	case l.Status != docket.Sent && l.Status != docket.Lodged && l.Status != docket.Received:
		return ""
	}
	return strings.NewReplacer("FROM", l.From, "TO", l.To).Replace(statusMeans[l.Status])
}

// moveMeans says in a line what a move does, and what it is not.
func moveMeans(r node.Shown) string {
	f := r.Fields
	switch r.Act {
	case docket.ActAcknowledge:
		return "an officer there has it; that is not acceptance"
	case docket.ActRedirect:
		if f.Text("to_party") != "" {
			return "names another party as competent; that ends the case for the addressee"
		}
		return "names the authority in its own house; turn and clocks stay"
	case docket.ActIncomplete:
		return "the reply clock stands still until what is missing is there"
	case docket.ActSupplement:
		return "what was missing; the reply clock goes on"
	case docket.ActAccept:
		return map[string]string{"full": "will act; that is not concurrence, and no answer", "partly": "will act on a part; that is not concurrence, and no answer",
			"conditions": "will act on conditions; the reply clock stands still until they are agreed to or declined"}[f.Text("extent")]
	case docket.ActPostpone:
		return "puts the answer off; no refusal"
	case docket.ActProgress:
		return "how far it is; no answer"
	case docket.ActAnswer:
		if f.Text("finality") == "final" {
			return "the last word of the addressee"
		}
		return "for the time being; more is to come"
	case docket.ActRefuse:
		return "the last word of the addressee"
	case docket.ActAgree, docket.ActDecline:
		if f["about"] != nil { // of an arrangement it names nothing
			return "a word on the conditions alone; the reply clock goes on"
		}
	case docket.ActClose:
		return "nobody owes anything any more; nothing is said of whether the answer is true"
	case docket.ActWithdraw:
		return "nobody owes anything any more; an answer that crosses it stands"
	case docket.ActSupersede:
		return "another appeal takes its place; nobody owes anything in this one"
	case docket.ActCorrect:
		return "both texts stand; no clock changes"
	case docket.ActDispute:
		return "the addressee has to answer again; the reply clock runs anew"
	case docket.ActEscalate:
		return "raises the level; no clock changes"
	}
	return ""
}

// stoppedWhy says what the reply clock waits for.
var stoppedWhy = map[string]string{
	docket.ActIncomplete: "incomplete: it waits for the supplement",
	docket.ActAccept:     "accepted on conditions: it waits for agreement",
}
