package exchange

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"verbale/outbox"
)

const magic = "verbale/batch/v1\n"

// An Entry is one leaf and its stored content. Content is nil where it was erased (pull only, X-15).
type Entry struct {
	Leaf    []byte
	Content []byte
}

// A Batch is a run of entries of one outbox that ends at a checkpoint (spec/exchange.md §3).
type Batch struct {
	Start   int64
	Entries []Entry
	Note    []byte // the signed checkpoint over Start+len(Entries) entries
}

// Size is the number of bytes that Encode writes.
func (b *Batch) Size() int64 {
	n := int64(headerBytes + 2 + len(b.Note))
	for _, e := range b.Entries {
		n += EntrySize(len(e.Leaf), len(e.Content))
	}
	return n
}

// EntrySize is what one entry takes in a batch.
func EntrySize(leaf, content int) int64 { return int64(2 + leaf + 4 + content) }

// Encode writes the batch. It refuses what no reader would take.
func (b *Batch) Encode(w io.Writer) error {
	if err := b.check(); err != nil {
		return err
	}
	head := make([]byte, 0, headerBytes)
	head = append(head, magic...)
	head = binary.BigEndian.AppendUint64(head, uint64(b.Start))        // #nosec G115 -- check() refuses negatives
	head = binary.BigEndian.AppendUint32(head, uint32(len(b.Entries))) // #nosec G115 -- at most MaxBatchEntries
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, e := range b.Entries {
		if err := writeEntry(w, e); err != nil {
			return err
		}
	}
	return writeSized(w, 2, b.Note)
}

func writeEntry(w io.Writer, e Entry) error {
	if err := writeSized(w, 2, e.Leaf); err != nil {
		return err
	}
	return writeSized(w, 4, e.Content)
}

// writeSized writes a big-endian length of width bytes, then data. Lengths were checked before.
func writeSized(w io.Writer, width int, data []byte) error {
	var l [4]byte
	binary.BigEndian.PutUint32(l[:], uint32(len(data))) // #nosec G115 -- at most MaxContentBytes
	if _, err := w.Write(l[4-width:]); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}

func (b *Batch) check() error {
	if err := checkSpan(uint64(b.Start), uint64(len(b.Entries))); err != nil { // #nosec G115 -- a negative start is out of range, too
		return err
	}
	switch {
	case len(b.Note) == 0:
		return Refuse(Malformed, "X-14", nil, "a batch ends with a checkpoint, this one has none")
	case len(b.Note) > MaxNoteBytes:
		return Refuse(TooLarge, "X-14", nil, "a checkpoint has at most %d bytes, this one has %d", MaxNoteBytes, len(b.Note))
	}
	for i, e := range b.Entries {
		if len(e.Leaf) == 0 {
			return Refuse(Malformed, "X-14", nil, "entry %d of the batch has no leaf", i)
		}
		if len(e.Leaf) > MaxLeafBytes || len(e.Content) > MaxContentBytes {
			return Refuse(TooLarge, "X-14", nil, "entry %d of the batch has a leaf of %d and a content of %d bytes; at most %d and %d are allowed",
				i, len(e.Leaf), len(e.Content), MaxLeafBytes, MaxContentBytes)
		}
	}
	if n := b.Size(); n > MaxBatchBytes {
		return Refuse(TooLarge, "X-14", nil, "the batch has %d bytes, at most %d are allowed: send fewer entries at a time", n, MaxBatchBytes)
	}
	return nil
}

// checkSpan refuses a run of entries that no outbox has, or that is too long for one batch.
func checkSpan(start, count uint64) error {
	switch {
	case count == 0:
		return Refuse(Malformed, "X-14", nil, "a batch has at least one entry, this one has none")
	case count > MaxBatchEntries:
		return Refuse(TooLarge, "X-14", nil, "a batch has at most %d entries, this one has %d", MaxBatchEntries, count)
	case start > outbox.MaxSize-count:
		return Refuse(TooLarge, "X-14", nil, "no outbox has entries from %d on (O-7)", uint64(outbox.MaxSize))
	}
	return nil
}

// ReadBatch reads exactly one batch from r and refuses anything after it. It never buffers more than the limits allow
// and allocates
// for bytes that have not come at most 64 KiB, or as much again as has come.
func ReadBatch(r io.Reader) (*Batch, error) {
	d := &decoder{r: r, left: MaxBatchBytes}
	if string(d.bytes(len(magic))) != magic {
		return nil, d.fail("it does not begin with %q", magic)
	}
	start := d.uint(8)
	count := d.uint(4)
	if d.err != nil {
		return nil, d.fail("it is cut short")
	}
	if err := checkSpan(start, count); err != nil {
		return nil, err
	}
	b := &Batch{Start: int64(start)} // #nosec G115 -- bounded above
	for i := uint64(0); i < count && d.err == nil; i++ {
		leaf := d.sized(2, MaxLeafBytes)
		if content := d.sized(4, MaxContentBytes); len(content) > 0 {
			b.Entries = append(b.Entries, Entry{Leaf: leaf, Content: content})
		} else {
			b.Entries = append(b.Entries, Entry{Leaf: leaf})
		}
	}
	b.Note = d.sized(2, MaxNoteBytes)
	if d.err != nil {
		return nil, d.fail("it is cut short")
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	return b, nil
}

// decoder keeps the first error and a budget of bytes.
type decoder struct {
	r    io.Reader
	left int64
	err  error
}

// tooLarge is how the decoder tells a breach of a limit from a broken stream.
var errTooLarge = errors.New("over the limit")

func (d *decoder) bytes(n int) []byte {
	if d.err != nil {
		return nil
	}
	if d.left -= int64(n); d.left < 0 {
		d.err = errTooLarge
		return nil
	}
	if n <= step {
		buf := make([]byte, n)
		_, d.err = io.ReadFull(d.r, buf)
		return buf
	}
	return d.long(n)
}

// long reads in growing steps, so that a length without its bytes costs the sender, not us.
func (d *decoder) long(n int) []byte {
	var buf []byte
	for len(buf) < n && d.err == nil {
		grown := make([]byte, min(max(step, 2*len(buf)), n))
		_, d.err = io.ReadFull(d.r, grown[copy(grown, buf):])
		buf = grown
	}
	return buf
}

func (d *decoder) uint(width int) uint64 {
	var v uint64
	for _, c := range d.bytes(width) {
		v = v<<8 | uint64(c)
	}
	return v
}

func (d *decoder) sized(width, limit int) []byte {
	n := d.uint(width)
	if d.err == nil && n > uint64(limit) { // #nosec G115 -- limits are positive constants
		d.err = errTooLarge
	}
	if d.err != nil {
		return nil
	}
	return d.bytes(int(n)) // #nosec G115 -- bounded by limit
}

func (d *decoder) end() error {
	var one [1]byte
	n, err := io.ReadFull(d.r, one[:])
	switch {
	case n > 0:
		return Refuse(Malformed, "X-14", nil, "bytes follow the checkpoint of the batch")
	case errors.Is(err, io.EOF):
		return nil
	}
	d.err = err
	return d.fail("its end did not come")
}

func (d *decoder) fail(format string, args ...any) error {
	if errors.Is(d.err, errTooLarge) {
		return Refuse(TooLarge, "X-14", d.err, "the batch is over a limit: at most %d bytes, %d entries, %d bytes a leaf, %d a content",
			MaxBatchBytes, MaxBatchEntries, MaxLeafBytes, MaxContentBytes)
	}
	return Refuse(Malformed, "X-14", d.err, "the batch cannot be read: %s", fmt.Sprintf(format, args...))
}
