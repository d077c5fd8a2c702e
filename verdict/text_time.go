package verdict

import (
	"strings"
	"time"
)

// lodged says which third parties hold the record, and whether as relays.
func (p *page) lodged(r RecordFinding) {
	for _, l := range r.Lodged {
		p.say(1, p.l.holds, "by", l.By, "time", at(l.At))
		if l.Designated {
			p.say(1, p.l.designated, "by", l.By, "audience", r.Audience)
		} else {
			p.say(1, p.l.notDesignated, "by", l.By, "audience", r.Audience)
		}
		if l.KeysExpired {
			p.say(1, p.l.receiverExpired, "by", l.By)
		}
		p.receiptDated(&l.ReceiptFinding)
	}
}

// receiptDated says what else than its own clock speaks for a receipt's time,
// and whether its keys were given up.
func (p *page) receiptDated(r *ReceiptFinding) {
	if r.Dated != nil {
		p.say(1, p.l.receiptDated, "by", r.By, "to", at(r.Dated.To), "register", r.Dated.Register, "entry", itoa(r.Dated.Entry.Index))
		p.vouchedDate(r.Dated.Vouched)
	}
	p.standing(r.OldKeys, r.By, p.l.thisReceipt)
}

// dated says when the record existed, as witnesses date it, or that nothing
// does.
func (p *page) dated(r RecordFinding) {
	switch d := r.NotAfter; {
	case d == nil:
		p.say(1, p.l.pending)
	case d.Entry == nil:
		p.say(1, p.l.notAfterPublic, "from", at(d.From), "to", at(d.To), "names", names(d), "size", itoa(d.Size))
		p.vouchedDate(d.Vouched)
	default:
		p.say(1, p.l.notAfter, "from", at(d.From), "to", at(d.To), "names", names(d), "register", d.Register, "size", itoa(d.Size),
			"entry", itoa(d.Entry.Index), "head", itoa(d.HeadSize))
		p.vouchedDate(d.Vouched)
	}
	if d := r.NotBefore; d != nil {
		p.say(1, p.l.notBefore, "author", r.Author, "entry", itoa(d.Entry.Index), "register", d.Register, "time", at(d.Bound), "head", itoa(d.HeadSize), "index", itoa(r.Index))
		if d.Bound.Before(d.TakenAt) {
			p.say(1, p.l.notBeforeAhead, "author", r.Author, "taken", at(d.TakenAt))
		}
		p.vouchedDate(d.Vouched)
	}
	if r.Backdated {
		p.say(1, p.l.backdated, "author", r.Author)
	}
}

func (p *page) vouchedDate(vouched bool) {
	if vouched {
		p.say(1, p.l.dateVouched)
	} else {
		p.say(1, p.l.dateNot)
	}
}

// names lists witnesses, each once.
func names(d *DatingFinding) string {
	var list []string
	seen := make(map[string]bool)
	for _, c := range d.By {
		if !seen[c.Name] {
			seen[c.Name] = true
			list = append(list, visible(c.Name))
		}
	}
	return strings.Join(list, ", ")
}

func (p *page) clocks(list []ClockFinding) {
	if len(list) == 0 {
		return
	}
	p.section(p.l.clocksTitle)
	for i, f := range list {
		p.bullet(itoa(i+1)+". ", fill(p.l.clock[f.Statement], "party", f.Party, "outbox", f.Outbox, "index", itoa(f.place()), "size", itoa(f.Size),
			"says", at(f.Says), "bound", at(f.Bound), "gap", span(f.Seconds)))
		p.vouchedDate(f.Vouched)
		p.restsOn(f.RestsOn)
		p.gap()
	}
}

func (p *page) channel(list []ChannelFinding) {
	if len(list) == 0 {
		return
	}
	p.section(p.l.channelTitle)
	for i, f := range list {
		p.bullet(itoa(i+1)+". ", fill(p.l.beats, "by", f.By, "outbox", f.Outbox, "count", itoa(f.Count), "first", at(f.First), "last", at(f.Last), "gap", span(f.LongestGap)))
		p.say(1, p.l.beatsMean[f.Role], "by", f.By)
		for n, s := range f.Sizes {
			if n == maxTextList {
				p.say(1, p.l.listMore, "more", itoa(len(f.Sizes)-n))
				break
			}
			p.bullet("   - ", fill(p.l.sizes[f.Role], "by", f.By, "size", itoa(s.Size), "from", at(s.From), "to", at(s.To), "count", itoa(s.Count)))
		}
		p.say(1, p.l.beatsClock, "by", f.By)
		p.standing(f.OldKeys, f.By, p.l.theseBeats)
		p.restsOn(f.RestsOn)
		p.gap()
	}
}

// span writes a number of seconds for people.
func span(seconds int64) string {
	d := time.Duration(seconds) * time.Second
	var parts []string
	if h := int64(d / time.Hour); h > 0 {
		parts = append(parts, itoa(h)+" h")
	}
	if m := int64(d % time.Hour / time.Minute); m > 0 {
		parts = append(parts, itoa(m)+" min")
	}
	if s := int64(d % time.Minute / time.Second); s > 0 || len(parts) == 0 {
		parts = append(parts, itoa(s)+" s")
	}
	return strings.Join(parts, " ")
}

func (p *page) takenBack(list []TakenBackFinding) {
	if len(list) == 0 {
		return
	}
	p.section(p.l.takenBackTitle)
	for i, f := range list {
		sentence := p.l.takenBack[f.Role]
		if f.How == TwoHeads {
			sentence = p.l.twoHeads
		}
		p.bullet(itoa(i+1)+". ", fill(sentence, "by", f.By, "outbox", f.Outbox))
		for _, s := range []StatementFinding{f.Larger, f.Smaller} {
			register, index := "", ""
			if s.Entry != nil {
				register, index = s.Entry.Outbox, itoa(s.Entry.Index)
			}
			p.bullet("   - ", fill(p.l.statement[s.Kind], "by", f.By, "size", itoa(s.Size), "root", s.Root, "time", at(s.Time), "register", register, "index", index))
		}
		p.say(1, p.l.takenBackMeans, "by", f.By)
		p.standing(f.OldKeys, f.By, p.l.thisFinding)
		p.restsOn(f.RestsOn)
		p.gap()
	}
}
