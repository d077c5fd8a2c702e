package record

import "encoding/base64"

// b64 is base64url without padding and with zero trailing bits.
var b64 = base64.RawURLEncoding.Strict()

// decode64 appends the bytes that src stands for. Unlike the standard library
// it refuses line breaks inside src.
func decode64(dst, src []byte) ([]byte, bool) {
	n := len(dst)
	want := b64.DecodedLen(len(src))
	dst, err := b64.AppendDecode(dst, src)
	if err != nil || len(src)%4 == 1 || len(dst)-n != want {
		return nil, false
	}
	return dst, true
}

// decode32 decodes a digest of 43 characters.
func decode32(src []byte) (d [digestBytes]byte, ok bool) {
	if len(src) != digestChars {
		return d, false
	}
	var buf [digestBytes + 1]byte
	n, err := b64.Decode(buf[:], src)
	copy(d[:], buf[:])
	return d, err == nil && n == digestBytes
}

// isSalt reports whether src is b64u of 16 bytes.
func isSalt(src []byte) bool {
	if len(src) != saltChars {
		return false
	}
	var buf [saltBytes + 1]byte
	n, err := b64.Decode(buf[:], src)
	return err == nil && n == saltBytes
}

// is64 reports whether src is base64url, without decoding it anywhere.
func is64(src []byte) bool {
	var last byte
	for _, c := range src {
		v := value64(c)
		if v > 63 {
			return false
		}
		last = v
	}
	switch len(src) % 4 {
	case 0:
		return true
	case 2:
		return last&15 == 0
	case 3:
		return last&3 == 0
	}
	return false
}

// value64 returns the six bits of a base64url character, or 255.
func value64(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A'
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26
	case '0' <= c && c <= '9':
		return c - '0' + 52
	case c == '-':
		return 62
	case c == '_':
		return 63
	}
	return 255
}
