package outbox

import (
	"encoding/base64"
	"strconv"
	"strings"

	"verbale/seal"
)

// How the lines of a C2SP tlog-proof begin (O-5).
const (
	proofHeader = "c2sp.org/tlog-proof@v1\n"
	extraPrefix = "extra "
	indexPrefix = "index "
)

// A Proof is an inclusion proof in a file of its own (O-5).
type Proof struct {
	Index  int64
	Hashes [][32]byte // from the leaf's sibling upward
	Extra  []byte     // said by nobody: it must not be trusted. Empty when the line is missing
	Note   []byte     // the signed checkpoint, word for word, unchecked
}

// FormatProof writes a proof, with the signed note of the checkpoint whose size it was made for.
func FormatProof(index int64, proof [][32]byte, note []byte) []byte {
	return Proof{Index: index, Hashes: proof, Note: note}.Format()
}

// Format writes the proof; ParseProof gives it back.
func (p Proof) Format() []byte {
	b := []byte(proofHeader)
	if len(p.Extra) > 0 {
		b = append(b, extraPrefix...)
		b = base64.StdEncoding.AppendEncode(b, p.Extra)
		b = append(b, '\n')
	}
	b = append(b, indexPrefix...)
	b = strconv.AppendInt(b, p.Index, 10)
	b = append(b, '\n')
	for _, h := range p.Hashes {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	return append(append(b, '\n'), p.Note...)
}

// ParseProof reads a proof. It says nothing about whether the proof holds: see [Proof.Check].
func ParseProof(b []byte) (Proof, error) {
	if len(b) > MaxProofFile {
		return Proof{}, fail(Malformed, "O-5", "a proof file has at most %d bytes, this one has %d", MaxProofFile, len(b))
	}
	rest, ok := strings.CutPrefix(string(b), proofHeader)
	if !ok {
		return Proof{}, fail(Malformed, "O-5", "want the first line %q", strings.TrimSpace(proofHeader))
	}
	head, note, ok := strings.Cut(rest, "\n\n")
	if !ok || note == "" {
		return Proof{}, fail(Malformed, "O-5", "want an empty line and the signed checkpoint after the hashes")
	}
	p := Proof{Note: []byte(note)}
	lines := strings.Split(head, "\n")
	if text, found := strings.CutPrefix(lines[0], extraPrefix); found {
		if p.Extra, ok = decode(text); !ok || len(p.Extra) == 0 {
			return Proof{}, fail(Malformed, "O-5", "the line extra: want padded standard base64, or no such line")
		}
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return Proof{}, fail(Malformed, "O-5", "want a line \"index <n>\"")
	}
	var err error
	if p.Index, err = parseIndex(lines[0]); err != nil {
		return Proof{}, err
	}
	if p.Hashes, err = parseHashes(lines[1:]); err != nil {
		return Proof{}, err
	}
	return p, nil
}

func parseIndex(line string) (int64, error) {
	text, ok := strings.CutPrefix(line, indexPrefix)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || n < 0 || n >= MaxSize || strconv.FormatInt(n, 10) != text {
		return 0, fail(Malformed, "O-5", "line %.40q: want \"index <n>\", a decimal number below 2^40 without leading zeros", line)
	}
	return n, nil
}

func parseHashes(lines []string) ([][32]byte, error) {
	if len(lines) > MaxProof {
		return nil, fail(Malformed, "O-5", "a proof has at most %d hashes, this one has %d", MaxProof, len(lines))
	}
	var hashes [][32]byte
	for _, line := range lines {
		h, ok := decode(line)
		if !ok || len(h) != 32 {
			return nil, fail(Malformed, "O-5", "line %.60q: want padded standard base64 of 32 bytes", line)
		}
		hashes = append(hashes, [32]byte(h))
	}
	return hashes, nil
}

// decode reads padded standard base64 without stray bits or line breaks.
func decode(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && base64.StdEncoding.EncodeToString(b) == s
}

// Check says whether the file proves that the leaf is in an outbox whose checkpoint is signed with these keys, and gives that
// checkpoint. It recomputes the leaf's hash and does not look at Extra. Whose the keys are, and whether the outbox is the one
// that was asked for, is for the caller to compare.
func (p Proof) Check(author seal.Keys, leaf []byte) (seal.Checkpoint, error) {
	cp, err := author.OpenCheckpoint(p.Note)
	if err != nil {
		return seal.Checkpoint{}, err
	}
	if err := CheckInclusion(p.Hashes, cp.Size, cp.Root, p.Index, LeafHash(leaf)); err != nil {
		return seal.Checkpoint{}, err
	}
	return cp, nil
}
