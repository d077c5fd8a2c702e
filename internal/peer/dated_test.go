package peer

import (
	"reflect"
	"strings"
	"testing"

	"verbale/internal/exchange"
)

// anchor is one dating of the right form; what it says is not looked at on the wire.
func anchor(size int64) exchange.Anchor {
	return exchange.Anchor{Index: 7, Note: []byte("o\n9\nroot\n\n— o sig\n"), Proof: [][32]byte{{1}, {2}}, Record: "leaf~", Size: size, Witnesses: []string{"w+1+k"}}
}

func TestDatedCrosses(t *testing.T) {
	r := start(t)
	c := r.client(t)
	const origin = "outbox:kisa.kr/jpcert.jp/1 &after=0"
	if got, err := c.Dated(t.Context(), origin, 0); err != nil || len(got) != 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}
	r.desk.datings = []exchange.Anchor{anchor(3), anchor(9)}
	if got, err := c.Dated(t.Context(), origin, 3); err != nil || !reflect.DeepEqual(got, r.desk.datings) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, asked := range r.desk.asked {
		if asked != origin {
			t.Errorf("the desk was asked for %q", asked)
		}
	}
	r.desk.datings[1].Proof = nil
	if _, err := c.Dated(t.Context(), origin, 3); exchange.KindOf(err) != exchange.Internal {
		t.Errorf("a desk that gives what cannot be sent: %v", err)
	}
	for _, kind := range exchange.Kinds() {
		r.desk.fault = problemOf(kind)
		if _, err := c.Dated(t.Context(), origin, 3); exchange.KindOf(err) != kind {
			t.Errorf("%s came back as %v", kind, err)
		}
	}
}

func TestDatedIsAskedExactly(t *testing.T) {
	r := start(t, brisk)
	for _, target := range []string{"/v1/dated", "/v1/dated?origin=o", "/v1/dated?after=1", "/v1/dated?origin=o&after=-1", "/v1/dated?origin=o&after=x",
		"/v1/dated?origin=o&after=01", "/v1/dated?origin=o&after=1&after=1", "/v1/dated?origin=o&after=1&x=1"} {
		r.say(t, "GET", strings.NewReader("GET "+target+" HTTP/1.1\r\nHost: x\r\n\r\n")).want(t, exchange.Malformed)
	}
	r.say(t, "POST", strings.NewReader("POST /v1/dated?origin=o&after=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")).want(t, exchange.Malformed)
}

// An answer that no node would give is malformed or too large, and never taken for a success.
func TestStrangeDatings(t *testing.T) {
	for name, c := range map[string]struct {
		status      int
		contentType string
		body        string
		want        exchange.Kind
	}{
		"no content":     {204, datingsType, "", exchange.Malformed},
		"another type":   {200, noteType, `{"datings":[]}`, exchange.Malformed},
		"empty":          {200, datingsType, "", exchange.Malformed},
		"no list":        {200, datingsType, "{}", exchange.Malformed},
		"more than that": {200, datingsType, `{"datings":[],"more":true}`, exchange.Malformed},
		"endless":        {200, datingsType, strings.Repeat(" ", exchange.MaxDatingsBytes+1), exchange.TooLarge},
		"fine":           {200, datingsType, `{"datings":[]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := stranger(t, answering(c.status, c.contentType, strings.NewReader(c.body)))
			if _, err := client.Dated(t.Context(), "o", 0); exchange.KindOf(err) != c.want || (err == nil) != (c.want == "") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
