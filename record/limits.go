package record

// All limits of this room, with the reason beside each.
const (
	// MaxLeaf bounds a leaf: 64 digests need about 4,400 bytes; twice
	// that leaves room and keeps an entry far below the 65,535 bytes that a
	// tile's length prefix can say.
	MaxLeaf = 8192

	// MaxStored bounds a stored content: one mebibyte-sized attachment
	// ten times over, and small enough to be held in memory whole.
	MaxStored = 16 << 20

	// MaxContent bounds an unpadded content: its Padmé length and the
	// overhead of encryption still fit into MaxStored.
	MaxContent = 16_000_000

	// MaxPresentation bounds a presentation: a leaf, a tilde, a content.
	MaxPresentation = MaxLeaf + 1 + MaxContent

	// MaxDraft bounds the JSON of a draft: base64url makes content longer
	// than its JSON, so a longer draft cannot become a record.
	MaxDraft = MaxContent

	// MaxList bounds the elements of a list field: the largest botnet
	// lists that authorities exchange in one request are of this order.
	MaxList = 20_000

	// MaxDepth bounds the nesting of a value: the deepest of a known
	// act is 1; readers recurse, so there has to be an end.
	MaxDepth = 8

	// MaxName bounds the name of a field and of a member.
	MaxName = 40

	// MaxWord bounds a word of a closed list (acts.md).
	MaxWord = 40

	// MaxInteger is the largest integer that every JSON reader keeps exactly
	//
	MaxInteger = 1<<53 - 1

	// MaxIndex is the size of the largest outbox (O-7); an index is below it.
	MaxIndex = 1 << 40

	// maxOrigin is the longest origin that K-1 and K-2 allow:
	// 100 + len("/to/") + 100 + len("/") + 9.
	maxOrigin = 214

	// maxDigests is the most digests of a leaf.
	maxDigests = 64

	// maxPaddingShare is the share of padding: Padmé adds less than
	// an eighth.
	maxPaddingShare = 8

	// maxPaddingExtra is the slack that short contents need beside it.
	maxPaddingExtra = 256

	// maxKeysMembers bounds the object keys of a profile: it has seven (K-4).
	maxKeysMembers = 16

	// maxKeysText bounds a member of keys: the longest is an age recipient of
	// 1,959 characters.
	maxKeysText = 4000

	// maxHeads bounds one entry of link heads: both directions of 8,000 links, beyond any federation in sight.
	maxHeads = 16384

	// maxProfileFile holds a profile file (about 16 KB with all contacts) three times.
	maxProfileFile = 60_000

	// maxRows bounds the rows of a tally: all acts and kinds, in three classes and both directions, with room to grow.
	maxRows = 500

	// maxMembers bounds the objects of the schema: a contact point has nine.
	maxMembers = 9

	// maxObservable bounds the value of an observable (acts.md §2): the
	// longest URL that common software accepts.
	maxObservable = 2048

	// maxLine bounds a line that ParseObservable looks at: the value of an
	// observable with every character defanged.
	maxLine = 4 * maxObservable

	// maxBrief bounds what an error repeats of a value it refuses.
	maxBrief = 32

	// maxProblems bounds how many mistakes of a draft are named at once.
	maxProblems = 200
)

// Sizes that the format fixes.
const (
	saltBytes   = 16 // R-8, and the jti of R-3: nobody guesses or repeats 128 bits
	saltChars   = 22 // b64u of 16 bytes
	digestBytes = 32 // SHA-256
	digestChars = 43 // b64u of 32 bytes
	sigBytes    = 64 // Ed25519
	sigChars    = 86 // b64u of 64 bytes
)
