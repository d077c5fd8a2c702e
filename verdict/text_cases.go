package verdict

import "slices"

func (p *page) forks(list []ForkFinding) {
	if len(list) == 0 {
		return
	}
	p.section(p.l.forks)
	for i, f := range list {
		p.bullet(itoa(i+1)+". ", fill(p.l.fork[f.How], "author", f.Author, "outbox", f.Outbox, "index", itoa(f.place())))
		for _, h := range []ForkHead{f.A, f.B} {
			sentence := p.l.forkHead
			if h.Leaf != "" {
				sentence += p.l.forkLeaf
			}
			p.bullet("   - ", fill(sentence+".", "size", itoa(h.Size), "root", h.Root, "time", at(h.Time), "author", f.Author, "leaf", h.Leaf))
		}
		p.say(1, p.l.forkMeaning, "author", f.Author)
		p.restsOn(f.RestsOn)
		p.gap()
	}
}

func (p *page) cases(list []CaseFinding) {
	if len(list) == 0 {
		return
	}
	p.section(p.l.cases)
	for i, c := range list {
		p.oneCase(i+1, c)
	}
}

func (p *page) oneCase(n int, c CaseFinding) {
	what := p.l.caseWhat(c)
	p.bullet(itoa(n)+". ", fill(p.l.caseOpened, "from", c.From, "to", c.To, "what", what, "index", itoa(c.Index), "outbox", c.Outbox))
	if s := p.l.classOf(c.Act, c.Class); s != "" {
		p.say(1, s)
	}
	if c.Subject != "" {
		p.say(1, p.l.caseSubject, "from", c.From)
		p.quote(2, "", c.Subject)
	}
	p.caseTimes(c)
	if len(c.Moves) == 0 {
		p.say(1, p.l.caseNoReply)
	} else if len(c.Moves) > 1 {
		p.say(1, p.l.movesOrder)
	}
	for _, m := range c.Moves {
		p.move(c, m)
	}
	p.stands(c)
	p.restsOn(c.RestsOn)
	p.gap()
}

// stands says where the case stands, as far as the file shows it.
func (p *page) stands(c CaseFinding) {
	if m := c.agreement(); m != nil {
		p.say(1, p.l.bothSigned, "from", c.From, "to", c.To, "when", p.moveTime(*m))
		switch {
		case c.InForceFrom.IsZero():
			p.say(1, p.l.inForceHidden)
		case c.Until.IsZero():
			p.say(1, p.l.inForceOpen, "time", at(c.InForceFrom))
		default:
			p.say(1, p.l.inForce, "time", at(c.InForceFrom), "until", at(c.Until))
		}
		if c.gone() != "" {
			p.say(1, p.l.bothWithdrawn, "from", c.From)
		}
		return
	}
	if c.Act == "arrangement" {
		p.say(1, p.l.oneSigned, "from", c.From, "to", c.To)
	}
	s := p.l.statuses[c.Status]
	if _, end := c.last(); c.Status == StatusRedirected && end != nil {
		s = p.l.redirectedAway
	}
	switch {
	case s != "":
		p.say(1, p.l.stands, "status", fill(s, "from", c.From, "to", c.To))
	case slices.Contains([]string{"appeal", "ping", "tally", "arrangement"}, c.Act):
		p.say(1, p.l.standsHidden)
	}
}

func (p *page) caseTimes(c CaseFinding) {
	if c.ReleasedAt.IsZero() {
		p.say(1, p.l.caseNoTime)
	} else {
		p.say(1, p.l.releasedAt, "author", c.From, "time", at(c.ReleasedAt))
	}
	if c.Received != nil {
		p.say(1, p.l.caseHeld, "by", c.Received.By, "time", at(c.Received.At))
	} else {
		p.say(1, p.l.caseNoReceipt, "to", c.To)
	}
	for _, l := range c.Lodged {
		if l.Designated && c.Received == nil {
			p.say(1, p.l.caseLodged, "by", l.By, "to", c.To, "time", at(l.At))
		}
	}
	if c.NotAfter != nil {
		p.say(1, p.l.caseDated, "to", at(c.NotAfter.To))
		p.vouchedDate(c.NotAfter.Vouched)
	}
	p.standing(c.OldKeys, c.From, p.l.thisRecord)
	if c.Received != nil {
		p.standing(c.Received.OldKeys, c.Received.By, p.l.thisReceipt)
	}
	if c.Backdated {
		p.say(1, p.l.caseBackdated, "from", c.From, "records", p.l.records)
	}
}

// moveWhat says what a move is, with the words that decide how it is to be read.
func (p *page) moveWhat(c CaseFinding, m MoveFinding) string {
	shown := func(field, word string) string {
		if word == "" {
			return p.l.notShown
		}
		return p.l.word(field, word)
	}
	until := p.l.notShown
	if !m.Until.IsZero() {
		until = at(m.Until)
	}
	sentence := p.l.moves[m.Act]
	switch {
	case c.Act == "arrangement" && m.Act == "agree":
		sentence = p.l.agreed
	case c.Act == "arrangement" && m.Act == "decline":
		sentence = p.l.declined
	}
	return fill(sentence, "by", m.By, "until", until,
		"finality", shown("finality", m.Finality), "outcome", shown("outcome", m.Outcome), "code", shown("code", m.Code),
		"extent", shown("extent", m.Extent), "ground", shown("ground", m.Ground), "stage", shown("stage", m.Stage),
		"satisfaction", shown("satisfaction", m.Satisfaction), "edition", shown("edition", m.Edition), "level", shown("level", m.Level))
}

func (p *page) move(c CaseFinding, m MoveFinding) {
	_, receiver := m.parties()
	s := p.moveWhat(c, m) + "; " + p.moveTime(m) + "; "
	if m.Received != nil {
		s += fill(p.l.moveHeld, "receiver", m.Received.By, "time", at(m.Received.At))
	} else {
		s += fill(p.l.moveNotHeld, "receiver", receiver)
	}
	s += "."
	if m.About != nil {
		sentence := p.l.moveAboutNotHere
		if slices.ContainsFunc(c.Moves, func(o MoveFinding) bool { return o.Place == *m.About }) {
			sentence = p.l.moveAbout
		}
		s += " " + fill(sentence, "index", itoa(m.About.Index), "outbox", m.About.Outbox)
	}
	if m.Class != "substantive" {
		s += " " + p.l.classOf(m.Act, m.Class)
	}
	if m.Backdated {
		s += " " + fill(p.l.moveBackdated, "by", m.By, "records", p.l.records)
	}
	if m.OldKeys != nil && m.OldKeys.Standing != Stands || m.Received != nil && m.Received.OldKeys != nil && m.Received.OldKeys.Standing != Stands {
		s += " " + fill(p.l.moveOldKeys, "records", p.l.records)
	}
	if m.Irregular != "" {
		s += " " + fill(p.l.moveIrregular, "rule", p.l.rule(m.Irregular))
	}
	p.bullet("   - ", s)
}

func (p *page) moveTime(m MoveFinding) string {
	if m.ReleasedAt.IsZero() {
		return p.l.moveNoTime
	}
	return fill(p.l.moveTime, "time", at(m.ReleasedAt), "by", m.By)
}
