package console

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/internal/testbed"
)

// What a door costs, which every command without serve makes anew.
func BenchmarkNewDoor(b *testing.B) {
	for b.Loop() {
		newDoor(nil, quiet())
	}
}

// What calls cost with a token, without a wire.
func BenchmarkCalls(b *testing.B) {
	bed := testbed.New(b)
	x, y := bed.Party("aurelia.example"), bed.Party("borea.example")
	bed.Link(x, y)
	for range 200 {
		x.Appeal(y, "clarify")
	}
	at := time.Unix(0, 0)
	h := NewAPI(x.Node, quiet(), func() time.Time { at = at.Add(time.Second); return at })
	_, secret, err := x.Node.CreateToken(b.Context(), node.TokenRequest{Name: "bench", Scopes: node.Scopes()})
	if err != nil {
		b.Fatal(err)
	}
	draft := string(x.Draft("clarify").JSON())
	for _, c := range []struct{ name, method, path, body string }{
		{"self", "GET", pathSelf, ""}, {"hundred cases", "GET", pathCases + "?limit=100", ""}, {"case", "GET", pathCase + "?outbox=aurelia.example/to/borea.example/1&index=7", ""},
		{"file", "POST", pathRecords, `{"party":"borea.example","draft":` + draft + `}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if w := askWith(b, h, secret, c.method, c.path, c.body); w.Code != http.StatusOK {
					b.Fatal(strconv.Itoa(w.Code) + w.Body.String())
				}
			}
		})
	}
}
