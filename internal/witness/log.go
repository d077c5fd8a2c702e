package witness

import (
	"context"
	"fmt"

	"verbale/internal/store"
	"verbale/seal"
)

// A LogError says why a log was not entered.
type LogError struct{ Text string }

// Error gives the sentence.
func (e *LogError) Error() string { return e.Text }

// AddLog makes the keys trusted for the log that they name, which must be a register (W-10, W-11). The same keys again are no error.
// It gives the origin.
func AddLog(ctx context.Context, s *store.Store, vkeys ...string) (origin string, err error) {
	var keys []seal.LogKey
	for _, vkey := range vkeys {
		key, err := seal.ParseLogKey(vkey)
		if err != nil {
			return "", &LogError{"this is no verifier key of a log: " + err.Error()}
		}
		o, err := seal.ParseOrigin(key.Name())
		if err != nil || o.Audience != seal.Public {
			return "", &LogError{fmt.Sprintf("%q is not the register of a party, which is like cert.example/to/%s/1; a witness sees registers only (W-10)", key.Name(), seal.Public)}
		}
		if len(keys) > 0 && key.Name() != keys[0].Name() {
			return "", &LogError{"the keys are of different logs; enter each log by itself"}
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return "", &LogError{"no key was given"}
	}
	origin = keys[0].Name()
	return origin, s.Update(ctx, func(tx *store.Tx) error { return enter(tx, origin, keys) })
}

// enter stores keys, at most one of each type for a log (W-11).
func enter(tx *store.Tx, origin string, keys []seal.LogKey) error {
	known, err := tx.WitnessKeys(origin)
	if err != nil {
		return err
	}
	for _, key := range keys {
		for _, vkey := range known {
			old, err := seal.ParseLogKey(vkey)
			if err != nil {
				return err
			}
			if key.SameKind(old) && key.String() != vkey {
				return &LogError{fmt.Sprintf("another key of the same type is trusted for %s; a party with new keys begins a new generation of its register, which has a name of its own", origin)}
			}
		}
		if err := tx.PutWitnessKey(origin, key.String()); err != nil {
			return err
		}
		known = append(known, key.String())
	}
	return nil
}

// Logs gives the logs that are known, and what was cosigned last of each (size 0 and no note where nothing was).
func Logs(ctx context.Context, s *store.Store) (logs []store.WitnessedLog, last []store.Witnessed, err error) {
	err = s.View(ctx, func(tx *store.Tx) error {
		if logs, err = tx.WitnessLogs(); err != nil {
			return err
		}
		for _, l := range logs {
			w, _, err := tx.Witnessed(l.Origin)
			if err != nil {
				return err
			}
			w.Origin = l.Origin
			last = append(last, w)
		}
		return nil
	})
	return logs, last, err
}
