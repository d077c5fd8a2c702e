package verdict

import "verbale/seal"

// keyChanges says which keys follow which, by whose word, and what does not
// follow from it (B-17).
func (p *page) keyChanges(list []KeyChangeFinding) {
	if len(list) == 0 {
		return
	}
	p.section(p.l.changes)
	for i, c := range list {
		p.keyChange(i+1, c)
		p.restsOn(c.RestsOn)
		p.gap()
	}
}

func (p *page) keyChange(n int, c KeyChangeFinding) {
	mark := itoa(n) + ". "
	if c.Problem == ProblemNotShown {
		p.bullet(mark, fill(p.l.changeNotShown, "party", c.Party))
		return
	}
	p.bullet(mark, fill(p.l.change, "party", c.Party, "reason", p.l.word("reason", c.Reason), "time", at(c.EffectiveAt)))
	p.keysOf(p.l.oldWords, c.From)
	p.keysOf(p.l.newWords, c.To)
	if !c.Authorized {
		p.say(1, p.l.problem[c.Problem], "party", c.Party)
		return
	}
	p.say(1, p.l.authorized[c.AuthorizedBy])
	if c.SaidByNew {
		p.say(1, p.l.saidByNew)
	} else {
		p.say(1, p.l.notSaidByNew)
	}
	if c.Rival {
		p.say(1, p.l.rival, "party", c.Party)
	}
	if c.Reason == seal.Compromise {
		p.say(1, p.l.compromise, "party", c.Party)
		if c.AuthorizedBy == byOldKeys {
			p.say(1, p.l.hollow)
		}
	}
	if d := c.NotAfter; d == nil {
		p.say(1, p.l.changePending)
	} else {
		p.say(1, p.l.changeDated, "to", at(d.To))
		p.vouchedDate(d.Vouched)
	}
	p.follows(c)
}

// keysOf shows keys by their words, or says that they are not there.
func (p *page) keysOf(name string, k KeysFinding) {
	if k.Words == nil {
		p.say(1, p.l.keysNotHere, "name", name, "fingerprint", k.Fingerprint)
		return
	}
	p.say(1, p.l.keysHere, "name", name, "generation", itoa(k.Generation), "words", WordGroups(k.Words))
}

// follows says what the change is worth to who vouches for one side of it.
func (p *page) follows(c KeyChangeFinding) {
	for _, b := range c.RestsOn {
		if !b.Linked {
			continue
		}
		words := func(k KeysFinding) bool { return b.Party == c.Party && b.Words == joined(k.Words) }
		switch {
		case words(c.To):
			p.say(1, p.l.followsNew[c.AuthorizedBy], "party", c.Party)
		case words(c.From):
			p.say(1, p.l.followsOld, "party", c.Party)
		}
	}
}

// standing says what a statement by keys that were given up is worth (B-18).
func (p *page) standing(f *OldKeysFinding, party, what string) {
	if f == nil {
		return
	}
	p.say(1, p.l.oldKeys[f.Standing], "party", party, "what", what, "time", at(f.EffectiveAt), "reason", p.l.word("reason", f.Reason))
}
