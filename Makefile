# Everything that is run on Verbale, by hand or by machine. "make" alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Some machines set GOTOOLCHAIN=local with an older Go. Everything here uses this one.
export GOTOOLCHAIN := go1.27.4
# No stamp from git: two builds of one tree are the same bytes, wherever they are made.
export GOFLAGS := -buildvcs=false

BENCH ?= .
FUZZTIME ?= 1m
LONG ?=

TOOLS := bin/tools
# The modules to check and test. The root stands last, so that its tests are the last thing printed.
MODULES := $(patsubst %/go.mod,%,$(wildcard conformance/go.mod)) .

.PHONY: help build demo test lint race fuzz bench clean toolchain compiler

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s  %s\n", $$1, $$2 }' Makefile

build: toolchain ## build bin/verbale: static, the same bytes everywhere
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -buildid=" -o bin/verbale ./cmd/verbale

demo: build ## build, then run "verbale demo"
	@bin/verbale demo

test: toolchain compiler ## lint, then all tests with the race detector; LONG=1 fuzzes too
	@failed=
	$(MAKE) lint || failed+=" lint"
	if [ -n "$(LONG)" ]; then $(MAKE) fuzz || failed+=" fuzz"; fi
	if [ -n "$$failed" ]; then echo "== failed:$$failed (see above); the tests run all the same" >&2; fi
	$(MAKE) race || failed+=" tests"
	if [ -n "$$failed" ]; then echo "== failed:$$failed" >&2; exit 1; fi

lint: toolchain $(TOOLS)/staticcheck $(TOOLS)/golangci-lint ## gofmt, go vet, staticcheck, golangci-lint
	@failed= tools="$$PWD/$(TOOLS)" config="$$PWD/.golangci.yml"
	echo "== gofmt"
	unformatted=$$("$$(go env GOROOT)/bin/gofmt" -l .) || failed+=" gofmt"
	if [ -n "$$unformatted" ]; then echo "not formatted; run gofmt -w on:" $$unformatted >&2; failed+=" gofmt"; fi
	for module in $(MODULES); do
		pushd "$$module" >/dev/null
		echo "== go vet ($$module)"
		go vet ./... || failed+=" vet"
		echo "== staticcheck ($$module)"
		"$$tools/staticcheck" ./... || failed+=" staticcheck"
		echo "== golangci-lint ($$module)"
		"$$tools/golangci-lint" run --allow-parallel-runners --config "$$config" ./... || failed+=" golangci-lint"
		popd >/dev/null
	done
	if [ -n "$$failed" ]; then echo "== lint failed:$$failed" >&2; exit 1; fi

race: toolchain compiler $(TOOLS)/litewitness $(TOOLS)/omniwitness ## only the tests, with the race detector
	@status=0
	for module in $(MODULES); do
		echo "== go test -race ($$module)"
		(cd "$$module" && CGO_ENABLED=1 go test -race -timeout 20m ./...) || status=1
	done
	exit $$status

fuzz: toolchain ## each fuzz target for FUZZTIME=1m
	@list=$$(go test -list '^Fuzz' ./...) || { echo "$$list"; exit 1; }
	while read -r package target; do
		echo "== $$target ($$package)"
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime "$(FUZZTIME)" "$$package" </dev/null
	done < <(awk '/^Fuzz/ { names[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, names[i]; n = 0 }' <<<"$$list")

bench: toolchain ## benchmarks; BENCH=regexp chooses
	@go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

clean: ## remove what was built
	@rm -rf bin demo-out

# The tools are built once, by the toolchain that builds the tree: built by an older Go they refuse or misread it.
$(TOOLS)/golangci-lint $(TOOLS)/staticcheck: tools/go.mod | toolchain
	@echo "== building $(@F) once into $(TOOLS)/; its source comes through the Go module proxy" >&2
	mkdir -p $(TOOLS)
	CGO_ENABLED=0 go build -C tools -trimpath -o "../$@" "$$(go -C tools list tool | grep '/$(@F)$$')"
	touch "$@"

# Witnesses that others wrote, for the tests of conformance/: pinned and checksummed in a module of their own.
$(TOOLS)/litewitness $(TOOLS)/omniwitness: witnesses/go.mod witnesses/go.sum | toolchain
	@echo "== building $(@F) once into $(TOOLS)/; its source comes through the Go module proxy" >&2
	mkdir -p $(TOOLS)
	CGO_ENABLED=0 go build -C witnesses -trimpath -o "../$@" "$$(go -C witnesses list tool | grep '/$(@F)$$')"
	touch "$@"

toolchain:
	@command -v go >/dev/null || { echo "Go is not installed. Install Go 1.21 or newer (see go.dev/dl); it fetches $(GOTOOLCHAIN) by itself." >&2; exit 1; }
	if [ "$$(cd / && GOTOOLCHAIN=local go env GOVERSION)" != "$(GOTOOLCHAIN)" ] &&
		! compgen -G "$$(cd / && GOTOOLCHAIN=local go env GOMODCACHE)/golang.org/toolchain@*-$(GOTOOLCHAIN).*" >/dev/null; then
		echo "== fetching the toolchain $(GOTOOLCHAIN) through the Go module proxy, into the module cache" >&2
	fi
	go version >/dev/null

compiler:
	@if command -v gcc >/dev/null; then exit 0; fi
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "== installing gcc and libc6-dev with apt-get: the race detector needs a C compiler" >&2
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends gcc libc6-dev >&2
	else
		echo "The race detector needs gcc. Install it (Debian: sudo apt-get install gcc libc6-dev) and run this again." >&2
		exit 1
	fi
