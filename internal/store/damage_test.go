package store_test

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"verbale/internal/exchange"
	"verbale/internal/store"
)

// filled gives the bytes of a closed database with something in every table.
func filled(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	s := openDisk(t, dir, store.Options{})
	fill(t, s, 40)
	closeStore(t, s)
	return readFile(t, database(dir))
}

func fill(t *testing.T, s *store.Store, count int) {
	t.Helper()
	l, m := newLog(t, "a.example", "b.example"), newLog(t, "c.example", "z.example")
	appendStep(t, s, create(t, s, l).ID, l.grow(count, 3000))
	advance(t, s, m, m.grow(count, 500))
	update(t, s, func(tx *store.Tx) error {
		for _, err := range []error{
			tx.PutCase("b.example", caseOf("k", "s")), tx.SetMeta("a", "b"), tx.PutFiling("k", "o", 1),
			tx.PutLink(store.Link{Party: "b.example", Profile: []byte("p")}),
			tx.PutEvidence("o", "p", "fork", day, []byte("a"), []byte("b"), [][32]byte{{1}}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// folder makes a folder in which a node once ran, with these files.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	files["created"] = []byte("x")
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTruncated(t *testing.T) {
	whole := filled(t)
	const page = 4096
	cuts := []int{0, 1, 15, 16, 50, 99, 100, 101, 511, 512, page - 1, page, page + 1, 2 * page, len(whole) / 2, len(whole) - page, len(whole) - 1}
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		cuts = append(cuts, random.IntN(len(whole)))
	}
	for _, cut := range cuts {
		dir := folder(t, map[string][]byte{"verbale.db": slices.Clone(whole[:cut])})
		s, err := store.Open(t.Context(), dir, store.Options{})
		if err == nil {
			t.Errorf("cut at %d of %d, it opened", cut, len(whole))
			closeStore(t, s)
			continue
		}
		want(t, store.Corrupt, err)
		if after := readFile(t, database(dir)); len(after) != cut {
			t.Errorf("cut at %d, the file has %d bytes after a refusal", cut, len(after))
		}
	}
	closeStore(t, openDisk(t, folder(t, map[string][]byte{"verbale.db": whole}), store.Options{}))
}

// A file may rightly be shorter than its header says while a WAL holds the rest; then the whole is checked.
func TestTruncatedBesideWAL(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir, store.Options{})
	fill(t, s, 30)
	closeStore(t, s)
	settled := readFile(t, database(dir))
	s = openDisk(t, dir, store.Options{})
	l := newLog(t, "d.example", "b.example")
	appendStep(t, s, create(t, s, l).ID, l.grow(30, 3000))
	wal := readFile(t, database(dir)+"-wal")
	closeStore(t, s)
	after := readFile(t, database(dir))
	if len(after) <= len(settled) || len(wal) == 0 {
		t.Fatalf("the database did not grow beside a WAL: %d, %d, %d", len(settled), len(after), len(wal))
	}
	midway := slices.Concat(after[:4096], settled[4096:]) // the first page was carried over, then the power failed
	for name, c := range map[string]struct {
		file []byte
		kind store.Kind
	}{
		"nothing carried over":  {settled, ""},
		"one page carried over": {midway, ""},
		"cut":                   {settled[:len(settled)/2], store.Corrupt},
		"cut to a page":         {settled[:4096], store.Corrupt},
	} {
		s, err := store.Open(t.Context(), folder(t, map[string][]byte{"verbale.db": slices.Clone(c.file), "verbale.db-wal": slices.Clone(wal)}), store.Options{})
		if store.KindOf(err) != c.kind {
			t.Errorf("%s: got %v, want kind %q", name, err, c.kind)
		}
		if err == nil {
			if err := s.Integrity(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			closeStore(t, s)
		}
	}
}

// Damage in the middle is found by whoever reads there; it is never a panic, and never another kind than Corrupt.
func TestDamaged(t *testing.T) {
	whole := filled(t)
	random := rand.New(rand.NewPCG(3, 4))
	refused, found := 0, 0
	for i := range 300 {
		file := slices.Clone(whole)
		at := random.IntN(len(file) - 16)
		if i%2 == 0 { // in the schema
			at = random.IntN(2 * 4096)
		}
		if i%4 == 0 { // one letter of a name
			file[at] = 'x'
		} else {
			for i := range 16 {
				file[at+i] = byte(random.Uint32())
			}
		}
		s, err := store.Open(t.Context(), folder(t, map[string][]byte{"verbale.db": file}), store.Options{})
		if err != nil {
			refused++
			onlyCorrupt(t, at, err)
			continue
		}
		if err := s.Integrity(t.Context()); err != nil {
			found++
			onlyCorrupt(t, at, err)
		}
		onlyCorrupt(t, at, s.View(t.Context(), readAll))
		if err := s.Close(); err != nil {
			onlyCorrupt(t, at, err)
		}
	}
	if refused+found == 0 {
		t.Error("no damage was found at all")
	}
}

func onlyCorrupt(t *testing.T, at int, err error) {
	t.Helper()
	switch store.KindOf(err) {
	case "":
		if err != nil {
			t.Errorf("damage at %d: an error of another type: %v", at, err)
		}
	case store.Corrupt, store.Newer, store.NotFound:
	default:
		t.Errorf("damage at %d: %v", at, err)
	}
}

func readAll(tx *store.Tx) error {
	all, err := tx.Outboxes()
	if err != nil {
		return err
	}
	for _, o := range all {
		if err := tx.Entries(o.ID, 0, store.MaxEntries, func(int64, exchange.Entry) error { return nil }); err != nil {
			return err
		}
		if _, err := tx.FirstReceipt(o.ID, 0); err != nil {
			return err
		}
	}
	if _, err := tx.Cases("", 0, 100); err != nil {
		return err
	}
	for _, order := range []store.Order{store.Newest, store.ByDue} {
		if _, err := tx.CasesWhere(store.Filter{}, order, store.Cursor{}, 100); err != nil {
			return err
		}
	}
	if _, err := tx.CountCases(store.Filter{}, day, store.GroupLink, store.GroupStatus); err != nil {
		return err
	}
	if _, err := tx.DueCases(day.AddDate(1, 0, 0), 100); err != nil {
		return err
	}
	if _, err := tx.ChangedSince(0, 100); err != nil {
		return err
	}
	_, err = tx.Evidence()
	return err
}

// A damaged WAL ends where the damage begins: what is before it stands, and nothing is half-read.
func TestDamagedWAL(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir, store.Options{})
	fill(t, s, 10)
	file, wal := readFile(t, database(dir)), readFile(t, database(dir)+"-wal")
	closeStore(t, s)
	random := rand.New(rand.NewPCG(5, 6))
	for i := range 60 {
		broken := slices.Clone(wal)
		at := random.IntN(len(broken))
		if i%2 == 0 {
			broken = broken[:at]
		} else {
			broken[at] ^= 0x10
		}
		s, err := store.Open(t.Context(), folder(t, map[string][]byte{"verbale.db": slices.Clone(file), "verbale.db-wal": broken}), store.Options{})
		if err != nil {
			t.Errorf("damage of the WAL at %d: %v", at, err)
			continue
		}
		if err := s.Integrity(t.Context()); err != nil {
			t.Errorf("damage of the WAL at %d: %v", at, err)
		}
		closeStore(t, s)
	}
}

// What SQLite cannot see Integrity sees: rows that are missing below a head.
func TestIntegritySeesMissingRows(t *testing.T) {
	for _, c := range []string{`DELETE FROM leaves WHERE key & 7 = 3`, `DELETE FROM checkpoints`, `UPDATE outboxes SET size = size + 1`} {
		dir := folder(t, map[string][]byte{"verbale.db": filled(t)})
		if err := tamper(database(dir), c); err != nil {
			t.Fatal(err)
		}
		want(t, store.Corrupt, openDisk(t, dir, store.Options{}).Integrity(t.Context()))
	}
}

// A header that asks for absurd sizes is no reason to fail otherwise.
func TestAbsurdHeader(t *testing.T) {
	whole := filled(t)
	for _, pageSize := range []uint16{0, 1, 3, 511, 512, 65535} {
		file := slices.Clone(whole)
		binary.BigEndian.PutUint16(file[16:], pageSize)
		_, err := store.Open(t.Context(), folder(t, map[string][]byte{"verbale.db": file}), store.Options{})
		want(t, store.Corrupt, err)
	}
}
