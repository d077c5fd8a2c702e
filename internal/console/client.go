package console

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"verbale/internal/node"
)

// A Client calls the API of one node. It is safe for concurrent use. Refusals are *node.Error, as if the node had been called itself.
type Client struct {
	http *http.Client
}

// Dial gives the client of the node that serves the control socket. It opens no connection.
func Dial(socket string) *Client {
	var d net.Dialer
	return &Client{&http.Client{Transport: &http.Transport{DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", socket) }}}}
}

// InProcess gives a client that calls h in this process.
func InProcess(h http.Handler) *Client { return &Client{&http.Client{Transport: inProcess{h}}} }

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Self gives this party's own profile.
func (c *Client) Self(ctx context.Context) (p Party, err error) {
	return p, c.call(ctx, http.MethodGet, pathSelf, nil, &p)
}

// Renew writes a later profile with the same keys, for the same endpoint where none is given.
func (c *Client) Renew(ctx context.Context, endpoint string) (p Party, err error) {
	return p, c.call(ctx, http.MethodPost, pathRenew, Renewal{endpoint}, &p)
}

// Keys tells which keys this party has and had.
func (c *Client) Keys(ctx context.Context) (s node.KeyStatus, err error) {
	return s, c.call(ctx, http.MethodGet, pathKeys, nil, &s)
}

// Links lists the links by party.
func (c *Client) Links(ctx context.Context) ([]node.LinkStatus, error) {
	var l Links
	err := c.call(ctx, http.MethodGet, pathLinks, nil, &l)
	return l.Links, err
}

// Link gives the page of one link.
func (c *Client) Link(ctx context.Context, party string) (l node.LinkStatus, err error) {
	return l, c.call(ctx, http.MethodGet, linkPath(party, ""), nil, &l)
}

// AddLink imports a profile file, and gives the profile that the link has now.
func (c *Client) AddLink(ctx context.Context, file string) (p Party, err error) {
	return p, c.call(ctx, http.MethodPost, pathLinks, Profile{file}, &p)
}

// ConfirmLink makes a link work: the words are those that the officer heard.
func (c *Client) ConfirmLink(ctx context.Context, party string, words []string) (l node.LinkStatus, err error) {
	return l, c.call(ctx, http.MethodPost, linkPath(party, pathConfirm), Words{words}, &l)
}

// Retry clears what holds the automatic pushes of a link, and has the peer asked at once.
func (c *Client) Retry(ctx context.Context, party string) (l node.LinkStatus, err error) {
	return l, c.call(ctx, http.MethodPost, linkPath(party, pathRetry), nil, &l)
}

// Suspend files the notice that suspends a link.
func (c *Client) Suspend(ctx context.Context, party string, n Notice) (f node.Filed, err error) {
	return f, c.call(ctx, http.MethodPost, linkPath(party, pathSuspend), n, &f)
}

// Resume files the record that ends our suspension of a link.
func (c *Client) Resume(ctx context.Context, party string, n Notice) (f node.Filed, err error) {
	return f, c.call(ctx, http.MethodPost, linkPath(party, pathResume), n, &f)
}

// Tally counts a month of a link, files the count, and shows it.
func (c *Client) Tally(ctx context.Context, party, month string) (p node.TallyPage, err error) {
	return p, c.call(ctx, http.MethodPost, linkPath(party, pathTally), Month{month}, &p)
}

// TallyPage shows a month of a link as both sides counted it.
func (c *Client) TallyPage(ctx context.Context, party, month string) (p node.TallyPage, err error) {
	return p, c.call(ctx, http.MethodGet, linkPath(party, pathTally)+"?"+url.Values{"month": {month}}.Encode(), nil, &p)
}

// Pings counts the pings of ours to a peer, by contact point.
func (c *Client) Pings(ctx context.Context, party string) ([]node.PingStats, error) {
	var p Pings
	err := c.call(ctx, http.MethodGet, linkPath(party, pathPings), nil, &p)
	return p.Pings, err
}

// Channel counts the beats of a link from one time to another.
func (c *Client) Channel(ctx context.Context, party string, from, to time.Time) (ch node.Channel, err error) {
	v := url.Values{"from": {from.UTC().Format(time.RFC3339)}, "to": {to.UTC().Format(time.RFC3339)}}
	return ch, c.call(ctx, http.MethodGet, linkPath(party, pathChannel)+"?"+v.Encode(), nil, &ch)
}

// ProveChannel makes the bundle of the beats of a link.
func (c *Client) ProveChannel(ctx context.Context, q node.ChannelRequest) ([]byte, error) {
	var raw bundle
	err := c.call(ctx, http.MethodPost, linkPath(q.Party, pathChannel), q, &raw)
	return raw, err
}

// Recover takes back from a peer what this database has lost.
func (c *Client) Recover(ctx context.Context, party string, tell node.Progress) (r node.Recovered, err error) {
	return r, c.long(ctx, linkPath(party, pathRecover), nil, tell, &r)
}

// Regain founds the data folder anew, of which only the keys are left, from the copy of a peer.
func (c *Client) Regain(ctx context.Context, file string, words []string, tell node.Progress) (p Party, err error) {
	return p, c.long(ctx, pathRegain, Regain{file, words}, tell, &p)
}

// Exchange makes one round with a peer: push, then pull.
func (c *Client) Exchange(ctx context.Context, party string, tell node.Progress) (x Exchanged, err error) {
	return x, c.long(ctx, linkPath(party, pathExchange), nil, tell, &x)
}

// File puts a complete draft on a link.
func (c *Client) File(ctx context.Context, d Draft) (f node.Filed, err error) {
	return f, c.call(ctx, http.MethodPost, pathRecords, d, &f)
}

// Prepare completes a draft as it would be filed on a link, with the deadlines of its arrangement, and files nothing.
func (c *Client) Prepare(ctx context.Context, d Draft) (p Prepared, err error) {
	return p, c.call(ctx, http.MethodPost, pathPrepare, d, &p)
}

// Reply replies to the case of a record.
func (c *Client) Reply(ctx context.Context, r Reply) (f node.Filed, err error) {
	return f, c.call(ctx, http.MethodPost, pathReplies, r, &f)
}

// Cases lists cases, the newest first.
func (c *Client) Cases(ctx context.Context, q CaseQuery) (found Cases, err error) {
	v := url.Values{}
	for name, value := range map[string]string{"party": q.Party, "turn": q.Turn, "act": q.Act, "except": q.Except, "status": q.Status,
		"kind": q.Kind, "class": q.Class, "channel": q.Channel, "level": q.Level, "direction": q.Direction, "order": q.Order,
		"appeals": yes(q.Appeals), "stranded": yes(q.Stranded), "late": yes(q.Late), "lapsed": yes(q.Lapsed), "irregular": yes(q.Irregular), "after": strconv.FormatInt(q.After, 10), "limit": strconv.Itoa(q.Limit)} {
		if value != "" && value != "0" {
			v.Set(name, value)
		}
	}
	if !q.AfterDue.IsZero() {
		v.Set("after_due", q.AfterDue.Format(time.RFC3339Nano))
	}
	return found, c.call(ctx, http.MethodGet, pathCases+"?"+v.Encode(), nil, &found)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// Case shows the case of a record.
func (c *Client) Case(ctx context.Context, outbox string, index int64) (d Case, err error) {
	v := url.Values{"outbox": {outbox}, "index": {strconv.FormatInt(index, 10)}}
	return d, c.call(ctx, http.MethodGet, pathCase+"?"+v.Encode(), nil, &d)
}

// Prove makes a bundle.
func (c *Client) Prove(ctx context.Context, q node.ProveRequest) ([]byte, error) {
	var raw bundle
	err := c.call(ctx, http.MethodPost, pathBundle, q, &raw)
	return raw, err
}

// Evidence lists what was kept of two histories.
func (c *Client) Evidence(ctx context.Context) ([]Evidence, error) {
	var e Evidences
	err := c.call(ctx, http.MethodGet, pathEvidence, nil, &e)
	return e.Evidence, err
}

// ProveEvidence makes the bundle of one piece of evidence.
func (c *Client) ProveEvidence(ctx context.Context, id int64) ([]byte, error) {
	var raw bundle
	err := c.call(ctx, http.MethodGet, pathEvidence+"/"+strconv.FormatInt(id, 10)+"/bundle", nil, &raw)
	return raw, err
}

// Register tells how this party's register stands.
func (c *Client) Register(ctx context.Context) (s node.RegisterStatus, err error) {
	return s, c.call(ctx, http.MethodGet, pathRegister, nil, &s)
}

// DateRegister writes the heads into the register now, and asks the witnesses.
func (c *Client) DateRegister(ctx context.Context) (s node.RegisterStatus, err error) {
	return s, c.call(ctx, http.MethodPost, pathRegister+pathDate, nil, &s)
}

// ResumeRegister lets a stopped register go on.
func (c *Client) ResumeRegister(ctx context.Context) (s node.RegisterStatus, err error) {
	return s, c.call(ctx, http.MethodPost, pathRegister+pathResumed, nil, &s)
}

// Fsck checks everything that the node holds.
func (c *Client) Fsck(ctx context.Context, tell node.Progress) (a node.Audit, err error) {
	return a, c.long(ctx, pathFsck, nil, tell, &a)
}

// Rebuild recomputes the docket, and with write replaces the stored one.
func (c *Client) Rebuild(ctx context.Context, write bool, tell node.Progress) (r node.Rebuilt, err error) {
	return r, c.long(ctx, pathRebuild, Rebuild{write}, tell, &r)
}

// Backup writes a copy of the database to an absolute path on the node's machine.
func (c *Client) Backup(ctx context.Context, path string) error {
	var b Backup
	return c.call(ctx, http.MethodPost, pathBackup, Backup{path}, &b)
}

func linkPath(party, call string) string { return pathLinks + "/" + url.PathEscape(party) + call }

// call sends in, if there is any, and decodes the answer into out.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	res, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return lost(err)
	}
	if b, ok := out.(*bundle); ok {
		*b = raw
		return nil
	}
	return decode(raw, out)
}

// long is call for work that tells its steps.
func (c *Client) long(ctx context.Context, path string, in any, tell node.Progress, out any) error {
	res, err := c.send(ctx, http.MethodPost, path, in)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return readSteps(res.Body, tell, out)
}

// send gives an answer that is no problem.
func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://verbale"+path, body)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, lost(err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxLine))
	if err != nil {
		return nil, lost(err)
	}
	var p Problem
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, unexpected(err)
	}
	return nil, p.asError()
}

func decode(raw []byte, v any) error {
	if err := json.Unmarshal(raw, v); err != nil {
		return unexpected(err)
	}
	return nil
}

// lost is an answer that did not come, or not whole.
func lost(err error) error { return &lostError{err: err} }

// unexpected is an answer that is none of ours.
func unexpected(err error) error {
	return &node.Error{Kind: node.Internal, Message: fmt.Sprintf("the node's answer cannot be read: %v", err),
		Hint: "the node and this program may be of different versions: restart verbale serve"}
}
