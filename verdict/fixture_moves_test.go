package verdict

import (
	"encoding/json/jsontext"
	"time"

	"verbale/record"
)

// hour is so many hours after the morning.
func hour(n int) time.Time { return morning.Add(time.Duration(n) * time.Hour) }

// moving is a reply with fields of its own.
func moving(act string, to record.Ref, n int, texts map[string]string) record.Fields {
	f := replyFields(act, to, hour(n))
	for name, text := range texts {
		f.SetText(name, text)
	}
	return f
}

// naming is the same, and names the move that it answers.
func (w *world) naming(act string, to, about record.Ref, n int, texts map[string]string) record.Fields {
	f := moving(act, to, n, texts)
	f.SetRef("about", about)
	return f
}

// exchanged is a bundle of all of these entries, whole, with a receipt of the other side over each outbox.
func (w *world) exchanged(entries ...*entry) *Bundle {
	w.t.Helper()
	b := &Bundle{Profiles: []string{w.profile(aa), w.profile(bb)}}
	at := map[*box]int{}
	for _, e := range entries {
		n, ok := at[e.box]
		if !ok {
			n = len(b.Checkpoints)
			at[e.box] = n
			b.Checkpoints = append(b.Checkpoints, w.received(w.head(e.box, hour(200)), e.box.origin.Audience, hour(200).Add(time.Minute)))
		}
		names := []string{"*"}
		if e.hidden {
			names = nil
		}
		b.Records = append(b.Records, w.exhibit(e, n, e.box.tree.Size(), names...))
	}
	return b
}

func arrangementFields(version int64, released time.Time) record.Fields {
	f := envelope("arrangement", released)
	f.SetInt("version", version)
	f.SetTime("in_force_from", released.Add(48*time.Hour))
	f.SetTime("until", released.Add(365*24*time.Hour))
	list := func(name string, members ...map[string]string) {
		var elements []jsontext.Value
		for _, m := range members {
			o := record.Fields{}
			for k, v := range m {
				o.SetText(k, v)
			}
			elements = append(elements, o.JSON())
		}
		f.SetList(name, elements)
	}
	list("bodies", map[string]string{"authority": "CERT of Aland", "channel": "technical", "party": aa},
		map[string]string{"authority": "CSIRT of Borduria", "channel": "technical", "party": bb})
	f.SetTexts("channels", "technical")
	list("kinds", map[string]string{"acknowledge": "4h", "kind": "mitigate", "reply": "24h"})
	f.SetText("retention", "365d")
	f.SetText("releasability", "counts")
	f.SetText("counting", "acknowledged")
	f.SetText("counting_rule", "An appeal counts once its addressee has acknowledged it.")
	return f
}

// arranged is a bundle of an arrangement that both signed.
func (w *world) arranged() *Bundle {
	w.t.Helper()
	proposal := w.write(aa, bb, arrangementFields(1, hour(0)))
	ack := w.write(bb, aa, replyFields("acknowledge", proposal.ref(), hour(1)))
	agree := w.write(bb, aa, replyFields("agree", proposal.ref(), hour(30)))
	return w.exchanged(proposal, ack, agree)
}

// proposed is a bundle of two arrangements that bind nobody: one that was declined, and one of which nothing came.
func (w *world) proposed() *Bundle {
	w.t.Helper()
	first := w.write(aa, bb, arrangementFields(1, hour(0)))
	second := w.write(aa, bb, arrangementFields(2, hour(40)))
	decline := w.write(bb, aa, moving("decline", first.ref(), 30, map[string]string{"reason": "The counting is not ours."}))
	return w.exchanged(first, second, decline)
}

// career is a bundle of an appeal that lacked something, was taken on under conditions, answered, disputed, answered again and closed.
func (w *world) career() *Bundle {
	w.t.Helper()
	appeal := w.write(aa, bb, appealFields(morning))
	to := appeal.ref()
	ack := w.write(bb, aa, replyFields("acknowledge", to, hour(1)))
	lacking := w.incomplete(to, 2, "evidence", "legal_basis")
	supplement := w.write(aa, bb, w.naming("supplement", to, lacking.ref(), 5, map[string]string{"text": "Attached is packet capture 18."}))
	accept := w.write(bb, aa, moving("accept", to, 6, map[string]string{"extent": "conditions", "terms": "The hosts are named to nobody else."}))
	agree := w.write(aa, bb, w.naming("agree", to, accept.ref(), 7, nil))
	progress := w.write(bb, aa, moving("progress", to, 8, map[string]string{"stage": "waiting-for-others", "text": "One provider has not answered."}))
	answer := w.write(bb, aa, replyFields("answer", to, hour(20)))
	dispute := w.write(aa, bb, w.naming("dispute", to, answer.ref(), 30, map[string]string{"text": "One of the three still answers."}))
	again := w.write(bb, aa, w.naming("answer", to, dispute.ref(), 40, nil))
	done := w.write(aa, bb, w.naming("close", to, again.ref(), 50, map[string]string{"satisfaction": "satisfied"}))
	return w.exchanged(appeal, ack, lacking, supplement, accept, agree, progress, answer, dispute, again, done)
}

func (w *world) incomplete(to record.Ref, n int, missing ...string) *entry {
	w.t.Helper()
	f := moving("incomplete", to, n, map[string]string{"text": "Please say more."})
	f.SetTexts("missing", missing...)
	return w.write(bb, aa, f)
}

// elsewhere is a bundle of four appeals: one that belongs to another party, one that was postponed, one that was superseded by the next, and one that was taken on in part.
func (w *world) elsewhere() *Bundle {
	w.t.Helper()
	first, second, third := w.write(aa, bb, appealFields(morning)), w.write(aa, bb, appealFields(hour(1))), w.write(aa, bb, appealFields(hour(2)))
	fourth := w.write(aa, bb, appealFields(hour(3)))
	away := w.write(bb, aa, moving("redirect", first.ref(), 4,
		map[string]string{"to_authority": "Ministry of Cagliostro", "to_party": cc, "reason": "The networks are theirs."}))
	f := moving("postpone", second.ref(), 5, map[string]string{"ground": "own-investigation", "reason": "We watch the same hosts."})
	f.SetTime("until", hour(100))
	later := w.write(bb, aa, f)
	f = moving("supersede", third.ref(), 6, map[string]string{"reason": "The addresses were wrong."})
	f.SetRef("by", fourth.ref())
	instead := w.write(aa, bb, f)
	partly := w.write(bb, aa, moving("accept", fourth.ref(), 7, map[string]string{"extent": "partly", "terms": "The domain is not ours."}))
	correct := w.write(aa, bb, moving("correct", second.ref(), 8, map[string]string{"edition": "correction", "text": "The second address ends in 8."}))
	up := w.write(aa, bb, moving("escalate", second.ref(), 9,
		map[string]string{"level": "political", "to_authority": "Ministry of Borduria", "reason": "It cannot wait."}))
	return w.exchanged(first, second, third, fourth, away, later, instead, partly, correct, up)
}

// disorder is a bundle of replies that break, with those that stand.
func (w *world) disorder() *Bundle {
	w.t.Helper()
	appeal := w.write(aa, bb, appealFields(morning))
	to := appeal.ref()
	lacking := w.incomplete(to, 1, "evidence")
	list := []*entry{appeal, lacking,
		w.write(aa, bb, w.naming("supplement", to, lacking.ref(), 2, map[string]string{"text": "Here it is."})),
		w.write(aa, bb, w.naming("supplement", to, lacking.ref(), 3, map[string]string{"text": "And here again."})), // once
		w.incomplete(to, 4, "legal_basis"),
		w.write(aa, bb, moving("escalate", to, 5, map[string]string{"level": "technical", "to_authority": "CSIRT of Borduria", "reason": "It is late."})),
		w.write(aa, bb, w.naming("agree", to, lacking.ref(), 6, nil)),                                                                                     // these are no conditions
		w.write(aa, bb, replyFields("agree", to, hour(7))),                                                                                                // it names none
		w.write(aa, bb, moving("progress", to, 8, map[string]string{"stage": "under-way", "text": "We look into it."})),
	}
	answer := w.write(bb, aa, replyFields("answer", to, hour(9)))
	again := w.write(bb, aa, replyFields("answer", to, hour(10)))
	closing := w.write(aa, bb, w.naming("close", to, answer.ref(), 11, map[string]string{"satisfaction": "partial"}))
	late := w.write(aa, bb, w.naming("dispute", to, answer.ref(), 12, map[string]string{"text": "It is not done."}))
	return w.exchanged(append(list, answer, again, closing, late)...)
}
