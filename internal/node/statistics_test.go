package node

import (
	"encoding/json/v2"
	"testing"
	"time"

	"verbale/internal/docket"
)

// A peer may date a receipt in the last second that a text can name. The figures of its link are of an instant that a text can name, too.
func TestFiguresAreOfATimeThatCanBeWritten(t *testing.T) {
	now := time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC)
	held := []docket.Held{{Receipts: []docket.Receipt{{Size: 1, At: time.Unix(lastSecond, 0)}}}}
	at := asOf(time.Time{}, now, held)
	if _, err := json.Marshal(at); err != nil || at.Unix() != lastSecond {
		t.Errorf("%v: %v", at, err)
	}
	if at := asOf(time.Time{}, now, nil); !at.Equal(now.Add(time.Second)) {
		t.Error(at)
	}
}
