package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"filippo.io/edwards25519"
)

type ed25519File struct {
	Description string          `json:"description"`
	Cases       []ed25519Vector `json:"cases"`
}

type ed25519Vector struct {
	Name       string `json:"name"`
	Rule       string `json:"rule"`
	PublicKey  string `json:"public_key"`
	Message    string `json:"message"`
	Signature  string `json:"signature"`
	Key        string `json:"key"`
	Cofactored string `json:"cofactored"`
	verdict
}

const ed25519Description = "Ed25519 signatures. `expect` is the answer of K-6 alone: S canonical, no cofactor, R compared as bytes; a key that K-4 refuses still has one. " +
	"`key` is the answer of K-4 about the public key. `cofactored` is what a verifier with the other equation would say, for information. Bytes are hex."

func TestVectorsEd25519(t *testing.T) {
	file := checkedIn(t, "ed25519.json", ed25519File{ed25519Description, makeEd25519(t)})
	for _, v := range file.Cases {
		t.Run(v.Name, func(t *testing.T) {
			key, msg, sig := unhex(t, v.PublicKey), unhex(t, v.Message), unhex(t, v.Signature)
			if err := checkPoint("record", key); (err == nil) != (v.Key == accept) {
				t.Errorf("K-4 on the key: %v, want %s", err, v.Key)
			}
			keys := alice(t).Keys()
			keys.Record = key
			v.check(t, keys.VerifyRecord(msg, sig))
		})
	}
}

// A forger makes Ed25519 signatures from their parts, wrong ones too.
type forger struct {
	t     *testing.T
	cases []ed25519Vector
}

// add notes down a case with the answers of K-4 and of both equations.
func (f *forger) add(name string, key, msg, sig []byte) {
	v := ed25519Vector{
		Name: name, Rule: "K-6",
		PublicKey: hex.EncodeToString(key), Message: hex.EncodeToString(msg), Signature: hex.EncodeToString(sig),
		Key: said(checkPoint("record", key) == nil), Cofactored: said(equation(key, msg, sig, true)),
		verdict: rejected(BadSignature),
	}
	if equation(key, msg, sig, false) {
		v.verdict = accepted()
	}
	if ed25519.Verify(key, msg, sig) != v.accept() {
		f.t.Fatalf("%s: crypto/ed25519 does not follow K-6", name)
	}
	f.cases = append(f.cases, v)
}

func said(ok bool) string {
	if ok {
		return accept
	}
	return reject
}

// equation is K-6 written out, or the same with cofactor.
func equation(key, msg, sig []byte, cofactor bool) bool {
	if len(sig) != 64 {
		return false
	}
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(sig[32:])
	if err != nil {
		return false
	}
	a, err := new(edwards25519.Point).SetBytes(key)
	if err != nil {
		return false
	}
	k := challenge(sig[:32], key, msg)
	r := new(edwards25519.Point).VarTimeDoubleScalarBaseMult(k, new(edwards25519.Point).Negate(a), s)
	if !cofactor {
		return bytes.Equal(r.Bytes(), sig[:32])
	}
	given, err := new(edwards25519.Point).SetBytes(sig[:32])
	if err != nil {
		return false
	}
	r.Subtract(r, given)
	return r.MultByCofactor(r).Equal(edwards25519.NewIdentityPoint()) == 1
}

func challenge(r, key, msg []byte) *edwards25519.Scalar {
	sum := sha512.Sum512(slices.Concat(r, key, msg))
	return uniform(sum[:])
}

func uniform(wide []byte) *edwards25519.Scalar {
	s, err := new(edwards25519.Scalar).SetUniformBytes(wide)
	if err != nil {
		panic(err)
	}
	return s
}

// scalarOf makes a scalar from a label.
func scalarOf(label string) *edwards25519.Scalar {
	sum := sha512.Sum512([]byte("verbale ed25519 vector: " + label))
	return uniform(sum[:])
}

// forge signs with the secret scalar a and the nonce r, claiming the bytes
// rBytes and key for their points.
func forge(a, r *edwards25519.Scalar, rBytes, key, msg []byte) []byte {
	s := new(edwards25519.Scalar).MultiplyAdd(challenge(rBytes, key, msg), a, r)
	return slices.Concat(rBytes, s.Bytes())
}

// messageWhere finds a message whose challenge is, or is not, a multiple of 8.
func messageWhere(rBytes, key []byte, multiple bool) []byte {
	for i := 0; ; i++ {
		msg := fmt.Appendf(nil, "message %d", i)
		if challenge(rBytes, key, msg).Bytes()[0]%8 == 0 == multiple {
			return msg
		}
	}
}

// order8 is a point of order 8; its multiples are the eight points of small order.
func order8(t testing.TB) *edwards25519.Point {
	p, err := new(edwards25519.Point).SetBytes(unhex(t, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// smallOrder gives the encodings of the eight points of small order.
func smallOrder(t testing.TB) [][]byte {
	var list [][]byte
	p := edwards25519.NewIdentityPoint()
	for range 8 {
		list = append(list, p.Bytes())
		p = new(edwards25519.Point).Add(p, order8(t))
	}
	if p.Equal(edwards25519.NewIdentityPoint()) != 1 || bytes.Equal(list[4], list[0]) {
		t.Fatal("not a point of order 8")
	}
	return list
}

// nonCanonical gives every second encoding that decoders are known to accept:
// y from p to 2^255-1 with either sign, and x = 0 with the sign set.
func nonCanonical(t testing.TB) [][]byte {
	list := [][]byte{
		unhex(t, "01"+zeros(30)+"80"),
		unhex(t, "ec"+effs(30)+"ff"),
	}
	for low := 0xed; low <= 0xff; low++ {
		for _, high := range []string{"7f", "ff"} {
			b := unhex(t, fmt.Sprintf("%02x", low)+effs(30)+high)
			if _, err := new(edwards25519.Point).SetBytes(b); err == nil {
				list = append(list, b)
			}
		}
	}
	return list
}

func zeros(n int) string { return hex.EncodeToString(make([]byte, n)) }
func effs(n int) string  { return hex.EncodeToString(bytes.Repeat([]byte{0xff}, n)) }

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func makeEd25519(t *testing.T) []ed25519Vector {
	f := &forger{t: t}
	f.published()
	f.damaged()
	f.scalars()
	f.nonces()
	f.keys()
	return f.cases
}

// published are RFC 8032 §7.1, from the seeds; the signatures are the RFC's.
func (f *forger) published() {
	abc := sha512.Sum512([]byte("abc"))
	for _, v := range []struct{ name, seed, msg, sig string }{
		{"RFC 8032 test 1", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
		{"RFC 8032 test 2", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
		{"RFC 8032 test 3", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
		{"RFC 8032 test SHA(abc)", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", hex.EncodeToString(abc[:]),
			"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
	} {
		key := ed25519.NewKeyFromSeed(unhex(f.t, v.seed))
		f.add(v.name, publicOf(key), unhex(f.t, v.msg), unhex(f.t, v.sig))
		if !f.cases[len(f.cases)-1].accept() {
			f.t.Fatalf("%s does not verify", v.name)
		}
	}
}

// damaged are good signatures that met with something.
func (f *forger) damaged() {
	ring, msg := alice(f.t), []byte("a record")
	key := ring.Keys().Record
	sig, _ := ring.SignRecord(msg)
	flip := func(b []byte, bit int) []byte {
		b = slices.Clone(b)
		b[bit/8] ^= 1 << (bit % 8)
		return b
	}
	f.add("good", key, msg, sig)
	f.add("good, empty message", key, nil, ed25519.Sign(ring.secret().record, nil))
	f.add("wrong message", key, []byte("another record"), sig)
	f.add("wrong key", bob(f.t).Keys().Record, msg, sig)
	f.add("log key of the same party", ring.Keys().LogEd25519, msg, sig)
	f.add("flipped bit in R", key, msg, flip(sig, 7))
	f.add("flipped sign of R", key, msg, flip(sig, 255))
	f.add("flipped bit in S", key, msg, flip(sig, 256))
	f.add("flipped bit in message", key, flip(msg, 0), sig)
	f.add("negated key", flip(key, 255), msg, sig)
	f.add("empty", key, msg, nil)
	f.add("truncated by one byte", key, msg, sig[:63])
	f.add("only R", key, msg, sig[:32])
	f.add("one byte more", key, msg, append(slices.Clone(sig), 0))
	f.add("S before R", key, msg, slices.Concat(sig[32:], sig[:32]))
	f.add("all zero", key, msg, make([]byte, 64))
	f.add("all ones", key, msg, bytes.Repeat([]byte{0xff}, 64))
}

// scalars are about S, which is canonical or refused.
func (f *forger) scalars() {
	a, r, msg := scalarOf("a"), scalarOf("r"), []byte("a record")
	key := new(edwards25519.Point).ScalarBaseMult(a).Bytes()
	rBytes := new(edwards25519.Point).ScalarBaseMult(r).Bytes()
	good := forge(a, r, rBytes, key, msg)
	f.add("good, from parts", key, msg, good)
	order := unhex(f.t, "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	s := good
	for i := 1; i <= 8; i++ {
		s = slices.Concat(rBytes, plus(s[32:], order))
		f.add(fmt.Sprintf("S + %d L", i), key, msg, s)
	}
	for bit := 5; bit <= 7; bit++ {
		high := slices.Clone(good)
		high[63] |= 1 << bit
		f.add(fmt.Sprintf("bit %d of S set", 248+bit), key, msg, high)
	}
	f.add("S = L", key, msg, slices.Concat(rBytes, order))
	f.add("S = 0", key, msg, slices.Concat(rBytes, make([]byte, 32)))
	one := new(edwards25519.Scalar).Subtract(scalarOf("1"), scalarOf("1"))
	minus := new(edwards25519.Scalar).MultiplyAdd(challenge(rBytes, key, msg), a, r)
	f.add("S negated", key, msg, slices.Concat(rBytes, one.Subtract(one, minus).Bytes()))
}

// plus adds two little-endian numbers.
func plus(a, b []byte) []byte {
	sum, carry := make([]byte, len(a)), 0
	for i := range a {
		n := int(a[i]) + int(b[i]) + carry
		sum[i], carry = byte(n), n>>8
	}
	return sum
}

// nonces are about R, which is compared as bytes.
func (f *forger) nonces() {
	a, r, msg := scalarOf("a"), scalarOf("r"), []byte("a record")
	key := new(edwards25519.Point).ScalarBaseMult(a).Bytes()
	zero := edwards25519.NewScalar()
	for i, rBytes := range smallOrder(f.t) {
		f.add(fmt.Sprintf("R of small order, multiple %d", i), key, msg, forge(a, zero, rBytes, key, msg))
	}
	for _, rBytes := range nonCanonical(f.t) {
		f.add(fmt.Sprintf("R not canonical, %x…%x", rBytes[0], rBytes[31]), key, msg, forge(a, zero, rBytes, key, msg))
	}
	rPoint := new(edwards25519.Point).ScalarBaseMult(r)
	mixed := rPoint.Add(rPoint, order8(f.t)).Bytes()
	f.add("R of mixed order", key, msg, forge(a, r, mixed, key, msg))
	off := bytes.Repeat([]byte{2}, 32)
	if _, err := new(edwards25519.Point).SetBytes(off); err != nil {
		f.add("R no point", key, msg, forge(a, r, off, key, msg))
	}
}

// keys are about the public key.
func (f *forger) keys() {
	a, r := scalarOf("a"), scalarOf("r")
	rBytes := new(edwards25519.Point).ScalarBaseMult(r).Bytes()
	aPoint := new(edwards25519.Point).ScalarBaseMult(a)
	mixed := aPoint.Add(aPoint, order8(f.t)).Bytes()
	for _, multiple := range []bool{true, false} {
		msg := messageWhere(rBytes, mixed, multiple)
		f.add(fmt.Sprintf("key of mixed order, k multiple of 8: %t", multiple), mixed, msg, forge(a, r, rBytes, mixed, msg))
	}
	zero := edwards25519.NewScalar()
	for i, key := range smallOrder(f.t) {
		for _, multiple := range []bool{true, false} {
			msg := messageWhere(rBytes, key, multiple)
			f.add(fmt.Sprintf("key of small order, multiple %d, k multiple of 8: %t", i, multiple), key, msg, forge(zero, r, rBytes, key, msg))
		}
	}
	for _, key := range nonCanonical(f.t) {
		msg := messageWhere(rBytes, key, true)
		f.add(fmt.Sprintf("key not canonical, %x…%x", key[0], key[31]), key, msg, forge(zero, r, rBytes, key, msg))
	}
}
