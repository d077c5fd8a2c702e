package node

import (
	"runtime"
	"sync"

	"verbale/internal/exchange"
	"verbale/internal/store"
)

// onAllCores calls do for every i below n, on all processors, and returns when all calls have.
func onAllCores(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
}

// A piece is a run of stored entries, each with its index. An entry that is missing leaves a gap.
type piece struct {
	indexes []int64
	entries []exchange.Entry
	bytes   int
}

// inPieces walks an outbox in order and hands its entries over in pieces, which are large enough to be worked on by all processors and
// small enough to need little memory.
func inPieces(tx *store.Tx, row store.Outbox, work func(piece) error) error {
	var p piece
	err := tx.Entries(row.ID, 0, row.Head.Size, func(index int64, e exchange.Entry) error {
		p.indexes, p.entries = append(p.indexes, index), append(p.entries, e)
		p.bytes += len(e.Leaf) + len(e.Content)
		if len(p.entries) < pieceEntries && p.bytes < pieceBytes {
			return nil
		}
		full := p
		p = piece{}
		return work(full)
	})
	if err != nil || len(p.entries) == 0 {
		return err
	}
	return work(p)
}
