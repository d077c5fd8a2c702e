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
	return []story{indicators2021()}
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
	Data    string         `json:"data"` // where the values came from
	Steps   []step         `json:"steps"`
	Links   []linkResult   `json:"links"`
	Bundles []bundleResult `json:"bundles"`
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
	n, err := startLive(st.ctx, filepath.Join(st.dir, strings.TrimSuffix(name, ".example")), name,
		node.Identity{Title: title, PartyKind: "csirt", Language: "en", Contact: "duty officer"}, st.now)
	if err != nil {
		return nil, err
	}
	st.nodes = append(st.nodes, n)
	st.tell(n.Party(), "founded: %s, node at %s, fingerprint words %s", title, n.profile.Endpoint, verdict.WordGroups(n.profile.Words))
	return n, nil
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

// export writes a bundle and has it verified by another process with an empty home and, where the system allows it, no network.
func (st *stage) export(by *live, q node.ProveRequest, file string) (*verdict.Verdict, error) {
	raw, err := by.Prove(st.ctx, q)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(st.dir, file)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return nil, err
	}
	bundle, err := verdict.Parse(raw)
	if err != nil {
		return nil, err
	}
	v, err := verdict.Judge(bundle, nil)
	if err != nil {
		return nil, err
	}
	seen, off, err := verifyApart(st.ctx, path)
	if err != nil {
		return nil, err
	}
	own, err := v.JSON()
	if err != nil {
		return nil, err
	}
	if err := expect(sameJSON(seen, own), "the outsider's verdict on %s differs from ours", file); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	st.result.Bundles = append(st.result.Bundles, bundleResult{File: file, Bytes: len(raw), SHA256: hex.EncodeToString(sum[:]), NetworkOff: off, Verdict: own})
	where := "in a process without any network"
	if !off {
		where = "in another process (this system does not let us take its network away)"
	}
	st.tell("an outsider", "verified %s (%d bytes) %s, with an empty home: %d record(s) proved", file, len(raw), where, len(v.Records))
	return v, nil
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
