package record

// checkTogether checks what the notes of acts.md say about several fields.
func (f Fields) checkTogether(act string, found *report) {
	f.ordered("drafted_at", "released_at", true, found)
	switch act {
	case "ping":
		if f.Text("class") != "test" {
			found.add(within("class", fail(KindField, "R-18", `a ping has the class test; write "test"`)))
		}
	case "designate":
		f.needs("profile_file", f.Text("state") == "in-force", found)
	case "tally":
		f.counted("sent_from", "sent_next", found)
		f.counted("received_from", "received_next", found)
	case "accept":
		f.needs("terms", f.Text("extent") != "full", found)
	case "directory":
		f.ordered("released_at", "review_by", false, found)
	case "arrangement":
		f.ordered("in_force_from", "until", false, found)
	case "appeal":
		f.checkAppeal(found)
	}
}

// checkAppeal checks what every appeal owes, and then what its kind does.
func (f Fields) checkAppeal(found *report) {
	kind := f.Text("kind")
	f.ordered("released_at", "acknowledge_by", false, found)
	f.needs("urgency_reason", f.Text("urgency") != "routine", found)
	f.needs("first_made_at", f["redirected_from"] != nil, found)
	f.ordered("first_made_at", "released_at", true, found)
	if f.ordered("acknowledge_by", "expires_at", false, found); f["reply_by"] != nil {
		f.ordered("reply_by", "expires_at", true, found)
	}
	if Silent(kind) {
		f.forbids("reply_by", "an appeal of this kind asks for no reply", found)
	} else {
		f.ordered("acknowledge_by", "reply_by", true, found)
	}
	f.checkKind(kind, found)
}

// checkKind checks what one kind of appeal owes.
func (f Fields) checkKind(kind string, found *report) {
	switch kind {
	case "preserve":
		f.ordered("released_at", "full_request_by", false, found)
		f.ordered("full_request_by", "preserve_until", true, found)
	case "preserve-extend":
		f.ordered("released_at", "preserve_until", false, found)
	case "emergency-data":
		if f.Text("urgency") != "emergency" {
			found.add(within("urgency", fail(KindField, "R-18", `emergency-data is for emergencies only (after CETS 224 art. 3); write "emergency", or ask for stored-data`)))
		}
	case "suppress":
		f.needs("suspects", f["infrastructure"] == nil, found)
	case "freeze-assets":
		f.checkFreeze(found)
	case "hold-off":
		f.ordered("released_at", "hold_until", false, found)
	case "protected-objects":
		f.ordered("valid_from", "valid_until", false, found)
	case "consult":
		f.needs("level", true, found)
	}
	f.checkIdentifiers(found)
}

// checkFreeze checks that what is frozen is named in one of two forms.
func (f Fields) checkFreeze(found *report) {
	needed, foreign := bankFields, chainFields
	if f.Text("asset_form") == "chain" {
		needed, foreign = chainFields, bankFields
	}
	for _, name := range needed {
		f.needs(name, true, found)
	}
	for _, name := range foreign {
		f.forbids(name, "it belongs to the other asset_form", found)
	}
	f.ordered("transferred_at", "freeze_until", false, found)
}

// checkIdentifiers asks for the second with every address, and for the port with one of IPv4: many subscribers share one.
func (f Fields) checkIdentifiers(found *report) {
	for i, o := range f.Observables("identifiers") {
		if o.Type != "ipv4" && o.Type != "ipv6" || found.full() {
			continue
		}
		switch {
		case o.SeenAt.IsZero():
			found.add(within("identifiers", fail(KindField, "R-18", "address %d needs seen_at, the second in UTC: addresses change hands; add it", i+1)))
		case o.Type == "ipv4" && o.Port == 0:
			found.add(within("identifiers", fail(KindField, "R-18", "address %d needs its source port: many subscribers share an IPv4 address; add it", i+1)))
		}
	}
}

// needs reports a field that is missing where the rule holds.
func (f Fields) needs(name string, rule bool, found *report) {
	if _, ok := f[name]; ok || !rule {
		return
	}
	parts, _ := specs(f.Text("act"), f.Text("kind"))
	if s := find(&parts, name); s != nil {
		found.add(lacking(s))
	}
}

// forbids reports a field that is there and must not be.
func (f Fields) forbids(name, why string, found *report) {
	if _, ok := f[name]; ok {
		found.add(within(name, fail(KindField, "R-18", "%s; remove it", why)))
	}
}
