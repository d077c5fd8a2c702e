package record

import "encoding/json/jsontext"

// An Attachment is a file that goes with an appeal (acts.md §2).
type Attachment struct {
	Name      string
	MediaType string
	Data      []byte
}

// JSON returns the RFC 8785 form.
func (a Attachment) JSON() jsontext.Value {
	b := make([]byte, 0, b64.EncodedLen(len(a.Data))+len(a.Name)+len(a.MediaType)+64)
	b = append(b, `{"data":"`...)
	b = b64.AppendEncode(b, a.Data)
	b = append(b, `","media_type":`...)
	b = append(b, quote(a.MediaType)...)
	b = append(b, `,"name":`...)
	b = append(b, quote(a.Name)...)
	return append(b, '}')
}

// Attachments returns the attachments of an appeal, without those that are
// none.
func (f Fields) Attachments(name string) []Attachment {
	spec := find(&[3][]FieldSpec{appealFields}, "attachments")
	var list []Attachment
	for _, v := range f.List(name) {
		c := cursor{b: v}
		got, err := spec.readObject(&c)
		if err != nil {
			continue
		}
		var a Attachment
		data := got[0][1 : len(got[0])-1]
		a.Data, _ = decode64(nil, data)
		a.MediaType, _ = unquote(got[1])
		a.Name, _ = unquote(got[2])
		list = append(list, a)
	}
	return list
}
