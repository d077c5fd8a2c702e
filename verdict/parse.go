package verdict

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// Parse reads a bundle by B-1: its form only, no signature is checked and
// nothing is concluded. Order and white space do not matter.
func Parse(b []byte) (*Bundle, error) {
	if len(b) > MaxBundle {
		return nil, tooLarge(len(b))
	}
	r := reader{d: jsontext.NewDecoder(bytes.NewBuffer(b))}
	var out Bundle
	version := ""
	err := r.object(func(name string) (err error) {
		switch name {
		case "verbale":
			version, err = r.text()
		case "profiles":
			err = r.array(name, MaxProfiles, func() error { return addTo(&out.Profiles, r.text) })
		case "witnesses":
			err = r.array(name, MaxWitnesses, func() error { return addTo(&out.Witnesses, r.text) })
		case "checkpoints":
			err = r.array(name, MaxCheckpoints, func() error { return addTo(&out.Checkpoints, r.text) })
		case "records":
			err = r.array(name, MaxRecords, func() error { return addTo(&out.Records, r.exhibit) })
		case "forks":
			err = r.array(name, MaxForks, func() error { return addTo(&out.Forks, r.fork) })
		case "beats":
			pulses := 0
			err = r.array(name, MaxBeats, func() error { return addTo(&out.Beats, func() (BeatExhibit, error) { return r.beats(&pulses) }) })
		default:
			err = r.unknown(name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := r.d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fail(KindForm, "bundle", "B-1", "the file goes on after the end of the bundle; it was damaged or put together wrongly")
	}
	if version != Version {
		return nil, fail(KindForm, "verbale", "B-1", "expected %q, got %s; it is another file, or needs a newer verifier", Version, brief(version))
	}
	if err := out.check(); err != nil {
		return nil, err
	}
	return &out, nil
}

func addTo[T any](list *[]T, read func() (T, error)) error {
	v, err := read()
	*list = append(*list, v)
	return err
}

// A reader reads JSON token by token, so that nothing is held that is too
// many, and so that null and empty arrays are seen.
type reader struct{ d *jsontext.Decoder }

// item names what was read last, as "records[3].proof[2]".
func (r reader) item() string { return itemOf(r.d.StackPointer()) }

func itemOf(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		_, err := strconv.ParseUint(token, 10, 32)
		switch {
		case err == nil && b.Len() > 0:
			b.WriteString("[" + token + "]")
		case b.Len() > 0:
			b.WriteString("." + nameIn(token))
		default:
			b.WriteString(nameIn(token))
		}
	}
	if b.Len() == 0 {
		return "bundle"
	}
	return b.String()
}

// nameIn keeps the names of members that a bundle can have.
func nameIn(token string) string {
	if len(token) > maxBrief || strings.Trim(token, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "?"
	}
	return token
}

// next reads a token of the wanted kind.
func (r reader) next(kind jsontext.Kind, want string) (jsontext.Token, error) {
	t, err := r.d.ReadToken()
	if err != nil {
		return t, r.broken(err)
	}
	if t.Kind() != kind {
		return t, fail(KindForm, r.item(), "B-1", "expected %s, got %s", want, t.Kind())
	}
	return t, nil
}

// broken is the error for what is no JSON, or has a member twice.
func (r reader) broken(err error) error {
	item := r.item()
	if at, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		item = itemOf(at.JSONPointer)
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return fail(KindForm, item, "B-1", "the member stands twice; every member stands once")
	}
	return fail(KindForm, item, "B-1", "expected one JSON document in UTF-8; the file is cut off, damaged, or no bundle")
}

func (r reader) unknown(name string) error {
	return fail(KindForm, "bundle", "B-1", "the member %s is not known; it needs a newer verifier, or was added by somebody", brief(name))
}

func (r reader) text() (string, error) {
	t, err := r.next('"', "a text")
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// number reads plain decimal digits.
func (r reader) number() (int64, error) {
	t, err := r.next('0', "a number")
	if err != nil {
		return 0, err
	}
	s := t.String()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strings.Trim(s, "0123456789") != "" || n >= maxIndex {
		return 0, fail(KindForm, r.item(), "B-1", "expected an integer from 0 to 2^40 - 1 in plain digits, got %s", brief(s))
	}
	return n, nil
}

func (r reader) object(member func(name string) error) error {
	if _, err := r.next('{', "an object"); err != nil {
		return err
	}
	for r.d.PeekKind() != '}' {
		name, err := r.next('"', "the name of a member")
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := r.next('}', "the end of the object")
	return err
}

func (r reader) array(name string, most int, element func() error) error {
	if _, err := r.next('[', "an array"); err != nil {
		return err
	}
	n := 0
	for r.d.PeekKind() != ']' {
		if n++; n > most {
			return tooMany(name, most)
		}
		if err := element(); err != nil {
			return err
		}
	}
	if n == 0 {
		return fail(KindForm, r.item(), "B-1", "the array is empty; an empty array is left out")
	}
	_, err := r.next(']', "the end of the array")
	return err
}

// fixed reads padded standard base64 of n bytes.
func (r reader) fixed(n int) ([]byte, error) {
	s, err := r.text()
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != n || len(s) != base64.StdEncoding.EncodedLen(n) {
		return nil, fail(KindForm, r.item(), "B-1", "expected padded standard base64 of %d bytes, got %s", n, brief(s))
	}
	return b, nil
}

// proof reads an array of hashes.
func (r reader) proof() (proof [][32]byte, err error) {
	err = r.array("proof", MaxBundle, func() error { return addTo(&proof, r.hash) })
	return proof, err
}

func (r reader) hash() (hash [32]byte, err error) {
	b, err := r.fixed(len(hash))
	if err != nil {
		return hash, err
	}
	return [32]byte(b), nil
}

func (r reader) exhibit() (e Exhibit, err error) {
	const wanted = 3 // checkpoint, index, record
	found := 0
	err = r.object(func(name string) (err error) {
		found++
		switch name {
		case "checkpoint":
			var n int64
			n, err = r.number()
			e.Checkpoint = int(min(n, MaxCheckpoints)) // no bundle has as many, so it stays wrong
		case "index":
			e.Index, err = r.number()
		case "proof":
			found--
			e.Proof, err = r.proof()
		case "record":
			e.Record, err = r.text()
		default:
			err = r.unknown(name)
		}
		return err
	})
	if err == nil && found != wanted {
		err = fail(KindForm, r.item(), "B-1", "a record has the members checkpoint, index and record; one is missing")
	}
	return e, err
}

func (r reader) fork() (f ForkExhibit, err error) {
	const wanted = 2 // a, b
	found := 0
	err = r.object(func(name string) (err error) {
		found++
		switch name {
		case "a":
			f.A, err = r.text()
		case "b":
			f.B, err = r.text()
		case "proof":
			found--
			f.Proof, err = r.proof()
		default:
			err = r.unknown(name)
		}
		return err
	})
	if err == nil && found != wanted {
		err = fail(KindForm, r.item(), "B-1", "a fork has the members a and b; one is missing")
	}
	return f, err
}

// beats reads the beats of one party over one head, and counts them.
func (r reader) beats(pulses *int) (x BeatExhibit, err error) {
	const wanted = 3 // by, head, beats
	found := 0
	err = r.object(func(name string) (err error) {
		found++
		switch name {
		case "by":
			x.By, err = r.text()
		case "head":
			x.Head, err = r.text()
		case "beats":
			err = r.array(name, MaxBeats-*pulses, func() error { return addTo(&x.Beats, r.pulse) })
			*pulses += len(x.Beats)
		default:
			err = r.unknown(name)
		}
		return err
	})
	if err == nil && found != wanted {
		err = fail(KindForm, r.item(), "B-1", "beats have the members by, head and beats; one is missing")
	}
	return x, err
}

// pulse reads a time and a signature.
func (r reader) pulse() (p Pulse, err error) {
	if _, err := r.next('[', "an array of a time and a signature"); err != nil {
		return p, err
	}
	if p.Time, err = r.time(); err != nil {
		return p, err
	}
	b, err := r.fixed(len(p.Signature))
	if err != nil {
		return p, err
	}
	p.Signature = [64]byte(b)
	if r.d.PeekKind() != ']' {
		return p, fail(KindForm, r.item(), "B-1", "a beat is an array of two, a time and a signature; there is more")
	}
	_, err = r.next(']', "the end of the beat")
	return p, err
}

// pulseTime is the one form of times of beats.
const pulseTime = "2006-01-02T15:04:05Z"

func (r reader) time() (time.Time, error) {
	s, err := r.text()
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(pulseTime, s)
	if err != nil || t.Unix() < 1 || t.Format(pulseTime) != s {
		return time.Time{}, fail(KindForm, r.item(), "B-1", "expected a time as 2026-07-12T09:00:00Z, got %s", brief(s))
	}
	return t, nil
}
