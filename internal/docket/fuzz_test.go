package docket

import (
	"bytes"
	"testing"
	"time"

	"verbale/record"
)

// Whatever an arrangement holds, its clocks end, and not before they begin.
func FuzzTerms(f *testing.F) {
	f.Add([]byte(record.Example(ActArrangement, "", morning).JSON()), 10, "mitigate", "routine")
	f.Add([]byte(`{"calendars":[{"closes":"24:00","days":"sun","party":"csirt.bb.example"}],"holidays":[{"date":"2026-07-19","party":"csirt.bb.example"}]}`), 9999, "x", "")
	f.Add([]byte(`{"calendars":[{"days":"","party":"csirt.bb.example"},{"days":"never"}],"kinds":[{"kind":"mitigate","reply":"9999wd"},7]}`), 1, "mitigate", "routine")
	f.Fuzz(func(t *testing.T, raw []byte, n int, kind, urgency string) {
		fields, err := record.ParseDraft(raw)
		if err != nil {
			return
		}
		terms := TermsOf(fields)
		for _, unit := range []record.Unit{record.Minutes, record.Hours, record.Days, record.WorkingDays} {
			if end := terms.add(morning, Clock{1 + n&0x3fff, unit}, partyB); end.Before(morning) {
				t.Fatalf("%d %s end at %s", n, unit, end)
			}
		}
		if ack, reply := terms.Deadlines(kind, urgency, partyB, morning); !ack.IsZero() && ack.Before(morning) || !reply.IsZero() && reply.Before(morning) {
			t.Fatalf("%s: %s, %s", kind, ack, reply)
		}
	})
}

// A stored case that can be read is written again as it was read, and folds on without harm.
func FuzzParseCase(f *testing.F) {
	for _, line := range []string{"A:appeal(mitigate) B:incomplete(law) A:supplement~2", "A:arrangement(1) B:agree", "A:ack@0"} {
		h := read(f, line)
		for _, c := range fold(h.entries) {
			raw, err := c.Marshal()
			must(f, err)
			f.Add(raw)
		}
	}
	h := read(f, "A:appeal(mitigate) B:ack")
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ParseCase(raw)
		if err != nil {
			return
		}
		first, err := c.Marshal()
		must(t, err)
		again, err := ParseCase(first)
		must(t, err)
		second, err := again.Marshal()
		must(t, err)
		if !bytes.Equal(first, second) {
			t.Fatalf("%s becomes %s", first, second)
		}
		for _, e := range h.entries {
			Apply(c, e).View(Marks{Received: morning}, Terms{}, morning.Add(time.Hour))
		}
		c.Index()
	})
}
