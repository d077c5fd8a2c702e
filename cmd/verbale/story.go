package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"verbale/internal/node"
	"verbale/seal"
	"verbale/verdict"
)

// A story is something that happens between parties, told by whole nodes: documentation, test and outside check in one.
type story struct {
	name string
	what string    // one sentence
	from time.Time // when it begins; zero is an hour ago: its parties can go on afterwards, as any others
	tell func(*stage) error
}

// stories lists all, the default first.
func stories() []story {
	return []story{indicators2021(), lostInDelivery(), silentReceiver(), receiverReturns(), lyingRelay(), backdated(), equivocator(), oldBackup(), keyRevoked(), wholeCase()}
}

// A step is one thing that happened.
type step struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	What string    `json:"what"`
}

// A bundleResult is one exported bundle and what an outsider concluded from it.
type bundleResult struct {
	File       string         `json:"file"`
	Bytes      int            `json:"bytes"`
	SHA256     string         `json:"sha256"`
	NetworkOff bool           `json:"network_off"` // verified in a process that has no network at all
	Verdict    jsontext.Value `json:"verdict"`
}

// A linkResult is a link at the end, from one side.
type linkResult struct {
	At        string `json:"at"`
	With      string `json:"with"`
	Sent      int64  `json:"sent"`
	Receipted int64  `json:"receipted"`
	Received  int64  `json:"received"`
}

// A storyResult is story.json.
type storyResult struct {
	Story   string         `json:"story"`
	What    string         `json:"what"`
	Held    bool           `json:"held"` // everything came out as the story says
	Failed  string         `json:"failed,omitempty"`
	Data    string         `json:"data,omitempty"` // where the values came from
	Steps   []step         `json:"steps"`
	Links   []linkResult   `json:"links"`
	Bundles []bundleResult `json:"bundles"`
	// Conclusions is what an outsider may conclude, in the story's words; the verdicts are in Bundles.
	Conclusions []string `json:"conclusions,omitempty"`
}

// A stage is where a story plays: a folder, the data, and what is told to people.
type stage struct {
	ctx    context.Context
	dir    string // nodes' folders, and the bundles and story.json
	data   string // folder with the public data sets; may not exist
	say    io.Writer
	clock  atomic.Int64 // the story's time in Unix seconds; it moves by hand
	nodes  []*live
	result storyResult

	witnesses []*liveWitness
	policy    *seal.Policy // of the parties founded after the witnesses; nil before
}

// now is the clock of everybody in the story.
func (st *stage) now() time.Time { return time.Unix(st.clock.Load(), 0).UTC() }

// later lets time pass.
func (st *stage) later(d time.Duration) { st.clock.Add(int64(d / time.Second)) }

// telling runs a story and writes story.json. The error says why the story did not hold.
func telling(ctx context.Context, s story, dir, data string, say io.Writer) (result storyResult, err error) {
	st := &stage{ctx: ctx, dir: dir, data: data, say: say, result: storyResult{Story: s.name, What: s.what}}
	st.clock.Store(s.from.Unix())
	if s.from.IsZero() {
		st.clock.Store(time.Now().Add(-time.Hour).Unix())
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return st.result, err
	}
	err = s.tell(st)
	if err == nil {
		err = st.audit()
	}
	for _, n := range st.nodes {
		err = errors.Join(err, n.close())
	}
	for _, w := range st.witnesses {
		err = errors.Join(err, w.close())
	}
	st.result.Held = err == nil
	if err != nil {
		st.result.Failed = err.Error()
	}
	raw, jsonErr := json.Marshal(st.result, jsontext.WithIndent("  "))
	if jsonErr != nil {
		return st.result, errors.Join(err, jsonErr)
	}
	return st.result, errors.Join(err, os.WriteFile(filepath.Join(dir, "story.json"), append(raw, '\n'), 0o600))
}

// party founds a party of the story.
func (st *stage) party(name, title string) (*live, error) {
	return st.cast(casting{party: name, who: node.Identity{Title: title, PartyKind: "csirt", Language: "en", Contact: "duty officer"}})
}

// cast founds a party, and lets the witnesses that there are date its register.
func (st *stage) cast(c casting) (*live, error) {
	c.dir, c.now, c.policy = st.folder(c.party), st.now, st.policy
	n, err := startLive(st.ctx, c)
	if err != nil {
		return nil, err
	}
	st.nodes = append(st.nodes, n)
	if err := st.enter(n); err != nil {
		return nil, err
	}
	st.tell(n.Party(), "founded: %s, node at %s, fingerprint words %s", c.who.Title, n.profile.Endpoint, verdict.WordGroups(n.profile.Words))
	return n, nil
}

// folder is the data folder of a party of the story.
func (st *stage) folder(party string) string {
	return filepath.Join(st.dir, strings.TrimSuffix(party, ".example"))
}

// tell says what happened, to people and to story.json.
func (st *stage) tell(who, format string, args ...any) {
	s := step{At: st.now(), Who: who, What: fmt.Sprintf(format, args...)}
	st.result.Steps = append(st.result.Steps, s)
	fmt.Fprintf(st.say, "%13s  %-17s %s\n", s.At.Format("2 Jan 15:04Z"), s.Who, s.What)
}

// expect fails the story unless ok.
func expect(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("the story did not hold: "+format, args...)
}

// push sends what is pending and tells the receipt.
func (st *stage) push(from, to *live) error {
	n, err := from.Push(st.ctx, to.Party(), nil)
	if err != nil {
		return err
	}
	st.tell(from.Party(), "pushed %d record(s); %s's receipt says that its node durably holds them", n, to.Party())
	return nil
}

// export proves the case of a record, and has the file verified.
func (st *stage) export(by *live, q node.ProveRequest, file string) (*verdict.Verdict, error) {
	raw, err := by.Prove(st.ctx, q)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(st.dir, file), raw, 0o600); err != nil {
		return nil, err
	}
	return st.verified(file)
}

// verified has bundles of the story verified, as one, by another process with an empty home and, where the system allows it, no network.
// That person believes the witnesses of the story.
func (st *stage) verified(files ...string) (*verdict.Verdict, error) {
	b := bundleResult{File: strings.Join(files, " ")}
	var paths []string
	var bundles []*verdict.Bundle
	sum := sha256.New()
	for _, file := range files {
		paths = append(paths, filepath.Join(st.dir, file))
		raw, err := os.ReadFile(paths[len(paths)-1]) // #nosec G304 -- the story's own folder
		if err != nil {
			return nil, err
		}
		bundle, err := verdict.Parse(raw)
		if err != nil {
			return nil, err
		}
		bundles = append(bundles, bundle)
		b.Bytes += len(raw)
		_, _ = sum.Write(raw)
	}
	v, err := verdict.Judge(verdict.Merge(bundles...), &verdict.Trust{Policy: st.policy})
	if err != nil {
		return nil, err
	}
	if b.Verdict, err = v.JSON(); err != nil {
		return nil, err
	}
	policy := ""
	if st.policy != nil {
		policy = filepath.Join(st.dir, policyFile)
	}
	var seen []byte
	if seen, b.NetworkOff, err = verifyApart(st.ctx, policy, paths...); err != nil {
		return nil, err
	}
	if len(files) > 1 {
		if seen, err = oneVerdict(seen); err != nil {
			return nil, err
		}
	}
	if err := expect(sameJSON(seen, b.Verdict), "the outsider's verdict on %s differs from ours", b.File); err != nil {
		return nil, err
	}
	b.SHA256 = hex.EncodeToString(sum.Sum(nil))
	st.result.Bundles = append(st.result.Bundles, b)
	where := "in a process without any network"
	if !b.NetworkOff {
		where = "in another process (this system does not let us take its network away)"
	}
	st.tell("an outsider", "verified %s (%d bytes) %s, with an empty home", b.File, b.Bytes, where)
	return v, nil
}

// oneVerdict takes the one verdict out of what `verify --json` says of several files.
func oneVerdict(document []byte) ([]byte, error) {
	var several struct {
		Verdict jsontext.Value `json:"verdict"`
	}
	err := json.Unmarshal(document, &several)
	return several.Verdict, err
}

func sameJSON(a, b []byte) bool {
	x, y := jsontext.Value(bytes.Clone(a)), jsontext.Value(bytes.Clone(b)) // Canonicalize works in place
	return x.Canonicalize() == nil && y.Canonicalize() == nil && string(x) == string(y)
}

// audit runs fsck on every node and notes the links: no story ends without it.
func (st *stage) audit() error {
	for _, n := range st.nodes {
		a, err := n.Fsck(st.ctx, nil)
		if err != nil {
			return err
		}
		if err := expect(len(a.Findings) == 0, "fsck of %s: %+v", n.Party(), a.Findings); err != nil {
			return err
		}
		st.tell(n.Party(), "fsck: %d records, %d checkpoints and %d receipts checked, %d cases are what the records give; nothing wrong", a.Entries, a.Checkpoints, a.Receipts, a.Cases)
		links, err := n.Links(st.ctx)
		if err != nil {
			return err
		}
		for _, l := range links {
			st.result.Links = append(st.result.Links, linkResult{At: n.Party(), With: l.Party, Sent: l.Sent, Receipted: l.Receipted, Received: l.ReceivedOf})
		}
	}
	return nil
}
