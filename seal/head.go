package seal

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// A Head is the text of a checkpoint: so many entries with this root (K-8).
type Head struct {
	Origin string
	Size   int64
	Root   [32]byte
}

// Text gives the three lines that are signed.
func (h Head) Text() string {
	return h.Origin + "\n" + strconv.FormatInt(h.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(h.Root[:]) + "\n"
}

// ParseHead reads the text of a checkpoint by K-8; Text gives back exactly text.
func ParseHead(text string) (Head, error) {
	if len(text) > maxText {
		return Head{}, fail(Malformed, "K-8", "a checkpoint's text has at most %d bytes, this one has %d", maxText, len(text))
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Head{}, fail(Malformed, "K-8", "want three lines (origin, size, root), each ended, and no extension lines")
	}
	if _, err := ParseOrigin(lines[0]); err != nil {
		return Head{}, err
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || !isDecimal(lines[1]) || size > maxSize {
		return Head{}, fail(Malformed, "K-8", "size %.30q: want a decimal number from 0 to 2^40 without leading zeros", lines[1])
	}
	h := Head{Origin: lines[0], Size: size}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(h.Root) {
		return Head{}, fail(Malformed, "K-8", "root %.60q: want padded standard base64 of 32 bytes", lines[2])
	}
	copy(h.Root[:], root)
	if h.Text() != text { // the decoder passes over carriage returns
		return Head{}, fail(Malformed, "K-8", "root %.60q: want padded standard base64 of 32 bytes and nothing else", lines[2])
	}
	return h, nil
}

// check refuses a head that was put together by hand and breaks K-8.
func (h Head) check() error {
	_, err := ParseHead(h.Text())
	return err
}
