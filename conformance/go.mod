module verbale/conformance

go 1.27.0

toolchain go1.27.4

require (
	filippo.io/age v1.3.2
	filippo.io/torchwood v0.10.0
	github.com/transparency-dev/formats v0.1.1
	golang.org/x/mod v0.42.0
	verbale v0.0.0
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	filippo.io/hpke v0.4.0 // indirect
	filippo.io/mldsa v0.0.0-20260215214346-43d0283efc3e // indirect
	github.com/tyler-smith/go-bip39 v1.1.0 // indirect
	golang.org/x/crypto v0.59.0 // indirect
	golang.org/x/sync v0.25.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
)

replace verbale => ../
