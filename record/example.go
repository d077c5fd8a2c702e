package record

import (
	"encoding/json/jsontext"
	"strings"
	"time"
)

// Example returns a full draft of an act, and of a kind where the act is an appeal, as it could be released at a time: every mandatory field, and
// those that its conditions ask for. Texts say which field they stand in, addresses are of the blocks for documentation, references name a
// record that does not exist. It is for documentation, for the first look of a form, and for tests; nil for what is not [Known].
func Example(act, kind string, at time.Time) Fields {
	specs := Schema(act, kind)
	if specs == nil {
		return nil
	}
	f, times := Fields{}, at.Add(time.Hour)
	for i := range specs {
		s := &specs[i]
		if s.Need != Mandatory && !exampleNeeds(s.Name, act, kind) {
			continue
		}
		v := s.example(times, at)
		if s.Type == TypeTime {
			times = times.Add(time.Hour) // each later than the one before it in the table
		}
		if s.List > 0 {
			f.SetList(s.Name, []jsontext.Value{v})
		} else {
			f[s.Name] = v
		}
	}
	f.SetText("act", act)
	f.SetTime("drafted_at", at)
	f.SetTime("released_at", at)
	exampleWords(f, kind, at)
	return f
}

// exampleWords puts in the words and times that a draft cannot take from the table alone.
func exampleWords(f Fields, kind string, at time.Time) {
	switch f.Text("act") {
	case "appeal":
		f.SetText("kind", kind)
		ack, reply := Clocks(kind)
		f.SetTime("acknowledge_by", at.Add(ack))
		if !Silent(kind) {
			f.SetTime("reply_by", at.Add(reply))
		}
		if kind == "emergency-data" {
			f.SetText("urgency", "emergency")
			f.SetText("urgency_reason", "The life of a hostage is at risk.")
		}
	case "ping":
		f.SetText("class", "test")
	case "refuse":
		f.SetText("code", "no-data")
	default:
		return
	}
	if f["class"] == nil {
		f.SetText("class", "substantive")
	}
}

// exampleNeeds tells whether a condition asks for a field in the example.
func exampleNeeds(name, act, kind string) bool {
	switch name {
	case "requested_action", "reply_by":
		return !Silent(kind)
	case "infrastructure":
		return kind == "suppress"
	case "level":
		return kind == "consult" || act == "escalate"
	case "profile_file":
		return true
	}
	for _, bank := range bankFields {
		if name == bank {
			return kind == "freeze-assets"
		}
	}
	return false
}

// example is one value, an element's where the field is a list. What is asked for is at at, what was seen before past.
func (s *FieldSpec) example(at, past time.Time) jsontext.Value {
	switch s.Type {
	case TypeTime:
		return quote(at.UTC().Format(timeForm))
	case TypeWord:
		return quote(s.Words[exampleWord(s.Name)])
	case TypeBool:
		return jsontext.Value("false")
	case TypeInt:
		return jsontext.Value("1")
	case TypeBase64:
		return quote("aGVsbG8")
	case TypeRef:
		return Ref{Outbox: "csirt.bb.example/to/csirt.aa.example/1", Index: 12}.JSON()
	case TypeObservable:
		return Observable{Type: "ipv4", Value: "203.0.113.7", Port: 49152, SeenAt: past.Add(-time.Hour)}.JSON()
	case TypeKeys:
		return jsontext.Value(`{"record":"AAAA"}`)
	case TypeText, TypeLong:
		return quote(s.exampleText())
	}
	o := Fields{}
	for i := range s.Members {
		if m := &s.Members[i]; m.Need == Mandatory {
			o[m.Name] = m.example(at, past)
		}
	}
	return o.JSON()
}

// exampleWord is the place of the word that an example takes: substantive of the classes, amber of the markings.
func exampleWord(name string) int {
	switch name {
	case "class", "tlp":
		return 2
	}
	return 0
}

func (s *FieldSpec) exampleText() string {
	switch s.Form {
	case FormLanguage:
		return "en"
	case FormDigest:
		return b64.EncodeToString(make([]byte, digestBytes))
	case FormCountry:
		return "AA"
	case FormEndpoint:
		return "https://node.example:8443"
	case FormMonth:
		return "2026-06"
	case FormDate:
		return "2026-08-15"
	case FormHour:
		return "08:00"
	case FormDays:
		return "mon tue wed thu fri"
	case FormSpan:
		return "2d"
	case FormAmount:
		return "50000.00"
	case FormWord:
		return "mitigate"
	case FormName:
		return "subject"
	}
	text := "Example of " + strings.ReplaceAll(s.Name, "_", " ") + "."
	if len(text) > s.Max {
		text = text[:s.Max]
	}
	return text
}
