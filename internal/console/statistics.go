package console

import (
	"context"
	"encoding/json/jsontext"
	"net/http"
	"net/url"
	"time"

	"verbale/internal/node"
)

func (d *door) aboutStatistics() {
	const tag, one = "links", pathLinks + "/{party}" + pathStats
	answer(d, tag, operation{id: "show-statistics", method: http.MethodGet, path: one, summary: "Counts the appeals of a link, as both sides can (spec/statistics.md)"}, d.statistics)
	answer(d, tag, operation{id: "compare-figures", method: http.MethodPost, path: one, summary: "Holds a figures file of the peer against our own copy", most: maxFigures}, d.compare)
}

// statisticsAsked is what figures are chosen by.
type statisticsAsked struct {
	Party   string    `path:"party" doc:"name of a party"`
	From    time.Time `query:"from" doc:"only appeals received from then on, as in RFC 3339"`
	To      time.Time `query:"to" doc:"only appeals received before"`
	AsOf    time.Time `query:"as_of" doc:"the figures as of this instant; left out, as of now"`
	Channel string    `query:"channel" doc:"only appeals on this channel"`
	Kind    string    `query:"kind" doc:"only appeals of this kind"`
	Class   string    `query:"class" doc:"only appeals of this class"`
}

func (h *handler) statistics(ctx context.Context, in *statisticsAsked) (node.Statistics, error) {
	return h.n.Statistics(ctx, in.Party, node.StatisticsQuery{From: in.From, To: in.To, AsOf: in.AsOf, Channel: in.Channel, Kind: in.Kind, Class: in.Class})
}

// FiguresFile is the body of "compare": what the peer's own call for statistics answers.
type FiguresFile struct {
	File jsontext.Value `json:"file"`
}

func (h *handler) compare(ctx context.Context, in *partyAnd[FiguresFile]) (node.Comparison, error) {
	return h.n.Compare(ctx, in.Party, in.Body.File)
}

// Statistics counts the appeals of a link.
func (c *Client) Statistics(ctx context.Context, party string, q node.StatisticsQuery) (s node.Statistics, err error) {
	v := url.Values{}
	for name, at := range map[string]time.Time{"from": q.From, "to": q.To, "as_of": q.AsOf} {
		if !at.IsZero() {
			v.Set(name, at.UTC().Format(time.RFC3339))
		}
	}
	for name, word := range map[string]string{"channel": q.Channel, "kind": q.Kind, "class": q.Class} {
		if word != "" {
			v.Set(name, word)
		}
	}
	return s, c.call(ctx, http.MethodGet, linkPath(party, pathStats)+"?"+v.Encode(), nil, &s)
}

// CompareStatistics holds a figures file of the peer against our own copy.
func (c *Client) CompareStatistics(ctx context.Context, party string, file []byte) (out node.Comparison, err error) {
	return out, c.call(ctx, http.MethodPost, linkPath(party, pathStats), FiguresFile{file}, &out)
}
