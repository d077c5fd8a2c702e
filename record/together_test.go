package record

import (
	"encoding/json/jsontext"
	"strings"
	"testing"
)

// What the notes of acts.md say about several fields: each line breaks one of them in an example that is right without it.
func TestTogetherRefuses(t *testing.T) {
	late, early := quote("2027-01-01T00:00:00Z"), quote("2026-07-01T00:00:00Z")

	for _, c := range []struct {
		act, kind, field string
		value            jsontext.Value
		says             string
	}{
		{"appeal", "mitigate", "requested_action", nil, "mandatory and missing"},
		{"appeal", "mitigate", "reply_by", nil, "mandatory and missing"},
		{"appeal", "mitigate", "harm", nil, "after UN norm 13(h)"},
		{"appeal", "preserve", "full_request_by", nil, "after ETS 185 art. 29(2)(f)"},
		{"appeal", "notice", "reply_by", late, "asks for no reply"},
		{"appeal", "protected-objects", "reply_by", late, "asks for no reply"},
		{"appeal", "protected-objects", "valid_until", early, "later than valid_from"},
		{"appeal", "clarify", "expires_at", early, "later than acknowledge_by"},
		{"appeal", "clarify", "redirected_from", Ref{Outbox: "a.example/to/b.example/1"}.JSON(), "first_made_at: the field is mandatory"},
		{"appeal", "clarify", "first_made_at", late, "later than first_made_at"},
		{"appeal", "preserve", "preserve_until", early, "later than full_request_by"},
		{"appeal", "preserve-extend", "preserve_until", early, "later than released_at"},
		{"appeal", "hold-off", "hold_until", early, "later than released_at"},
		{"appeal", "emergency-data", "urgency", quote("urgent"), "emergencies only"},
		{"appeal", "consult", "level", nil, "mandatory and missing"},
		{"appeal", "suppress", "infrastructure", nil, "suspects: the field is mandatory (after 1999 MLAT)"},
		{"appeal", "freeze-assets", "swift_reference", nil, "after FFKC"},
		{"appeal", "freeze-assets", "chain", quote("tron"), "belongs to the other asset_form"},
		{"appeal", "freeze-assets", "asset_form", quote("chain"), "after T3 FCU"},
		{"appeal", "freeze-assets", "amount", quote("12,5"), "of the form \"amount\""},
		{"appeal", "subscriber", "identifiers", jsontext.Value(`[{"port":1,"type":"ipv4","value":"192.0.2.1"}]`), "needs seen_at"},
		{"appeal", "subscriber", "identifiers", jsontext.Value(`[{"seen_at":"2026-07-12T09:00:00Z","type":"ipv4","value":"192.0.2.1"}]`), "needs its source port"},
		{"appeal", "subscriber", "identifiers", jsontext.Value(`[{"type":"ipv6","value":"2001:db8::1"}]`), "needs seen_at"},
		{"accept", "", "extent", quote("conditions"), "after ETS 185 art. 27(6)"},
		{"incomplete", "", "missing", jsontext.Value(`["No Field"]`), "of the form \"name\""},
		{"directory", "", "review_by", early, "later than released_at"},
		{"directory", "", "max_lag", quote("soon"), "of the form \"span\" (as 30m, 4h, 2d, or 10wd for working days)"},
		{"arrangement", "", "until", early, "later than in_force_from"},
		{"arrangement", "", "retention", quote("0d"), "of the form \"span\""},
		{"arrangement", "", "calendars", jsontext.Value(`[{"closes":"25:00","days":"mon","opens":"08:00","party":"a.example"}]`), "of the form \"hour\""},
		{"arrangement", "", "calendars", jsontext.Value(`[{"closes":"24:00","days":"tue mon","opens":"08:00","party":"a.example"}]`), "of the form \"days\""},
		{"arrangement", "", "holidays", jsontext.Value(`[{"date":"2026-02-30","party":"a.example"}]`), "of the form \"date\""},
	} {
		f := Example(c.act, c.kind, testTime)
		if c.value == nil {
			delete(f, c.field)
		} else {
			f[c.field] = c.value
		}
		var all []string
		for _, p := range f.Problems() {
			all = append(all, p.Error())
		}
		if got := strings.Join(all, "\n"); !strings.Contains(got, c.says) {
			t.Errorf("%s %s, %s: %s; it says %q, want %q", c.act, c.kind, c.field, c.value, got, c.says)
		}
	}
}

// What is allowed although it looks odd.
func TestTogetherAllows(t *testing.T) {
	for _, c := range []struct{ act, kind, field, value string }{
		{"appeal", "notice", "requested_action", `"Nothing."`},
		{"appeal", "mitigate", "level", `"judicial"`},
		{"appeal", "subscriber", "identifiers", `[{"type":"account","value":"someone"}]`},
		{"appeal", "subscriber", "identifiers", `[{"seen_at":"2026-07-12T09:00:00Z","type":"ipv6","value":"2001:db8::1"}]`},
		{"arrangement", "", "calendars", `[{"closes":"24:00","days":"mon wed sun","opens":"00:00","party":"a.example"}]`},
		{"arrangement", "", "retention", `"9999wd"`},
	} {
		f := Example(c.act, c.kind, testTime)
		f[c.field] = jsontext.Value(c.value)
		if err := f.Check(); err != nil {
			t.Errorf("%s %s, %s: %s: %v", c.act, c.kind, c.field, c.value, err)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for s, want := range map[string]int{"30m": 30, "4h": 4, "2d": 2, "10wd": 10, "9999wd": 9999} {
		if n, unit, err := ParseSpan(s); n != want || !strings.HasSuffix(s, string(unit)) || err != nil {
			t.Errorf("%s: %d %s %v", s, n, unit, err)
		}
	}
	for _, s := range []string{"", "h", "4", "0h", "04h", "-1h", "10000d", "4w", "4 h", "4hh", "1.5h"} {
		if _, _, err := ParseSpan(s); err == nil {
			t.Errorf("%q is a span", s)
		}
	}
}
