package node

import (
	"slices"

	"verbale/seal"
	"verbale/verdict"
)

// encode writes the bundle, complete, without the lines of witnesses that would sink it.
func (d *dater) encode() ([]byte, error) {
	if err := d.dropUnsound(); err != nil {
		return nil, err
	}
	return d.b.Encode()
}

// dropUnsound leaves out lines below registers that no reader takes (B-11): by a key that is not alone with its name and id, or that is one of a
// party shown here. What a peer gave as dating its register held when it came; who its relays and its next keys are, it chose itself.
func (d *dater) dropUnsound() error {
	var parties []verdict.Profile
	for _, file := range d.b.Profiles {
		p, err := verdict.OpenProfile(file)
		if err != nil {
			return err
		}
		parties = append(parties, p)
	}
	sound := map[string]seal.Cosigner{}
	var witnesses []string
	for _, vkey := range d.b.Witnesses {
		key, err := seal.ParseCosigner(vkey)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(parties, func(p verdict.Profile) bool { return p.Keys.CheckWitness(key) != nil }) {
			sound[keyTag(key)] = key
			witnesses = append(witnesses, vkey)
		}
	}
	d.b.Witnesses = witnesses
	for i, note := range d.b.Checkpoints {
		kept, err := soundLines(note, sound)
		if err != nil {
			return err
		}
		d.b.Checkpoints[i] = kept
	}
	return nil
}

// soundLines is a note without the lines below its log's that are not by one of these witnesses. Only registers have witnesses.
func soundLines(note string, by map[string]seal.Cosigner) (string, error) {
	head, err := headOf([]byte(note))
	if err != nil {
		return "", err
	}
	if o, err := seal.ParseOrigin(head.Origin); err != nil || o.Audience != seal.Public {
		return note, err
	}
	kept := head.Text() + "\n"
	for i, line := range seal.LinesOf([]byte(note)) {
		if i >= linesOfLog {
			key, ok := by[lineTag(line)]
			if !ok {
				continue
			}
			if _, _, err := key.Open([]byte(note), head); err != nil {
				continue
			}
		}
		kept += string(line)
	}
	return kept, nil
}
