package seal

// Limits of this room. Each stands here with its reason, and nowhere else.
const (
	// K-1: a name fits twice into an origin, and an origin with "/receipt"
	// into the 255 bytes that tlog-cosignature allows for a cosigner name.
	minName  = 3
	maxName  = 100
	maxLabel = 63 // of DNS, which the names resemble

	// K-2: fits into an int everywhere; new keys are rare.
	maxGenerationDigits = 9
	maxGeneration       = 999_999_999

	// K-38: a new generation every other year lasts for a century.
	maxRetired = 64

	// K-8: 2^40 entries at 1000 per second are 34 years, and every size fits
	// exactly into the numbers of any JSON reader.
	maxSize = 1 << 40

	// K-9: two lines of the log, two of a receipt, and twelve of witnesses.
	maxLines = 16

	// Sixteen lines of ML-DSA-44 (3.3 KiB each, with long names 3.6 KiB) and
	// a text. It bounds what is read before the first signature is checked.
	maxNote = 64 << 10

	// The text of a head: two names, a generation, a size and a root.
	maxText = 512

	// K-10, K-11: 9999-12-31T23:59:59Z, the last second that RFC 3339 can say.
	maxTime = 253402300799

	// The seven keys take 5.7 KiB; the rest is room for white space.
	maxKeysJSON = 16 << 10

	// A key file takes 0.6 KiB, and 0.3 KiB more for each of 64 retired keys; age adds 0.2 KiB.
	maxKeyFile = 32 << 10

	// the largest stored content, so that a batch of two fits into X-14.
	maxStored = 16 << 20

	// What age adds: a header with both stanzas (1.8 KiB), a nonce, and a
	// 16-byte tag for each 64 KiB (4 KiB for the largest content).
	maxStoredOverhead = 8 << 10

	// K-17: age's own default, about one second. A reader accepts a little
	// more, and not age's 22, which needs 4 GiB of memory.
	maxScryptLogN = 20

	// K-16: 12 words of 11 bits: guessing a second profile with the same
	// words costs 2^132 trials.
	wordCount = 12
	wordBits  = 11

	// K-18: what tlog-cosignature allows for the name of a cosigner.
	maxKeyName = 255

	// K-18: a name, a key id, and an ML-DSA-44 key in base64 (1.8 KiB).
	maxVerifierKey = 4 << 10

	// K-21: what tlog-policy strongly recommends to support, and enough for
	// any set of witnesses that people agree on.
	maxPolicyLogs      = 32
	maxPolicyWitnesses = 32
	maxPolicyGroups    = 32

	// K-21: 64 lines with ML-DSA-44 keys and URLs of usual length, 32 groups,
	// and comments.
	maxPolicy = 256 << 10

	// K-21: the longest item is a key (maxVerifierKey) or a URL.
	maxPolicyItem = 4 << 10

	// K-24: 24 words of 11 bits hold 256 bits of seed and 8 of checksum.
	recoveryWords = 24

	// K-25: the years that R-16 can say.
	minYear = 1990
	maxYear = 9999
)
