package seal

import (
	"crypto/sha256"
	"encoding/json/jsontext"

	"github.com/tyler-smith/go-bip39/wordlists"
)

// Fingerprint is the hash of a party's name and keys (K-16).
func Fingerprint(party string, k Keys) [32]byte {
	b := append([]byte(`{"keys":`), k.JSON()...)
	b = append(b, `,"party":`...)
	name, err := jsontext.AppendQuote(nil, party)
	if err != nil { // not UTF-8, so not a name; AppendQuote has replaced what it could not say
		name = []byte(`""`)
	}
	b = append(b, name...)
	return sha256.Sum256(append(b, '}'))
}

// Words gives the twelve words of the fingerprint (K-16), which two officers
// read to each other before a link is made. Show them in three groups of four.
func Words(party string, k Keys) []string {
	return words(Fingerprint(party, k))
}

func words(sum [32]byte) []string {
	list := make([]string, wordCount)
	for i := range list {
		list[i] = wordlists.English[wordAt(sum[:], i)]
	}
	return list
}

// wordAt gives the i-th 11-bit number of bits, most significant bit first.
func wordAt(bits []byte, i int) int {
	index := 0
	for bit := i * wordBits; bit < (i+1)*wordBits; bit++ {
		index = index<<1 | int(bits[bit/8]>>(7-bit%8)&1)
	}
	return index
}
