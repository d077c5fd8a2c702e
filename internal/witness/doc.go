// Package witness is a small witness of registers (spec/witness.md): an exchange.Witness over a store.
//
// [Witness.AddCheckpoint] checks a checkpoint against what was cosigned last and stores it in one transaction; only then do the lines
// leave. [AddLog] enters a log whose checkpoints are cosigned, and [Witness.Latest] gives what monitors ask for. The wire is package
// peer's.
//
// It deliberately lacks: any trust in time but its own clock, memory of anything but the newest checkpoint of each log, and a way to
// forget one.
package witness
